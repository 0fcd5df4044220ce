"""Shipments by what is printed on their papers (implements `ports.feeds.NamedShipments`)."""

from collections.abc import Sequence

import asyncpg

from packline.storage.sealed import opened
from packline.storage.secrets import Vault

_NAMED = """
select id from shipment where account_id = $1 and amazon_id = any($2::text[])
union
select l.shipment_id from package_label l join shipment s on s.id = l.shipment_id
where s.account_id = $1 and l.tracking_id = any($3::text[]) and not l.void
"""
_UNLABELED = """
select s.id, b.body from shipment s join shipment_body b on b.shipment_id = s.id
where s.account_id = $1 and s.status = 'SHIPLABEL_GENERATED'
    and not exists (select 1 from package_label l where l.shipment_id = s.id and not l.void)
order by s.as_of desc limit $2
"""


class PaperNames:
    """Look up who is meant by ids on paper."""

    def __init__(self, pool: asyncpg.Pool, vault: Vault | None) -> None:
        """Use the pool of this process; Amazon's bodies are encrypted by the vault, where there is one."""
        self._pool, self._vault = pool, vault

    async def named(self, account: str, order_ids: Sequence[str], tracking_ids: Sequence[str]) -> list[str]:
        """Give the ids of an account's shipments with one of these order ids, or of these live tracking ids."""
        rows = await self._pool.fetch(_NAMED, account, list(order_ids), list(tracking_ids))
        return [row["id"] for row in rows]

    async def unlabeled(self, account: str, limit: int) -> list[tuple[str, bytes]]:
        """List shipments that are labeled at Amazon and have no label here, the latest first, with Amazon's body."""
        rows = await self._pool.fetch(_UNLABELED, account, limit)
        return [(row["id"], opened(self._vault, row["body"])) for row in rows]
