"""Shipments: lists by key, one in full, and finding one by whatever a person has in hand."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from packline.domain.details import Details
from packline.domain.location import NAMED_PROGRAMS
from packline.domain.shipment import Shipment, Status
from packline.domain.values import Value
from packline.errors import Conflict, NotFound
from packline.ports import Gateway
from packline.views.documents import documents
from packline.views.overview import FEW, add_action
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
from packline.views.rows import LinkRow, ShipmentDetail, ShipmentRow
from packline.views.stages import in_status, stage_of
from packline.views.states import line_rows, package_rows, recommended_rows, shipment_of, shipment_row

SORTS = ("ship_by", "-ship_by", "received_at", "-received_at")
_FIND = """
select id, account_id, location_id from shipment where id = $1
union select id, account_id, location_id from shipment where amazon_id = $1
union select id, account_id, location_id from shipment where order_id = $1
limit 50
"""
_ONE = "select id, state, version from shipment where id = $1"
_ORIGINAL = "select id, amazon_id, status from shipment where account_id = $1 and amazon_id = $2"
_REPLACEMENTS = """
select s.id, s.amazon_id, s.status, l.kind from shipment_link l join shipment s on s.id = l.shipment_id
where l.account_id = $1 and l.original_id = $2 order by s.received_at, s.id limit 50
"""
_NAMED = "(account_id, location_id) in (select account_id, id from location where {} = any(programs))"
_PLACES = """
with recursive found as (
    (select account_id, location_id, program from shipment order by 1, 2, 3 limit 1)
    union all
    select following.* from found, lateral (
        select s.account_id, s.location_id, s.program from shipment s
        where (s.account_id, s.location_id, s.program) > (found.account_id, found.location_id, found.program)
        order by 1, 2, 3 limit 1
    ) following
), places (of_account, of_location, of_program) as (select * from found)
"""
"""Every place and program that has shipments: of each the newest, and of these the newest of all."""
_PLACE = ("account_id = of_account", "location_id = of_location", "program = of_program")
_BODY = "select body from shipment_body where shipment_id = $1"


class Filters(Value, frozen=True):
    """Which shipments a list holds; fields left out do not count. `action` is one of `overview.ACTIONS`."""

    action: str | None = None
    account: str | None = None
    location: str | None = None
    program: str | None = None
    status: tuple[str, ...] | None = None
    goal: str | None = None
    problem: str | None = None
    has_problem: bool | None = None
    order_id: str | None = None
    amazon_id: str | None = None
    tracking_id: str | None = None
    ship_by_after: datetime | None = None
    ship_by_before: datetime | None = None


ALL = Filters()


class Found(Value, frozen=True):
    """Where a shipment belongs."""

    id: str
    account: str
    location: str


async def shipments(
    pool: asyncpg.Pool,
    gateway: Gateway,
    now: datetime,
    filters: Filters = ALL,
    scope: Scope = EVERYTHING,
    *,
    sort: str = "-received_at",
    limit: int = 50,
    after: str | None = None,
) -> Rows[ShipmentRow]:
    """List shipments by key; those without a ship-by come last, and nothing is ever counted."""
    column = sort.lstrip("-")
    descending = sort.startswith("-")
    moment, last = decode_cursor(after, str | None, str) if after else ("start", "")
    rows: list[Any] = []
    if moment is not None:
        start = None if moment == "start" else (moment_of(moment), last)
        rows += await _dated(pool, now, filters, scope, column, descending, start, limit + 1)
    if column == "ship_by" and len(rows) <= limit:
        start_id = last if moment is None else ""
        rows += await _undated(pool, now, filters, scope, start_id, limit + 1 - len(rows))
    page = rows[:limit]
    following = encode_cursor(page[-1][column], page[-1]["id"]) if len(rows) > limit else None
    return Rows([_row(row, gateway, now) for row in page], following)


async def count(pool: asyncpg.Pool, now: datetime, filters: Filters, scope: Scope, most: int) -> int:
    """Count the shipments of a list, up to `most`."""
    return await counted(pool, "shipment", _conditions(filters, scope, now), most)


async def find(pool: asyncpg.Pool, reference: str, scope: Scope = EVERYTHING) -> Found:
    """Find a shipment by our id, Amazon's id, or an order id that names only one.

    Raises NotFound; Conflict where an order has several shipments.
    """
    rows = [r for r in await pool.fetch(_FIND, reference) if scope.sees(r["account_id"], r["location_id"])]
    if not rows:
        raise NotFound(f"There is no shipment {reference}, by our id, Amazon's id or the order's id.")
    if len(rows) > 1:
        raise Conflict(
            f"{reference} names {len(rows)} shipments: {', '.join(row['id'] for row in rows)}.",
            reason="ambiguous",
            hint="Use one of these ids.",
        )
    return Found(rows[0]["id"], rows[0]["account_id"], rows[0]["location_id"])


async def find_many(
    pool: asyncpg.Pool, references: Sequence[str], scope: Scope = EVERYTHING
) -> dict[str, Found | None]:
    """Find many by our id or Amazon's id in one query; None where there is none, or several."""
    rows = await pool.fetch(
        "select id, amazon_id, account_id, location_id from shipment"
        " where id = any($1::text[]) union select id, amazon_id, account_id, location_id from shipment"
        " where amazon_id = any($1::text[])",
        list(references),
    )
    found: dict[str, Found | None] = dict.fromkeys(references)
    seen: set[str] = set()
    for row in rows:
        if not scope.sees(row["account_id"], row["location_id"]):
            continue
        for name in (row["id"], row["amazon_id"]):
            found[name] = None if name in seen else Found(row["id"], row["account_id"], row["location_id"])
            seen.add(name)
    return {reference: found[reference] for reference in references}


