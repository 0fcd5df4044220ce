-- Quantities go through the feeds that documents go through (feed_batch, feed_item): the tables of their own are gone.
-- What was in a feed under way still waits in stock_offer with nothing known of Amazon's number, and is told anew.
drop table stock_feed_item;
drop table stock_feed;

-- What a place is called in feed_item.
create function stock_feed_key(location_id text, sku text, channel text) returns text
    language sql immutable parallel safe as $$ select location_id || ' ' || sku || ' ' || channel $$;
