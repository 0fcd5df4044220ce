-- What the faces need: API keys, answers kept for idempotency keys, webhooks, and the lanes as last seen.

create table api_key (
    id text primary key,
    name text not null,
    hash bytea not null unique,
    hint text not null,
    role text not null check (role in ('admin', 'operator', 'packer', 'reader')),
    accounts text[],
    locations text[],
    created_at timestamptz not null,
    last_used_at timestamptz,
    expires_at timestamptz,
    revoked_at timestamptz
);

create table idempotency (
    scope text not null,
    key text not null,
    fingerprint bytea not null,
    status integer,
    headers bytea,
    body bytea,
    created_at timestamptz not null,
    primary key (scope, key)
);
create index idempotency_created_at on idempotency (created_at);

create table webhook (
    id text primary key,
    url text not null,
    secret bytea not null,
    key_version integer not null,
    description text not null default '',
    events text[] not null default '{}',
    accounts text[] not null default '{}',
    enabled boolean not null default true,
    paused_reason text,
    cursor_xid xid8 not null,
    cursor_seq bigint not null,
    failures integer not null default 0,
    failing_since timestamptz,
    next_at timestamptz,
    created_at timestamptz not null
);

-- Events that an endpoint refused, and those of the same shipment that wait behind them.
create table webhook_waiting (
    webhook_id text not null references webhook on delete cascade,
    xid xid8 not null,
    seq bigint not null,
    at timestamptz not null,
    shipment_id text,
    attempts integer not null,
    since timestamptz not null,
    next_at timestamptz not null,
    primary key (webhook_id, xid, seq)
);

create table webhook_attempt (
    webhook_id text not null references webhook on delete cascade,
    at timestamptz not null,
    event text not null,
    name text not null,
    shipment_id text,
    attempt integer not null,
    status integer not null,
    ms real not null,
    error text not null default ''
);
create index webhook_attempt_newest on webhook_attempt (webhook_id, at desc);

-- The lanes of an account as its owner last saw them, for those who look from another process.
create table lane_snapshot (
    account_id text primary key,
    at timestamptz not null,
    lanes bytea not null
);
