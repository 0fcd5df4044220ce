"""The call log: every call to Amazon, found by whatever is known of it."""

from packline.console import cells
from packline.console.cells import Cell, Column, Row
from packline.console.lists import Asked, Empty, Filter, Found, Table, account_filters, paths
from packline.console.place import Place
from packline.console.room import Room
from packline.console.words import mark, t
from packline.views import calls
from packline.views.rows import CallRow

PLACE = Place("calls", mark("Calls"), "/calls", "c", "calls", 70)
COLUMNS = (
    Column("at", mark("Time"), "w-time"),
    Column("operation", mark("Operation"), "w-operation"),
    Column("answer", mark("Answer"), "w-word"),
    Column("ms", mark("Took"), "w-number"),
    Column("attempt", mark("Attempt"), "w-number", "wider"),
    Column("account", mark("Account"), "w-id", "wide"),
    Column("shipment", mark("For"), "w-number-start"),
    Column("request_id", mark("Request id")),
)


async def read(room: Room, asked: Asked) -> Found:
    """Read one page of calls."""
    directory = await room.directory.look(room)
    zone = directory.house_zone(asked.scope)
    found = await calls.calls(room.pool, _wanted(asked), asked.scope, limit=asked.limit, after=asked.after)
    rows = [_row(row, number, directory.name(row["account"]), zone) for number, row in enumerate(found.items)]
    return Found(tuple(rows), found.next)


async def count(room: Room, asked: Asked, most: int) -> int:
    """Count the calls that fit."""
    return await calls.count(room.pool, _wanted(asked), asked.scope, most)


def _wanted(asked: Asked) -> calls.CallFilters:
    return calls.CallFilters(
        account=asked.get("account"),
        operation=asked.get("operation"),
        shipment=asked.get("shipment"),
        request_id=asked.get("request"),
        status=_number(asked.get("status")),
        failed=True if asked.get("failed") else None,
    )


async def filters_of(room: Room, asked: Asked) -> tuple[Filter, ...]:
    """Give account, operation, status, request id and failure to choose by."""
    failed = (("yes", t("only failed")),)
    account = tuple(f for f in await account_filters(room, asked) if f.name == "account")
    return (
        *account,
        Filter("failed", t("Answers"), asked.query.get("failed", ""), failed),
        Filter("operation", t("Operation"), asked.query.get("operation", "")),
        Filter("status", t("Status"), asked.query.get("status", "")),
        Filter("request", t("Request id"), asked.query.get("request", "")),
    )


def answer(row: CallRow) -> Cell:
    """Show Amazon's answer as a chip."""
    status = row["status"]
    said = f"{status or t('no answer')} {row['code']}".strip()
    if 200 <= status < 300:
        return cells.chip(said, "", "check")
    return cells.chip(said, "risk" if status == 429 else "late", "clock" if status == 429 else "alert")


def _row(row: CallRow, number: int, account: str, zone: str) -> Row:
    name = f"{row['at']:%Y%m%d%H%M%S%f}-{row['request_id'] or number}"
    for_whom = cells.text(t("shipment"), href=f"/shipments/{row['shipment']}") if row["shipment"] else cells.text("")
    return Row(
        name,
        (
            cells.second(row["at"], zone),
            cells.text(row["operation"], href=f"/calls?operation={row['operation']}"),
            answer(row),
            cells.number(row["ms"], " ms"),
            cells.number(row["attempt"]),
            cells.text(account, "quiet"),
            for_whom,
            cells.ident(row["request_id"]),
        ),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() and len(text) <= 3 else None


TABLE = Table(
    path="/calls",
    place="calls",
    title=mark("Calls"),
    lead=mark("Every call to Amazon, with the request id that Amazon's support asks for."),
    columns=COLUMNS,
    last="w-no-act",
    read=read,
    filters=filters_of,
    empty=Empty(mark("No call yet."), mark("They appear with the first work for Amazon.")),
    count=count,
)
PATHS = paths(TABLE)
