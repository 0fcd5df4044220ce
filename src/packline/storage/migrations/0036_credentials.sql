-- How old each credential is: an application's secret and a seller's consent end by themselves.

-- `since` is when Packline first had it, unless a person told when it was really made; `told_days` is the last alarm.
create table credential (
    account_id text not null references account on delete cascade,
    kind text not null,
    since timestamptz not null,
    is_told boolean not null default false,
    ends boolean not null default true,
    told_days integer,
    primary key (account_id, kind)
);
insert into credential (account_id, kind, since)
select id, kind, created_at from account, unnest(array['client_secret', 'consent']) as kind
where credentials is not null;
