-- When a shipment was over, and when its personal data was erased. Neither column is touched by the driver, and the
-- indexes name no column that its updates change, so that these stay within their page.
alter table shipment add column over_at timestamptz;
alter table shipment add column erased_at timestamptz;
create index shipment_over on shipment (id) where over_at is null and status in ('DELIVERED', 'CANCELLED');
create index shipment_unheard on shipment (ship_by) where over_at is null and status = 'SHIPPED';
create index shipment_erasable on shipment (over_at) where over_at is not null and erased_at is null;
alter table document add column erased_at timestamptz;
create index shipment_document_content on shipment_document (sha256);
