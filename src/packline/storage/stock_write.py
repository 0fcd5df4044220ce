"""Entries, balances, bins, reservations and causes: nothing of them is written without the others."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import repeat
from operator import itemgetter
from typing import Any, NamedTuple

import asyncpg

from packline.domain.inventory.book import Book
from packline.domain.inventory.ledger import Balance, Entry, Key

_WRITE = """
with entries as (
    insert into stock_entry (recorded_at, at, cause, pool, location, sku, kind, units, on_hand, reserved, picked,
        labelled, unsellable, condition, bin, serial, account_id, place, merchant_sku, shipment_id, reason, by_whom)
    select $1, at, cause, pool, location, sku, kind, units, coalesce(on_hand, 0), coalesce(reserved, 0),
        coalesce(picked, 0), coalesce(labelled, 0), coalesce(unsellable, 0), condition, bin, serial, account_id, place,
        merchant_sku, shipment_id, reason, by_whom
    from unnest($2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[], $9::int[],
        $10::int[], $11::int[], $12::int[], $13::int[], $14::text[], $15::text[], $16::text[], $17::text[],
        $18::text[], $19::text[], $20::text[], $21::text[], $22::text[])
        as e(at, cause, pool, location, sku, kind, units, on_hand, reserved, picked, labelled, unsellable, condition,
            bin, serial, account_id, place, merchant_sku, shipment_id, reason, by_whom)
), balances as (
    update stock_balance b set version = b.version + 1, on_hand = coalesce(n.on_hand, b.on_hand),
        reserved = coalesce(n.reserved, b.reserved), picked = coalesce(n.picked, b.picked),
        labelled = coalesce(n.labelled, b.labelled), unsellable = coalesce(n.unsellable, b.unsellable),
        counted_at = coalesce(n.counted_at, b.counted_at), last_at = coalesce(n.last_at, b.last_at),
        unscanned_at = coalesce(n.unscanned_at, b.unscanned_at), opened_at = coalesce(n.opened_at, b.opened_at)
    from unnest($23::bigint[], $24::int[], $25::int[], $26::int[], $27::int[], $28::int[], $29::int[],
        $30::timestamptz[], $31::timestamptz[], $32::timestamptz[], $33::timestamptz[])
        as n(id, version, on_hand, reserved, picked, labelled, unsellable, counted_at, last_at, unscanned_at, opened_at)
    where b.id = any($23) and b.id = n.id and b.version = n.version
    returning 1
), spots as (
    insert into stock_spot as s (pool, location, sku, bin, serial, units, filled_at)
    select *, $1 from unnest($34::text[], $35::text[], $36::text[], $37::text[], $38::text[], $39::int[])
    on conflict (pool, location, sku, bin, serial) do update set units = s.units + excluded.units,
        filled_at = case when s.units > 0 then s.filled_at else excluded.filled_at end
), sales as (
    insert into stock_reserved as r (pool, location, sku, account_id, place, merchant_sku, units)
    select * from unnest($40::text[], $41::text[], $42::text[], $43::text[], $44::text[], $45::text[], $46::int[])
    on conflict (pool, location, sku, account_id, place, merchant_sku) do update set units = r.units + excluded.units
), causes as (
    insert into stock_cause (cause) select * from unnest($47::bytea[])
)
select count(*)::int from balances
"""
# Balances in the order of their ids, so that two writers that meet wait for each other in a row and not in a ring.
# Columns that no row of the batch changes do not travel: that is where most of the time would go.
# `any($23)` says the same twice, so that even a plan made for an empty table looks only at these rows.


_ADD = """
insert into stock_balance (pool, location, sku)
select * from unnest($1::text[], $2::text[], $3::text[]) as k(pool, location, sku) order by pool, location, sku
on conflict do nothing
"""
MANY = 200
"""From so many entries on they are copied in: half the time of a statement's arrays, for two round trips more."""
_ENTRY = (
    "at", "cause", "pool", "location", "sku", "kind", "units", "on_hand", "reserved", "picked", "labelled",
    "unsellable", "condition", "bin", "serial", "account_id", "place", "merchant_sku", "shipment_id", "reason",
    "by_whom",
)  # fmt: skip
_FIELDS = (
    "on_hand", "reserved", "picked", "labelled", "unsellable", "counted_at", "last_at", "unscanned_at", "opened_at"
)  # fmt: skip


