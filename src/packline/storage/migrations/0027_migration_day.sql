-- The day on which a seller leaves a former integrator: since when both run side by side, and what to restore.
create table migration_day (
    account_id text primary key,
    state text not null,
    confirms text[] not null default '{}',
    holds text[] not null default '{}',
    began_at timestamptz not null,
    ended_at timestamptz,
    by_whom text not null default ''
);