async def load(pool: asyncpg.Pool, shipment_id: str) -> Shipment:
    """Read one shipment.

    Raises NotFound.
    """
    row = await pool.fetchrow(_ONE, shipment_id)
    if row is None:
        raise NotFound(f"There is no shipment {shipment_id}.")
    return shipment_of(row)


async def detail(
    pool: asyncpg.Pool, gateway: Gateway, now: datetime, shipment_id: str, *, with_address: bool
) -> ShipmentDetail:
    """Show one shipment with lines, packages and documents; the address only where the reader may see it."""
    shipment = await load(pool, shipment_id)
    details = await _lines(pool, gateway, shipment)
    row = shipment_row(shipment, gateway.program_for(shipment), now)
    return ShipmentDetail(
        **row,
        original=await _original(pool, shipment),
        replacements=[_link(found) for found in await pool.fetch(_REPLACEMENTS, shipment.account, shipment.amazon_id)],
        lines=line_rows(details),
        recommended=recommended_rows(details),
        package_list=package_rows(shipment.packages),
        documents=await documents(pool, shipment_id),
        ship_to=details.ship_to if with_address else {},
        ship_method=details.ship_method,
        payment=details.payment,
    )


async def _original(pool: asyncpg.Pool, shipment: Shipment) -> LinkRow | None:
    if shipment.original_id is None:
        return None
    found = await pool.fetchrow(_ORIGINAL, shipment.account, shipment.original_id)
    if found is None:
        return LinkRow(id=None, amazon_id=shipment.original_id, kind=shipment.kind, status=None)
    return LinkRow(id=found["id"], amazon_id=found["amazon_id"], kind=shipment.kind, status=found["status"])


def _link(row: Any) -> LinkRow:
    return LinkRow(id=row["id"], amazon_id=row["amazon_id"], kind=row["kind"], status=row["status"])


async def _lines(pool: asyncpg.Pool, gateway: Gateway, shipment: Shipment) -> Details:
    """Read what is in a shipment; empty where Amazon's full answer has not been read yet."""
    body = await pool.fetchval(_BODY, shipment.id)
    return gateway.details(body, shipment.api) if body else Details(())


