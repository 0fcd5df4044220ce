-- Reconciliations: what somebody else's books say, what differs from ours, and what was done about it.

-- `state`: waiting, reading (Amazon is asked), read, judging, done, failed. `step` is the next listing to be read.
create table reconciliation (
    id text primary key,
    account_id text not null,
    location_id text not null default '',
    what text not null,
    side text not null,
    source text not null default '',
    since timestamptz not null,
    until timestamptz not null,
    state text not null default 'waiting',
    step integer not null default 0,
    steps integer,
    token text,
    report_id text,
    drift_id text,
    stated integer not null default 0,
    compared integer not null default 0,
    missing integer not null default 0,
    extra integer not null default 0,
    different integer not null default 0,
    unreadable integer not null default 0,
    error text not null default '',
    by_whom text not null default '',
    claimed_until timestamptz,
    next_at timestamptz,
    created_at timestamptz not null,
    ended_at timestamptz
);
create index reconciliation_newest on reconciliation (created_at desc, id);
create index reconciliation_open on reconciliation (account_id, created_at) where ended_at is null;

-- What the other books say; gone when the comparison is over.
create table reconciliation_stated (
    run_id text not null references reconciliation on delete cascade,
    key text not null,
    amazon_id text not null,
    order_id text not null,
    stated bytea not null,
    primary key (run_id, key)
);
create index reconciliation_stated_amazon on reconciliation_stated (run_id, amazon_id) where amazon_id <> '';
create index reconciliation_stated_order on reconciliation_stated (run_id, order_id) where order_id <> '';

create table reconciliation_item (
    id bigint generated always as identity primary key,
    run_id text not null references reconciliation on delete cascade,
    account_id text not null,
    location_id text not null,
    kind text not null,
    cause text not null,
    words text not null,
    field text not null,
    ours text not null,
    theirs text not null,
    item text,
    amazon_id text not null,
    order_id text not null,
    sku text not null,
    repair text not null,
    payload bytea,
    mended_at timestamptz,
    mended_by text not null default '',
    outcome text not null default '',
    found_at timestamptz not null
);
create index reconciliation_item_of_run on reconciliation_item (run_id, id);
create index reconciliation_item_asked on reconciliation_item (account_id) where outcome = 'asked';
