-- Accounts, locations, shipments, their events, calls, documents and tickets.
-- Large tables are partitioned by time from the beginning, so that retention is DROP.

create table account (
    id text primary key,
    name text not null,
    seller_id text not null,
    region text not null,
    marketplaces text[] not null,
    endpoint text not null,
    token_url text not null,
    application_id text not null,
    enabled boolean not null default true,
    stock_on text not null default 'inventory',
    usage_plan text not null default 'amazon',
    paused_reason text,
    credentials bytea,
    key_version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create table location (
    account_id text not null references account on delete cascade,
    id text not null,
    name text not null default '',
    timezone text not null default 'UTC',
    programs text[] not null default '{}',
    auto_confirm boolean not null default false,
    slot_policy text not null default 'recommended',
    slot_method text,
    slot_from text,
    slot_to text,
    enabled boolean not null default true,
    primary key (account_id, id)
);

create table shipment (
    id text primary key,
    account_id text not null,
    amazon_id text not null,
    location_id text not null,
    marketplace_id text not null,
    order_id text not null,
    program text not null,
    status text not null,
    sub_status text not null,
    goal text,
    problem text,
    ship_by timestamptz,
    due_at timestamptz,
    as_of timestamptz not null,
    version integer not null,
    received_at timestamptz not null,
    updated_at timestamptz not null,
    state bytea not null
) with (fillfactor = 50);
create index shipment_due on shipment (account_id, ship_by, id) where due_at is not null;
create index shipment_next on shipment (account_id, due_at) where due_at is not null;
create index shipment_work on shipment (status, ship_by, id);
create index shipment_received on shipment (received_at, id);
create index shipment_amazon on shipment (amazon_id);
create index shipment_order on shipment (order_id);
create index shipment_problem on shipment (problem, id) where problem is not null;

-- Bodies of some kilobytes stay in the row as they are: compressing and moving them aside costs more than all the rest.
create table shipment_body (
    shipment_id text primary key,
    hash bytea not null,
    as_of timestamptz not null,
    body bytea not null
) with (toast_tuple_target = 8160);
alter table shipment_body alter column body set storage external;

create table package_label (
    shipment_id text not null,
    package_id text not null,
    tracking_id text not null,
    void boolean not null default false,
    primary key (shipment_id, package_id, tracking_id)
);
create index package_label_tracking on package_label (tracking_id);

create sequence event_seq cache 1;
create table event (
    xid xid8 not null default pg_current_xact_id(),
    seq bigint not null default nextval('event_seq'),
    at timestamptz not null,
    account_id text not null,
    shipment_id text,
    location_id text,
    name text not null,
    cause text not null,
    data bytea not null
) partition by range (at);
create table event_default partition of event default;
-- The feed ends before the oldest transaction that is still open: nothing can appear behind its back. A database that
-- was moved to another server counts transactions from elsewhere; the move replaces this function and xid's default.
create function feed_horizon() returns xid8 language sql stable parallel safe
    as $$ select pg_snapshot_xmin(pg_current_snapshot()) $$;
create index event_feed on event (xid, seq);
create index event_of_shipment on event (shipment_id, seq);

create table call (
    at timestamptz not null,
    account_id text not null,
    shipment_id text,
    operation text not null,
    attempt integer not null,
    status integer not null,
    code text not null,
    ms real not null,
    request_id text not null,
    quota_left real,
    request bytea,
    response bytea
) partition by range (at);
create table call_default partition of call default;
create index call_newest on call (account_id, at desc);
create index call_of_shipment on call (shipment_id, at) where shipment_id is not null;

create table document (
    sha256 text primary key,
    media_type text not null,
    size integer not null,
    content bytea not null,
    created_at timestamptz not null
);
alter table document alter column content set storage external;

create table shipment_document (
    shipment_id text not null,
    package_id text not null default '',
    kind text not null,
    sha256 text not null,
    name text not null,
    tracking_id text,
    void boolean not null default false,
    created_at timestamptz not null,
    primary key (shipment_id, package_id, kind, sha256)
);

create table command (
    id text primary key,
    shipment_id text not null,
    account_id text not null,
    kind text not null,
    goal text not null,
    status text not null default 'pending',
    outcome text,
    problem bytea,
    requested_by text not null default '',
    request bytea,
    created_at timestamptz not null,
    settled_at timestamptz
);
create index command_of_shipment on command (shipment_id, created_at desc);
create index command_newest on command (created_at desc, id);

create sequence inbox_seq;
create table inbox (
    id bigint not null default nextval('inbox_seq'),
    account_id text not null,
    source text not null,
    dedupe text not null,
    amazon_id text not null,
    body bytea not null,
    received_at timestamptz not null,
    handled_at timestamptz
) partition by range (received_at);
create table inbox_default partition of inbox default;
create index inbox_waiting on inbox (account_id, id) where handled_at is null;
create index inbox_open on inbox (id) where handled_at is null;
-- A partitioned table cannot hold a unique key without its partition column, so doubles are refused here.
create table inbox_seen (
    account_id text not null,
    dedupe text not null,
    received_at timestamptz not null,
    primary key (account_id, dedupe)
);

create table parked (
    id bigint generated always as identity primary key,
    account_id text not null,
    source text not null,
    hash bytea not null,
    body bytea not null,
    reason text not null,
    created_at timestamptz not null,
    resolved_at timestamptz,
    unique (account_id, source, hash)
);

create table intake_cursor (
    account_id text not null,
    location_id text not null default '',
    status text not null,
    after timestamptz,
    succeeded_at timestamptz,
    failed_at timestamptz,
    error text,
    primary key (account_id, location_id, status)
);
