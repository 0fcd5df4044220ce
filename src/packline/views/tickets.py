"""Tickets: what was asked and what came of it."""

from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec

from packline.domain.shipment import Problem
from packline.domain.values import Value
from packline.errors import NotFound
from packline.views.paging import EVERYTHING, Conditions, Rows, Scope, decode_cursor, encode_cursor, moment_of
from packline.views.rows import TicketRow
from packline.views.states import problem_row

_FROM = "select command.*, shipment.location_id from command left join shipment on shipment.id = command.shipment_id"


class _Kept(msgspec.Struct):
    warnings: list[str] = []


_KEYS = "select id, name from api_key where id = any($1::text[])"


_problem = msgspec.json.Decoder(Problem)
_kept = msgspec.json.Decoder(_Kept)


class TicketFilters(Value, frozen=True):
    """Which tickets a list holds."""

    account: str | None = None
    shipment: str | None = None
    status: str | None = None
    kind: str | None = None
    outcome: str | None = None


ALL = TicketFilters()


async def ticket(pool: asyncpg.Pool, ticket_id: str, scope: Scope = EVERYTHING) -> TicketRow:
    """Read one ticket.

    Raises NotFound.
    """
    row = await pool.fetchrow(f"{_FROM} where command.id = $1", ticket_id)
    if row is None or not scope.sees(row["account_id"], row["location_id"]):
        raise NotFound(f"There is no command {ticket_id}.", hint="A ticket's id is in the answer of its command.")
    return _row(row)


async def tickets(
    pool: asyncpg.Pool,
    filters: TicketFilters = ALL,
    scope: Scope = EVERYTHING,
    *,
    limit: int = 50,
    after: str | None = None,
) -> Rows[TicketRow]:
    """List tickets, the newest first."""
    conditions = Conditions()
    conditions.add_if("command.account_id = any({}::text[])", _list(scope.accounts))
    conditions.add_if("shipment.location_id = any({}::text[])", _list(scope.locations))
    conditions.add_if("command.account_id = {}", filters.account)
    conditions.add_if("command.shipment_id = {}", filters.shipment)
    conditions.add_if("command.status = {}", filters.status)
    conditions.add_if("command.kind = {}", filters.kind)
    conditions.add_if("command.outcome = {}", filters.outcome)
    if after:
        moment, last = (*decode_cursor(after), "")[:2]
        conditions.add("(command.created_at, command.id) < ({}, {})", moment_of(moment), str(last))
    rows = await pool.fetch(
        f"{_FROM} {conditions.where} order by command.created_at desc, command.id desc limit {limit + 1}",
        *conditions.values,
    )
    page = [_row(row) for row in rows[:limit]]
    following = encode_cursor(page[-1]["created_at"], page[-1]["id"]) if len(rows) > limit else None
    return Rows(page, following)


async def askers(pool: asyncpg.Pool, rows: Sequence[TicketRow]) -> dict[str, str]:
    """Name the API keys that tickets were asked with; people and others name themselves."""
    asked = {row["requested_by"] for row in rows}
    return {row["id"]: row["name"] for row in await pool.fetch(_KEYS, list(asked))} if asked else {}


def _list(values: tuple[str, ...] | None) -> list[str] | None:
    return None if values is None else list(values)


def _row(row: Any) -> TicketRow:
    return TicketRow(
        id=row["id"],
        account=row["account_id"],
        shipment=row["shipment_id"],
        kind=row["kind"],
        goal=row["goal"],
        status=row["status"],
        outcome=row["outcome"],
        problem=problem_row(_problem.decode(row["problem"])) if row["problem"] else None,
        warnings=_kept.decode(row["request"]).warnings if row["request"] else [],
        requested_by=row["requested_by"] or "",
        created_at=row["created_at"],
        settled_at=row["settled_at"],
    )
