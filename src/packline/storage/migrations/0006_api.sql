-- Through which of Amazon's APIs an account runs, and which version of its Orders API is read.
alter table account add column api text not null default 'external_fulfillment';
alter table account add column orders_api text not null default '2026-01-01';
