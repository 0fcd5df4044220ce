-- Flows of every account, for the alarm at an unusual silence: when each succeeded last, by when it must again.

-- One row for each flow, or for each of its parts (a listing, an endpoint); account_id is empty for endpoints.
create table flow (
    account_id text not null,
    name text not null,
    subject text not null default '',
    last_at timestamptz,
    longest_s double precision,
    expected_at timestamptz,
    silent_since timestamptz,
    cause text not null default '',
    says text not null default '',
    primary key (account_id, name, subject)
) with (fillfactor = 50);
create index flow_silent on flow (account_id, name) where silent_since is not null;

-- How many came in each full hour, from which the hours of a week are learnt.
create table flow_hour (
    account_id text not null,
    name text not null,
    hour timestamptz not null,
    count bigint not null,
    last_at timestamptz not null,
    primary key (account_id, name, hour)
) with (fillfactor = 50);
create index flow_hour_age on flow_hour (hour);

-- How far the events are counted, who looked when, and since when somebody has looked without a break.
create table flow_watch (
    is_only boolean primary key default true check (is_only),
    xid xid8,
    seq bigint,
    looked_at timestamptz,
    awake_since timestamptz
);
insert into flow_watch default values;

-- What a notification told is counted by its running total.
create table flow_told (
    account_id text primary key,
    told bigint not null
);

-- Why an account is paused is in its newest such event; there are few of them.
create index event_paused on event (account_id, at) where name in ('account.unauthorized', 'account.paused');
