-- What was scanned in Amazon's panel, and the order in which bins were filled.

-- What was scanned for a line (msgpack), and units of it that somebody else took and nobody scanned.
alter table stock_allocation add column scanned bytea, add column unscanned integer not null default 0;

-- When a bin that was empty was filled: where nobody scans, what came first goes first.
alter table stock_spot add column filled_at timestamptz not null default now();
