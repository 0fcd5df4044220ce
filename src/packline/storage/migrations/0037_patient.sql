-- Due shipments that nobody waits for: documents of labels that somebody else made. All others go first.
create index shipment_patient on shipment (account_id, ship_by, id) where due_at is not null and (goal is null
    or (goal in ('confirmed', 'packed') and status in ('SHIPLABEL_GENERATED', 'SHIPPED', 'DELIVERED')));
