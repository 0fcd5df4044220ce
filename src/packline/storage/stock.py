"""The ledger of stock in PostgreSQL: entries and balances in one statement, each cause once."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from packline.domain.inventory.book import Book, Fate
from packline.domain.inventory.ledger import Balance, Key, Kind, Movement, Span
from packline.domain.inventory.rules import Place, Rulebook, Terms
from packline.storage.stock_bulk import NotPlain, gathered, lay_batch
from packline.storage.stock_causes import causes_of
from packline.storage.stock_offers import refresh
from packline.storage.stock_rules import rules_for
from packline.storage.stock_write import Row, add_balances, columns_of, write
from packline.storage.wake import ring

DEADLOCKS_AT_MOST = 5
FEW_PLACES = 8

BALANCE = "on_hand, reserved, picked, labelled, unsellable, counted_at, last_at, unscanned_at, opened_at"
_READ = f"""
select b.id, b.version, b.pool, b.location, b.sku, {BALANCE} from stock_balance b
join unnest($1::text[], $2::text[], $3::text[]) as k(pool, location, sku) using (pool, location, sku)
"""
_READ_PLACE = f"""
select b.id, b.version, b.pool, b.location, b.sku, {BALANCE} from stock_balance b
where b.pool = $1 and b.location = $2 and b.sku = any($3::text[])
"""
_LOCK = f"{_READ} order by b.pool, b.location, b.sku for update of b"
_SUMS = """
select k.n, coalesce(sum(case e.kind
    when 'labelled' then -e.units when 'smarthub' then -e.units when 'unlabelled' then e.units
    when 'restocked' then e.units when 'received' then e.units when 'returned' then e.units
    when 'adjusted' then e.units when 'moved' then e.units else 0 end), 0)::int as units
from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::bool[])
    as k(n, pool, location, sku, since, until, is_all)
left join stock_entry e on e.pool = k.pool and e.location = k.location and e.sku = k.sku and e.at >= k.since
    and (k.until is null or e.at < k.until) and e.condition is null and e.kind <> 'counted'
    and (k.is_all or e.kind not in ('received', 'returned', 'adjusted', 'moved'))
group by k.n
"""
_SPOTS = """
select s.pool, s.location, s.sku, bin, serial, units from stock_spot s
join unnest($1::text[], $2::text[], $3::text[]) as k(pool, location, sku) using (pool, location, sku)
"""


class Stock:
    """The ledger: what is told is laid once, and what Amazon should know follows in the same transaction."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def lay(self, movements: Sequence[Movement], now: datetime) -> list[Fate]:
        """Lay movements in one transaction (a few thousand at a time); fates in their order.

        A movement whose cause is known changes nothing (`known`); one that asks for more than there is is `refused`
        with its reason; one that a later count covers already is `covered`.
        """
        for _ in range(DEADLOCKS_AT_MOST):
            try:
                async with self._pool.acquire() as connection, connection.transaction():
                    return await lay(connection, movements, now)
            except (asyncpg.DeadlockDetectedError, asyncpg.UniqueViolationError):
                await asyncio.sleep(0)  # the other one went first; its rows are free now, and its causes are known
        async with self._pool.acquire() as connection, connection.transaction():
            return await lay(connection, movements, now)

    async def terms(self, places: Sequence[Place]) -> list[Terms]:
        """Resolve the rules of places."""
        async with self._pool.acquire() as connection:
            rulebook = Rulebook(await rules_for(connection, list({place.sku for place in places})))
        return [rulebook.terms(place) for place in places]


class Moved(Exception):
    """A balance was changed between its reading and its writing."""


async def lay(connection: asyncpg.Connection, movements: Sequence[Movement], now: datetime) -> list[Fate]:
    """Lay movements inside the caller's transaction: entries, balances, then offers.

    Almost always no cause is known and nobody else writes the same balances, so nothing is locked before it is written;
    only where that was not so, it is done again with care.
    """
    if not movements:
        return []
    batch = gathered(movements)
    if batch is not None:
        try:
            async with connection.transaction():
                return await lay_batch(connection, movements, batch, now)
        except asyncpg.UniqueViolationError:
            return await _lay(connection, movements, now, is_careful=True)
        except NotPlain:
            pass
    try:
        async with connection.transaction():
            return await _lay(connection, movements, now, is_careful=False)
    except (asyncpg.UniqueViolationError, Moved):
        return await _lay(connection, movements, now, is_careful=True)


