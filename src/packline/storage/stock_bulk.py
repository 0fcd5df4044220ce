"""Supply in bulk: thousands of entries that sellers tell at once, reckoned by the database in a few statements.

Only what comes after everything that is known of its balance goes this way, so that no history has to be looked up and
an entry's effect is its difference. Anything else is for the open book (`storage.stock`), which knows every case; both
write the same rows.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import asyncpg

from packline.domain.inventory.book import Fate
from packline.domain.inventory.ledger import SELLABLE, SUPPLY, Balance, Entry, Key, Kind, Movement
from packline.storage.stock_offers import refresh
from packline.storage.stock_write import MANY, add_balances, copy_entries, keep_causes
from packline.storage.wake import ring

_ADD_UP = """
update stock_balance b set version = b.version + 1, on_hand = b.on_hand + k.units, last_at = k.last_at,
    opened_at = coalesce(b.opened_at, k.first_at, k.last_at)
from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::int[], $6::timestamptz[], $7::timestamptz[])
    with ordinality as k(pool, location, sku, units, lowest, first_at, last_at, n)
where b.pool = k.pool and b.location = k.location and b.sku = k.sku
    and (b.last_at is null or coalesce(k.first_at, k.last_at) > b.last_at) and b.on_hand + coalesce(k.lowest, 0) >= 0
returning k.n, b.on_hand - k.units, b.reserved, b.picked,
    b.counted_at is not null or b.opened_at < coalesce(k.first_at, k.last_at)
"""
_COUNT = """
update stock_balance b set version = b.version + 1, on_hand = k.units, last_at = k.last_at, counted_at = k.last_at
from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::timestamptz[])
    with ordinality as k(pool, location, sku, units, last_at, n) join stock_balance o using (pool, location, sku)
where b.id = o.id and b.version = o.version and (b.last_at is null or k.last_at > b.last_at)
returning k.n, o.on_hand, b.reserved, b.picked, o.counted_at is not null or o.opened_at is not null
"""
_SOLD = "select exists (select 1 from stock_offer where pool = any($1::text[]))"
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
    """A batch by key: either all of it are counts, one for each key, or none is."""

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
    return Batch(sums, is_count)


async def lay_batch(
    connection: asyncpg.Connection,
    movements: Sequence[Movement],
    causes: Sequence[bytes],
    batch: Batch,
    now: datetime,
) -> list[Fate]:
    """Lay a gathered batch inside the caller's savepoint; fates in its order.

    Raises NotPlain where a balance knows of something later or has not enough, asyncpg.UniqueViolationError where a
    cause is known.
    """
    await keep_causes(connection, sorted(causes))
    keys = list(batch.sums)
    rows = await _balances(connection, batch)
    on_hand = {keys[row[0] - 1]: row[1] for row in rows}
    entries = [movement.entries[0] for movement in movements]
    fates = _fates(entries, on_hand, is_count=batch.is_count)
    await copy_entries(connection, entries, [(fate.after - fate.before, 0, 0, 0, 0) for fate in fates], now)
    is_sold = await connection.fetchval(_SOLD, sorted({key.pool for key in keys}))
    changed = {keys[row[0] - 1]: _pair(row, on_hand[keys[row[0] - 1]]) for row in rows if is_sold or not row[4]}
    await ring(connection, await refresh(connection, changed, now))
    return fates


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


def _statement(batch: Batch) -> tuple[str, list[Sequence[Any]]]:
    keys: list[Sequence[Any]] = [*zip(*batch.sums, strict=True)]
    units, lowest, first_at, last_at = zip(*batch.sums.values(), strict=True)
    if batch.is_count:
        return _COUNT, [*keys, units, last_at]
    return _ADD_UP, [*keys, units, lowest if any(lowest) else [], first_at, last_at]


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
