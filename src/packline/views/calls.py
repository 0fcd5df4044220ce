"""The call log: every call to Amazon, the newest first, and one call with its bodies."""

from datetime import datetime
from typing import Any

import asyncpg

from packline.domain.values import Value
from packline.views.paging import (
    EVERYTHING,
    Conditions,
    Rows,
    Scope,
    counted,
    decode_cursor,
    encode_cursor,
    moment_of,
)
from packline.views.rows import CallRow

_COLUMNS = "at, account_id, shipment_id, operation, attempt, status, code, ms, request_id, quota_left"


class CallFilters(Value, frozen=True):
    """Which calls a list holds; `failed` means an answer that is not 2xx, or none."""

    account: str | None = None
    shipment: str | None = None
    operation: str | None = None
    status: int | None = None
    request_id: str | None = None
    failed: bool | None = None
    since: datetime | None = None
    until: datetime | None = None


ALL = CallFilters()


async def calls(
    pool: asyncpg.Pool,
    filters: CallFilters = ALL,
    scope: Scope = EVERYTHING,
    *,
    limit: int = 50,
    after: str | None = None,
) -> Rows[CallRow]:
    """List calls by key; a reader that is bound to locations sees the calls of their shipments."""
    conditions = _conditions(filters, scope)
    if after:
        moment, request_id = (*decode_cursor(after), "")[:2]
        conditions.add("(at, request_id) < ({}, {})", moment_of(moment), str(request_id))
    rows = await pool.fetch(_query(filters, conditions, limit + 1), *conditions.values)
    page = [_row(row) for row in rows[:limit]]
    following = encode_cursor(page[-1]["at"], page[-1]["request_id"]) if len(rows) > limit else None
    return Rows(page, following)


async def count(pool: asyncpg.Pool, filters: CallFilters, scope: Scope, most: int) -> int:
    """Count the calls of a list, up to `most`."""
    return await counted(pool, "call", _conditions(filters, scope), most)


async def bundle(pool: asyncpg.Pool, shipment_id: str, limit: int = 200) -> list[dict[str, Any]]:
    """Read the calls of one shipment with their bodies (redacted when they were stored), for Amazon's support."""
    rows = await pool.fetch(
        f"select {_COLUMNS}, request, response from call where shipment_id = $1 order by at desc limit $2",
        shipment_id,
        limit,
    )
    return [{**_row(row), "request": _text(row["request"]), "response": _text(row["response"])} for row in rows]


def _conditions(filters: CallFilters, scope: Scope) -> Conditions:
    conditions = Conditions(scope, by_location=False)
    if scope.locations is not None:
        conditions.add(
            "shipment_id in (select id from shipment where location_id = any({}::text[]))", list(scope.locations)
        )
    conditions.add_if("account_id = {}", filters.account)
    conditions.add_if("shipment_id = {}", filters.shipment)
    conditions.add_if("operation = {}", filters.operation)
    conditions.add_if("status = {}", filters.status)
    # Said in the words of the partial indexes, which are not used otherwise.
    if filters.request_id:
        conditions.add("request_id = {} and request_id <> ''", filters.request_id)
    if filters.failed is False:
        conditions.parts.append("status between 200 and 299")
    elif filters.failed or (filters.status is not None and not 200 <= filters.status <= 299):
        conditions.parts.append("status not between 200 and 299")
    conditions.add_if("at >= {}", filters.since)
    conditions.add_if("at < {}", filters.until)
    return conditions


def _query(filters: CallFilters, conditions: Conditions, limit: int) -> str:
    """Read one account or shipment by its index; of all accounts, the newest of each, and of these the newest."""
    newest = f"order by at desc, request_id desc limit {int(limit)}"
    if filters.account or filters.shipment:
        return f"select {_COLUMNS} from call {conditions.where} {newest}"
    of_account = " and ".join(["account_id = account.id", *conditions.parts])
    return (
        f"select c.* from account, lateral (select {_COLUMNS} from call where {of_account} {newest}) c"
        f" order by c.at desc, c.request_id desc limit {int(limit)}"
    )


def _row(row: Any) -> CallRow:
    return CallRow(
        at=row["at"],
        account=row["account_id"],
        shipment=row["shipment_id"],
        operation=row["operation"],
        attempt=row["attempt"],
        status=row["status"],
        code=row["code"] or "",
        ms=round(row["ms"], 3),
        request_id=row["request_id"] or "",
        quota_left=row["quota_left"],
    )


def _text(body: bytes | None) -> str:
    return bytes(body).decode(errors="replace") if body else ""
