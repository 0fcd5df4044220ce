-- While a test notification is awaited, what comes for nobody is one. Shipments that replace or exchange others.
alter table notification_queue add column tested_until timestamptz;

create table shipment_link (
    shipment_id text primary key,
    account_id text not null,
    original_id text not null,
    kind text not null
);
create index shipment_link_original on shipment_link (account_id, original_id);
