"""Where places are, how locations are to be used, and what lies there (implements `commands.route.RoutingStore`)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from packline.domain.inventory.ledger import Key
from packline.domain.routing.distance import Point
from packline.domain.routing.order import Placing

_CENTROIDS = """
insert into centroid (country, postal_code, latitude, longitude)
select distinct on (country, postal_code) * from unnest($1::text[], $2::text[], $3::float8[], $4::float8[])
    as c(country, postal_code, latitude, longitude)
on conflict (country, postal_code) do update set latitude = excluded.latitude, longitude = excluded.longitude
"""
_PLACE = """
insert into location_routing (account_id, location_id, country, postal_code, priority, capacity, cut_off)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (account_id, location_id) do update set country = excluded.country, postal_code = excluded.postal_code,
    priority = excluded.priority, capacity = excluded.capacity, cut_off = excluded.cut_off
"""
PLACINGS = """
select l.id, l.timezone, coalesce(r.country, '') as country, coalesce(r.postal_code, '') as postal_code,
    coalesce(r.priority, 100) as priority, r.capacity, r.cut_off, c.latitude, c.longitude,
    case when r.capacity is null then 0 else (
        select count(*) from shipment s where s.account_id = l.account_id and s.location_id = l.id
            and s.status <> 'CANCELLED' and s.received_at >= d.began
    ) + (
        select count(*) from route_parcel p where p.account_id = l.account_id and p.location_id = l.id
            and p.state in ('open', 'accepted', 'done') and p.created_at >= d.began
            and not exists (select 1 from shipment s where s.order_id = p.reference and s.account_id = p.account_id
                and s.location_id = p.location_id)
    ) end as taken
from location l
left join location_routing r on r.account_id = l.account_id and r.location_id = l.id
left join centroid c on c.country = r.country and c.postal_code = r.postal_code
cross join lateral (
    select date_trunc('day', $2::timestamptz at time zone l.timezone) at time zone l.timezone as began
) d
where l.account_id = $1 and l.enabled order by l.id
"""
SHELVES = """
select distinct o.location_id, o.sku, b.pool, b.location, b.sku as item, b.on_hand - b.reserved - (
    select coalesce(sum(h.units), 0) from route_hold h
    where h.item = b.sku and h.at_location = b.location and h.pool = b.pool
        and not exists (select 1 from shipment s where s.order_id = h.reference and s.account_id = h.account_id
            and s.location_id = h.location_id)
)::int as units
from stock_offer o join stock_balance b on b.pool = o.pool and b.location = o.at_location and b.sku = o.item
where o.account_id = $1 and o.sku = any($2::text[])
"""
# What a kept route holds is held until its shipment is there, which reserves the units itself.


class Routing:
    """What routing is decided from."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def put_centroids(self, found: Mapping[tuple[str, str], Point]) -> None:
        """Store centroids by (country, postal code); later ones take the place of earlier ones."""
        await self._pool.execute(
            _CENTROIDS,
            [country for country, _ in found],
            [code for _, code in found],
            [point.latitude for point in found.values()],
            [point.longitude for point in found.values()],
        )

    async def point(self, country: str, postal_code: str) -> Point | None:
        """Read where a postal code lies; None where no centroid of it was given."""
        row = await self._pool.fetchrow(
            "select latitude, longitude from centroid where country = $1 and postal_code = $2", country, postal_code
        )
        return Point(*row) if row else None

    async def put_placing(self, account: str, placing: Placing) -> None:
        """Store how a location is to be used."""
        await self._pool.execute(
            _PLACE,
            account,
            placing.location,
            placing.country,
            placing.postal_code,
            placing.priority,
            placing.capacity,
            placing.cut_off,
        )

    async def placings(self, account: str, now: datetime) -> list[Placing]:
        """Read how the enabled locations of an account are to be used, and how many parcels each took today."""
        return [placing_of(row) for row in await self._pool.fetch(PLACINGS, account, now)]

    async def shelves(self, account: str, skus: Sequence[str]) -> tuple[dict[str, dict[str, Key]], dict[Key, int]]:
        """Read which shelf each location's SKUs draw on, and what is neither sold nor held there."""
        return shelves_of(await self._pool.fetch(SHELVES, account, list(skus)))


def placing_of(row: Any) -> Placing:
    """Make how a location is to be used of a row."""
    return Placing(
        row["id"],
        row["country"],
        row["postal_code"],
        row["priority"],
        row["capacity"],
        row["cut_off"],
        row["timezone"],
        None if row["latitude"] is None else Point(row["latitude"], row["longitude"]),
        row["taken"],
    )


def shelves_of(rows: Iterable[Any]) -> tuple[dict[str, dict[str, Key]], dict[Key, int]]:
    """Make shelves by location and SKU, and the units on each, of rows."""
    shelves: dict[str, dict[str, Key]] = {}
    units: dict[Key, int] = {}
    for location, sku, pool, at, item, free in rows:
        key = Key(pool, at, item)
        shelves.setdefault(location, {})[sku] = key
        units[key] = free
    return shelves, units
