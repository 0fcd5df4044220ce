"""What others did in Amazon's own panel: shipments that moved there, what it did to stock, and what needs a person."""

import asyncio
from datetime import datetime
from typing import Any

import asyncpg
from typing_extensions import TypedDict

from packline.domain.inventory.journey import SCANNED_IN
from packline.views.paging import EVERYTHING, Scope

MOST = 1000


class PlaceRow(TypedDict):
    """What was done elsewhere with shipments of one location; units left its shelf, scanned by bin or serial or not."""

    account: str
    location: str
    shipments: int
    labelled: int
    shipped: int
    delivered: int
    cancelled: int
    units: int
    scanned: int
    unscanned: int


class CountRow(TypedDict):
    """A SKU of which units went without a scan: taken first in first out, to be counted."""

    location: str
    pool: str
    sku: str
    on_hand: int
    unscanned_at: Any


class StrangeRow(TypedDict):
    """Units that were scanned where nobody laid any in: another bin or serial number than these books have.

    A serial number that the ledger has in another bin is taken from there.
    """

    location: str
    pool: str
    sku: str
    bin: str
    serial: str
    units: int


class PersonRow(TypedDict):
    """A shipment that was moved elsewhere and needs a person."""

    id: str
    amazon_id: str
    order_id: str
    account: str
    location: str
    status: str
    reason: str


class SmartHubReport(TypedDict):
    """The report: places, SKUs to count, scans that do not fit, shipments for a person (at most 1,000 of each)."""

    since: Any
    until: Any
    shipments: int
    places: list[PlaceRow]
    to_count: list[CountRow]
    strange: list[StrangeRow]
    people: list[PersonRow]


_ADOPTED = """
adopted as (
    select s.id, s.amazon_id, s.order_id, s.account_id, s.location_id, s.status, s.problem, s.ship_by from shipment s
    where s.id in (select shipment_id from event where name = 'shipment.adopted' and at >= $1 and at < $2
            union select shipment_id from stock_entry
            where kind = 'smarthub' and recorded_at >= $1 and recorded_at < $2)
        and ($3::text is null or s.account_id = $3) and ($4::text[] is null or s.account_id = any($4))
        and ($5::text[] is null or s.location_id = any($5))
)"""
_PLACES = f"""
with {_ADOPTED}, taken as (
    select shipment_id, sum(units) as units, sum(unscanned) as unscanned from stock_allocation a
    where shipment_id in (select id from adopted) and exists (select 1 from stock_entry e
        where e.kind = 'smarthub' and e.recorded_at >= $1 and e.shipment_id = a.shipment_id
            and e.pool = a.pool and e.location = a.location and e.sku = a.sku)
    group by shipment_id
)
select account_id as account, location_id as location, count(*) as shipments,
    count(*) filter (where status = 'SHIPLABEL_GENERATED') as labelled,
    count(*) filter (where status = 'SHIPPED') as shipped, count(*) filter (where status = 'DELIVERED') as delivered,
    count(*) filter (where status = 'CANCELLED') as cancelled,
    coalesce(sum(units), 0)::int as units, coalesce(sum(units - unscanned), 0)::int as scanned,
    coalesce(sum(unscanned), 0)::int as unscanned
from adopted left join taken on taken.shipment_id = adopted.id group by 1, 2 order by 1, 2
"""
_TO_COUNT = f"""
with {_ADOPTED}
select b.location, b.pool, b.sku, b.on_hand, b.unscanned_at from stock_balance b
where b.unscanned_at >= $1 and b.unscanned_at > coalesce(b.counted_at, '-infinity') and exists (
    select 1 from stock_allocation a join adopted on adopted.id = a.shipment_id
    where a.unscanned > 0 and a.pool = b.pool and a.location = b.location and a.sku = b.sku)
order by b.unscanned_at limit {MOST}
"""
_STRANGE = f"""
with {_ADOPTED}
select p.location, p.pool, p.sku, p.bin, p.serial, -p.units as units from stock_spot p
where p.units < 0 and exists (
    select 1 from stock_allocation a join adopted on adopted.id = a.shipment_id
    where a.scanned is not null and a.pool = p.pool and a.location = p.location and a.sku = p.sku)
union all
select e.location, e.pool, e.sku, substr(e.reason, {len(SCANNED_IN) + 1}), e.serial, e.units from stock_entry e
where e.shipment_id in (select id from adopted) and e.kind in ('smarthub', 'labelled') and e.reason like '{SCANNED_IN}%'
    and e.recorded_at >= $1 and e.recorded_at < $2
order by 1, 3, 4, 5 limit {MOST}
"""
_PEOPLE = f"""
with {_ADOPTED}
select id, amazon_id, order_id, account_id as account, location_id as location, status,
    case when problem is not null then 'problem: ' || problem
        when status = 'CANCELLED' then 'cancelled after it was worked on elsewhere: see where the parcel is'
        else 'its label was made elsewhere and its file is not here' end as reason
from adopted s
where problem is not null
    or (status = 'CANCELLED' and exists (select 1 from package_label l where l.shipment_id = s.id))
    or (status = 'SHIPLABEL_GENERATED' and not exists (
        select 1 from shipment_document d where d.shipment_id = s.id and d.kind = 'ship_label' and not d.void))
order by ship_by, id limit {MOST}
"""


async def report(
    pool: asyncpg.Pool, since: datetime, until: datetime, account: str | None = None, scope: Scope = EVERYTHING
) -> SmartHubReport:
    """Tell what was done in Amazon's panel between two times, as things stand now."""
    given = (
        since,
        until,
        account,
        None if scope.accounts is None else list(scope.accounts),
        None if scope.locations is None else list(scope.locations),
    )
    asked = (pool.fetch(sql, *given) for sql in (_PLACES, _TO_COUNT, _STRANGE, _PEOPLE))
    places, to_count, strange, people = [[dict(row) for row in rows] for rows in await asyncio.gather(*asked)]
    return SmartHubReport(
        since=since,
        until=until,
        shipments=sum(place["shipments"] for place in places),
        places=places,  # type: ignore[typeddict-item]  # the columns of the statement are its keys
        to_count=to_count,  # type: ignore[typeddict-item]  # as above
        strange=strange,  # type: ignore[typeddict-item]  # as above
        people=people,  # type: ignore[typeddict-item]  # as above
    )
