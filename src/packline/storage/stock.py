"""The ledger of stock in PostgreSQL: entries and balances in one statement, each cause once."""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from packline.domain.inventory.book import Book, Fate
from packline.domain.inventory.ledger import Balance, Entry, Key, Kind, Movement, Span
from packline.domain.inventory.rules import Place, Rulebook, Terms
from packline.storage.stock_offers import refresh
from packline.storage.stock_rules import rules_for
from packline.storage.wake import ring

DEADLOCKS_AT_MOST = 5

BALANCE = "on_hand, reserved, picked, labelled, unsellable, counted_at, last_at, unscanned_at, opened_at"
_LOCK = f"""
select b.pool, b.location, b.sku, {BALANCE} from stock_balance b
join unnest($1::text[], $2::text[], $3::text[]) as k(pool, location, sku) using (pool, location, sku)
order by b.pool, b.location, b.sku for update of b
"""
_ADD = """
insert into stock_balance (pool, location, sku)
select * from unnest($1::text[], $2::text[], $3::text[]) as k(pool, location, sku) order by pool, location, sku
on conflict do nothing
"""
_CAUSES = """
insert into stock_cause (cause) select c from unnest($1::bytea[]) as c order by c on conflict do nothing returning cause
"""
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
        opened_at = n.opened_at
    from unnest($23::text[], $24::text[], $25::text[], $26::int[], $27::int[], $28::int[], $29::int[], $30::int[],
        $31::timestamptz[], $32::timestamptz[], $33::timestamptz[], $34::timestamptz[])
        as n(pool, location, sku, on_hand, reserved, picked,
        labelled, unsellable, counted_at, last_at, unscanned_at, opened_at)
    where b.pool = n.pool and b.location = n.location and b.sku = n.sku
), spots as (
    insert into stock_spot as s (pool, location, sku, bin, serial, units)
    select * from unnest($35::text[], $36::text[], $37::text[], $38::text[], $39::text[], $40::int[])
    on conflict (pool, location, sku, bin, serial) do update set units = s.units + excluded.units
)
insert into stock_reserved as r (pool, location, sku, account_id, place, merchant_sku, units)
select * from unnest($41::text[], $42::text[], $43::text[], $44::text[], $45::text[], $46::text[], $47::int[])
on conflict (pool, location, sku, account_id, place, merchant_sku) do update set units = r.units + excluded.units
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
            except asyncpg.DeadlockDetectedError:
                await asyncio.sleep(0)  # the other one went first; its rows are free now
        async with self._pool.acquire() as connection, connection.transaction():
            return await lay(connection, movements, now)

    async def terms(self, places: Sequence[Place]) -> list[Terms]:
        """Resolve the rules of places."""
        async with self._pool.acquire() as connection:
            rulebook = Rulebook(await rules_for(connection, list({place.sku for place in places})))
        return [rulebook.terms(place) for place in places]


async def lay(connection: asyncpg.Connection, movements: Sequence[Movement], now: datetime) -> list[Fate]:
    """Lay movements inside the caller's transaction: balances are locked in the order of their keys, causes noted,
    entries and balances written by one statement, and offers reckoned anew.
    """
    if not movements:
        return []
    keys = sorted({entry.key for movement in movements for entry in movement.entries})
    book = Book(await locked(connection, keys))
    causes = [cause_of(movement.cause) for movement in movements]
    fresh = {row["cause"] for row in await connection.fetch(_CAUSES, list(dict.fromkeys(causes)))}
    chosen = [_claim(cause, fresh) for cause in causes]
    new = [movement for movement, is_new in zip(movements, chosen, strict=True) if is_new]
    await _look_up_spots(connection, book, new)
    await _look_up(connection, book, [span for movement in new for span in book.spans(movement)])
    fates = []
    for movement, is_new in zip(movements, chosen, strict=True):
        if is_new and (missing := book.spans(movement)):  # what came before it in this batch changed what it needs
            await _look_up(connection, book, missing)
        fates.append(book.take(movement) if is_new else book.known(movement))
    refused = [cause for cause, fate in zip(causes, fates, strict=True) if fate.outcome == "refused"]
    if refused:  # it may be told again when there is enough
        await connection.execute("delete from stock_cause where cause = any($1::bytea[])", refused)
    if book.entries:
        await connection.execute(_WRITE, now, *_arguments(book))
        await ring(connection, await refresh(connection, book.changed(), now))
    return fates


async def locked(connection: asyncpg.Connection, keys: Sequence[Key]) -> dict[Key, Balance]:
    """Lock balances until the transaction ends, making those that are not there; `keys` must be sorted."""
    columns = columns_of(keys)
    found = {key_of(row): balance_of(row) for row in await connection.fetch(_LOCK, *columns)}
    if len(found) < len(keys):
        await connection.execute(_ADD, *columns)
        found = {key_of(row): balance_of(row) for row in await connection.fetch(_LOCK, *columns)}
    return found


def cause_of(cause: str) -> bytes:
    """Shorten a cause to the 16 bytes under which it is known."""
    return hashlib.blake2b(cause.encode(), digest_size=16).digest()


def columns_of(keys: Sequence[Key]) -> list[list[str]]:
    """Lay keys out as columns."""
    return [[key.pool for key in keys], [key.location for key in keys], [key.sku for key in keys]]


def balance_of(row: Any) -> Balance:
    """Make the balance of a row."""
    return Balance(
        row["on_hand"],
        row["reserved"],
        row["picked"],
        row["labelled"],
        row["unsellable"],
        row["counted_at"],
        row["last_at"],
        row["unscanned_at"],
        row["opened_at"],
    )


def key_of(row: Any) -> Key:
    """Make the key of a row."""
    return Key(row["pool"], row["location"], row["sku"])


def _claim(cause: bytes, fresh: set[bytes]) -> bool:
    if cause not in fresh:
        return False
    fresh.discard(cause)  # told twice in one batch: the first counts
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


def _arguments(book: Book) -> list[Any]:
    spots = [(*key, bin_, serial, units) for (key, bin_, serial), units in sorted(book.moved_spots.items())]
    sales = [(*key, *seller, units) for (key, seller), units in sorted(book.moved_sales.items())]
    return [
        *entry_columns([entry for entry, _ in book.entries], [effect for _, effect in book.entries]),
        *_balance_columns(book.written()),
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
        [e.condition if e.condition != "sellable" else None for e in entries],
        [e.bin or None for e in entries],
        [e.serial or None for e in entries],
        [e.account or None for e in entries],
        [e.place or None for e in entries],
        [e.merchant_sku or None for e in entries],
        [e.shipment or None for e in entries],
        [e.reason or None for e in entries],
        [e.by or None for e in entries],
    ]


def _balance_columns(balances: dict[Key, Balance]) -> list[list[Any]]:
    kept = list(balances.values())
    return [
        *columns_of(list(balances)),
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
