-- Returns: what Amazon tells of them, how far each sweep has read, what came in at the dock, and who saw a password.

-- One returned item (one SKU). `state` is what Amazon last told, without the one-time password, which is sealed apart.
create table return_item (
    id text primary key,
    account_id text not null,
    amazon_id text not null,
    location_id text not null,
    shipment_id text,
    amazon_shipment_id text,
    order_id text not null,
    rma_id text not null,
    sku text not null,
    units integer not null,
    kind text not null,
    status text not null,
    tracking_id text not null,
    source text not null,
    as_of timestamptz not null,
    state bytea not null,
    received_units integer not null default 0,
    restocked_units integer not null default 0,
    otp bytea,
    otp_key integer,
    otp_valid_till timestamptz,
    noticed_at timestamptz not null,
    updated_at timestamptz not null
) with (fillfactor = 80);
create index return_item_newest on return_item (noticed_at, id);
create index return_item_place on return_item (account_id, location_id, status);
create index return_item_shipment on return_item (shipment_id) where shipment_id is not null;
create index return_item_unlinked on return_item (account_id) where shipment_id is null;
create index return_item_amazon on return_item (amazon_id);
create index return_item_order on return_item (order_id);
create index return_item_rma on return_item (rma_id);
create index return_item_tracking on return_item (tracking_id);
create index return_item_parcel on return_item (account_id, shipment_id)
    where source = 'easy_ship' and status not in ('DELIVERED', 'CANCELLED');
create index return_item_otp on return_item (account_id, otp_valid_till) where otp is not null;

create table return_cursor (
    account_id text not null,
    location_id text not null,
    status text not null,
    after timestamptz,
    succeeded_at timestamptz,
    failed_at timestamptz,
    error text,
    primary key (account_id, location_id, status)
) with (fillfactor = 70);

-- What a person or a system said of units at the dock; `restocked_at` is when the ledger took them.
create table return_receipt (
    id text not null,
    line integer not null,
    return_id text not null references return_item on delete cascade,
    units integer not null,
    condition text not null,
    bin text not null default '',
    serials text[] not null default '{}',
    note text not null default '',
    by_whom text not null default '',
    received_at timestamptz not null,
    restocked_at timestamptz,
    primary key (id, line)
);
create index return_receipt_of_return on return_receipt (return_id, received_at);

create table return_photo (
    return_id text not null references return_item on delete cascade,
    sha256 text not null,
    name text not null,
    by_whom text not null default '',
    created_at timestamptz not null,
    primary key (return_id, sha256)
);

create table return_look (
    id bigint generated always as identity primary key,
    return_id text not null references return_item on delete cascade,
    at timestamptz not null,
    by_whom text not null
);
create index return_look_of_return on return_look (return_id, at);

-- Easy Ship has no returns API: parcels that come back are seen by the sub-status of their shipment.
create index shipment_coming_back on shipment (account_id, id)
    where sub_status in ('REJECTED_BY_BUYER', 'UNDELIVERABLE', 'RETURNING_TO_SELLER', 'RETURNED_TO_SELLER');
