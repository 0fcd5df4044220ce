"""What can be done to many rows at once, and which rows are meant."""

from collections.abc import AsyncIterator, Sequence
from itertools import count

from packline.commands.bulk_acts import REQUESTS
from packline.console.cells import Row
from packline.console.lists import Asked, Table
from packline.console.room import Room
from packline.console.shipment_rows import LABELS
from packline.domain.bulk_act import BulkLine
from packline.domain.values import Value
from packline.views import shipments
from packline.views.paging import Scope

AT_MOST = 5_000


class BulkAct(Value, frozen=True):
    """Something that can be done to many rows at once."""

    name: str
    label: str


ACTS = {name: BulkAct(name, LABELS[name]) for name in REQUESTS}


class Rows(Value, frozen=True):
    """The ids of rows that fit a filter; `is_more` where there are more than are taken."""

    ids: tuple[str, ...]
    is_more: bool


async def lines_of(room: Room, ids: Sequence[str], scope: Scope) -> list[BulkLine]:
    """Keep the rows that the reader may see, under the names that people know."""
    found = await shipments.find_many(room.pool, list(dict.fromkeys(ids))[:AT_MOST], scope)
    hits = {hit.id: hit for hit in found.values() if hit is not None}
    rows = await room.pool.fetch("select id, amazon_id from shipment where id = any($1::text[])", list(hits))
    spoken = {row["id"]: row["amazon_id"] for row in rows}
    numbers = count(1)
    return [BulkLine(next(numbers), name, hit.account, spoken.get(name, name)) for name, hit in hits.items()]


async def gather(table: Table, room: Room, asked: Asked) -> Rows:
    """Read every row that fits a filter, up to a limit."""
    ids = [row.id async for row in _rows(table, room, asked)]
    return Rows(tuple(ids[:AT_MOST]), len(ids) > AT_MOST)


async def _rows(table: Table, room: Room, asked: Asked) -> AsyncIterator[Row]:
    query, taken = dict(asked.query), 0
    while taken <= AT_MOST:
        found = await table.read(room, Asked(query, asked.scope, asked.limit))
        for row in found.rows:
            yield row
        taken += len(found.rows)
        if found.next is None:
            return
        query["after"] = found.next
