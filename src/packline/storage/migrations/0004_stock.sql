-- The ledger of stock, the rules of sellers, and the outbox of what Amazon is to be told.

-- One row for the physical units of a SKU in a pool at a location; every change of it has its entry.
create table stock_balance (
    id bigint not null generated always as identity unique,
    pool text not null,
    location text not null,
    sku text not null,
    on_hand integer not null default 0,
    reserved integer not null default 0,
    picked integer not null default 0,
    labelled integer not null default 0,
    unsellable integer not null default 0,
    counted_at timestamptz,
    last_at timestamptz,
    unscanned_at timestamptz,
    opened_at timestamptz,
    version integer not null default 0,
    primary key (pool, location, sku)
) with (fillfactor = 70);
create index stock_balance_sku on stock_balance (sku);

-- Where bins or serial numbers are scanned: the part of on_hand that lies there. What no scan named is not here.
create table stock_spot (
    pool text not null,
    location text not null,
    sku text not null,
    bin text not null,
    serial text not null,
    units integer not null,
    primary key (pool, location, sku, bin, serial)
);
create index stock_spot_serial on stock_spot (serial) where serial <> '';

-- Whose open shipments the reserved units are: Amazon takes off its own, not what others sold from the same pool.
create table stock_reserved (
    pool text not null,
    location text not null,
    sku text not null,
    account_id text not null,
    place text not null,
    merchant_sku text not null,
    units integer not null,
    primary key (pool, location, sku, account_id, place, merchant_sku)
) with (fillfactor = 70);

create sequence stock_entry_seq;
create table stock_entry (
    recorded_at timestamptz not null,
    seq bigint not null default nextval('stock_entry_seq'),
    at timestamptz not null,
    cause text not null,
    pool text not null,
    location text not null,
    sku text not null,
    kind text not null,
    units integer not null,
    on_hand integer not null,
    reserved integer not null,
    picked integer not null,
    labelled integer not null,
    unsellable integer not null,
    condition text,
    bin text,
    serial text,
    account_id text,
    place text,
    merchant_sku text,
    shipment_id text,
    reason text,
    by_whom text
) partition by range (recorded_at);
create table stock_entry_default partition of stock_entry default;
create index stock_entry_of_sku on stock_entry (sku, at);

-- A partitioned table cannot hold a unique key without its partition column, so doubles are refused here.
create table stock_cause (
    cause bytea primary key
);

-- What a shipment took, and how far it is: its entries are laid from one stage to the next, never from the event alone.
create table stock_allocation (
    shipment_id text not null,
    line integer not null,
    account_id text not null,
    place text not null,
    merchant_sku text not null,
    pool text not null,
    location text not null,
    sku text not null,
    units integer not null,
    stage text not null,
    version integer not null,
    updated_at timestamptz not null,
    primary key (shipment_id, line)
) with (fillfactor = 70);

-- Settings by scope; an empty scope field means all, a null setting says nothing.
create table stock_rule (
    account_id text not null default '',
    location_id text not null default '',
    sku text not null default '',
    channel text not null default '',
    pool text,
    at_location text,
    item text,
    buffer_units integer,
    buffer_percent real,
    minimum integer,
    maximum integer,
    stop_sale boolean,
    pending boolean not null default true,
    updated_at timestamptz not null,
    updated_by text not null default '',
    primary key (account_id, location_id, sku, channel)
);
create index stock_rule_pending on stock_rule (updated_at) where pending;
create index stock_rule_item on stock_rule (item) where item is not null;
create index stock_rule_wide on stock_rule (account_id) where sku = '';
create index stock_rule_sku on stock_rule (sku) where sku <> '';

create table stock_hold (
    account_id text not null,
    location_id text not null,
    reason text not null,
    since timestamptz not null,
    by_whom text not null default '',
    primary key (account_id, location_id)
);

-- The outbox: what Amazon should know (wanted) and what it was last known to know (published).
create sequence stock_offer_seq;
create table stock_offer (
    account_id text not null,
    location_id text not null,
    sku text not null,
    channel text not null default '',
    pool text not null,
    at_location text not null,
    item text not null,
    wanted integer not null,
    wanted_seq bigint not null,
    changed_at timestamptz not null,
    published integer,
    published_seq bigint,
    published_at timestamptz,
    state text not null default 'waiting',
    error text not null default '',
    primary key (account_id, location_id, sku, channel)
) with (fillfactor = 70);
create index stock_offer_of_key on stock_offer (item, at_location, pool);
create index stock_offer_waiting on stock_offer (account_id, location_id) where state = 'waiting';
create index stock_offer_refused on stock_offer (account_id, location_id) where state = 'refused';

-- How far the feed of shipments is laid into the ledger; a row of an account only while it lags behind with an error.
create table stock_cursor (
    account_id text primary key,
    xid xid8 not null,
    seq bigint not null,
    error text not null default '',
    next_at timestamptz
);

create table stock_import (
    id text primary key,
    name text not null default '',
    format text not null,
    content bytea,
    account_id text,
    location_id text,
    accounts text[],
    locations text[],
    state text not null default 'waiting',
    total integer,
    done integer not null default 0,
    applied integer not null default 0,
    refused integer not null default 0,
    error text not null default '',
    by_whom text not null default '',
    do_what text not null default 'set',
    claimed_until timestamptz,
    created_at timestamptz not null,
    began_at timestamptz,
    ended_at timestamptz
);
alter table stock_import alter column content set storage external;
create index stock_import_open on stock_import (created_at) where state in ('waiting', 'running');

create table stock_refusal (
    import_id text not null references stock_import on delete cascade,
    line integer not null,
    row bytea not null,
    reason text not null,
    primary key (import_id, line)
);
