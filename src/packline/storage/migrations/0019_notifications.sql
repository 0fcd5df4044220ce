-- Queues of notifications, the subscriptions that fill them, what they told, and whether they can be relied on.

create table notification_queue (
    id text primary key,
    url text not null,
    arn text not null,
    region text not null,
    endpoint text not null default '',
    credentials bytea,
    key_version integer not null default 1,
    enabled boolean not null default true,
    read_at timestamptz,
    failed_at timestamptz,
    error text not null default '',
    created_at timestamptz not null
);

-- What came of the messages of a queue, by type: stored, repeated, ignored, parked.
create table notification_count (
    queue_id text not null references notification_queue on delete cascade,
    type text not null,
    outcome text not null,
    count bigint not null,
    last_at timestamptz not null,
    primary key (queue_id, type, outcome)
) with (fillfactor = 50);

create table notification_subscription (
    account_id text not null references account on delete cascade,
    type text not null,
    queue_id text not null references notification_queue on delete cascade,
    destination_id text not null,
    subscription_id text not null,
    checked_at timestamptz not null,
    primary key (account_id, type)
);
create index notification_subscription_id on notification_subscription (subscription_id);

-- Whether an account can rely on its notifications: when one came last, and when polling found what none had told.
create table notification_flow (
    account_id text primary key,
    told_at timestamptz,
    told bigint not null default 0,
    missed_at timestamptz,
    missed bigint not null default 0,
    missed_id text not null default ''
) with (fillfactor = 50);

-- What polling found and no notification had told yet: some minutes later it is told or missed.
create table notification_doubt (
    account_id text not null,
    amazon_id text not null,
    as_of timestamptz not null,
    found_at timestamptz not null,
    primary key (account_id, amazon_id)
);

-- What a message is about (an order, a feed, a report), and what it says of it: only to read the urgent ones first.
alter table inbox add column kind text not null default 'order';
alter table inbox add column hint text not null default '';
alter table inbox add column told_at timestamptz;
drop index inbox_waiting;
create index inbox_waiting on inbox (account_id, id) where handled_at is null and kind = 'order';
create index inbox_urgent on inbox (account_id, id) where handled_at is null and kind = 'order' and hint = 'CANCELLED';
create index inbox_finished on inbox (account_id, id) where handled_at is null and kind <> 'order';
create index inbox_named on inbox (account_id, amazon_id);
