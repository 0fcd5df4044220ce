"""Kept routes as their seller sees them: orders, where each parcel stands, and why it is there."""

from datetime import datetime
from typing import Any

import asyncpg
import msgspec
from typing_extensions import TypedDict

from packline.errors import NotFound
from packline.views.paging import EVERYTHING, Conditions, Rows, Scope, decode_cursor, encode_cursor

_PARCELS = """
select reference, account_id, turn, location_id, lines, state, why, metres, leaves_at, is_late, reason, updated_at
from route_parcel join unnest($1::text[], $2::text[]) as k(account_id, reference) using (account_id, reference)
order by turn, location_id
"""


class RoutePortion(TypedDict):
    """Units of a line."""

    line: str
    sku: str
    units: int


class RouteParcelRow(TypedDict):
    """What a location was asked to ship: open, accepted, done, rejected, replaced or cancelled; `turn` counts anew."""

    location: str
    turn: int
    state: str
    lines: list[RoutePortion]
    km: float | None
    leaves_at: datetime | None
    is_late: bool
    why: str
    reason: str
    updated_at: datetime


class RouteOrderRow(TypedDict):
    """A kept route: allocated, short, done or cancelled; `parcels` of all turns, and the reasons of the last."""

    account: str
    reference: str
    state: str
    turn: int
    short: list[RoutePortion]
    rejected: list[str]
    parcels: list[RouteParcelRow]
    why: list[str]
    is_proven: bool
    ship_by: datetime | None
    by: str
    created_at: datetime
    updated_at: datetime


async def kept_routes(
    pool: asyncpg.Pool,
    *,
    account: str | None = None,
    state: str | None = None,
    location: str | None = None,
    references: list[str] | None = None,
    scope: Scope = EVERYTHING,
    limit: int = 50,
    after: str | None = None,
) -> Rows[RouteOrderRow]:
    """List kept routes, the oldest first; with a location those that have an open or accepted parcel there."""
    conditions = Conditions(scope, by_location=False)
    conditions.add_if("account_id = {}", account)
    conditions.add_if("state = {}", state)
    conditions.add_if("reference = any({}::text[])", references)
    if location is not None:
        conditions.add(
            "exists (select 1 from route_parcel p where p.account_id = route_order.account_id"
            " and p.reference = route_order.reference and p.location_id = {} and p.state in ('open', 'accepted'))",
            location,
        )
    if after:
        conditions.add("(created_at, account_id, reference) > ({}, {}, {})", *decode_cursor(after, datetime, str, str))
    rows = await pool.fetch(
        f"select * from route_order {conditions.where} order by created_at, account_id, reference limit {int(limit)}",
        *conditions.values,
    )
    parcels = await _parcels(pool, rows)
    last = rows[-1] if len(rows) == limit else None
    cursor = encode_cursor(last["created_at"].isoformat(), last["account_id"], last["reference"]) if last else None
    return Rows([_row(row, parcels.get((row["account_id"], row["reference"]), [])) for row in rows], cursor)


async def kept_route(pool: asyncpg.Pool, account: str, reference: str, scope: Scope = EVERYTHING) -> RouteOrderRow:
    """Show one kept route.

    Raises NotFound.
    """
    found = (await kept_routes(pool, account=account, references=[reference], scope=scope)).items
    if not found:
        raise NotFound(
            f"Account {account} keeps no route of an order {reference}.", hint="List them with `packline route list`."
        )
    return found[0]


async def _parcels(pool: asyncpg.Pool, orders: list[Any]) -> dict[tuple[str, str], list[RouteParcelRow]]:
    found: dict[tuple[str, str], list[RouteParcelRow]] = {}
    keys = [[order["account_id"] for order in orders], [order["reference"] for order in orders]]
    for row in await pool.fetch(_PARCELS, *keys):
        parcel = RouteParcelRow(
            location=row["location_id"],
            turn=row["turn"],
            state=row["state"],
            lines=_portions(row["lines"]),
            km=None if row["metres"] is None else round(row["metres"] / 1000, 1),
            leaves_at=row["leaves_at"],
            is_late=row["is_late"],
            why=row["why"],
            reason=row["reason"],
            updated_at=row["updated_at"],
        )
        found.setdefault((row["account_id"], row["reference"]), []).append(parcel)
    return found


def _row(row: Any, parcels: list[RouteParcelRow]) -> RouteOrderRow:
    return RouteOrderRow(
        account=row["account_id"],
        reference=row["reference"],
        state=row["state"],
        turn=row["turn"],
        short=_portions(row["short"]),
        rejected=list(row["rejected"]),
        parcels=parcels,
        why=list(row["why"]),
        is_proven=row["is_proven"],
        ship_by=row["ship_by"],
        by=row["by_whom"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _portions(told: bytes) -> list[RoutePortion]:
    rows = msgspec.json.decode(told, type=list[tuple[str, str, int]])
    return [RoutePortion(line=line, sku=sku, units=units) for line, sku, units in rows]
