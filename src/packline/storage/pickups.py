"""Orders of Seller Central that are not scheduled yet (implements `commands.pickup_schedule.UnscheduledStore`)."""

import asyncpg

from packline.domain.shipment import Status

_READY = """
select id from shipment where account_id = $1 and location_id = $2 and status = any($3::text[])
order by ship_by nulls last, id limit $4
"""
_BEFORE_LABEL = [
    status.value for status in (Status.ACCEPTED, Status.CONFIRMED, Status.PACKAGE_CREATED, Status.PICKUP_SLOT_RETRIEVED)
]


class Unscheduled:
    """Find what waits for a pickup."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def unscheduled(self, account: str, location: str, limit: int) -> list[str]:
        """Give the ids of shipments that have no label yet, the most urgent first."""
        return [row["id"] for row in await self._pool.fetch(_READY, account, location, _BEFORE_LABEL, limit)]
