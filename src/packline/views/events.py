"""The event feed in order of commitment: nothing is ever skipped, because it is read only up to the horizon."""

import re
from collections.abc import Sequence
from typing import Any

import asyncpg

from packline.domain.endpoint import FeedEvent
from packline.domain.values import Value
from packline.views.paging import EVERYTHING, Conditions, Scope, bad_cursor

START = "0.0"
_CURSOR = re.compile(r"\d{1,19}\.\d{1,18}")
_HORIZON = "xid < feed_horizon()"
# Columns are ordered by their table: `order by xid` would mean the text, and 9 would come after 10.
_COLUMNS = "xid::text as xid, seq, at, account_id, shipment_id, location_id, name, cause, data"
_NEWEST = f"select xid::text as xid, seq from event where {_HORIZON} order by event.xid desc, event.seq desc limit 1"


class FeedPage(Value, frozen=True):
    """Events in order, and the cursor to go on from (also where nothing matched)."""

    events: tuple[FeedEvent, ...]
    cursor: str


async def newest(pool: asyncpg.Pool) -> str:
    """Give the cursor of the newest event that can be read."""
    row = await pool.fetchrow(_NEWEST)
    return f"{row['xid']}.{row['seq']}" if row else START


async def feed(
    pool: asyncpg.Pool,
    after: str,
    *,
    scope: Scope = EVERYTHING,
    names: Sequence[str] = (),
    shipment: str | None = None,
    limit: int = 100,
) -> FeedPage:
    """Read events after a cursor; `names` filter (`shipment.*` is a prefix).

    Raises Invalid for a cursor that is not one of ours.
    """
    xid, seq = parse(after)
    horizon = await newest(pool)
    conditions = Conditions(scope)
    conditions.add("(xid, seq) > ({}::text::xid8, {})", xid, seq)
    conditions.parts.append(_HORIZON)
    conditions.add_if("shipment_id = {}", shipment)
    if names:
        conditions.add("name like any({}::text[])", [_pattern(name) for name in names])
    rows = await pool.fetch(
        f"select {_COLUMNS} from event {conditions.where} order by event.xid, event.seq limit {int(limit)}",
        *conditions.values,
    )
    events = tuple(event_of(row) for row in rows)
    if len(events) == limit:
        return FeedPage(events, events[-1].cursor)
    return FeedPage(events, _later(after, events[-1].cursor if events else after, horizon))


def parse(cursor: str) -> tuple[str, int]:
    """Take a cursor of the feed apart.

    Raises Invalid for anything else.
    """
    if not _CURSOR.fullmatch(cursor):
        raise bad_cursor()
    xid, _, seq = cursor.partition(".")
    return xid, int(seq)


def event_of(row: Any) -> FeedEvent:
    """Make the event of a row."""
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


def _later(*cursors: str) -> str:
    return max(cursors, key=lambda cursor: tuple(int(part) for part in cursor.split(".")))


def _pattern(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped[:-1] + "%" if escaped.endswith("*") else escaped