class Row(NamedTuple):
    """Where a balance stands, and which of its versions was read."""

    id: int
    version: int


async def write(
    connection: asyncpg.Connection, book: Book, rows: Mapping[Key, Row], causes: Sequence[bytes], now: datetime
) -> bool:
    """Write what a book took; False where a balance is not of the version that was read: the caller must roll back.

    Raises asyncpg.UniqueViolationError where a cause is known.
    """
    entries, effects = [entry for entry, _ in book.entries], [effect for _, effect in book.entries]
    if len(entries) >= MANY:
        await keep_causes(connection, causes)  # first, so that what is told again copies nothing
        await copy_entries(connection, entries, effects, now)
        entries, effects, causes = [], [], []
    columns = entry_columns(entries, effects)
    changed = await connection.fetchval(_WRITE, now, *columns, *_arguments(book, rows), list(causes))
    return bool(changed == len(book.written()))


async def keep_causes(connection: asyncpg.Connection, causes: Sequence[bytes]) -> None:
    """Note causes as known; sorted, two writers wait in a row. Raises asyncpg.UniqueViolationError where one is."""
    await connection.copy_records_to_table("stock_cause", records=[(cause,) for cause in causes], columns=["cause"])


async def add_balances(connection: asyncpg.Connection, keys: Sequence[Key]) -> int:
    """Make balances that are not there yet; give how many."""
    done: str = await connection.execute(_ADD, *columns_of(keys))
    return int(done.rpartition(" ")[2])


async def copy_entries(
    connection: asyncpg.Connection, entries: Sequence[Entry], effects: Sequence[tuple[int, ...]], now: datetime
) -> None:
    """Write entries with what each of them changed, many at once."""
    columns = entry_columns(entries, effects)
    given = [(name, column) for name, column in zip(_ENTRY, columns, strict=True) if column]
    await connection.copy_records_to_table(
        "stock_entry",
        records=zip(repeat(now), *(column for _, column in given), strict=False),
        columns=["recorded_at", *(name for name, _ in given)],
    )


def columns_of(keys: Sequence[Key]) -> list[list[str]]:
    """Lay keys out as columns."""
    return [[key.pool for key in keys], [key.location for key in keys], [key.sku for key in keys]]


def _arguments(book: Book, rows: Mapping[Key, Row]) -> list[Any]:
    spots = [(*key, bin_, serial, units) for (key, bin_, serial), units in sorted(book.moved_spots.items())]
    sales = [(*key, *seller, units) for (key, seller), units in sorted(book.moved_sales.items())]
    return [
        *_balance_columns(book.read(), book.written(), rows),
        *_columns(spots, 6),
        *_columns(sales, 7),
    ]


def entry_columns(entries: Sequence[Entry], effects: Sequence[tuple[int, ...]]) -> list[list[Any]]:
    """Lay entries out as columns, with what each of them changed."""
    return [
        [e.at for e in entries],
        [e.cause for e in entries],
        *columns_of([e.key for e in entries]),
        [e.kind.value for e in entries],
        [e.units for e in entries],
        *(_given([effect[n] for effect in effects]) for n in range(5)),
        _given([e.condition if e.condition != "sellable" else None for e in entries]),
        _given([e.bin or None for e in entries]),
        _given([e.serial or None for e in entries]),
        _given([e.account or None for e in entries]),
        _given([e.place or None for e in entries]),
        _given([e.merchant_sku or None for e in entries]),
        _given([e.shipment or None for e in entries]),
        _given([e.reason or None for e in entries]),
        _given([e.by or None for e in entries]),
    ]


def _balance_columns(
    before: Mapping[Key, Balance], balances: Mapping[Key, Balance], rows: Mapping[Key, Row]
) -> list[list[Any]]:
    ordered = sorted(((rows[key], key) for key in balances), key=itemgetter(0))
    pairs = [(before[key], balances[key]) for _, key in ordered]
    return [
        [row.id for row, _ in ordered],
        [row.version for row, _ in ordered],
        *([getattr(new, name) for _, new in pairs] if _differs(pairs, name) else [] for name in _FIELDS),
    ]


def _differs(pairs: Sequence[tuple[Balance, Balance]], name: str) -> bool:
    return any(getattr(old, name) != getattr(new, name) for old, new in pairs)


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def _given(column: list[Any]) -> list[Any]:
    """A column that no row has a value for does not travel: the statement fills it up."""
    return column if any(column) else []
