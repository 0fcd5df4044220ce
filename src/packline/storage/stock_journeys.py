"""Shipments move stock: the event feed is laid into the ledger, in order, with its cursor in the same transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import asyncpg
import msgspec
import structlog
from msgspec.structs import replace

from packline.domain.endpoint import FeedEvent
from packline.domain.inventory.journey import Line, News, Stage, Taken, follow, takes_unscanned
from packline.domain.inventory.ledger import Key
from packline.domain.inventory.rules import Place, Rulebook
from packline.domain.panel import Scan
from packline.domain.shipment import Status
from packline.storage.codec import decode_shipment
from packline.storage.database import is_away
from packline.storage.stock import lay
from packline.storage.stock_rules import rules_for
from packline.storage.stock_serials import Serials
from packline.storage.stock_shelves import Shelves
from packline.storage.stock_taken import save, taken_by

START = "0.0"
PAGE = 1000
log = structlog.get_logger(__name__)
FOLLOWED = (
    "shipment.received", "shipment.updated", "shipment.created", "shipment.accepted", "shipment.confirmed",
    "shipment.packed", "shipment.slotted", "shipment.invoiced", "shipment.labeled", "shipment.shipped",
    "shipment.delivered", "shipment.cancelled", "shipment.adopted", "shipment.handed_over",
)  # fmt: skip
"""Events that may move stock; all others are passed over."""
AGAIN = timedelta(seconds=30)
"""When an account whose events could not be laid is tried again."""
_EVENTS = """
select xid::text as xid, seq, at, account_id, shipment_id, location_id, name, cause, data from event
where (xid, seq) > ($1::text::xid8, $2) and xid < feed_horizon() and name = any($3::text[])
    and ($5::text is null or account_id = $5) and not account_id = any($6::text[])
order by event.xid, event.seq limit $4
"""
_NEWEST = """
select xid::text as xid, seq from event where xid < feed_horizon() order by event.xid desc, event.seq desc limit 1
"""
_CURSORS = "select account_id, xid::text as xid, seq, next_at from stock_cursor"
_LOCK = f"{_CURSORS} where account_id = $1 for update skip locked"
_BEGIN = "insert into stock_cursor (account_id, xid, seq) values ($1, '0', 0) on conflict do nothing"
_LAGGING = "select array(select account_id from stock_cursor where account_id <> '' order by account_id)"
_LEVEL = """
delete from stock_cursor a using stock_cursor g where a.account_id = $1 and g.account_id = '' and a.account_id <> ''
    and (a.xid, a.seq) = (g.xid, g.seq)
