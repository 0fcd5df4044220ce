"""Supply in bulk: thousands of entries that sellers tell at once, reckoned by the database in a few statements.

Only what comes after everything that is known of its balance goes this way, so that no history has to be looked up and
an entry's effect is its difference. Anything else is for the open book (`storage.stock`), which knows every case; both
write the same rows.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import repeat
from operator import itemgetter
from typing import Any, NamedTuple

import asyncpg

from packline.domain.inventory.book import Fate
from packline.domain.inventory.ledger import SELLABLE, SUPPLY, Balance, Entry, Key, Kind, Movement
from packline.storage.columns import given, numbers, split, texts
from packline.storage.meanwhile import meanwhile
from packline.storage.stock_causes import causes_of
from packline.storage.stock_offers import refresh
from packline.storage.stock_write import MANY, add_balances, keep_causes
from packline.storage.wake import ring

_OF = "b.pool = ($1::text[])[k.place] and b.location = ($2::text[])[k.place] and b.sku = k.sku"
_KEYS = f"{split(3, 'int')}, {split(4)}, {split(5, 'int')}"
_ADD_UP = f"""
update stock_balance b set version = b.version + 1, on_hand = b.on_hand + k.units, last_at = k.last_at,
    opened_at = coalesce(b.opened_at, k.first_at, k.last_at)
from unnest({_KEYS}, $6::timestamptz[], $7::timestamptz[], $8::int[])
    with ordinality as k(place, sku, units, last_at, first_at, lowest, n)
where {_OF} and (b.last_at is null or coalesce(k.first_at, k.last_at) > b.last_at)
    and b.on_hand + coalesce(k.lowest, 0) >= 0
returning k.n, b.on_hand - k.units, b.reserved, b.picked,
    b.counted_at is not null or b.opened_at < coalesce(k.first_at, k.last_at)
"""
_COUNT = f"""
update stock_balance b set version = b.version + 1, on_hand = k.units, last_at = k.last_at, counted_at = k.last_at
from unnest({_KEYS}, $6::timestamptz[]) with ordinality as k(place, sku, units, last_at, n)
    join stock_balance o on {_OF.replace("b.", "o.")}
