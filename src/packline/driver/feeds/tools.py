"""What the feeds errand works with, and the side of stock: what goes into its feeds, what their answers mean."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from packline.domain.feed_plan import RULES, FeedRules, Waiting
from packline.domain.feeds import ItemResult
from packline.ports.feeds import Batch, Feeds, FeedStore, Papers, WaitingItem


class StockSide(Protocol):
    """The quantities of one account, for the errand that sends its feeds."""

    async def waiting(self, now: datetime) -> Waiting | None:
        """Tell what waits, where it is worth a feed."""

    async def plan(self, now: datetime) -> Batch | None:
        """Take the last values into a new batch; None where nothing is left for one."""

    def rest(self, until: datetime) -> None:
        """Plan no feed before then: Amazon takes none just now."""

    async def told(self, items: Sequence[WaitingItem], results: Sequence[ItemResult]) -> None:
        """Note what Amazon said of each, in the order of the items; called again with the same after a crash."""


class NoStock:
    """An account whose quantities go by calls only (implements StockSide)."""

    async def waiting(self, _now: datetime) -> Waiting | None:
        """Have nothing."""
        return None

    async def plan(self, _now: datetime) -> Batch | None:
        """Have nothing."""
        return None

    def rest(self, _until: datetime) -> None:
        """Rest already."""

    async def told(self, _items: Sequence[WaitingItem], _results: Sequence[ItemResult]) -> None:
        """Be told nothing."""


class FeedTools(NamedTuple):
    """The store, Amazon's feeds, the reader of papers, the rules, and the account's stock."""

    store: FeedStore
    feeds: Feeds
    papers: Papers
    rules: FeedRules = RULES
    stock: StockSide = NoStock()
