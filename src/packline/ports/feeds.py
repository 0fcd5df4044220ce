"""The seams of the feeds: what waits for them, what is under way, and who speaks with Amazon about it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from packline.domain.feed_plan import Backlog, Waiting
from packline.domain.feeds import FeedItem, FeedKind, FeedResult, FeedState
from packline.domain.inventory.publishing import Telling
from packline.domain.papers import Expected, Split
from packline.domain.values import Value
from packline.ports import Guard, Ownership


class WaitingItem(Value, frozen=True):
    """An item that waits for a feed or is in one, since when, and in how many feeds it has been."""

    item: FeedItem
    since: datetime
    attempts: int


class Batch(Value, frozen=True):
    """One feed under way.

    `state`: planned (nothing has left), submitting (createFeed has left and its answer is not known), submitted
    (Amazon works on it), answered (its reports are being fetched), ended.
    `subjects`: what was sent, in the order of the messages, whether or not it is still wanted; empty for quantities,
    which stay in their feed to its end.
    """

    id: int
    account: str
    kind: FeedKind
    marketplace: str
    state: str
    items: int
    created_at: datetime
    document_id: str | None = None
    feed_id: str | None = None
    result_document_id: str | None = None
    reports: tuple[str, ...] = ()
    attempts: int = 0
    failure: str = ""
    sent_at: datetime | None = None
    next_at: datetime | None = None
    subjects: tuple[str, ...] = ()


class Repeat(Value, frozen=True):
    """An item that goes into another feed, not before then; None: it is given up, and a person is told."""

    key: str
    reason: str
    not_before: datetime | None


class FeedStore(Protocol):
    """What waits for feeds, and the feeds that are under way."""

    async def waiting(self, account: str, now: datetime) -> tuple[list[Waiting], datetime | None]:
        """Tell what may go now, by kind and marketplace, and when the next item that pauses may."""

    async def plan(self, owner: Ownership, kind: FeedKind, marketplace: str, limit: int, now: datetime) -> Batch | None:
        """Take waiting items into a new batch; None where there are none or we are not the owner."""

    async def open(self, account: str) -> list[Batch]:
        """List batches that are not over."""

    async def items(self, batch: Batch) -> list[WaitingItem]:
        """Read the items of a batch that still want it."""

    async def expected(self, account: str, kind: FeedKind, limit: int) -> list[WaitingItem]:
        """Read all items of a kind, whatever their state, the oldest first."""

    async def save(self, owner: Ownership, batch: Batch, now: datetime) -> bool:
        """Write how far a batch is; False where we are not the owner any more."""

    async def settle(
        self, owner: Ownership, batch: Batch, done: Sequence[str], again: Sequence[Repeat], now: datetime
    ) -> bool:
        """Write how far a batch is, end items that are done, and let others wait or fail, in one transaction.

        False where we are not the owner any more; nothing is written then.
        """

    async def known(self, account: str, feed_ids: Sequence[str]) -> set[str]:
        """Tell which of these feeds belong to a batch already."""


class StockFeedStore(Protocol):
    """Quantities in feeds: a place that is in an open one is told by nothing else."""

    async def backlog(self, account: str, now: datetime) -> Backlog:
        """Count what waits to be told, and say what became of the last feed."""

    async def begin(self, owner: Ownership, told: Sequence[Telling], now: datetime) -> Batch | None:
        """Plan a feed of these quantities; None where we are not the owner any more."""


Note = Callable[[str, str], Awaitable[None]]
"""Told of each step of a submission with its value: `document` with the id, `uploaded` with the id."""


class Feeds(Protocol):
    """Amazon's feeds and reports. AmazonErrors are raised; Unresolved means that a feed may have been taken."""

    async def submit(
        self, account: str, kind: FeedKind, items: Sequence[FeedItem], guard: Guard | None, note: Note
    ) -> str:
        """Send one feed for all items and give its id; `note` is awaited between the calls."""

    async def refill(self, account: str, guard: Guard | None) -> None:
        """Find out how many calls of createFeed are free, where nobody knows; never more than there are."""

    async def find(self, account: str, kind: FeedKind, since: datetime, guard: Guard | None) -> tuple[FeedState, ...]:
        """List feeds of a kind created since then, the newest first."""

    async def look(self, account: str, feed_id: str, guard: Guard | None) -> FeedState:
        """Read how far a feed is."""

    async def result(
        self, account: str, kind: FeedKind, state: FeedState, items: Sequence[FeedItem], guard: Guard | None
    ) -> FeedResult:
        """Read the processing report of a feed that is over."""

    async def report(self, account: str, report_id: str, guard: Guard | None) -> tuple[str, str | None]:
        """Read how far a report is: its status and the id of its document."""

    async def report_file(self, account: str, report_document_id: str, guard: Guard | None) -> bytes:
        """Fetch a report's document, unzipped once."""


class Mentioned(Protocol):
    """What a pile of papers names: order ids, and what may be tracking ids (letters and digits only)."""

    @property
    def order_ids(self) -> tuple[str, ...]: ...

    @property
    def tracking_ids(self) -> tuple[str, ...]: ...


class Papers(Protocol):
    """Reads documents; in a process of its own, as they come from elsewhere."""

    async def mentions(self, content: bytes) -> Mentioned:
        """Tell which orders a pile names; raises Invalid where it cannot be read."""

    async def split(self, content: bytes, expected: Sequence[Expected]) -> Split:
        """Take a pile of papers apart; raises Invalid where it cannot be read."""


class NamedShipments(Protocol):
    """Finds shipments by what is printed on their papers."""

    async def named(self, account: str, order_ids: Sequence[str], tracking_ids: Sequence[str]) -> list[str]:
        """Give the ids of an account's shipments with one of these order ids, or of these tracking ids."""

    async def unlabeled(self, account: str, limit: int) -> list[tuple[str, bytes]]:
        """List shipments that are labeled at Amazon and have no label here, the latest first, with Amazon's body."""
