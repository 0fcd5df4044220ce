-- What lists of a house with a million shipments were seen to look for: with these each finds its page at once.

-- Places and programs of which there are few shipments: their newest, without a walk through all others.
create index shipment_place on shipment (account_id, location_id, program, received_at, id);

create index call_request on call using hash (request_id) where request_id <> '';
create index call_of_operation on call (account_id, operation, at desc);
create index call_failed on call (account_id, at desc) where status not between 200 and 299;

create index stock_entry_smarthub on stock_entry (recorded_at, shipment_id) where kind = 'smarthub';

create index return_item_sku on return_item (sku);
create index return_item_awaited on return_item (noticed_at, id) where received_units < units;

create index audit_of_account on audit (account_id, at desc, id desc) where account_id is not null;
create index audit_of_kind on audit (kind, at desc, id desc);
create index command_of_account on command (account_id, created_at desc, id);
