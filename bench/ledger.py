"""The ledger of stock: entries in bulk beside a bare batched insert, and reads beside millions."""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import asyncpg
import uvloop

from bench.database import ACCOUNT, database
from packline.amazon.spapi.clock import SystemClock
from packline.domain.inventory.ledger import Entry, Key, Kind, Movement
from packline.storage.stock import Stock
from packline.storage.stock_check import check
from packline.storage.stock_write import entry_columns

BATCH = 5000
SKUS = 20_000
TARGET = 0.5
SLOWER = 1.2
_BARE = """
create table bare_entry (like stock_entry including defaults);
alter table bare_entry add primary key (cause);
"""
_INSERT = """
insert into bare_entry (recorded_at, at, cause, pool, location, sku, kind, units, on_hand, reserved, picked, labelled,
    unsellable, condition, bin, serial, account_id, place, merchant_sku, shipment_id, reason, by_whom)
select $1, at, cause, pool, location, sku, kind, units, coalesce(on_hand, 0), coalesce(reserved, 0),
    coalesce(picked, 0), coalesce(labelled, 0), coalesce(unsellable, 0), condition, bin, serial, account_id, place,
    merchant_sku, shipment_id, reason, by_whom
from unnest($2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[], $9::int[],
    $10::int[], $11::int[], $12::int[], $13::int[], $14::text[], $15::text[], $16::text[], $17::text[],
    $18::text[], $19::text[], $20::text[], $21::text[], $22::text[])
    as e(at, cause, pool, location, sku, kind, units, on_hand, reserved, picked, labelled, unsellable, condition,
        bin, serial, account_id, place, merchant_sku, shipment_id, reason, by_whom)
on conflict do nothing
"""
_FILL = """
insert into stock_entry (recorded_at, at, cause, pool, location, sku, kind, units, on_hand, reserved, picked, labelled,
    unsellable, account_id, place, merchant_sku)
select $1, $1, 'fill ' || n, $2, 'EXSB', 'SKU-' || n % $3::int, 'adjusted', 0, 0, 0, 0, 0, 0, $2, 'EXSB',
    'SKU-' || n % $3::int
from generate_series(1, $4::int) as n
"""
_READ = "select on_hand, reserved from stock_balance where pool = $1 and location = 'EXSB' and sku = $2"


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Lay entries in several rounds and compare the medians; then read balances before and after filling up."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)  # as `packline worker` does, and for both
    return uvloop.run(_run(*(3, 30_000, 1_000_000) if args.short else (5, 100_000, 10_000_000)))


async def _run(rounds: int, entries: int, filled: int) -> dict[str, Any]:
    full, bare, told = [], [], []
    async with database() as pool:
        await pool.execute(_BARE)
        await pool.execute("insert into location (account_id, id) values ($1, 'EXSB')", ACCOUNT)
        await _lay(pool, [_movement("start", Kind.COUNTED, n, 100, pool="unsold") for n in range(SKUS)])
        await _lay(pool, [_movement("start", Kind.COUNTED, n, 100) for n in range(SKUS)])
        for number in range(rounds):
            gc.collect()
            batch = _entries(number, entries, "unsold")
            ours, theirs = await _in_turns(batch, _ledger(pool), _bare(pool))
            full.append(ours)
            bare.append(theirs)
            told.append(await _lay(pool, _entries(number, entries, ACCOUNT)))
        assert await check(pool) == [], "the books do not agree"
        before = await _read(pool)
        await _fill(pool, filled)
        after = await _read(pool)
    return _compare(full, bare, told, (before, after, filled))


