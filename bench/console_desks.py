"""Manifests, prints, files, people, the audit, SmartHub's days and the quota of a house, in bulk, for the console."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import asyncpg
import msgspec

from bench.console_books import FEEDER
from packline.domain.manifest import Entry, Manifest, ManifestStatus

MANIFESTS, PARCELS, PRINTS, ITEMS = 5_000, 100, 20_000, 25
FILES, REFUSED, SHEETS, LISTINGS = 2_000, 1_000, 500, 100_000
PEOPLE, AUDIT, RULES, DRIFTS, PARTS = 300, 1_000_000, 5_000, 300, 40
ADOPTED, BULK, BUSY = 20_000, 5_000, 50_000
Share = Callable[[int], int]
"""How many of a large house's number there are in this one."""
_ID = "man_" + "x" * 24
_MANIFESTS = """
insert into manifest (id, account_id, location_id, status, carrier, packages, opened_at, version, state)
select id, $1, $2, case when n < 20 then 'open' else 'handed_over' end, 'ATS', $4,
    $3::timestamptz - interval '10 minutes' * n, 1, {state}
from (select n, 'man_' || lpad(n::text, 24, '0') as id from generate_series(1, $5::int) as n) as made
"""
_ON_MANIFESTS = """
insert into manifest_package (manifest_id, shipment_id, package_id, tracking_id)
select m.id, 'shp_m' || m.id || k, 'PKG-1', 'TRKM' || right(m.id, 7) || '-' || k
from manifest m, generate_series(1, $1::int) as k
"""
_PRINTS = """
insert into print (id, created_at, by_whom, accounts, locations, form, paper, sorted, reversed, printed, reprinted,
    refused)
select 'prt_' || lpad(n::text, 24, '0'), $3::timestamptz - interval '3 minutes' * n, 'user: person-' || n % 30,
    array[$1], array[$2], 'pdf', '4x6', 'bin', false, $5, 1, '[]' from generate_series(1, $4::int) as n
"""
_PRINTED = """
insert into print_item (print_id, kind, place, shipment_id, package_id, tracking_id, sha256, copy)
select p.id, 'ship_label', k, 'shp_' || lpad(to_hex(k * 1000 + right(p.id, 6)::int), 28, '0'), 'PKG-1', 'T' || k, 's',
    1 from print p, generate_series(1, $1::int) as k
"""
_PRINT_FILES = """
insert into print_file (print_id, kind, name, media_type, size, until, content)
select id, 'ship_label', 'labels.pdf', 'application/pdf', 250000, created_at + interval '1 hour', null from print
"""
_IMPORTS = """
insert into listing_import (id, account_id, name, format, mode, state, done, total, added, refused, by_whom, created_at,
    began_at, ended_at)
select 'lst_' || n, $1, 'listings-' || n || '.csv', 'csv', 'partial', 'done', 5000, 5000, 4000, $4, 'user: person-1',
    $2::timestamptz - interval '1 hour' * n, $2, $2 from generate_series(1, $3::int) as n
"""
_LISTING_ROWS = """
insert into listing_row (import_id, line, row, marketplace, channel_sku, client_sku, asin, reason)
select 'lst_' || n, k, convert_to(json_build_object('clientSkuId', 'SKU-' || k, 'channelSerialNo', 'B0', 'channelSkuId',
    'M-' || k, 'marketplace', 'A21TJRUUN4KGV')::text, 'UTF8'), 'A21TJRUUN4KGV', 'M-' || k, 'SKU-' || k, 'B0',
    'The ASIN B0 is not ten letters and digits.'
from generate_series(1, 20) as n, generate_series(1, $1::int) as k
"""
_LISTINGS = """
insert into listing (account_id, marketplace, channel_sku, client_sku, asin, updated_at)
select $1, 'A21TJRUUN4KGV', 'M-' || n, 'SKU-' || n, 'B' || lpad(n::text, 9, '0'), $2
from generate_series(1, $3::int) as n
"""
_DROPS = """
insert into document_drop (id, account_id, name, by_whom, size, state, done, total, created_at, began_at, ended_at)
select 'drp_' || n, $1, 'labels-' || n || '.pdf', 'user: person-1', 900000, 'done', $4, $4,
    $2::timestamptz - interval '1 hour' * n, $2, $2 from generate_series(1, $3::int) as n
"""
_SHEETS = """
insert into document_drop_sheet (drop_id, number, pages, outcome, order_id, kind, why, parked_hash)
select 'drp_' || n, k, array[k], case when k % 50 = 1 then 'parked' else 'stored' end, '402-' || k, 'ship_label',
    case when k % 50 = 1 then 'No order is named on it.' else '' end, case when k % 50 = 1 then sha256('page') end
from generate_series(1, $1::int) as n, generate_series(1, $2::int) as k where n <= 20 or k <= 20
"""
_PARKED = """
insert into parked (account_id, source, hash, body, reason, created_at)
select $1, 'document_drop', sha256('page'), '%PDF-1.4 page', 'No order is named on it.', $2
"""
_PERSONS = """
insert into person (id, name, full_name, role, password, password_at, created_at, last_seen_at)
select 'per_' || n, 'person-' || n, 'Person ' || n, (array['viewer', 'packer', 'manager', 'support'])[1 + n % 4], 'x',
    $1, $1, $1::timestamptz - interval '1 minute' * n from generate_series(1, $2::int) as n
"""
_SESSIONS = """
insert into session (id, hash, person_id, agent, address, created_at, seen_at, ends_at)
select 'ses_' || p.id || '_' || k, sha256(convert_to(p.id || '_' || k, 'UTF8')), p.id, 'Firefox', '10.0.0.' || k,
    $1::timestamptz - interval '1 hour' * k, $1::timestamptz - interval '1 minute' * k,
    $1::timestamptz + interval '10 hours' * (k % 3 - 1) from person p, generate_series(1, 60) as k
"""
_AUDITED = """
insert into audit (at, who, kind, act, subject, shipment_id, account_id, location_id, address, outcome)
select $3::timestamptz - interval '30 seconds' * n, 'user: person-' || n % 30,
    case when n % 10 = 0 then 'sign_in' when n % 3 = 0 then 'look' else 'act' end,
    case when n % 10 = 0 then 'sign_in' when n % 3 = 0 then 'label' else 'prints.add' end, '',
    case when n % 3 = 0 then 'shp_' || lpad(to_hex(n), 28, '0') end, $1, $2, '10.0.0.9', 'done'
from generate_series(1, $4::int) as n
"""
_RULES = """
insert into stock_rule (account_id, location_id, sku, channel, buffer_units, pending, updated_at, updated_by)
select $1, '', 'SKU-' || lpad((n * 10)::text, 6, '0'), '', n % 5, false, $2, 'user: person-1'
from generate_series(1, $3::int) as n
"""
_HOLDS = """
insert into stock_hold (account_id, location_id, reason, since, by_whom)
select $1, 'HELD' || n, 'outage', $2, 'packline' from generate_series(1, 60) as n
"""
_BUSY = """
insert into stock_entry (recorded_at, at, cause, pool, location, sku, kind, units, on_hand, reserved, picked, labelled,
    unsellable, account_id, place, shipment_id, by_whom)
select $3::timestamptz - interval '2 minutes' * k, $3::timestamptz - interval '2 minutes' * k, 'busy' || k, $1, $2,
    'SKU-BUSY', 'reserved', 1, 0, 1, 0, 0, 0, $1, $2, 'shp_' || lpad(to_hex(k), 28, '0'), 'bench'
from generate_series(1, $4::int) as k
"""
_BUSY_BALANCE = """
insert into stock_balance (pool, location, sku, on_hand, counted_at) values ($1, $2, 'SKU-BUSY', 5, $3)
"""
_FLOWS = """
insert into flow (account_id, name, subject, last_at, longest_s, expected_at, silent_since, cause, says)
select a.id, f.name, 'LOC' || k, $1, 60, $1::timestamptz + interval '1 hour', case when k % 20 = 0 then $1 end, '',
    case when k % 20 = 0 then 'Nothing since an hour: unusual.' else '' end
from account a, unnest(array['polling', 'orders', 'notifications', 'stock', 'returns']) as f(name),
    generate_series(1, $2::int) as k
"""
_CURSORS = """
insert into intake_cursor (account_id, location_id, status, after, succeeded_at)
select $1, 'LOC' || n, 'ACCEPTED', $2, $2 from generate_series(1, 150) as n
"""
_LANES = "insert into lane_snapshot (account_id, at, lanes) select id, $1, $2 from account"
_ADOPTED = """
insert into event (at, account_id, shipment_id, location_id, name, cause, data)
select $1::timestamptz - interval '2 minutes' * n, s.account_id, s.id, s.location_id, 'shipment.adopted', 'poll', $3
from (select *, row_number() over () as n from shipment where status in ('SHIPPED', 'SHIPLABEL_GENERATED') limit $2) s
"""
_LEFT = """
insert into stock_allocation (shipment_id, line, account_id, place, merchant_sku, pool, location, sku, units, stage,
    version, updated_at, unscanned)
select shipment_id, 1, account_id, location_id, 'SKU-1', account_id, location_id,
    'SKU-' || lpad((abs(hashtext(shipment_id)) % 100000 + 1)::text, 6, '0'), 1, 'left', 1, at,
    case when hashtext(shipment_id) % 3 = 0 then 1 else 0 end
from event where name = 'shipment.adopted'
"""
_LEFT_ENTRIES = """
insert into stock_entry (recorded_at, at, cause, pool, location, sku, kind, units, on_hand, reserved, picked, labelled,
    unsellable, account_id, place, shipment_id, by_whom)
select updated_at, updated_at, 'hub' || shipment_id, pool, location, sku, 'smarthub', -1, 5, 0, 0, 0, 0, account_id,
    place, shipment_id, 'SmartHub' from stock_allocation
"""
_UNSCANNED = """
update stock_balance b set unscanned_at = $1, counted_at = $1::timestamptz - interval '1 day'
from (select distinct pool, location, sku from stock_allocation where unscanned > 0 limit 3000) a
where a.pool = b.pool and a.location = b.location and a.sku = b.sku
"""
_BULK = """
insert into bulk_act (id, name, owner, by_whom, state, total, began_at, given_at)
values ('blk_bench', 'pack', 'console', 'console: console', 'giving', $2, $1, $1)
"""
_BULK_LINES = """
insert into bulk_line (act_id, number, shipment_id, account_id, spoken, fate, ticket)
select 'blk_bench', n, c.shipment_id, c.account_id, 'B' || n, 'given', c.id
from (select *, row_number() over () as n from command limit $1) c
"""


