-- Manifests: what goes with one carrier in one slot, open until closed, then handed over; never opened again.
create table manifest (
    id text primary key,
    account_id text not null,
    location_id text not null,
    status text not null,
    carrier text not null,
    packages integer not null,
    opened_at timestamptz not null,
    version integer not null,
    state bytea not null
);
create index manifest_newest on manifest (opened_at desc, id desc);
create index manifest_under_way on manifest (account_id, location_id, opened_at) where status <> 'handed_over';

create table manifest_package (
    manifest_id text not null references manifest on delete cascade,
    shipment_id text not null,
    package_id text not null,
    tracking_id text not null,
    left_behind boolean not null default false,
    primary key (manifest_id, shipment_id, package_id, tracking_id)
);
-- A parcel leaves once: what stayed behind may go on another manifest.
create unique index manifest_package_once on manifest_package (shipment_id, package_id, tracking_id)
    where not left_behind;
create index manifest_package_tracking on manifest_package (tracking_id);
