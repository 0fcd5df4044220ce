"""Proof of the ledger: balances against their entries, and balances made again from them."""

from datetime import datetime
from typing import Any

import asyncpg

from packline.domain.inventory.ledger import FIRST_IN, Key
from packline.domain.values import Value
from packline.storage.stock import key_of, locked
from packline.storage.stock_offers import reckon_keys
from packline.storage.stock_write import columns_of
from packline.storage.wake import ring

CHUNK = 2000
_FIELDS = ("on_hand", "reserved", "picked", "labelled", "unsellable")
_SUMS = ", ".join(f"sum({name})::int as {name}" for name in _FIELDS)
_BALANCES = f"""
with told as (
    select pool, location, sku, {_SUMS}, max(at) filter (where kind = 'counted' and bin is null and serial is null)
        as counted_at, max(at) as last_at,
        max(at) filter (where kind = 'smarthub' and ((bin is null and serial is null) or reason = '{FIRST_IN}'))
            as unscanned_at,
        min(at) filter (where kind in ('received', 'returned', 'adjusted', 'moved') and condition is null) as opened_at
    from stock_entry where ($1::text[] is null or sku = any($1::text[])) group by pool, location, sku
), kept as (
    select * from stock_balance where $1::text[] is null or sku = any($1::text[])
)
select coalesce(k.pool, t.pool) as pool, coalesce(k.location, t.location) as location, coalesce(k.sku, t.sku) as sku,
    {", ".join(f"coalesce(k.{n}, 0) as kept_{n}, coalesce(t.{n}, 0) as told_{n}" for n in _FIELDS)},
    t.counted_at, t.last_at, t.unscanned_at, t.opened_at
from kept k full join told t on t.pool = k.pool and t.location = k.location and t.sku = k.sku
where {" or ".join(f"coalesce(k.{n}, 0) <> coalesce(t.{n}, 0)" for n in _FIELDS)}
    or k.counted_at is distinct from t.counted_at or k.unscanned_at is distinct from t.unscanned_at
    or k.opened_at is distinct from t.opened_at
order by 3, 2, 1 limit $2
"""
_RESERVED = """
with told as (
    select pool, location, sku, account_id, place, merchant_sku, sum(reserved)::int as units from stock_entry
    where reserved <> 0 group by 1, 2, 3, 4, 5, 6
)
select coalesce(k.pool, t.pool) as pool, coalesce(k.location, t.location) as location, coalesce(k.sku, t.sku) as sku,
    coalesce(k.units, 0) as kept, coalesce(t.units, 0) as told
from stock_reserved k full join told t on t.pool = k.pool and t.location = k.location and t.sku = k.sku
    and t.account_id = k.account_id and t.place = k.place and t.merchant_sku = k.merchant_sku
where coalesce(k.units, 0) <> coalesce(t.units, 0) order by 3, 2, 1 limit $1
"""
_SPOTS = """
with told as (
    select pool, location, sku, coalesce(bin, '') as bin, coalesce(serial, '') as serial, sum(on_hand)::int as units
    from stock_entry where bin is not null or serial is not null group by 1, 2, 3, 4, 5
)
select coalesce(k.pool, t.pool) as pool, coalesce(k.location, t.location) as location, coalesce(k.sku, t.sku) as sku,
    coalesce(k.units, 0) as kept, coalesce(t.units, 0) as told
from stock_spot k full join told t on t.pool = k.pool and t.location = k.location and t.sku = k.sku and t.bin = k.bin
    and t.serial = k.serial
where coalesce(k.units, 0) <> coalesce(t.units, 0) order by 3, 2, 1 limit $1
"""
_OPEN = """
with took as (
    select pool, location, sku, sum(units)::int as units from stock_allocation where stage in ('sold', 'picked')
    group by 1, 2, 3
)
select coalesce(k.pool, t.pool) as pool, coalesce(k.location, t.location) as location, coalesce(k.sku, t.sku) as sku,
    coalesce(k.reserved, 0) as kept, coalesce(t.units, 0) as told
from stock_balance k full join took t on t.pool = k.pool and t.location = k.location and t.sku = k.sku
where coalesce(k.reserved, 0) <> coalesce(t.units, 0) order by 3, 2, 1 limit $1
"""
_SET = f"""
update stock_balance b set {", ".join(f"{name} = n.{name}" for name in _FIELDS)}, counted_at = n.counted_at,
    last_at = n.last_at, unscanned_at = n.unscanned_at, opened_at = n.opened_at,
    version = version + 1
from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[],
    $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[])
    as n(pool, location, sku, {", ".join(_FIELDS)},
    counted_at, last_at, unscanned_at, opened_at)
where b.pool = n.pool and b.location = n.location and b.sku = n.sku
"""
_REFILL = """
delete from {table} where (pool, location, sku) in (select * from unnest($1::text[], $2::text[], $3::text[]))
"""
_RESERVED_AGAIN = """
insert into stock_reserved (pool, location, sku, account_id, place, merchant_sku, units)
select pool, location, sku, account_id, place, merchant_sku, sum(reserved) from stock_entry
where reserved <> 0 and sku = any($3::text[])
    and (pool, location, sku) in (select * from unnest($1::text[], $2::text[], $3::text[])) group by 1, 2, 3, 4, 5, 6
"""
_SPOTS_AGAIN = """
insert into stock_spot (pool, location, sku, bin, serial, units, filled_at)
select pool, location, sku, coalesce(bin, ''), coalesce(serial, ''), sum(on_hand),
    coalesce(min(recorded_at) filter (where on_hand > 0), min(recorded_at)) from stock_entry
where (bin is not null or serial is not null) and sku = any($3::text[])
    and (pool, location, sku) in (select * from unnest($1::text[], $2::text[], $3::text[])) group by 1, 2, 3, 4, 5
"""


