-- What others did in Amazon's panel is asked for by time; few events tell of it.
create index event_adopted on event (at) where name = 'shipment.adopted';
