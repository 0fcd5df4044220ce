-- PostgreSQL writes a changed row into its own page, and into no index, only where no column changes that an index names,
-- be it in the condition of a partial one. Three indexes named the status, which changes six times in a minute: they name
-- the stage instead, which is made for that. Due shipments that somebody waits for have an index without all the others.
drop index shipment_patient;
create index shipment_patient on shipment (account_id, ship_by, id) where due_at is not null and (goal is null
    or (goal in ('confirmed', 'packed') and stage in ('SHIPLABEL_GENERATED', 'SHIPPED', 'DELIVERED')));
drop index shipment_due;
create index shipment_urgent on shipment (account_id, ship_by, id) where due_at is not null and not (goal is null
    or (goal in ('confirmed', 'packed') and stage in ('SHIPLABEL_GENERATED', 'SHIPPED', 'DELIVERED')));
drop index shipment_over;
create index shipment_over on shipment (id) where over_at is null and stage in ('DELIVERED', 'CANCELLED');
drop index shipment_unheard;
create index shipment_unheard on shipment (ship_by) where over_at is null and stage = 'SHIPPED';