class Difference(Value, frozen=True):
    """One number that is not the sum of its entries."""

    what: str
    key: Key
    kept: int
    told: int


async def check(pool: asyncpg.Pool, limit: int = 1000) -> list[Difference]:
    """Compare every number with its entries, in one snapshot; an empty list proves that they are equal.

    Compared are balances, the units by seller, those by bin and serial number, and what open shipments took.
    """
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute("set local enable_seqscan = on")
        rows = await connection.fetch(_BALANCES, None, limit)
        found = [difference for row in rows for difference in _differences(row)]
        for what, sql in (("reserved by seller", _RESERVED), ("bin or serial", _SPOTS), ("open shipments", _OPEN)):
            found += [
                Difference(what, key_of(row), row["kept"], row["told"]) for row in await connection.fetch(sql, limit)
            ]
    return found[:limit]


async def rebuild(pool: asyncpg.Pool, now: datetime) -> int:
    """Make every balance again from its entries; give the number of keys that were looked at.

    Some thousand keys at a time, under their locks: shipments and commands wait for moments only.
    """
    count, after = 0, ("", "", "")
    while True:
        rows = await pool.fetch(
            "select pool, location, sku from stock_balance where (sku, location, pool) > ($1, $2, $3)"
            f" order by sku, location, pool limit {CHUNK}",
            *after,
        )
        if not rows:
            return count
        await _rebuild(pool, sorted(key_of(row) for row in rows), now)
        after = (rows[-1]["sku"], rows[-1]["location"], rows[-1]["pool"])
        count += len(rows)


async def _rebuild(pool: asyncpg.Pool, keys: list[Key], now: datetime) -> None:
    columns = columns_of(keys)
    async with pool.acquire() as connection, connection.transaction():
        before = await locked(connection, keys)
        wanted = set(keys)
        found = await connection.fetch(_BALANCES, sorted({key.sku for key in keys}), None)
        wrong = [row for row in found if key_of(row) in wanted]
        await connection.execute(_SET, *_columns(wrong))
        for table, again in (("stock_reserved", _RESERVED_AGAIN), ("stock_spot", _SPOTS_AGAIN)):
            await connection.execute(_REFILL.format(table=table), *columns)
            await connection.execute(again, *columns)
        after = await locked(connection, keys)
        pairs = {key: (before[key], after[key]) for key in keys}
        await ring(connection, await reckon_keys(connection, pairs, now))


def _columns(rows: list[Any]) -> list[list[Any]]:
    return [
        *columns_of([key_of(row) for row in rows]),
        *([row[f"told_{name}"] for row in rows] for name in _FIELDS),
        [row["counted_at"] for row in rows],
        [row["last_at"] for row in rows],
        [row["unscanned_at"] for row in rows],
        [row["opened_at"] for row in rows],
    ]


def _differences(row: Any) -> list[Difference]:
    key = key_of(row)
    found = [
        Difference(name, key, row[f"kept_{name}"], row[f"told_{name}"])
        for name in _FIELDS
        if row[f"kept_{name}"] != row[f"told_{name}"]
    ]
    return found or [Difference("time of the last count", key, 0, 0)]