async def _dated(
    pool: asyncpg.Pool,
    now: datetime,
    filters: Filters,
    scope: Scope,
    column: str,
    descending: bool,
    start: tuple[datetime, str] | None,
    limit: int,
) -> list[Any]:
    conditions = _conditions(filters, scope, now)
    if start:
        conditions.add(f"({column}, id) {'<' if descending else '>'} ({{}}, {{}})", *start)
    order = "desc" if descending else "asc"
    newest = f"order by {column} {order}, id {order} limit {int(limit)}"
    one = f"select id, state, version, {column} from shipment"
    if column != "ship_by":
        if not _is_of_a_place(filters, scope):
            return list(await pool.fetch(f"{one} {conditions.where} {newest}", *conditions.values))
        rest = " and ".join([*_PLACE, *conditions.parts])
        sql = f"{_PLACES} select s.* from places, lateral ({one} where {rest} {newest}) s order by s.{column} {order}"
        return list(await pool.fetch(f"{sql}, s.id {order} limit {int(limit)}", *conditions.values))
    conditions.parts.append("ship_by is not null")
    rest = " and ".join(conditions.parts)
    if filters.action in FEW:  # few rows with an index of their own: no walk along the ship-by
        return list(await pool.fetch(f"{one} where {rest} {newest}", *conditions.values))
    # The index begins with the stage: the first of each stage, and of these the first.
    stages: dict[str, list[Status]] = {}
    for status in map(Status, filters.status or tuple(Status)):
        stages.setdefault(stage_of(status), []).append(status)
    parts = [f"({one} where {in_status(*held)} and {rest} {newest})" for held in stages.values()]
    return list(await pool.fetch(f"select * from ({' union all '.join(parts)}) s {newest}", *conditions.values))


async def _undated(
    pool: asyncpg.Pool, now: datetime, filters: Filters, scope: Scope, start: str, limit: int
) -> list[Any]:
    conditions = _conditions(filters, scope, now)
    conditions.parts.append("ship_by is null")
    conditions.add("id > {}", start)
    return list(
        await pool.fetch(
            f"select id, state, version, ship_by from shipment {conditions.where} order by id limit {int(limit)}",
            *conditions.values,
        )
    )


def _is_of_a_place(filters: Filters, scope: Scope) -> bool:
    """Tell whether a list is narrowed to places or programs that may have few of all shipments, and to nothing else."""
    narrowed = filters.account or filters.location or filters.program or scope.accounts or scope.locations
    found = filters.order_id or filters.amazon_id or filters.tracking_id or filters.problem or filters.has_problem
    return bool(narrowed) and not (found or filters.action)


def _conditions(filters: Filters, scope: Scope, now: datetime) -> Conditions:
    conditions = Conditions(scope)
    if filters.action:
        add_action(conditions, filters.action, now)
    conditions.add_if("account_id = {}", filters.account)
    conditions.add_if("location_id = {}", filters.location)
    if filters.program in NAMED_PROGRAMS:  # no shipment tells it: its location does
        conditions.add(_NAMED, filters.program)
    else:
        conditions.add_if("program = {}", filters.program)
    if filters.status:
        conditions.parts.append(in_status(*map(Status, filters.status)))
    conditions.add_if("goal = {}", filters.goal)
    conditions.add_if("problem = {}", filters.problem)
    if filters.has_problem is not None:
        conditions.parts.append(f"problem is {'not ' if filters.has_problem else ''}null")
    conditions.add_if("order_id = {}", filters.order_id)
    conditions.add_if("amazon_id = {}", filters.amazon_id)
    conditions.add_if("ship_by >= {}", filters.ship_by_after)
    conditions.add_if("ship_by < {}", filters.ship_by_before)
    conditions.add_if(
        "id in (select shipment_id from package_label where tracking_id = {})",
        filters.tracking_id,
    )
    return conditions


def _row(row: Any, gateway: Gateway, now: datetime) -> ShipmentRow:
    shipment = shipment_of(row)
    return shipment_row(shipment, gateway.program_for(shipment), now)
