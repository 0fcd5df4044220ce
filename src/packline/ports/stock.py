"""The seams of publishing stock: what is to be told, who tells Amazon, and what Amazon was last known to have."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from packline.domain.inventory.drift import Drift, Ours
from packline.domain.inventory.publishing import Answer, Pace, Sending, Telling
from packline.domain.inventory.rules import Place
from packline.domain.values import Value
from packline.ports import Guard, Ownership


class Comparison(Value, frozen=True):
    """A comparison under way: of an account, a location or a SKU, with the seller's numbers by `location sku`."""

    id: str
    account: str
    location: str = ""
    sku: str = ""
    seller: Mapping[str, int] = {}
    by_hand: bool = False


class DriftStore(Protocol):
    """Comparisons that were asked for or are due, and what they find."""

    async def next(self, account: str, now: datetime) -> tuple[Comparison | None, datetime]:
        """Give the comparison that is open or due, and when the next one is due by the schedule."""

    async def places(self, run: Comparison, after: Place | None, limit: int) -> list[Place]:
        """List places of a comparison in their order."""

    async def ours(self, places: Sequence[Place]) -> list[Ours]:
        """Read what Packline knows of places."""

    async def save(
        self, owner: Ownership, run: Comparison, agreed: Sequence[Place], found: Sequence[Drift], now: datetime
    ) -> None:
        """Write a part of a comparison, with an event for each new finding."""

    async def end(self, run: Comparison, now: datetime) -> None:
        """End a comparison."""


class StockStore(Protocol):
    """The outbox of offers, the sequence numbers, and what became of both."""

    async def send_next(self, owner: Ownership, limit: int, busy: Sequence[Place], now: datetime) -> Sending:
        """Take what Amazon does not know yet, without what is `busy`, and give each its next sequence number.

        From here on nobody knows which quantity Amazon has, until `told` says so. Where the account asks Amazon
        first, places that never had a number are given as `unknown` and take none. Empty
        where we are not the owner any more.
        """

    async def told(self, owner: Ownership, answers: Sequence[Answer], now: datetime) -> None:
        """Note what Amazon said of each place, with the events."""

    async def know(self, numbers: Sequence[tuple[Place, int]], now: datetime) -> None:
        """Note sequence numbers that Amazon has; the next ones are above them."""


class StockGateway(Protocol):
    """Tells Amazon quantities and reads them. AmazonErrors are raised; absolute values may be told again."""

    async def pace(self, account: str) -> Pace:
        """Say how many places go into one call, and how many calls may be under way at once."""

    async def tell(self, account: str, told: Sequence[Telling], guard: Guard | None) -> list[Answer]:
        """Tell quantities by one call; an answer for each that Amazon answered, in no particular order."""

    async def read(self, account: str, places: Sequence[Place], guard: Guard | None) -> list[Answer]:
        """Read by one call what Amazon has of places."""
