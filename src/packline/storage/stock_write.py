"""One statement for entries, balances, bins, reservations and causes: nothing of them is written without the others."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

import asyncpg

from packline.domain.inventory.book import Book
from packline.domain.inventory.ledger import Balance, Entry, Key

_WRITE = """
with entries as (
    insert into stock_entry (recorded_at, at, cause, pool, location, sku, kind, units, on_hand, reserved, picked,
        labelled, unsellable, condition, bin, serial, account_id, place, merchant_sku, shipment_id, reason, by_whom)
    select $1, * from unnest($2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[],
        $9::int[], $10::int[], $11::int[], $12::int[], $13::int[], $14::text[], $15::text[], $16::text[], $17::text[],
        $18::text[], $19::text[], $20::text[], $21::text[], $22::text[])
), balances as (
    update stock_balance b set on_hand = n.on_hand, reserved = n.reserved, picked = n.picked, labelled = n.labelled,
        unsellable = n.unsellable, counted_at = n.counted_at, last_at = n.last_at, unscanned_at = n.unscanned_at,
        opened_at = n.opened_at, version = b.version + 1
    from unnest($23::bigint[], $24::int[], $25::int[], $26::int[], $27::int[], $28::int[], $29::int[],
        $30::timestamptz[], $31::timestamptz[], $32::timestamptz[], $33::timestamptz[])
        as n(id, version, on_hand, reserved, picked, labelled, unsellable, counted_at, last_at, unscanned_at, opened_at)
    where b.id = any($23) and b.id = n.id and b.version = n.version
    returning 1
), spots as (
    insert into stock_spot as s (pool, location, sku, bin, serial, units)
    select * from unnest($34::text[], $35::text[], $36::text[], $37::text[], $38::text[], $39::int[])
    on conflict (pool, location, sku, bin, serial) do update set units = s.units + excluded.units
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
# `any($23)` says the same twice, so that even a plan made for an empty table looks only at these rows.


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
    changed = await connection.fetchval(_WRITE, now, *_arguments(book, rows), list(causes))
    return bool(changed == len(book.written()))


def columns_of(keys: Sequence[Key]) -> list[list[str]]:
    """Lay keys out as columns."""
    return [[key.pool for key in keys], [key.location for key in keys], [key.sku for key in keys]]


def _arguments(book: Book, rows: Mapping[Key, Row]) -> list[Any]:
    spots = [(*key, bin_, serial, units) for (key, bin_, serial), units in sorted(book.moved_spots.items())]
    sales = [(*key, *seller, units) for (key, seller), units in sorted(book.moved_sales.items())]
    return [
        *entry_columns([entry for entry, _ in book.entries], [effect for _, effect in book.entries]),
        *_balance_columns(book.written(), rows),
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
        *([effect[n] for effect in effects] for n in range(5)),
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


def _balance_columns(balances: Mapping[Key, Balance], rows: Mapping[Key, Row]) -> list[list[Any]]:
    ordered = sorted(((rows[key], balance) for key, balance in balances.items()), key=itemgetter(0))
    kept = [balance for _, balance in ordered]
    return [
        [row.id for row, _ in ordered],
        [row.version for row, _ in ordered],
        [b.on_hand for b in kept],
        [b.reserved for b in kept],
        [b.picked for b in kept],
        [b.labelled for b in kept],
        [b.unsellable for b in kept],
        [b.counted_at for b in kept],
        [b.last_at for b in kept],
        [b.unscanned_at for b in kept],
        [b.opened_at for b in kept],
    ]


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def _given(column: list[Any]) -> list[Any]:
    """A column that no row has a value for does not travel: the statement fills it up with nulls."""
    return column if any(value is not None for value in column) else []
