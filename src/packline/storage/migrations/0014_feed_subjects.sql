-- The orders or SKUs of a feed in the order of its messages: its report may name them by their number only.
alter table feed_batch add column subjects text[] not null default '{}';
