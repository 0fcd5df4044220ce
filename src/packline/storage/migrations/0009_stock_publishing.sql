-- Publishing stock: the sequence numbers, how an account publishes, feeds of quantities, and drift that was found.

-- The highest sequence number that was ever sent, or that Amazon was seen to have.
create table stock_sequence (
    account_id text not null,
    location_id text not null,
    sku text not null,
    channel text not null default '',
    last bigint not null,
    updated_at timestamptz not null,
    primary key (account_id, location_id, sku, channel)
) with (fillfactor = 70);

create table stock_publishing (
    account_id text primary key,
    numbering text not null default 'milliseconds',
    ask_first boolean not null default false,
    drift_every_s integer not null default 21600,
    drift_at timestamptz,
    updated_at timestamptz not null,
    by_whom text not null default ''
);

-- One listings feed of quantities; its items are not patched until it is over.
create table stock_feed (
    id bigint generated always as identity primary key,
    account_id text not null,
    state text not null,
    document_id text,
    feed_id text,
    attempts integer not null default 0,
    failure text not null default '',
    created_at timestamptz not null,
    sent_at timestamptz,
    next_at timestamptz,
    ended_at timestamptz
);
create index stock_feed_open on stock_feed (account_id) where ended_at is null;
create table stock_feed_item (
    stock_feed_id bigint not null references stock_feed on delete cascade,
    number integer not null,
    account_id text not null,
    location_id text not null,
    sku text not null,
    channel text not null,
    quantity integer not null,
    sequence bigint not null,
    primary key (stock_feed_id, number)
);
create index stock_feed_item_place on stock_feed_item (account_id, location_id, sku, channel);

-- A comparison that was asked for or is due; what it found hangs on it.
create table stock_drift_run (
    id text primary key,
    account_id text not null,
    location_id text not null default '',
    sku text not null default '',
    seller bytea,
    state text not null default 'waiting',
    total integer,
    done integer not null default 0,
    found integer not null default 0,
    error text not null default '',
    by_whom text not null default '',
    created_at timestamptz not null,
    ended_at timestamptz
);
create index stock_drift_run_open on stock_drift_run (account_id, created_at) where ended_at is null;
create table stock_drift (
    account_id text not null,
    location_id text not null,
    sku text not null,
    channel text not null default '',
    run_id text not null,
    wanted integer,
    published integer,
    published_seq bigint,
    amazon integer,
    amazon_sellable integer,
    amazon_reserved integer,
    amazon_seq bigint,
    on_hand integer,
    seller integer,
    cause text not null,
    words text not null,
    found_at timestamptz not null,
    primary key (account_id, location_id, sku, channel)
);
