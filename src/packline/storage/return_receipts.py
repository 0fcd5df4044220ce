"""The dock's side of returns: receptions, their entries in the ledger, photos; all of one reception or nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import asyncpg

from packline.domain.inventory.book import Fate
from packline.domain.inventory.ledger import Entry, Key, Kind, Movement
from packline.domain.inventory.rules import Place, Rulebook
from packline.domain.returns import NOT_STOCK
from packline.domain.values import File
from packline.ports.returns import Expected, Received, Reception, Restocked
from packline.storage.codec import encode_json
from packline.storage.returns import EVENTS, decode_return, event_columns, summary
from packline.storage.stock import DEADLOCKS_AT_MOST, lay
from packline.storage.stock_rules import rules_for

_LOCK = """
select id, account_id, location_id, shipment_id, sku, units, received_units, restocked_units, state from return_item
where id = $1 for update
"""
_PIECES = """
insert into return_receipt (id, line, return_id, units, condition, bin, serials, note, by_whom, received_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
_OPEN = """
select id, line, units, condition, bin, serials from return_receipt
where return_id = $1 and restocked_at is null and not condition = any($2::text[]) order by received_at, id, line
"""
_TAKEN = """
update return_receipt r set restocked_at = $1 from unnest($2::text[], $3::int[]) as t(id, line)
where r.id = t.id and r.line = t.line
"""
_COUNTS = """
update return_item set received_units = received_units + $2, restocked_units = restocked_units + $3, updated_at = $4
where id = $1
"""
Result = TypeVar("Result")


class ReturnDock:
    """What came in at the dock (implements `ports.returns.Dock`)."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def expected(self, item: str) -> Expected | None:
        """Read how many units a return has; None where there is no such return."""
        row = await self._pool.fetchrow("select units, received_units from return_item where id = $1", item)
        return Expected(*row) if row else None

    async def receive(self, reception: Reception) -> Received | Expected:
        """Write a reception, with its events and, where wanted, its entries in the ledger, in one transaction."""

        async def work(connection: asyncpg.Connection) -> Received | Expected:
            row = await connection.fetchrow(_LOCK, reception.item)
            units = sum(piece.units for piece in reception.pieces)
            if await connection.fetchval("select exists (select 1 from return_receipt where id = $1)", reception.id):
                return _answer("known", reception.id, row, 0)
            if units > row["units"] - row["received_units"]:
                return Expected(row["units"], row["received_units"])
            await connection.executemany(_PIECES, _rows(reception))
            await _tell(connection, row, "return.received", _received(reception), (units, 0), reception.at)
            taken: tuple[Restocked, ...] = ()
            if reception.restock:
                row = await connection.fetchrow(_LOCK, reception.item)
                taken = await _restock(connection, row, reception.by, reception.at)
            return _answer(
                "restocked" if taken else "received", reception.id, row, 0 if reception.restock else units, taken
            )

        return await self._again(work)

    async def restock(self, item: str, by: str, now: datetime) -> Received:
        """Let the ledger take what was received and is not in it yet, in one transaction."""

        async def work(connection: asyncpg.Connection) -> Received:
            row = await connection.fetchrow(_LOCK, item)
            taken = await _restock(connection, row, by, now)
            return _answer("restocked" if taken else "known", "", row, 0, taken)

        return await self._again(work)

    async def keep_photo(self, item: str, file: File, name: str, by: str, now: datetime) -> bool:
        """Keep a photo; False where it is there already."""
        document = file.document
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "insert into document (sha256, media_type, size, content, created_at) values ($1, $2, $3, $4, $5)"
                " on conflict (sha256) do nothing",
                document.sha256,
                document.media_type,
                document.size,
                file.content,
                now,
            )
            done: str = await connection.execute(
                "insert into return_photo (return_id, sha256, name, by_whom, created_at) values ($1, $2, $3, $4, $5)"
                " on conflict do nothing",
                item,
                document.sha256,
                name,
                by,
                now,
            )
        return done != "INSERT 0 0"

    async def _again(self, work: Callable[[asyncpg.Connection], Awaitable[Result]]) -> Result:
        for _ in range(DEADLOCKS_AT_MOST):
            try:
                async with self._pool.acquire() as connection, connection.transaction():
                    return await work(connection)
            except (asyncpg.DeadlockDetectedError, asyncpg.UniqueViolationError):
                await asyncio.sleep(0)  # the other one went first; its rows are free now, and its causes are known
        async with self._pool.acquire() as connection, connection.transaction():
            return await work(connection)


async def _restock(connection: asyncpg.Connection, row: Any, by: str, now: datetime) -> tuple[Restocked, ...]:
    """Lay what was received and is stock; what is no unit of this SKU never gets into the ledger."""
    pieces = await connection.fetch(_OPEN, row["id"], list(NOT_STOCK))
    if not pieces:
        return ()
    place = Place(row["account_id"], row["location_id"], row["sku"])
    terms = Rulebook(await rules_for(connection, [row["sku"]])).terms(place)
    key = Key(terms.pool, terms.at, terms.item)
    fates = await lay(connection, [_movement(row, key, piece, by, now) for piece in pieces], now)
    await connection.execute(_TAKEN, now, [piece["id"] for piece in pieces], [piece["line"] for piece in pieces])
    taken = _summed(pieces, fates)
    told = {"type": "return_restocked", "by": by, "key": key._asdict(), "pieces": taken}
    await _tell(connection, row, "return.restocked", told, (0, sum(piece["units"] for piece in pieces)), now)
    return taken


def _movement(row: Any, key: Key, piece: Any, by: str, now: datetime) -> Movement:
    cause = f"return {row['id']} receipt {piece['id']} line {piece['line']}"
    spread = [(1, serial) for serial in piece["serials"]] or [(piece["units"], "")]
    entries = [
        Entry(
            cause=cause,
            key=key,
            kind=Kind.RETURNED,
            units=units,
            at=now,
            condition=piece["condition"],
            bin=piece["bin"],
            serial=serial,
            account=row["account_id"],
            place=row["location_id"],
            merchant_sku=row["sku"],
            shipment=row["shipment_id"] or "",
            reason=f"return {row['id']}",
            by=by,
        )
        for units, serial in spread
    ]
    return Movement(cause, tuple(entries))


def _summed(pieces: Sequence[Any], fates: Sequence[Fate]) -> tuple[Restocked, ...]:
    pairs = zip(pieces, fates, strict=True)
    return tuple(Restocked(piece["condition"], piece["units"], fate.before, fate.after) for piece, fate in pairs)


async def _tell(
    connection: asyncpg.Connection, row: Any, name: str, told: dict[str, Any], counts: tuple[int, int], now: datetime
) -> None:
    await connection.execute(_COUNTS, row["id"], *counts, now)
    received, restocked = row["received_units"] + counts[0], row["restocked_units"] + counts[1]
    about = summary(row["id"], decode_return(row["state"]), row["shipment_id"], received, restocked)
    data = encode_json({"event": told, "return": about})
    event = (row["account_id"], row["shipment_id"], row["location_id"] or None, name, "command", data)
    await connection.execute(EVENTS, now, *event_columns([event]))


def _rows(reception: Reception) -> list[tuple[Any, ...]]:
    beside = (reception.note, reception.by, reception.at)
    return [
        (reception.id, line, reception.item, one.units, one.condition, one.bin, list(one.serials), *beside)
        for line, one in enumerate(reception.pieces, 1)
    ]


def _received(reception: Reception) -> dict[str, Any]:
    pieces = [{"units": piece.units, "condition": piece.condition} for piece in reception.pieces]
    return {"type": "return_received", "receipt": reception.id, "by": reception.by, "pieces": pieces}


def _answer(outcome: str, receipt: str, row: Any, more: int, taken: tuple[Restocked, ...] = ()) -> Received:
    received = row["received_units"] + more
    return Received(outcome, receipt, received, row["units"] - received, taken)
