"""Uploads of stock as their sender sees them: progress, and the lines that were not taken."""

from datetime import datetime
from typing import Any, cast

import asyncpg
import msgspec
from typing_extensions import TypedDict

from packline.errors import NotFound
from packline.views.paging import EVERYTHING, Rows, Scope, decode_cursor, encode_cursor

_COLUMNS = (
    "id, name, format, account_id as account, state, total, done, applied, refused, error, by_whom as by, created_at,"
    " began_at, ended_at"
)
_MAY_SEE = "(($1::text[] is null and $2::text[] is null) or accounts <@ $1::text[])"


class StockImportRow(TypedDict):
    """One upload: its state (waiting, running, done, failed) and how far it is; `total` is null until it was read."""

    id: str
    name: str
    format: str
    account: str
    state: str
    total: int | None
    done: int
    applied: int
    refused: int
    error: str
    by: str
    created_at: datetime
    began_at: datetime | None
    ended_at: datetime | None


class RefusalRow(TypedDict):
    """One line that was not taken: its number in the file, its columns, and why."""

    line: int
    reason: str
    row: dict[str, Any]


async def imports(
    pool: asyncpg.Pool, scope: Scope = EVERYTHING, limit: int = 50, after: str | None = None
) -> list[StockImportRow]:
    """List uploads, the newest first."""
    rows = await pool.fetch(
        f"select {_COLUMNS} from stock_import where {_MAY_SEE}"
        " and ($4::timestamptz is null or (created_at, id) < ($4, $5)) order by created_at desc, id desc limit $3",
        *_scope(scope),
        limit,
        *(decode_cursor(after, datetime, str) if after else (None, None)),
    )
    return [cast("StockImportRow", dict(row)) for row in rows]


async def one_import(pool: asyncpg.Pool, import_id: str, scope: Scope = EVERYTHING) -> StockImportRow:
    """Read one upload.

    Raises NotFound.
    """
    row = await pool.fetchrow(
        f"select {_COLUMNS} from stock_import where {_MAY_SEE} and id = $3", *_scope(scope), import_id
    )
    if row is None:
        raise NotFound(f"There is no import {import_id}.", hint="List them with GET /v1/stock/imports.")
    return cast("StockImportRow", dict(row))


async def refusals(
    pool: asyncpg.Pool, import_id: str, scope: Scope = EVERYTHING, limit: int = 200, after: str | None = None
) -> Rows[RefusalRow]:
    """List the lines of an upload that were not taken, in their order.

    Raises NotFound.
    """
    await one_import(pool, import_id, scope)
    rows = await pool.fetch(
        "select line, reason, row from stock_refusal where import_id = $1 and line > $2 order by line limit $3",
        import_id,
        decode_cursor(after, int)[0] if after else -1,
        limit,
    )
    items = [RefusalRow(line=r["line"], reason=r["reason"], row=msgspec.json.decode(r["row"])) for r in rows]
    return Rows(items, encode_cursor(rows[-1]["line"]) if len(rows) == limit else None)


def _scope(scope: Scope) -> tuple[list[str] | None, list[str] | None]:
    return (
        None if scope.accounts is None else list(scope.accounts),
        None if scope.locations is None else list(scope.locations),
    )
