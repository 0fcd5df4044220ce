-- Orders whose allocation is kept: what each location is to ship, and what it holds of a shelf until it has left.
create table route_order (
    account_id text not null references account on delete cascade,
    reference text not null,
    lines bytea not null,
    country text not null,
    postal_code text not null,
    ship_by timestamptz,
    state text not null,
    short bytea not null,
    why text[] not null,
    is_proven boolean not null,
    rejected text[] not null default '{}',
    turn integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    by_whom text not null default '',
    primary key (account_id, reference)
);
create index route_order_new on route_order (account_id, created_at, reference);

create table route_parcel (
    account_id text not null,
    reference text not null,
    turn integer not null,
    location_id text not null,
    lines bytea not null,
    state text not null default 'open',
    why text not null,
    metres integer,
    leaves_at timestamptz,
    is_late boolean not null,
    reason text not null default '',
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (account_id, reference, turn, location_id),
    foreign key (account_id, reference) references route_order on delete cascade
);
create index route_parcel_at on route_parcel (account_id, location_id) where state in ('open', 'accepted');

create table route_hold (
    account_id text not null,
    reference text not null,
    turn integer not null,
    location_id text not null,
    pool text not null,
    at_location text not null,
    item text not null,
    units integer not null,
    primary key (account_id, reference, turn, location_id, pool, at_location, item),
    foreign key (account_id, reference) references route_order on delete cascade
);
create index route_hold_of_item on route_hold (item, at_location, pool);
