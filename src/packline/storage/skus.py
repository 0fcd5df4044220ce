"""Sizes and weights by SKU (implements `ports.SkuStore`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg

from packline.domain.values import Box

_BOXES = """
select sku, coalesce(listing_box, default_box) as box from sku
where account_id = $1 and sku = any($2::text[]) and coalesce(listing_box, default_box) is not null
"""
_DEFAULTS = """
insert into sku (account_id, sku, default_box, updated_at)
select $1, s.sku, array[s.l, s.w, s.h, s.g], $7
from unnest($2::text[], $3::float8[], $4::float8[], $5::float8[], $6::float8[]) as s(sku, l, w, h, g)
on conflict (account_id, sku) do update set default_box = excluded.default_box, updated_at = excluded.updated_at
"""


class Skus:
    """What is known of each account's SKUs."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def boxes(self, account: str, skus: Sequence[str]) -> dict[str, Box]:
        """Read size and weight of one packed unit by SKU: the listing's, else the seller's default."""
        rows = await self._pool.fetch(_BOXES, account, list(skus))
        return {row["sku"]: Box(*row["box"]) for row in rows}

    async def set_defaults(self, account: str, boxes: Mapping[str, Box], now: datetime) -> None:
        """Store the seller's own sizes; a listing's go before them."""
        given = list(boxes.values())
        await self._pool.execute(
            _DEFAULTS,
            account,
            list(boxes),
            [box.length_cm for box in given],
            [box.width_cm for box in given],
            [box.height_cm for box in given],
            [box.weight_g for box in given],
            now,
        )
