-- People who sign in at the console, their sessions and one-time links, and the audit of who did and saw what.

create table person (
    id text primary key,
    name text not null,
    full_name text not null default '',
    role text not null check (role in ('viewer', 'packer', 'manager', 'admin', 'support')),
    accounts text[],
    locations text[],
    password text,
    password_at timestamptz,
    created_at timestamptz not null,
    created_by text not null default '',
    last_seen_at timestamptz,
    disabled_at timestamptz
);
-- A name is never given to somebody else: it says in the audit who it was.
create unique index person_name on person (lower(name));

-- Only the hash of a session's cookie is kept. A session belongs to a person, or to the API key that opened it.
create table session (
    id text primary key,
    hash bytea not null unique,
    person_id text references person on delete cascade,
    api_key_id text references api_key on delete cascade,
    agent text not null default '',
    address text not null default '',
    created_at timestamptz not null,
    seen_at timestamptz not null,
    ends_at timestamptz not null,
    revoked_at timestamptz,
    check ((person_id is null) <> (api_key_id is null))
);
create index session_of_person on session (person_id, created_at desc);
create index session_over on session (ends_at);

-- A link that lets one person choose a password once; without a person it makes the first admin.
create table person_link (
    hash bytea primary key,
    person_id text references person on delete cascade,
    created_at timestamptz not null,
    created_by text not null default '',
    ends_at timestamptz not null
);
create index person_link_of_person on person_link (person_id);

-- Wrong passwords are counted by the name that was typed, whether it exists or not, so that nobody learns which do.
create table sign_in_attempt (
    name_hash bytea primary key,
    failures integer not null,
    at timestamptz not null,
    locked_until timestamptz
);
create index sign_in_attempt_at on sign_in_attempt (at);

-- Commands on shipments are their own record; all other acts, every sign-in and every look at personal data are here.
create sequence audit_seq cache 1;
create table audit (
    id text not null default 'aud_' || lpad(nextval('audit_seq')::text, 18, '0'),
    at timestamptz not null,
    who text not null,
    kind text not null,
    act text not null,
    subject text not null default '',
    shipment_id text,
    account_id text,
    location_id text,
    address text not null default '',
    outcome text,
    primary key (at, id)
) partition by range (at);
create table audit_default partition of audit default;
create index audit_newest on audit (at desc, id desc);
create index audit_of_who on audit (who, at desc, id desc);
create index audit_of_shipment on audit (shipment_id, at desc) where shipment_id is not null;
create index command_asked_by on command (requested_by, created_at desc, id);
