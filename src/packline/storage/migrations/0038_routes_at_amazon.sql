-- Kept orders that are not over yet: their shipments at Amazon are looked at every few seconds.
create index route_order_open on route_order (account_id, reference) where state in ('allocated', 'short');
