-- What waits for a feed of many (documents, cancellations, stock), the feeds that were sent, and what is known of SKUs.

create table feed_item (
    account_id text not null,
    kind text not null,
    key text not null,
    subject text not null,
    payload bytea not null default '',
    urgent_at timestamptz,
    since timestamptz not null,
    not_before timestamptz,
    state text not null default 'waiting' check (state in ('waiting', 'sent', 'failed')),
    batch_id bigint,
    attempts integer not null default 0,
    reason text not null default '',
    primary key (account_id, kind, key)
) with (fillfactor = 70);
create index feed_item_waiting on feed_item (account_id, kind, since) where state = 'waiting';
create index feed_item_batch on feed_item (batch_id) where batch_id is not null;

create table feed_batch (
    id bigint generated always as identity primary key,
    account_id text not null,
    kind text not null,
    marketplace_id text not null,
    state text not null,
    items integer not null,
    document_id text,
    feed_id text,
    result_document_id text,
    reports text[] not null default '{}',
    attempts integer not null default 0,
    failure text not null default '',
    created_at timestamptz not null,
    sent_at timestamptz,
    next_at timestamptz,
    ended_at timestamptz
);
create index feed_batch_open on feed_batch (account_id, id) where ended_at is null;
create index feed_batch_newest on feed_batch (account_id, created_at desc);

-- Size and weight of one packed unit: what the listing says, what the seller says, the last that was packed.
create table sku (
    account_id text not null,
    sku text not null,
    asin text not null default '',
    title text not null default '',
    marketplace_id text not null default '',
    product_type text not null default '',
    listing_box double precision[],
    default_box double precision[],
    listing_at timestamptz,
    updated_at timestamptz not null,
    primary key (account_id, sku)
);
create index sku_unread on sku (account_id, updated_at) where listing_at is null;
