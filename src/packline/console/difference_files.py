"""Differences as files: what a comparison found, and where stock drifts, every row of it."""

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from packline.console.cells import Cell, Column, Row
from packline.console.exports import export
from packline.console.frame import scope_of
from packline.console.lists import Asked, Empty, Found, Table, asked_of
from packline.console.place import get
from packline.console.room import Room
from packline.console.words import t, tell
from packline.errors import Invalid
from packline.oms.table_writing import MEDIA
from packline.views import reconciliations, stock_drift
from packline.views.paging import cut
from packline.views.stock_rows import PLACE_KEY

_DIFFERENCE = (
    "amazon_id",
    "order_id",
    "sku",
    "kind",
    "field",
    "ours",
    "theirs",
    "cause",
    "words",
    "repair",
    "mended_at",
    "outcome",
)
_DRIFT = ("account", "location", "sku", "channel", "wanted", "told", "amazon", "seller", "cause", "words", "found_at")
_SENTENCES = ("words", "outcome")


async def differences(room: Room, request: Request) -> Response:
    """Give the differences of a comparison, mended ones where `all=yes`. Raises NotFound, Invalid."""
    run = await reconciliations.reconciliation(room.pool, request.path_params["run"], scope_of(request))

    async def read(room: Room, asked: Asked) -> Found:
        kind, every = asked.get("kind"), asked.get("all") == "yes"
        found = await reconciliations.differences(
            room.pool, run["id"], kind, None, only_open=not every, limit=asked.limit, after=asked.after
        )
        return Found(tuple(_row(row, _DIFFERENCE) for row in found.items), found.next)

    return _file(room, request, _table(f"/reconciliations/{run['id']}", _DIFFERENCE, read))


async def drifts(room: Room, request: Request) -> Response:
    """Give every place at which the numbers differ. Raises Invalid."""

    async def read(room: Room, asked: Asked) -> Found:
        rows = await stock_drift.drifts(
            room.pool,
            asked.get("account"),
            asked.get("location"),
            asked.scope,
            limit=asked.limit + 1,
            after=asked.after,
        )
        found = cut(rows, asked.limit, *PLACE_KEY)
        return Found(tuple(_row(row, _DRIFT) for row in found.items), found.next)

    return _file(room, request, _table("/stock/drift", _DRIFT, read))


def _table(path: str, names: tuple[str, ...], read: Any) -> Table:
    return Table(path, "compare", "", tuple(Column(name, "") for name in names), read, Empty(""))


def _row(row: Any, names: tuple[str, ...]) -> Row:
    return Row("", tuple(Cell("text", value=_value(name, row[name])) for name in names))


def _value(name: str, value: Any) -> Any:
    if name in _SENTENCES:
        return tell(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else value


def _file(room: Room, request: Request, table: Table) -> Response:
    kind = request.query_params.get("as", "csv")
    if kind not in MEDIA:
        raise Invalid(t("There is no such format."))
    return export(table, room, asked_of(request), kind, is_told=bool(request.query_params.get("told")))


PATHS = (get("/reconciliations/{run}/file", differences), get("/stock/drift/file", drifts))
