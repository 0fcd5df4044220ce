-- What people begin at the console and what must outlive the process that serves the page: consents of sellers, acts on
-- many rows, files of documents.

create table consent (
    state_hash bytea primary key,
    account bytea not null,
    known text,
    sealed bytea not null,
    key_version integer not null,
    redirect_uri text not null,
    by_whom text not null,
    made_at timestamptz not null,
    used_at timestamptz
);

create table bulk_act (
    id text primary key,
    name text not null,
    owner text not null,
    by_whom text not null,
    state text not null default 'looking',
    total integer not null default 0,
    is_more boolean not null default false,
    error text not null default '',
    began_at timestamptz not null,
    given_at timestamptz,
    claimed_until timestamptz
);
create index bulk_act_of on bulk_act (owner, began_at desc);
create index bulk_act_open on bulk_act (began_at) where state in ('looking', 'giving');

create table bulk_line (
    act_id text not null references bulk_act on delete cascade,
    number integer not null,
    shipment_id text not null,
    account_id text not null,
    spoken text not null,
    fate text not null,
    says text not null default '',
    hint text not null default '',
    warnings text[] not null default '{}',
    ticket text,
    primary key (act_id, number)
);
create unique index bulk_line_shipment on bulk_line (act_id, shipment_id);

create table document_drop (
    id text primary key,
    account_id text not null,
    name text not null default '',
    by_whom text not null default '',
    content bytea,
    size integer not null,
    state text not null default 'waiting',
    done integer not null default 0,
    total integer,
    error text not null default '',
    hint text not null default '',
    claimed_until timestamptz,
    created_at timestamptz not null,
    began_at timestamptz,
    ended_at timestamptz
);
alter table document_drop alter column content set storage external;
create index document_drop_open on document_drop (created_at) where state in ('waiting', 'running');
create index document_drop_newest on document_drop (created_at desc, id);

-- Some pages of a dropped file; `parked_hash` finds their bytes on the person's list.
create table document_drop_sheet (
    drop_id text not null references document_drop on delete cascade,
    number integer not null,
    pages integer[] not null,
    outcome text not null,
    order_id text not null default '',
    shipment_id text not null default '',
    kind text not null default '',
    why text not null default '',
    parked_hash bytea,
    handled_by text,
    handled_at timestamptz,
    primary key (drop_id, number)
);
