"""Listings, and uploads of them as their sender sees them: progress, and the rows that were not taken."""

from datetime import datetime
from typing import Any, cast

import asyncpg
import msgspec
from typing_extensions import TypedDict

from packline.domain.listing import COLUMNS, written
from packline.errors import NotFound
from packline.views.paging import EVERYTHING, Conditions, Rows, Scope, decode_cursor, encode_cursor

_LISTING = "account_id as account, client_sku, asin, channel_sku, marketplace, updated_at"
_IMPORT = (
    "id, account_id as account, name, format, mode, state, done, total, added, changed, unchanged, refused, repeated,"
    " error, by_whom as by, created_at, began_at, ended_at"
)


class ListingRow(TypedDict):
    """Which SKU of the seller is which of Amazon's."""

    account: str
    client_sku: str
    asin: str
    channel_sku: str
    marketplace: str
    updated_at: datetime


class ListingImportRow(TypedDict):
    """One upload: its state (waiting, running, done, refused, checked, failed) and how far it is.

    `refused` rows are wrong or contradict each other, `repeated` ones say what an earlier line says. `added` and
    `changed` count what was stored, or would be where the state is refused or checked.
    """

    id: str
    account: str
    name: str
    format: str
    mode: str
    state: str
    done: int
    total: int | None
    added: int
    changed: int
    unchanged: int
    refused: int
    repeated: int
    error: str
    by: str
    created_at: datetime
    began_at: datetime | None
    ended_at: datetime | None


async def listings(
    pool: asyncpg.Pool,
    *,
    account: str | None = None,
    client_sku: str | None = None,
    channel_sku: str | None = None,
    asin: str | None = None,
    marketplace: str | None = None,
    scope: Scope = EVERYTHING,
    limit: int = 100,
    after: str | None = None,
) -> Rows[ListingRow]:
    """List listings by account, marketplace and merchant SKU."""
    conditions = Conditions(scope, by_location=False)
    conditions.add_if("account_id = {}", account)
    conditions.add_if("client_sku = {}", client_sku)
    conditions.add_if("channel_sku = {}", channel_sku)
    conditions.add_if("asin = {}", asin)
    conditions.add_if("marketplace = {}", marketplace)
    if after:
        key = [str(part) for part in decode_cursor(after)]
        conditions.add("(account_id, marketplace, channel_sku) > ({}, {}, {})", *(key + [""] * 3)[:3])
    rows = await pool.fetch(
        f"select {_LISTING} from listing {conditions.where}"
        f" order by account_id, marketplace, channel_sku limit {int(limit)}",
        *conditions.values,
    )
    items = [cast("ListingRow", dict(row)) for row in rows]
    last = rows[-1] if len(rows) == limit else None
    return Rows(items, encode_cursor(last["account"], last["marketplace"], last["channel_sku"]) if last else None)


async def imports(pool: asyncpg.Pool, scope: Scope = EVERYTHING, limit: int = 50) -> list[ListingImportRow]:
    """List uploads, the newest first."""
    conditions = Conditions(scope, by_location=False)
    rows = await pool.fetch(
        f"select {_IMPORT} from listing_import {conditions.where} order by created_at desc, id limit {int(limit)}",
        *conditions.values,
    )
    return [cast("ListingImportRow", dict(row)) for row in rows]


async def one_import(pool: asyncpg.Pool, import_id: str, scope: Scope = EVERYTHING) -> ListingImportRow:
    """Read one upload.

    Raises NotFound.
    """
    row = await pool.fetchrow(f"select {_IMPORT} from listing_import where id = $1", import_id)
    if row is None or not scope.sees(row["account"]):
        raise NotFound(f"There is no import {import_id}.", hint="List them with GET /v1/listings/imports.")
    return cast("ListingImportRow", dict(row))


async def refused_table(
    pool: asyncpg.Pool, import_id: str, scope: Scope = EVERYTHING
) -> tuple[list[str], list[list[Any]]]:
    """Give the rows that were not taken as a table: the columns of the file, and `reason`.

    Raises NotFound.
    """
    await one_import(pool, import_id, scope)
    rows = await pool.fetch("select row, reason from listing_row where import_id = $1 order by line", import_id)
    given = [written(msgspec.json.decode(row["row"])) for row in rows]
    columns = list(dict.fromkeys([*COLUMNS, *(name for row in given for name in row)]))
    columns = [name for name in columns if name != "reason"]
    table = [[*(row.get(name, "") for name in columns), r["reason"]] for row, r in zip(given, rows, strict=True)]
    return [*columns, "reason"], table


async def listing_table(pool: asyncpg.Pool, account: str) -> tuple[list[str], list[list[Any]]]:
    """Give all listings of an account as a table that can be imported again."""
    rows = await pool.fetch(
        "select client_sku, asin, channel_sku, marketplace from listing where account_id = $1"
        " order by marketplace, channel_sku",
        account,
    )
    return list(COLUMNS), [list(row) for row in rows]
