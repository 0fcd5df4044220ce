"""Sizes and weights by SKU (implements `ports.SkuStore` and `ports.catalogue.CatalogueStore`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import asyncpg

from packline.domain.catalogue import Listed
from packline.domain.shipment import Status
from packline.domain.values import Box
from packline.ports.catalogue import Mark
from packline.storage.codec import decode_shipment

_BOXES = """
select sku, coalesce(listing_box, default_box) as box from sku
where account_id = $1 and sku = any($2::text[]) and coalesce(listing_box, default_box) is not null
"""
_LISTED = """
select sku, listing_box as box from sku
where account_id = $1 and sku = any($2::text[]) and listing_box is not null
"""
_DEFAULTS = """
insert into sku (account_id, sku, default_box, updated_at)
select $1, s.sku, array[s.l, s.w, s.h, s.g], $7
from unnest($2::text[], $3::float8[], $4::float8[], $5::float8[], $6::float8[]) as s(sku, l, w, h, g)
on conflict (account_id, sku) do update set default_box = excluded.default_box, updated_at = excluded.updated_at
"""
_FORGET_DEFAULT = "update sku set default_box = null, updated_at = $3 where account_id = $1 and sku = $2"
_OPEN = """
select id, state, received_at from shipment
where account_id = $1 and status = any($2::text[]) and (received_at, id) > ($3, $4) order by received_at, id limit $5
"""
_WANTED = """
insert into sku (account_id, sku, marketplace_id, updated_at)
select $1, w.sku, w.marketplace, $4 from unnest($2::text[], $3::text[]) as w(sku, marketplace)
on conflict (account_id, sku) do update set listing_at = null,
    marketplace_id = case when sku.marketplace_id = '' then excluded.marketplace_id else sku.marketplace_id end
where (sku.listing_at is null and sku.marketplace_id = '') or sku.listing_at < $5
"""
_UNREAD = """
select sku, marketplace_id from sku
where account_id = $1 and listing_at is null and default_box is null and marketplace_id <> '' order by updated_at, sku
limit $2
"""
_KEEP = """
update sku set asin = l.asin, title = l.title, product_type = l.product_type, listing_at = $7, updated_at = $7,
    listing_box = case when l.g is null then null else array[l.l, l.w, l.h, l.g] end
from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::float8[], $8::float8[], $9::float8[], $10::float8[])
    as l(sku, asin, title, product_type, l, w, h, g)
where sku.account_id = $1 and sku.sku = l.sku
"""
_BEFORE_LABEL = [
    status.value
    for status in (Status.CREATED, Status.ACCEPTED, Status.CONFIRMED, Status.PACKAGE_CREATED,
                   Status.PICKUP_SLOT_RETRIEVED)
]  # fmt: skip
ORDERS_AT_ONCE = 2000
LATE = timedelta(minutes=10)
"""An order may be stored later than one that came after it; so much is looked through again."""


class Skus:
    """What is known of each account's SKUs."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def boxes(self, account: str, skus: Sequence[str]) -> dict[str, Box]:
        """Read size and weight of one packed unit by SKU: the listing's, else the seller's default."""
        rows = await self._pool.fetch(_BOXES, account, list(skus))
        return {row["sku"]: Box(*row["box"]) for row in rows}

    async def listed(self, account: str, skus: Sequence[str]) -> dict[str, Box]:
        """Read size and weight of one packed unit by SKU as its listing says; others are left out."""
        rows = await self._pool.fetch(_LISTED, account, list(skus))
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

    async def forget_default(self, account: str, sku: str, now: datetime) -> None:
        """Forget the seller's own size of a SKU."""
        await self._pool.execute(_FORGET_DEFAULT, account, sku, now)

    async def note_wanted(self, account: str, after: Mark, stale: datetime, now: datetime) -> Mark:
        """Note the SKUs of orders without label that came after a mark; tell how far that was.

        What was read before `stale` is to be read again; its last size stays until then.
        """
        after = Mark(after.received_at - LATE, "")
        while True:
            rows = await self._pool.fetch(_OPEN, account, _BEFORE_LABEL, *after, ORDERS_AT_ONCE)
            found: dict[str, str] = {}
            for row in rows:
                shipment = decode_shipment(row["state"])
                found |= {sku: shipment.marketplace for sku, _ in shipment.items if sku}
            if found:
                wanted = dict(sorted(found.items()))
                await self._pool.execute(_WANTED, account, list(wanted), list(wanted.values()), now, stale)
            if rows:
                after = Mark(rows[-1]["received_at"], rows[-1]["id"])
            if len(rows) < ORDERS_AT_ONCE:
                return after

    async def unread(self, account: str, limit: int) -> list[tuple[str, str]]:
        """Give (SKU, marketplace) of SKUs whose size nobody knows and whose listing is not read."""
        return [(row["sku"], row["marketplace_id"]) for row in await self._pool.fetch(_UNREAD, account, limit)]

    async def keep(self, account: str, listed: Sequence[Listed], now: datetime) -> None:
        """Keep what listings said, also that they say no size."""
        boxes = [one.box for one in listed]
        await self._pool.execute(
            _KEEP,
            account,
            [one.sku for one in listed],
            [one.asin for one in listed],
            [one.title for one in listed],
            [one.product_type for one in listed],
            [box.length_cm if box else None for box in boxes],
            now,
            [box.width_cm if box else None for box in boxes],
            [box.height_cm if box else None for box in boxes],
            [box.weight_g if box else None for box in boxes],
        )
