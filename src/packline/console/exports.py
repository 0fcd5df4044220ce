"""Lists as files: all pages of a list as CSV or XLSX, at once as a download, or with a word of how far it is."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from msgspec.structs import replace
from starlette.responses import Response, StreamingResponse

from packline.console.room import Room
from packline.console.words import t, tell
from packline.errors import PacklineError
from packline.oms.table_writing import MEDIA, write_table

if TYPE_CHECKING:
    from packline.console.lists import Asked, Table

AT_MOST = 100_000
STEP = 200
IN_MEMORY = 8 << 20  # bytes of a file that wait in memory; more wait on the disk
TOLD = "application/x-packline-file"
log = structlog.get_logger(__name__)


def export(table: "Table", room: Room, asked: "Asked", kind: str, *, is_told: bool) -> Response:
    """Write all pages of a list as one file.

    As a plain download CSV leaves as it is read, a workbook when it is whole. Told, lines of JSON come first: `rows`
    and `total` (null where nobody counts) while it is written, then `size` and `more` (there were too many rows), or
    `error`; after the line with `size` come its bytes.
    """
    headers = _headers(table.path, room, kind)
    if is_told:
        return StreamingResponse(_told(table, room, asked, kind), media_type=TOLD, headers=headers)
    body = _workbook(table, room, asked) if kind == "xlsx" else _pieces(table, room, asked, kind)
    return StreamingResponse(body, media_type=MEDIA[kind], headers=headers)


def table_file(path: str, room: Room, kind: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Response:
    """Give a table that a page holds as a whole as a file; `path` names it."""
    return Response(write_table(kind, columns, rows), media_type=MEDIA[kind], headers=_headers(path, room, kind))


def _headers(path: str, room: Room, kind: str) -> dict[str, str]:
    name = f"{path.strip('/').replace('/', '-') or 'work'}-{room.clock.now():%Y%m%d-%H%M}.{kind}"
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Accel-Buffering": "no",
    }


async def _told(table: "Table", room: Room, asked: "Asked", kind: str) -> AsyncIterator[bytes]:
    try:
        total = await table.count(room, asked, AT_MOST + 1) if table.count else None
        yield _line(rows=0, total=total and min(total, AT_MOST))
        rows: list[list[Any]] = []
        is_more = False
        async for page, is_more in _pages(table, room, asked):  # noqa: B007  the last one tells of the whole list
            rows += page
            yield _line(rows=len(rows), total=total and min(total, AT_MOST))
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
            columns = [column.name for column in table.columns]
            file.write(await asyncio.to_thread(write_table, kind, columns, rows))
            size = file.tell()
            file.seek(0)
            yield _line(size=size, rows=len(rows), more=is_more)
            while piece := file.read(1 << 16):
                yield piece
    except PacklineError as error:
        yield _line(error=tell(error.message))
    except Exception:  # the head has left: only a line can say it
        log.exception("export.stopped", path=table.path)
        yield _line(error=t("The file could not be finished; try again."))


def _line(**told: Any) -> bytes:
    return msgspec.json.encode(told) + b"\n"


async def _pieces(table: "Table", room: Room, asked: "Asked", kind: str) -> AsyncIterator[bytes]:
    columns, is_first = [column.name for column in table.columns], True
    async for rows, _ in _pages(table, room, asked):
        written = write_table(kind, columns, rows)
        yield written if is_first or kind == "jsonl" else written.partition(b"\n")[2]
        is_first = False


async def _workbook(table: "Table", room: Room, asked: "Asked") -> AsyncIterator[bytes]:
    rows = [row async for piece, _ in _pages(table, room, asked) for row in piece]
    yield await asyncio.to_thread(write_table, "xlsx", [column.name for column in table.columns], rows)


async def _pages(table: "Table", room: Room, asked: "Asked") -> AsyncIterator[tuple[list[list[Any]], bool]]:
    """Give the rows of each page, and whether more follow."""
    taken, after = 0, asked.after
    while taken < AT_MOST:
        found = await table.read(room, replace(asked, query={**asked.query, "after": after or ""}, limit=STEP))
        yield [[cell.exported for cell in row.cells] for row in found.rows], found.next is not None
        taken, after = taken + len(found.rows), found.next
        if after is None:
            return