async def _lay(
    connection: asyncpg.Connection,
    movements: Sequence[Movement],
    now: datetime,
    *,
    is_careful: bool,
) -> list[Fate]:
    causes = causes_of(movements)
    keys = sorted({entry.key for movement in movements for entry in movement.entries})
    balances, rows = await (_read(connection, keys, _LOCK) if is_careful else _look(connection, keys))
    book = Book(balances)
    known = await _known(connection, causes) if is_careful else set()
    chosen = [_claim(cause, known) for cause in causes]
    new = [movement for movement, is_new in zip(movements, chosen, strict=True) if is_new]
    await _look_up_spots(connection, book, new)
    await _look_up(connection, book, [span for movement in new for span in book.spans(movement)])
    fates = []
    for movement, is_new in zip(movements, chosen, strict=True):
        if is_new and (missing := book.spans(movement)):  # what came before it in this batch changed what it needs
            await _look_up(connection, book, missing)
        fates.append(book.take(movement) if is_new else book.known(movement))
    laid = [cause for cause, fate in zip(causes, fates, strict=True) if fate.outcome in ("applied", "covered")]
    if book.entries:
        if not await write(connection, book, rows, sorted(laid), now):
            raise Moved
        await ring(connection, await refresh(connection, book.changed(), now))
    return fates


async def locked(connection: asyncpg.Connection, keys: Sequence[Key]) -> dict[Key, Balance]:
    """Lock balances until the transaction ends, making those that are not there; `keys` must be sorted."""
    balances, _ = await _read(connection, keys, _LOCK)
    return balances


async def _read(
    connection: asyncpg.Connection, keys: Sequence[Key], sql: str
) -> tuple[dict[Key, Balance], dict[Key, Row]]:
    columns = columns_of(keys)
    rows = await connection.fetch(sql, *columns)
    if len(rows) < len(keys):
        await add_balances(connection, keys)
        rows = await connection.fetch(sql, *columns)
    return _keyed(rows)


async def _look(connection: asyncpg.Connection, keys: Sequence[Key]) -> tuple[dict[Key, Balance], dict[Key, Row]]:
    """Read balances without locking them; those of few places are found by place, which is three times as fast."""
    places: dict[tuple[str, str], list[str]] = {}
    for key in keys:
        places.setdefault((key.pool, key.location), []).append(key.sku)
    if len(places) > FEW_PLACES:
        return await _read(connection, keys, _READ)
    rows = [row for place, skus in places.items() for row in await connection.fetch(_READ_PLACE, *place, skus)]
    return _keyed(rows) if len(rows) == len(keys) else await _read(connection, keys, _READ)


def _keyed(rows: Sequence[Any]) -> tuple[dict[Key, Balance], dict[Key, Row]]:
    balances: dict[Key, Balance] = {}
    places: dict[Key, Row] = {}
    for number, version, pool, location, sku, *balance in rows:
        key = Key(pool, location, sku)
        balances[key] = Balance(*balance)
        places[key] = Row(number, version)
    return balances, places


async def _known(connection: asyncpg.Connection, causes: Sequence[bytes]) -> set[bytes]:
    rows = await connection.fetch("select cause from stock_cause where cause = any($1::bytea[])", list(causes))
    return {row["cause"] for row in rows}


def key_of(row: Any) -> Key:
    """Make the key of a row."""
    return Key(row["pool"], row["location"], row["sku"])


def _claim(cause: bytes, known: set[bytes]) -> bool:
    if cause in known:
        return False
    known.add(cause)  # told twice in one batch: the first counts
    return True


async def _look_up_spots(connection: asyncpg.Connection, book: Book, movements: Sequence[Movement]) -> None:
    """Read what lies in bins that are counted by themselves."""
    entries = (entry for movement in movements for entry in movement.entries)
    placed = sorted({e.key for e in entries if e.kind is Kind.COUNTED and (e.bin or e.serial)})
    for row in await connection.fetch(_SPOTS, *columns_of(placed)) if placed else ():
        book.spots[key_of(row), row["bin"], row["serial"]] = row["units"]


async def _look_up(connection: asyncpg.Connection, book: Book, spans: Sequence[Span]) -> None:
    """Read what happened since an entry that is told late."""
    if not spans:
        return
    rows = await connection.fetch(
        _SUMS,
        list(range(len(spans))),
        *columns_of([span.key for span in spans]),
        [span.since for span in spans],
        [span.until for span in spans],
        [span.is_all for span in spans],
    )
    book.sums |= {spans[row["n"]]: row["units"] for row in rows}