"""
_ADVANCE = """
insert into stock_cursor (account_id, xid, seq) values ($1, $2::text::xid8, $3)
on conflict (account_id) do update set xid = excluded.xid, seq = excluded.seq, error = '', next_at = null
"""
_LAG = """
insert into stock_cursor (account_id, xid, seq, error, next_at) values ($1, $2::text::xid8, $3, $4, $5)
on conflict (account_id) do update set error = excluded.error, next_at = excluded.next_at
"""


class _Facts(msgspec.Struct, frozen=True, gc=False):
    as_of: datetime
    channel: str = ""
    items: tuple[tuple[str, int], ...] = ()
    scanned: tuple[Scan, ...] = ()


class _Event(msgspec.Struct, frozen=True, gc=False):
    """What the ledger needs of an event: a change tells facts, a reception is flat."""

    type: str = ""
    facts: _Facts | None = None
    as_of: datetime | None = None
    channel: str = ""
    items: tuple[tuple[str, int], ...] = ()
    scanned: tuple[Scan, ...] = ()

    def told(self) -> _Facts | None:
        """Give the facts that it tells."""
        if self.facts is not None or self.as_of is None:
            return self.facts
        return _Facts(self.as_of, self.channel, self.items, self.scanned)


class _Summary(msgspec.Struct, frozen=True, gc=False):
    status: str
    version: int
    location: str = ""


class _Data(msgspec.Struct, frozen=True, gc=False):
    event: _Event
    shipment: _Summary


_read = msgspec.json.Decoder(_Data)


class Followed(NamedTuple):
    """What one look at the feed did: events laid, whether there is more, and accounts that failed, with why."""

    events: int
    has_more: bool
    failed: dict[str, str]


class StockJourneys:
    """The feed as the ledger reads it: one cursor for all, and one for each account that lags behind with an error.

    An account whose events cannot be laid holds nobody up: it keeps its place and is tried again every half minute.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool
        self._is_outrun = False

    async def work(self, now: datetime) -> bool:
        """Do one look at the feed; True where there is more to lay, and no other process that is at it."""
        self._is_outrun = False
        followed = await self.follow(PAGE, now)
        return followed.has_more and not self._is_outrun

    async def follow(self, limit: int, now: datetime) -> Followed:
        """Lay the next events of the feed; entries, what shipments took and the cursor are written together."""
        cursors = {row["account_id"]: row for row in await self._pool.fetch(_CURSORS)}
        before = _cursor_of(cursors.pop("", None))
        events, after, has_more = await self._page(before, limit, None, list(cursors))
        failed: dict[str, str] = {}
        if after != before:
            failed = await self._whole_or_parts(before, events, after, sorted(cursors), now)
        level = [await self._catch_up(account, _cursor_of(row), limit, now) for account, row in cursors.items()
                 if row["next_at"] is None or row["next_at"] <= now]  # fmt: skip
        return Followed(len(events) + sum(count for count, _ in level), has_more, failed)

    async def _whole_or_parts(
        self, before: str, events: Sequence[FeedEvent], after: str, without: list[str], now: datetime
    ) -> dict[str, str]:
        try:
            await self._lay("", before, events, after, now, without)
        except Exception as error:
            if _passes(error):
                raise
            # an event that cannot be laid must not stop all others
            log.warning("stock.page_failed", error=repr(error))
            return await self._part(before, events, after, without, now)
        return {}

    async def _part(
        self, before: str, events: Sequence[FeedEvent], after: str, without: list[str], now: datetime
    ) -> dict[str, str]:
        """Lay a page account by account; those that fail lag behind from here on, the others go on."""
        failed: dict[str, str] = {}
        for account in sorted({event.account for event in events}):
            theirs = [event for event in events if event.account == account]
            try:
                async with self._pool.acquire() as connection, connection.transaction():
                    await _follow(connection, theirs, now)
            except Exception as error:
                if _passes(error):
                    raise
                log.exception("stock.account_lags", account=account)
                failed[account] = f"{type(error).__name__}: {error}"[:500]
                await self._pool.execute(_LAG, account, *_split(before), failed[account], now + AGAIN)
        await self._lay("", before, [], after, now, sorted({*without, *failed}))
        return failed

    async def _catch_up(self, account: str, before: str, limit: int, now: datetime) -> tuple[int, bool]:
        """Lay the next events of an account that lags behind; once it is level with all others, it is one of them."""
        goal = _cursor_of(await self._pool.fetchrow(f"{_CURSORS} where account_id = ''"))
        events, after, _ = await self._page(before, limit, account, [])
        events = [event for event in events if _later(event.cursor, goal) == goal]
        after = goal if _later(after, goal) == after else after
        try:
            if not await self._lay(account, before, events, after, now):
                return 0, False
        except Exception as error:
            if _passes(error):
                raise
            log.exception("stock.account_lags", account=account)
            await self._pool.execute(_LAG, account, *_split(before), f"{error!r}"[:500], now + AGAIN)
            return 0, False
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(f"{_CURSORS} where account_id = '' for update")
            done: str = await connection.execute(_LEVEL, account)
        return len(events), done != "DELETE 0"

    async def _lay(
        self,
        account: str,
        before: str,
        events: Sequence[FeedEvent],
        after: str,
        now: datetime,
        without: list[str] | None = None,
    ) -> bool:
        async with self._pool.acquire() as connection, connection.transaction():
            if before == START:
                await connection.execute(_BEGIN, account)
            row = await connection.fetchrow(_LOCK, account)
            if row is None or _cursor_of(row) != before:
                self._is_outrun = True  # another process is at it, or was quicker
                return False
            if without is not None and await connection.fetchval(_LAGGING) != without:
                return False  # one of those that were left out is level again: its events belong on this page
            await _follow(connection, events, now)
            await connection.execute(_ADVANCE, account, *_split(after))
        return True

    async def _page(
        self, before: str, limit: int, account: str | None, without: Sequence[str]
    ) -> tuple[list[FeedEvent], str, bool]:
        """Read events, the cursor behind them, and whether there are more; what was committed together stays so."""
        horizon = _cursor_of(await self._pool.fetchrow(_NEWEST))
        rows = await self._pool.fetch(_EVENTS, *_split(before), list(FOLLOWED), limit, account, list(without))
        if len(rows) < limit:
            events = [_event(row) for row in rows]
            return events, _later(before, horizon, *(event.cursor for event in events[-1:])), False
        whole = [row for row in rows if row["xid"] != rows[-1]["xid"]] or rows
        events = [_event(row) for row in whole]
        return events, events[-1].cursor, True


class _Told(NamedTuple):
    """What one change of a shipment told: its events have the same version and the same status after them."""

    shipment: str
    account: str
    data: _Summary
    at: datetime
    names: tuple[str, ...]
    place: str
    facts: _Facts | None


def _passes(error: Exception) -> bool:
    """Tell a failure of the database from an event's: the same page is tried again."""
    return is_away(error) or isinstance(error, asyncpg.TransactionRollbackError)


