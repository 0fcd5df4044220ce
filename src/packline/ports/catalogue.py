"""The seams of the catalogue: SKUs whose size is wanted, and who asks Amazon for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from packline.domain.catalogue import Listed
from packline.ports import Guard


class Mark(NamedTuple):
    """How far orders were looked through, in the order of their coming."""

    received_at: datetime
    shipment: str


class CatalogueStore(Protocol):
    """Which SKUs orders wait for, and what listings said of them."""

    async def note_wanted(self, account: str, after: Mark, stale: datetime, now: datetime) -> Mark:
        """Note the SKUs of orders without label that came after a mark; tell how far that was.

        What was read before `stale` is to be read again.
        """

    async def unread(self, account: str, limit: int) -> list[tuple[str, str]]:
        """Give (SKU, marketplace) of SKUs whose size nobody knows and whose listing is not read."""

    async def keep(self, account: str, listed: Sequence[Listed], now: datetime) -> None:
        """Keep what listings said, also that they say no size."""


class Catalogue(Protocol):
    """Amazon's listings. AmazonErrors are raised."""

    async def listing(self, account: str, sku: str, marketplace: str, guard: Guard | None) -> Listed | None:
        """Read one SKU; None where Amazon has no such listing."""
