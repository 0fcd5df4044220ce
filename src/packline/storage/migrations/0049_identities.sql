-- Who of our people is whom at an identity provider. A person has one identity at each provider, an identity one person.
create table person_identity (
    issuer text not null,
    subject text not null,
    person_id text not null references person on delete cascade,
    name text not null default '',
    bound_at timestamptz not null,
    bound_by text not null,
    seen_at timestamptz,
    primary key (issuer, subject),
    unique (person_id, issuer)
);
-- A sign-in at the provider is answered once: whoever reads an address in a log or a history cannot use it again.
create table identity_flow_used (
    state_hash bytea primary key,
    at timestamptz not null
);
create index identity_flow_used_at on identity_flow_used (at);
