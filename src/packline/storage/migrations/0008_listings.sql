-- Which SKU of a seller is which of Amazon's, files of them, and what routing knows of places.

create table listing (
    account_id text not null references account on delete cascade,
    marketplace text not null,
    channel_sku text not null,
    client_sku text not null,
    asin text not null,
    updated_at timestamptz not null,
    primary key (account_id, marketplace, channel_sku)
);
create index listing_client on listing (account_id, client_sku);
create index listing_asin on listing (asin);

create table listing_import (
    id text primary key,
    account_id text not null,
    name text not null default '',
    format text not null,
    mode text not null,
    content bytea,
    state text not null default 'waiting',
    done integer not null default 0,
    total integer,
    added integer not null default 0,
    changed integer not null default 0,
    unchanged integer not null default 0,
    refused integer not null default 0,
    repeated integer not null default 0,
    error text not null default '',
    by_whom text not null default '',
    claimed_until timestamptz,
    created_at timestamptz not null,
    began_at timestamptz,
    ended_at timestamptz
);
alter table listing_import alter column content set storage external;
create index listing_import_open on listing_import (created_at) where state in ('waiting', 'running');

-- Rows wait here until the whole file was looked at; of a file that is over only those with a reason stay.
create table listing_row (
    import_id text not null references listing_import on delete cascade,
    line integer not null,
    row bytea not null,
    marketplace text,
    channel_sku text,
    client_sku text,
    asin text,
    reason text,
    is_repeated boolean not null default false,
    primary key (import_id, line)
);

create table centroid (
    country text not null,
    postal_code text not null,
    latitude double precision not null,
    longitude double precision not null,
    primary key (country, postal_code)
);

create table location_routing (
    account_id text not null,
    location_id text not null,
    country text not null,
    postal_code text not null,
    priority integer not null default 100,
    capacity integer,
    cut_off text,
    primary key (account_id, location_id),
    foreign key (account_id, location_id) references location on delete cascade
);
