"""Returns, stock, feeds, routes and comparisons of a house, in bulk, for the console's benchmark."""

from __future__ import annotations

from datetime import datetime, timedelta

import asyncpg
import msgspec

from packline.domain.returns import Kind, SeenReturn

FEEDER = "bench-feeds"
RETURNS, SKUS, FEEDS, ROUTES, RUNS = 100_000, 100_000, 20_000, 100_000, 300
_RETURNS = """
insert into return_item (id, account_id, amazon_id, location_id, order_id, rma_id, sku, units, kind, status,
    tracking_id, source, as_of, state, received_units, restocked_units, noticed_at, updated_at)
select 'ret_' || lpad(n::text, 28, '0'), $1, 'R-' || n, $2, '402-' || n, 'RMA-' || n, 'SKU-' || n % $6, 1, 'customer',
    case when n % 50 = 0 then 'IN_TRANSIT' else 'DELIVERED' end, 'REV-' || n, 'returns_api', $3, $4,
    case when n % 40 = 0 then 0 else 1 end, 0, $3::timestamptz - interval '1 minute' * n, $3
from generate_series(1, $5::int) as n
"""
_BALANCES = """
insert into stock_balance (pool, location, sku, on_hand, reserved, counted_at)
select $1, $2, 'SKU-' || lpad(n::text, 6, '0'), n % 90, n % 3, $3 from generate_series(1, $4::int) as n
"""
_OFFERS = """
insert into stock_offer (account_id, location_id, sku, channel, pool, at_location, item, wanted, wanted_seq, changed_at,
    published, published_at, state, error)
select $1, $2, sku, '', pool, location, sku, on_hand, id, $3, on_hand, $3,
    case when id % 400 = 0 then 'refused' when id % 30 = 0 then 'waiting' else 'settled' end,
    case when id % 400 = 0 then 'INVALID_SKU: not known' else '' end
from stock_balance
"""
_ENTRIES = """
insert into stock_entry (recorded_at, at, cause, pool, location, sku, kind, units, on_hand, reserved, picked, labelled,
    unsellable, account_id, place, by_whom)
select $1, $1::timestamptz - interval '1 hour' * k, 'bench ' || sku || k, pool, location, sku, 'counted', 5, 5, 0, 0,
    0, 0, $2, location, 'bench' from stock_balance, generate_series(1, 5) as k
"""
_DRIFTS = """
insert into stock_drift (account_id, location_id, sku, channel, cause, words, wanted, published, amazon, on_hand,
    run_id, found_at)
select account_id, location_id, sku, channel, 'unseen_orders', 'Amazon has 1, it was told 2: orders.', wanted, wanted,
    wanted - 1, wanted, 'run', $1 from stock_offer limit 500
"""
_SECOND = """
insert into account (id, name, seller_id, region, marketplaces, endpoint, token_url, application_id, api)
values ($1, 'Feeds', 'A2', 'EU', '{A21TJRUUN4KGV}', 'http://127.0.0.1:1', '', 'app', 'seller_central')
"""
_FEEDS = """
insert into feed_batch (account_id, kind, marketplace_id, state, items, feed_id, created_at, sent_at, ended_at)
select $1, 'documents', 'A21TJRUUN4KGV', 'ended', 100, n::text, $2::timestamptz - interval '2 minutes' * n, $2, $2
from generate_series($3::int, 1, -1) as n
"""
_ITEMS = """
insert into feed_item (account_id, kind, key, subject, payload, since, state, reason)
select $1, 'documents', 'shp_' || n, '402-' || n, '{}', $2, case when n % 50 = 0 then 'failed' else 'waiting' end, ''
from generate_series(1, 5000) as n
"""
_ORDERS = """
insert into route_order (account_id, reference, country, postal_code, lines, state, turn, short, rejected, why,
    is_proven, created_at, updated_at)
select $1, 'WEB-' || n, 'IN', '560001', '[]', case when n % 20 = 0 then 'allocated' when n % 997 = 0 then 'short'
    else 'done' end, 1, '[]', '{}', '{One parcel: 2 locations have everything.}', true,
    $2::timestamptz - interval '1 minute' * n, $2 from generate_series(1, $3::int) as n
"""
_PARCELS = """
insert into route_parcel (account_id, reference, turn, location_id, lines, state, why, is_late, created_at, updated_at)
select account_id, reference, 1, 'BEN' || hashtext(reference) % 3, '[]', case when state = 'allocated' then 'open' else
    'done' end, 'It has everything.', false, created_at, updated_at from route_order
"""
_COMPARED = """
insert into reconciliation (id, account_id, what, side, since, until, state, compared, different, created_at, ended_at)
select 'rec_' || n, $1, 'orders', 'seller', $2::timestamptz - interval '7 days', $2, 'done', 1000, 20,
    $2::timestamptz - interval '1 hour' * n, $2 from generate_series(1, $3::int) as n
"""
_DIFFERENCES = """
insert into reconciliation_item (run_id, account_id, location_id, kind, cause, words, field, ours, theirs, amazon_id,
    order_id, sku, repair, found_at)
select id, account_id, '', 'different', 'not_told', 'The seller''s system is behind.', 'status', 'SHIPPED', 'open',
    'S-' || k, 'O-' || k, '', 'tell', $1 from reconciliation, generate_series(1, 200) as k
"""


async def fill_books(pool: asyncpg.Pool, account: str, location: str, now: datetime, share: float) -> None:
    """Make what the operators' pages show, once the shipments are there; `share` of a large house's numbers."""
    seen = SeenReturn("R", "DELIVERED", Kind.CUSTOMER, now, location, "SKU-1", 1, delivered_at=now)
    state = msgspec.msgpack.encode(seen)
    await pool.execute(_RETURNS, account, location, now, state, round(RETURNS * share), SKUS, timeout=300)
    await pool.execute(_BALANCES, account, location, now, SKUS, timeout=300)
    await pool.execute(_OFFERS, account, location, now, timeout=300)
    await pool.execute(_ENTRIES, now - timedelta(minutes=1), account, timeout=300)
    await pool.execute(_DRIFTS, now)
    await pool.execute(_SECOND, FEEDER)
    await pool.execute(_FEEDS, FEEDER, now, round(FEEDS * share))
    await pool.execute(_ITEMS, FEEDER, now)
    await pool.execute(_ORDERS, account, now, round(ROUTES * share))
    await pool.execute(_PARCELS, timeout=300)
    await pool.execute(_COMPARED, account, now, RUNS)
    await pool.execute(_DIFFERENCES, now)
    for table in ("return_item", "stock_balance", "stock_offer", "stock_entry", "reconciliation_item", "route_order"):
        await pool.execute(f"analyze {table}")