async def fill_desks(pool: asyncpg.Pool, account: str, location: str, now: datetime, share: float) -> None:
    """Make what the other pages show, once shipments and books are there; `share` of the numbers of a large house."""

    def some(number: int) -> int:
        return max(25, round(number * share))

    await _paper(pool, account, location, now, some)
    await _files(pool, now, some)
    await _people(pool, account, location, now, some)
    await _goods(pool, account, location, now, some)
    await _panel(pool, now, some)
    await pool.execute("analyze")


async def _paper(pool: asyncpg.Pool, account: str, location: str, now: datetime, some: Share) -> None:
    head, _, tail = msgspec.msgpack.encode(_manifest(account, location, now)).partition(_ID.encode())
    state = f"'\\x{head.hex()}'::bytea || convert_to(id, 'UTF8') || '\\x{tail.hex()}'::bytea"
    sql = _MANIFESTS.format(state=state)
    await pool.execute(sql, account, location, now, PARCELS, some(MANIFESTS), timeout=600)
    await pool.execute(_ON_MANIFESTS, PARCELS, timeout=600)
    await pool.execute(_PRINTS, account, location, now, some(PRINTS), ITEMS, timeout=300)
    await pool.execute(_PRINTED, ITEMS, timeout=600)
    await pool.execute(_PRINT_FILES, timeout=300)


