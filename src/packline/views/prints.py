"""Prints: the list, one in full, and its files while a printer may fetch them."""

from datetime import datetime
from typing import Any, cast

import asyncpg
import msgspec
from typing_extensions import TypedDict

from packline.errors import Denied, NotFound
from packline.views.documents import Content, Open
from packline.views.overview import ACTIONS, COUNTED
from packline.views.paging import EVERYTHING, Conditions, Rows, Scope, decode_cursor, encode_cursor, moment_of

_COLUMNS = "id, created_at, by_whom, accounts, locations, form, paper, sorted, reversed, printed, reprinted, refused"
_FILES = """
select print_id, kind, name, media_type, size, until from print_file where print_id = any($1::text[])
order by kind desc
"""
_FILE = "select name, media_type, until, content from print_file where print_id = $1 and kind = $2"
_STOPPED = """
select coalesce(nullif(i.tracking_id, ''), s.amazon_id) as name from print_item i
join shipment s on s.id = i.shipment_id
left join package_label l on l.shipment_id = i.shipment_id and l.package_id = i.package_id
    and l.tracking_id = i.tracking_id
where i.print_id = $1 and i.kind = $2 and (s.status = 'CANCELLED' or l.void) order by i.place limit 20
"""


class RefusalRow(TypedDict):
    """What was not printed, and why."""

    reference: str
    shipment: str
    package: str
    kind: str
    reason: str
    why: str
    hint: str


class PrintFileRow(TypedDict):
    """A file of a print; `until` is how long it can be fetched."""

    kind: str
    name: str
    media_type: str
    size: int
    until: datetime


class PrintRow(TypedDict):
    """One print: who asked, how it was made, how many documents are in it, reprints among them, what was refused."""

    id: str
    created_at: datetime
    by: str
    form: str
    paper: str
    order: str
    reverse: bool
    printed: int
    reprinted: int
    refused: list[RefusalRow]
    files: list[PrintFileRow]


async def prints(
    pool: asyncpg.Pool, scope: Scope = EVERYTHING, *, limit: int = 50, after: str | None = None
) -> Rows[PrintRow]:
    """List prints, the newest first."""
    conditions = _visible(scope)
    if after:
        moment, last = decode_cursor(after, str, str)
        conditions.add("(created_at, id) < ({}, {})", moment_of(moment), str(last))
    rows = await pool.fetch(
        f"select {_COLUMNS} from print {conditions.where} order by created_at desc, id desc limit {int(limit) + 1}",
        *conditions.values,
    )
    page = rows[:limit]
    following = encode_cursor(page[-1]["created_at"], page[-1]["id"]) if len(rows) > limit else None
    return Rows(await _with_files(pool, page), following)


async def one_print(pool: asyncpg.Pool, print_id: str, scope: Scope = EVERYTHING) -> PrintRow:
    """Read one print.

    Raises NotFound.
    """
    conditions = _visible(scope)
    conditions.add("id = {}", print_id)
    rows = await pool.fetch(f"select {_COLUMNS} from print {conditions.where}", *conditions.values)
    if not rows:
        raise NotFound(f"There is no print {print_id}.", hint="List them with GET /v1/prints.")
    return (await _with_files(pool, rows))[0]


async def printed_shipments(pool: asyncpg.Pool, print_id: str, kind: str) -> list[str]:
    """List the shipments whose documents are in a file of a print."""
    sql = "select distinct shipment_id from print_item where print_id = $1 and kind = $2 order by shipment_id"
    return [row["shipment_id"] for row in await pool.fetch(sql, print_id, kind)]


async def waiting(pool: asyncpg.Pool, scope: Scope = EVERYTHING) -> dict[tuple[str, str], int]:
    """Count shipments with a label that was never printed, by account and location; `COUNTED` at most are looked at."""
    conditions = Conditions(scope)
    conditions.parts.append(f"({ACTIONS['print']})")
    rows = await pool.fetch(
        "select account_id, location_id, count(*) as many from (select account_id, location_id from shipment"
        f" {conditions.where} limit {COUNTED + 1}) as some_of_them group by account_id, location_id",
        *conditions.values,
    )
    return {(row["account_id"], row["location_id"]): row["many"] for row in rows}


async def unprinted(
    pool: asyncpg.Pool, account: str, location: str, limit: int, scope: Scope = EVERYTHING
) -> list[str]:
    """Name shipments of a place with a label that was never printed, the most urgent first."""
    conditions = Conditions(scope)
    conditions.parts.append(f"({ACTIONS['print']})")
    conditions.add("account_id = {}", account)
    conditions.add("location_id = {}", location)
    rows = await pool.fetch(
        f"select id from shipment {conditions.where} order by ship_by nulls last, id limit {int(limit)}",
        *conditions.values,
    )
    return [row["id"] for row in rows]


async def print_file(
    pool: asyncpg.Pool, print_id: str, kind: str, now: datetime, opened: Open, scope: Scope = EVERYTHING
) -> Content:
    """Read a file of a print; `opened` decrypts what is stored.

    Raises NotFound; Denied when it is over, or when a label in it must not be used any more.
    """
    await one_print(pool, print_id, scope)
    row = await pool.fetchrow(_FILE, print_id, kind)
    if row is None:
        raise NotFound(f"The print {print_id} has no file of {kind}.")
    if row["content"] is None or row["until"] <= now:
        raise Denied(
            "This file is not given out any more: addresses of buyers are on it.",
            reason="print_over",
            hint="Print the selection again; its labels are marked as reprints.",
        )
    stopped = [found["name"] for found in await pool.fetch(_STOPPED, print_id, kind)]
    if stopped:
        raise Denied(
            f"Since it was made, {len(stopped)} of its labels must not be used any more: {', '.join(stopped)}.",
            reason="cancelled",
            hint="Print the selection again; it leaves them out.",
        )
    return Content(opened(row["content"]), row["media_type"], row["name"])


def _visible(scope: Scope) -> Conditions:
    conditions = Conditions()
    if scope.accounts is not None:
        conditions.add("accounts <@ {}::text[]", list(scope.accounts))
    if scope.locations is not None:
        conditions.add("locations <@ {}::text[]", list(scope.locations))
    return conditions


async def _with_files(pool: asyncpg.Pool, rows: list[Any]) -> list[PrintRow]:
    files: dict[str, list[PrintFileRow]] = {row["id"]: [] for row in rows}
    for row in await pool.fetch(_FILES, list(files)) if files else ():
        given = dict(row)
        files[given.pop("print_id")].append(cast("PrintFileRow", given))
    return [_row(row, files[row["id"]]) for row in rows]


def _row(row: Any, files: list[PrintFileRow]) -> PrintRow:
    return PrintRow(
        id=row["id"],
        created_at=row["created_at"],
        by=row["by_whom"],
        form=row["form"],
        paper=row["paper"],
        order=row["sorted"],
        reverse=row["reversed"],
        printed=row["printed"],
        reprinted=row["reprinted"],
        refused=[cast("RefusalRow", {"hint": "", **told}) for told in msgspec.json.decode(row["refused"])],
        files=files,
    )