def _compare(
    full: list[float], bare: list[float], told: list[float], reads: tuple[float, float, int]
) -> dict[str, Any]:
    ours, theirs, with_offers = (statistics.median(rates) for rates in (full, bare, told))
    ratio, slower = round(ours / theirs, 2), round(reads[1] / reads[0], 2)
    print(f"  {ours:8.0f} entries/s with causes and balances, {BATCH} in a batch over {SKUS} SKUs")
    print(f"  {theirs:8.0f} entries/s by a bare batched insert with a unique key; {ratio} of it (target {TARGET})")
    print(f"  {with_offers:8.0f} entries/s where every entry also changes what Amazon is told")
    print(f"  {reads[1]:8.1f} us to read a balance beside {reads[2]:,} entries; {slower} of before (target {SLOWER})")
    return {
        "entries_per_second": round(ours),
        "bare_entries_per_second": round(theirs),
        "entries_per_second_with_offers": round(with_offers),
        "ratio": ratio,
        "target": TARGET,
        "balance_us": round(reads[1], 1),
        "balance_us_before": round(reads[0], 1),
        "entries_beside": reads[2],
        "slower": slower,
        "slower_target": SLOWER,
        "passed": ratio >= TARGET and slower <= SLOWER,
    }


Write = Callable[[Sequence[Movement]], Awaitable[None]]


async def _lay(pool: asyncpg.Pool, movements: Sequence[Movement]) -> float:
    return (await _in_turns(movements, _ledger(pool)))[0]


def _ledger(pool: asyncpg.Pool) -> Write:
    ledger, now = Stock(pool), SystemClock().now()

    async def write(batch: Sequence[Movement]) -> None:
        fates = await ledger.lay(batch, now)
        assert all(fate.outcome == "applied" for fate in fates), fates[0]

    return write


def _bare(pool: asyncpg.Pool) -> Write:
    now = SystemClock().now()

    async def write(batch: Sequence[Movement]) -> None:
        entries = [entry for movement in batch for entry in movement.entries]
        await pool.execute(_INSERT, now, *entry_columns(entries, [(1, 0, 0, 0, 0)] * len(entries)))

    return write


async def _in_turns(movements: Sequence[Movement], *writes: Write) -> list[float]:
    """Write each batch by one way after the other, so that what else the machine does is borne by all of them."""
    spent = [0.0] * len(writes)
    for first in range(0, len(movements), BATCH):
        batch = movements[first : first + BATCH]
        for n, write in enumerate(writes):
            began = time.perf_counter()
            await write(batch)
            spent[n] += time.perf_counter() - began
    return [len(movements) / seconds for seconds in spent]


def _entries(number: int, count: int, pool: str) -> list[Movement]:
    chosen = random.Random(number)
    return [
        _movement(f"{number} {n}", Kind.RECEIVED, chosen.randrange(SKUS), 1, 1 + number + n / 1e6, pool=pool)
        for n in range(count)
    ]


_STARTED = SystemClock().now()


def _movement(cause: str, kind: Kind, sku: int, units: int, minutes: float = 0, pool: str = ACCOUNT) -> Movement:
    key = Key(pool, "EXSB", f"SKU-{sku}")
    name = f"{cause} {key.sku} {pool}"
    at = _STARTED + timedelta(minutes=minutes)
    entry = Entry(name, key, kind, units, at, account=ACCOUNT, place="EXSB", merchant_sku=key.sku)
    return Movement(name, (entry,), is_timed=True, is_fact=True)


async def _read(pool: asyncpg.Pool, rounds: int = 40, times: int = 500) -> float:
    """Give the microseconds of one read, the best of many short rounds: others use the machine as well."""
    chosen = random.Random(7)
    found = []
    async with pool.acquire() as connection:
        statement = await connection.prepare(_READ)
        for _ in range(rounds):
            began = time.perf_counter()
            for _ in range(times):
                row = await statement.fetchrow(ACCOUNT, f"SKU-{chosen.randrange(SKUS)}")
                assert row is not None
            found.append((time.perf_counter() - began) / times * 1e6)
    return min(found)


async def _fill(pool: asyncpg.Pool, entries: int) -> None:
    step = 500_000
    now = SystemClock().now()
    for _ in range(0, entries, step):
        await pool.execute(_FILL, now, ACCOUNT, SKUS, min(step, entries), timeout=600)
    await pool.execute("checkpoint", timeout=600)  # what was filled in is not to be written while it is measured
