"""Shipments by what is printed on their papers (implements `ports.feeds.NamedShipments`)."""

from collections.abc import Sequence

import asyncpg

_NAMED = """
select id from shipment where account_id = $1 and amazon_id = any($2::text[])
union
select l.shipment_id from package_label l join shipment s on s.id = l.shipment_id
where s.account_id = $1 and l.tracking_id = any($3::text[]) and not l.void
"""


class PaperNames:
    """Look up who is meant by ids on paper."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def named(self, account: str, order_ids: Sequence[str], tracking_ids: Sequence[str]) -> list[str]:
        """Give the ids of an account's shipments with one of these order ids, or of these live tracking ids."""
        rows = await self._pool.fetch(_NAMED, account, list(order_ids), list(tracking_ids))
        return [row["id"] for row in rows]
