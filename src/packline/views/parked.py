"""Parked records: what could not be read, with its bytes."""

from typing import Any

import asyncpg

from packline.errors import Forbidden, NotFound
from packline.views.documents import Open, erased
from packline.views.paging import EVERYTHING, Conditions, Rows, Scope, decode_cursor, encode_cursor, moment_of
from packline.views.rows import ParkedRow

_COLUMNS = "id::text as id, account_id, source, reason, coalesce(size, length(body)) as size, created_at, resolved_at"


async def parked(
    pool: asyncpg.Pool,
    scope: Scope = EVERYTHING,
    *,
    account: str | None = None,
    is_open: bool | None = True,
    limit: int = 50,
    after: str | None = None,
) -> Rows[ParkedRow]:
    """List parked records, the newest first."""
    conditions = Conditions(scope, by_location=False)
    conditions.add_if("account_id = {}", account)
    conditions.add_if("(resolved_at is null) = {}", is_open)
    if after:
        moment, last = (*decode_cursor(after), "")[:2]
        conditions.add("(created_at, id::text) < ({}, {})", moment_of(moment), str(last))
    rows = await pool.fetch(
        f"select {_COLUMNS} from parked {conditions.where} order by created_at desc, id::text desc limit {limit + 1}",
        *conditions.values,
    )
    page = [_row(row) for row in rows[:limit]]
    following = encode_cursor(page[-1]["created_at"], page[-1]["id"]) if len(rows) > limit else None
    return Rows(page, following)


async def body(pool: asyncpg.Pool, parked_id: str, opened: Open, scope: Scope = EVERYTHING) -> bytes:
    """Read the bytes of one parked record; `opened` decrypts what is stored.

    Raises NotFound, also where they were erased, and Forbidden for who sees only some locations: where a record that
    nobody could read belongs, nobody knows, and it may hold a buyer's address.
    """
    row = await pool.fetchrow("select account_id, body, erased_at from parked where id::text = $1", parked_id)
    if row is None or not scope.sees(row["account_id"]):
        raise NotFound(f"There is no parked record {parked_id}.")
    if scope.locations is not None:
        raise Forbidden(
            f"Where parked record {parked_id} belongs is not known, and you see only some locations.",
            hint="Let somebody look at it who sees the whole account.",
        )
    if row["erased_at"] is not None:
        raise erased(f"Parked record {parked_id}", row["erased_at"])
    return opened(bytes(row["body"]))


def _row(row: Any) -> ParkedRow:
    return ParkedRow(
        id=row["id"],
        account=row["account_id"],
        source=row["source"],
        reason=row["reason"],
        size=row["size"],
        created_at=row["created_at"],
        resolved_at=row["resolved_at"],
    )