def _manifest(account: str, location: str, now: datetime) -> Manifest:
    entries = tuple(
        Entry(f"shp_{n:028x}", "PKG-1", f"TRKMxxxxxxx-{n}", f"402-0000000-{n:07}", now, "user: person-1", 850.0)
        for n in range(1, PARCELS + 1)
    )
    return Manifest(
        _ID, account, location, now - timedelta(hours=2), "user: person-1", carrier="ATS", is_decided=True,
        status=ManifestStatus.HANDED_OVER, entries=entries, closed_at=now, handed_over_at=now,
    )  # fmt: skip


async def _files(pool: asyncpg.Pool, now: datetime, some: Share) -> None:
    await pool.execute(_IMPORTS, FEEDER, now, some(FILES), REFUSED)
    await pool.execute(_LISTING_ROWS, REFUSED, timeout=300)
    await pool.execute(_LISTINGS, FEEDER, now, some(LISTINGS), timeout=300)
    await pool.execute(_DROPS, FEEDER, now, some(FILES), SHEETS)
    await pool.execute(_SHEETS, some(FILES), SHEETS, timeout=300)
    await pool.execute(_PARKED, FEEDER, now)


async def _people(pool: asyncpg.Pool, account: str, location: str, now: datetime, some: Share) -> None:
    await pool.execute(_PERSONS, now, PEOPLE)
    await pool.execute(_SESSIONS, now)
    await pool.execute(_AUDITED, account, location, now, some(AUDIT), timeout=900)


async def _goods(pool: asyncpg.Pool, account: str, location: str, now: datetime, some: Share) -> None:
    await pool.execute(_RULES, account, now, some(RULES))
    await pool.execute(_HOLDS, account, now)
    await pool.execute(_BUSY_BALANCE, account, location, now)
    await pool.execute(_BUSY, account, location, now, BUSY, timeout=300)
    await pool.execute(_ADOPTED, now, some(ADOPTED), b'{"event":{}}', timeout=300)
    await pool.execute(_LEFT, timeout=300)
    await pool.execute(_LEFT_ENTRIES, timeout=300)
    await pool.execute(_UNSCANNED, now, timeout=300)


async def _panel(pool: asyncpg.Pool, now: datetime, some: Share) -> None:
    await pool.execute(_FLOWS, now, PARTS)
    await pool.execute(_CURSORS, FEEDER, now)
    lane = {"rate": 5.0, "burst": 10.0, "level": 3.0, "waiting": 4, "eta": 2.0, "served": 90_000, "throttled": 12}
    lanes = [{"operation": f"operation{n}", **lane} for n in range(40)]
    await pool.execute(_LANES, now + timedelta(days=1), msgspec.json.encode(lanes))
    await pool.execute(_BULK, now, some(BULK))
    await pool.execute(_BULK_LINES, some(BULK))
