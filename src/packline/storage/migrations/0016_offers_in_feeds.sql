-- The feed that tells an offer now: a column of the offer, as a look into feed_item for each of 100,000 offers is slow.
alter table stock_offer add column batch_id bigint;
create index stock_offer_batch on stock_offer (batch_id) where batch_id is not null;
drop function stock_feed_key(text, text, text);