async def _follow(connection: asyncpg.Connection, events: Sequence[FeedEvent], now: datetime) -> None:
    told = _changes(events)
    if not told:
        return
    taken = await taken_by(connection, sorted({one.shipment for one in told}))
    items = await _missing_items(connection, told, taken)
    rulebook = await _rulebook(connection, told, items)
    movements, moved, shelves, serials = [], {}, Shelves(connection), Serials(connection)
    await serials.look_up(_labelled(told, taken), (scan for one in told if one.facts for scan in one.facts.scanned))
    for one in told:
        before = taken.get(one.shipment) or Taken(one.shipment, one.account, one.place)
        news = _news(one, items, rulebook, before)
        news = serials.packed(before, serials.settle(before, news, news.lines or before.lines))
        unscanned = takes_unscanned(before, news)
        if unscanned:
            news = replace(news, scans=news.scans + await shelves.guess(unscanned))
        taken[one.shipment], movement = follow(before, news)
        serials.moved(movement)
        moved[one.shipment] = taken[one.shipment]
        if movement is not None:
            movements.append(movement)
    await lay(connection, movements, now)
    await save(connection, list(moved.values()), now)


def _changes(events: Sequence[FeedEvent]) -> list[_Told]:
    changes: dict[tuple[str, int], _Told] = {}
    for event in events:
        if event.shipment is None:
            continue
        data = _read.decode(event.data)
        key = (event.shipment, data.shipment.version)
        known = changes.get(key)
        names = (*known.names, event.name) if known else (event.name,)
        facts = data.event.told() or (known.facts if known else None)
        place = data.shipment.location or event.location or ""
        changes[key] = _Told(event.shipment, event.account, data.shipment, event.at, names, place, facts)
    return list(changes.values())


def _labelled(told: Sequence[_Told], taken: dict[str, Taken]) -> list[str]:
    """Name the shipments whose units leave the shelf on this page."""
    gone = {name for name, known in taken.items() if known.stage in (Stage.LABELLED, Stage.SHIPPED)}
    labelled = {one.shipment for one in told if one.data.status == Status.SHIPLABEL_GENERATED}
    past = {one.shipment for one in told if one.data.status in (Status.SHIPPED, Status.DELIVERED)}
    return sorted(labelled | (past - gone))


def _news(told: _Told, items: dict[str, tuple[tuple[str, int], ...]], rulebook: Rulebook, before: Taken) -> News:
    facts = told.facts
    lines = facts.items if facts is not None else ()
    if not lines and before.stage is Stage.NONE:
        lines = items.get(told.shipment, ())
    channel = facts.channel if facts else ""
    return News(
        shipment=told.shipment,
        account=told.account,
        place=told.place,
        status=Status(told.data.status),
        version=told.data.version,
        # what was over before we heard of it happened when Amazon last changed it, at the latest
        at=min(facts.as_of, told.at) if facts and "shipment.received" in told.names else told.at,
        is_adopted="shipment.adopted" in told.names,
        is_handed_over="shipment.handed_over" in told.names,
        lines=_lines(told.account, told.place, channel, lines, rulebook) if lines else None,
        scans=facts.scanned if facts else (),
    )


def _lines(
    account: str, place: str, channel: str, items: Iterable[tuple[str, int]], rulebook: Rulebook
) -> tuple[Line, ...]:
    units: dict[str, int] = {}
    for sku, count in items:
        units[sku] = units.get(sku, 0) + count
    lines = []
    for sku, count in units.items():
        terms = rulebook.terms(Place(account, place, sku, channel))
        lines.append(Line(sku, count, Key(terms.pool, terms.at, terms.item)))
    return tuple(lines)


async def _missing_items(
    connection: asyncpg.Connection, told: Sequence[_Told], taken: dict[str, Taken]
) -> dict[str, tuple[tuple[str, int], ...]]:
    """Read the lines of shipments whose reception the feed does not hold any more."""
    with_items = {one.shipment for one in told if one.facts is not None and one.facts.items}
    wanted = {one.shipment for one in told} - with_items - set(taken)
    if not wanted:
        return {}
    rows = await connection.fetch("select id, state from shipment where id = any($1::text[])", sorted(wanted))
    return {row["id"]: decode_shipment(row["state"]).items for row in rows}


async def _rulebook(
    connection: asyncpg.Connection, told: Sequence[_Told], items: dict[str, tuple[tuple[str, int], ...]]
) -> Rulebook:
    skus = {sku for one in told if one.facts is not None for sku, _ in one.facts.items}
    skus |= {sku for lines in items.values() for sku, _ in lines}
    return Rulebook(await rules_for(connection, sorted(skus)))


def _event(row: Any) -> FeedEvent:
    return FeedEvent(
        cursor=f"{row['xid']}.{row['seq']}",
        name=row["name"],
        at=row["at"],
        cause=row["cause"],
        account=row["account_id"],
        shipment=row["shipment_id"],
        location=row["location_id"],
        data=bytes(row["data"]),
    )


def _cursor_of(row: Any) -> str:
    return f"{row['xid']}.{row['seq']}" if row else START


def _split(cursor: str) -> tuple[str, int]:
    xid, _, seq = cursor.partition(".")
    return xid, int(seq)


def _later(*cursors: str) -> str:
    return max(cursors, key=lambda cursor: tuple(int(part) for part in cursor.split(".")))
