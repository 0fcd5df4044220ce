"""What a packer scans: the shipment that it names, or the most urgent one that it goes into; what was packed last."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from typing_extensions import TypedDict

from packline.domain.shipment import Shipment, Status
from packline.domain.values import Value
from packline.views.overview import ACTIONS
from packline.views.paging import EVERYTHING, Conditions, Scope
from packline.views.stages import in_status
from packline.views.states import shipment_of

LOOKED_AT = 1000
"""Waiting shipments in which a SKU is looked for, the most urgent first."""
SHIFT = timedelta(hours=16)
_NAMED = """
select s.id, s.account_id, s.location_id from shipment s where s.id = $1
union select s.id, s.account_id, s.location_id from shipment s where s.amazon_id = $1
union select s.id, s.account_id, s.location_id from shipment s where s.order_id = $1
union select s.id, s.account_id, s.location_id from shipment s
    join package_label l on l.shipment_id = s.id where l.tracking_id = $1
limit 50
"""
_SKUS = """
select channel_sku as sku, '' as serial from listing where account_id = any($2::text[]) and client_sku = $1
union select channel_sku, '' from listing where account_id = any($2::text[]) and asin = $1
union select o.sku, p.serial from stock_spot p join stock_offer o on (o.pool, o.at_location, o.item)
    = (p.pool, p.location, p.sku) where p.serial = $1 and p.serial <> '' and o.account_id = any($2::text[])
"""
_CODES = """
select channel_sku as sku, client_sku as code from listing where account_id = $1 and channel_sku = any($2::text[])
union select channel_sku, asin from listing where account_id = $1 and channel_sku = any($2::text[])
"""
_SERIALS = """
select o.sku, p.serial from stock_offer o join stock_spot p on (p.pool, p.location, p.sku)
    = (o.pool, o.at_location, o.item)
where o.account_id = $1 and o.location_id = $2 and o.sku = any($3::text[]) and p.serial <> '' and p.units > 0 limit 2000
"""
_TITLES = "select sku, title from sku where account_id = $1 and sku = any($2::text[]) and title <> ''"
_LAST = """
select c.id, c.shipment_id, c.outcome, c.created_at, s.amazon_id, s.order_id, s.status,
    coalesce((select max(l.prints) from package_label l where l.shipment_id = s.id and not l.void), 0) as prints
from (select * from command where created_at > $2 order by created_at desc limit 5000) c
join shipment s on s.id = c.shipment_id
where c.kind in ('pack', 'repack') and c.requested_by = $1 order by c.created_at desc limit $3
"""


_WAITING = (("confirm", Status.CREATED), ("confirm", Status.ACCEPTED), ("pack", Status.CONFIRMED))


class Named(Value, frozen=True):
    """What a code names: shipments by one of their ids, SKUs (with the serial number, where it is one)."""

    shipments: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    serial: str = ""


class LastRow(TypedDict):
    """One packing of this packer: how it ended, and how often its label was printed."""

    id: str
    shipment: str
    amazon_id: str
    order_id: str
    status: str
    outcome: str | None
    prints: int
    at: datetime


async def named(pool: asyncpg.Pool, code: str, accounts: Sequence[str], scope: Scope = EVERYTHING) -> Named:
    """Tell what a code names, in the accounts of a bench."""
    rows = await pool.fetch(_NAMED, code)
    seen = tuple(row["id"] for row in rows if scope.sees(row["account_id"], row["location_id"]))
    if seen:
        return Named(seen)
    found = await pool.fetch(_SKUS, code, list(accounts))
    serial = next((row["serial"] for row in found if row["serial"]), "")
    return Named(skus=tuple(dict.fromkeys([code, *(row["sku"] for row in found)])), serial=serial)


async def waiting_for(
    pool: asyncpg.Pool, skus: Sequence[str], account: str, location: str, scope: Scope = EVERYTHING
) -> str | None:
    """Find the most urgent shipment that waits for a packer and holds one of these SKUs; alone in it goes first."""
    conditions = Conditions(scope)
    conditions.add_if("account_id = {}", account or None)
    conditions.add_if("location_id = {}", location or None)
    # One look for each status: the index begins with the stage, so none of them sorts more than it gives.
    first = f"order by ship_by nulls last, id limit {LOOKED_AT}"
    parts = [
        f"(select id, state, version, ship_by from shipment where {' and '.join((rule, *conditions.parts))} {first})"
        for rule in (f"({ACTIONS[action]}) and {in_status(status)}" for action, status in _WAITING)
    ]
    sql = f"select id, state, version from ({' union all '.join(parts)}) as waiting {first}"
    rows = await pool.fetch(sql, *conditions.values)
    holding = [s for s in map(shipment_of, rows) if any(sku in skus for sku, _ in s.items)]
    return min(holding, key=lambda s: (len(s.items), s.urgency)).id if holding else None


async def codes_of(pool: asyncpg.Pool, shipment: Shipment, skus: Sequence[str]) -> dict[str, list[str]]:
    """Give the codes that a unit of each SKU may carry beside it: the seller's own SKU and the ASIN."""
    codes: dict[str, list[str]] = {}
    for row in await pool.fetch(_CODES, shipment.account, list(skus)):
        if row["code"]:
            codes.setdefault(row["sku"], []).append(row["code"])
    return codes


async def serials_of(pool: asyncpg.Pool, shipment: Shipment, skus: Sequence[str]) -> dict[str, str]:
    """Give the serial numbers that lie here, with their SKUs."""
    rows = await pool.fetch(_SERIALS, shipment.account, shipment.location, list(skus))
    return {row["serial"]: row["sku"] for row in rows}


async def titles_of(pool: asyncpg.Pool, account: str, skus: Sequence[str]) -> dict[str, str]:
    """Name SKUs as their listings do, where those are known."""
    rows = await pool.fetch(_TITLES, account, list(skus))
    return {row["sku"]: row["title"] for row in rows}


async def last_packed(pool: asyncpg.Pool, by: str, now: datetime, limit: int = 10) -> list[LastRow]:
    """List what somebody packed last, the newest first."""
    return [_last(row) for row in await pool.fetch(_LAST, by, now - SHIFT, limit)]


def _last(row: Any) -> LastRow:
    return LastRow(
        id=row["id"],
        shipment=row["shipment_id"],
        amazon_id=row["amazon_id"],
        order_id=row["order_id"],
        status=row["status"],
        outcome=row["outcome"],
        prints=row["prints"],
        at=row["created_at"],
    )
