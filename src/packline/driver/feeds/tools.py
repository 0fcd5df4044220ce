"""What the feeds errand works with, and what it is told to do with the answers of a kind."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from packline.domain.feed_plan import RULES, FeedRules
from packline.domain.feeds import FeedKind, ItemResult
from packline.ports.feeds import Feeds, FeedStore, Papers


class Listener(Protocol):
    """Is told what Amazon said of the items of a kind that is no shipment's (stock)."""

    async def __call__(self, account: str, keys: Sequence[str], results: Sequence[ItemResult]) -> None:
        """Note the results, in the order of the keys; called again with the same after a crash."""


class FeedTools(NamedTuple):
    """The store, Amazon's feeds, the reader of papers, the rules, and who listens to other kinds."""

    store: FeedStore
    feeds: Feeds
    papers: Papers
    rules: FeedRules = RULES
    listeners: Mapping[FeedKind, Listener] = {}
