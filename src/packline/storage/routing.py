"""Where places are, how locations are to be used, and what lies there (implements `commands.route.RoutingStore`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg

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
_PLACINGS = """
select l.id, l.timezone, coalesce(r.country, '') as country, coalesce(r.postal_code, '') as postal_code,
    coalesce(r.priority, 100) as priority, r.capacity, r.cut_off, c.latitude, c.longitude,
    case when r.capacity is null then 0 else (
        select count(*) from shipment s where s.account_id = l.account_id and s.location_id = l.id
            and s.status <> 'CANCELLED'
            and s.received_at >= date_trunc('day', $2::timestamptz at time zone l.timezone) at time zone l.timezone
    ) end as taken
from location l
left join location_routing r on r.account_id = l.account_id and r.location_id = l.id
left join centroid c on c.country = r.country and c.postal_code = r.postal_code
where l.account_id = $1 and l.enabled order by l.id
"""
_STOCK = """
select o.location_id, o.sku, max(greatest(0, b.on_hand - b.reserved))::int as units
from stock_offer o join stock_balance b on b.pool = o.pool and b.location = o.at_location and b.sku = o.item
where o.account_id = $1 and o.sku = any($2::text[]) group by o.location_id, o.sku
"""


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
        return [
            Placing(
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
            for row in await self._pool.fetch(_PLACINGS, account, now)
        ]

    async def stock(self, account: str, skus: Sequence[str]) -> dict[str, dict[str, int]]:
        """Read what lies at each location and is not sold, by location and SKU."""
        there: dict[str, dict[str, int]] = {}
        for row in await self._pool.fetch(_STOCK, account, list(skus)):
            there.setdefault(row["location_id"], {})[row["sku"]] = row["units"]
        return there