where b.id = o.id and b.version = o.version and (b.last_at is null or k.last_at > b.last_at)
returning k.n, o.on_hand, b.reserved, b.picked, o.counted_at is not null or o.opened_at is not null
"""
_SOLD = "select exists (select 1 from stock_offer where pool = any($1::text[]))"
_SKU = itemgetter(2)
_EVER = datetime.min.replace(tzinfo=UTC)  # whether it was ever counted is what matters to an offer, not when


class NotPlain(Exception):
    """Something in it is a case for the open book; the caller must roll back."""


class Sum(NamedTuple):
    """What a batch tells of one key: units, the least of them on the way there, and when (first: None as the last)."""

    units: int
    lowest: int
    first_at: datetime | None
    last_at: datetime


class Batch(NamedTuple):
    """A batch by key, in the order of SKUs: either all of it are counts, one for each key, or none is."""

    sums: dict[Key, Sum]
    is_count: bool


def gathered(movements: Sequence[Movement]) -> Batch | None:
    """Sum up a batch by key; None where it is small, or anything in it is not plain supply."""
    if len(movements) < MANY:
        return None
    is_count = movements[0].entries[0].kind is Kind.COUNTED
    sums: dict[Key, Sum] = {}
    for movement in movements:
        entry = movement.entries[0]
        if len(movement.entries) > 1 or not _is_plain(entry) or (entry.kind is Kind.COUNTED) is not is_count:
            return None
        known = sums.get(entry.key)
        if known is None:
            lowest = 0 if movement.is_fact or is_count or entry.units >= 0 else entry.units
            sums[entry.key] = Sum(entry.units, lowest, None, entry.at)
        elif is_count:
            return None
        else:
            sums[entry.key] = _added(known, entry, movement.is_fact)
    return Batch({key: sums[key] for key in sorted(sums, key=_SKU)}, is_count)


async def lay_batch(
    connection: asyncpg.Connection,
    movements: Sequence[Movement],
    batch: Batch,
    now: datetime,
) -> list[Fate]:
    """Lay a gathered batch inside the caller's savepoint; fates in its order.

    Raises NotPlain where a balance knows of something later or has not enough, asyncpg.UniqueViolationError where a
    cause is known.
    """
    keys = list(batch.sums)
    entries = [movement.entries[0] for movement in movements]
    skus = [entry.key.sku for entry in entries]
    order = sorted(range(len(entries)), key=skus.__getitem__)  # an index is written to faster in its own order
    rows, (causes, told) = await meanwhile(
        _balances(connection, batch), lambda: (sorted(causes_of(movements)), _told([entries[n] for n in order]))
    )
    on_hand = {keys[row[0] - 1]: row[1] for row in rows}
    _, fates = await meanwhile(
        keep_causes(connection, causes), lambda: _fates(entries, on_hand, is_count=batch.is_count)
    )
    await _copy(connection, told, [fates[n].after - fates[n].before for n in order], now)
    is_sold = await connection.fetchval(_SOLD, sorted({key.pool for key in keys}))
    changed = {keys[row[0] - 1]: _pair(row, on_hand[keys[row[0] - 1]]) for row in rows if is_sold or not row[4]}
    await ring(connection, await refresh(connection, changed, now))
    return fates


def _told(entries: Sequence[Entry]) -> dict[str, Sequence[Any]]:
    """Lay out what entries say, as far as any of them says it."""
    pools, locations, skus = zip(*[entry.key for entry in entries], strict=True)
    always: dict[str, Sequence[Any]] = {
        "at": [entry.at for entry in entries],
        "cause": [entry.cause for entry in entries],
        "pool": pools,
        "location": locations,
        "sku": skus,
        "kind": [entry.kind.value for entry in entries],
        "units": [entry.units for entry in entries],
    }
    where_said = {
        "account_id": [entry.account or None for entry in entries],
        "place": [entry.place or None for entry in entries],
        "merchant_sku": [entry.merchant_sku or None for entry in entries],
        "shipment_id": [entry.shipment or None for entry in entries],
        "reason": [entry.reason or None for entry in entries],
        "by_whom": [entry.by or None for entry in entries],
    }
    return always | {name: column for name, column in where_said.items() if any(column)}


async def _copy(
    connection: asyncpg.Connection, told: dict[str, Sequence[Any]], on_hand: Sequence[int], now: datetime
) -> None:
    await connection.copy_records_to_table(
        "stock_entry",
        records=zip(repeat(now), on_hand, *told.values(), strict=False),
        columns=["recorded_at", "on_hand", *told],
    )


def _fates(entries: Sequence[Entry], on_hand: dict[Key, int], *, is_count: bool) -> list[Fate]:
    """Go through a batch from what was `on_hand`, which is what is on hand after it when it ends."""
    fates = []
    for entry in entries:
        key = entry.key
        before = on_hand[key]
        after = on_hand[key] = entry.units if is_count else before + entry.units
        fates.append(Fate("applied", key, before, after))
    return fates


async def _balances(connection: asyncpg.Connection, batch: Batch) -> Sequence[Any]:
    statement, columns = _statement(batch)
    rows: list[Any] = await connection.fetch(statement, *columns)
    if len(rows) < len(batch.sums) and await add_balances(connection, list(batch.sums)):
        rows += await connection.fetch(statement, *columns)  # what is laid is not laid again: it has this time now
    if len(rows) < len(batch.sums):
        raise NotPlain
    return rows


def _statement(batch: Batch) -> tuple[str, list[Any]]:
    places: dict[tuple[str, str], int] = {}
    at = [places.setdefault((pool, location), len(places) + 1) for pool, location, _ in batch.sums]
    units, lowest, first_at, last_at = zip(*batch.sums.values(), strict=True)
    try:
        keys = [numbers(at), texts([sku for _, _, sku in batch.sums]), numbers(units)]
    except ValueError:
        raise NotPlain from None
    told = [[pool for pool, _ in places], [location for _, location in places], *keys, last_at]
    if batch.is_count:
        return _COUNT, told
    return _ADD_UP, [*told, given(list(first_at)), given(list(lowest))]


def _is_plain(entry: Entry) -> bool:
    return entry.kind in SUPPLY and entry.condition == SELLABLE and not entry.bin and not entry.serial


def _added(known: Sum, entry: Entry, is_fact: bool) -> Sum:
    units = known.units + entry.units
    lowest = known.lowest if is_fact else min(known.lowest, units)
    return Sum(units, lowest, min(known.first_at or known.last_at, entry.at), max(known.last_at, entry.at))


def _pair(row: Any, after: int) -> tuple[Balance, Balance]:
    """Give the balance before and after, as far as offers are reckoned from it."""
    _, before, reserved, picked, was_kept = row
    return (
        Balance(before, reserved, picked, counted_at=_EVER if was_kept else None),
        Balance(after, reserved, picked, counted_at=_EVER),
    )
