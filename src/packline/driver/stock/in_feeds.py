"""Stock in feeds: where many listings change at once, one feed is faster than a call for each."""

from collections.abc import Sequence
from datetime import UTC, datetime

import structlog
from msgspec.json import Decoder

from packline.domain.feed_plan import CALLS_A_SECOND, RULES, FeedRules, Waiting, left_to_calls, most_of_stock
from packline.domain.feed_wishes import StockWish
from packline.domain.feeds import FeedKind, ItemResult
from packline.domain.inventory.publishing import Answer, Telling, Verdict
from packline.domain.inventory.rules import Place
from packline.domain.location import Account
from packline.driver.feeds.endings import TOLD_AGAIN
from packline.driver.ownership import Guard
from packline.driver.stock.errand import StockErrand
from packline.driver.stock.tools import StockTools
from packline.driver.tools import Tools
from packline.ports.feeds import Batch, StockFeedStore, WaitingItem

PATCH = "patchListingsItem"
_WISH = Decoder(StockWish)

log = structlog.get_logger(__name__)


class StockInFeeds:
    """The quantities of one account for its feeds (implements `driver.feeds.tools.StockSide`).

    The errand of single calls tells the most urgent of them meanwhile; a place is never told by both.
    """

    def __init__(
        self,
        tools: Tools,
        stock: StockTools,
        store: StockFeedStore,
        calls: StockErrand,
        account: Account,
        guard: Guard,
        rules: FeedRules = RULES,
    ) -> None:
        """Work under the ownership that `guard` holds; `calls` is the errand of single calls."""
        self._tools, self._stock, self._store, self._calls = tools, stock, store, calls
        self._account, self._guard, self._rules = account, guard, rules
        self._since: datetime | None = None
        self._rests_until = datetime.min.replace(tzinfo=UTC)

    async def waiting(self, now: datetime) -> Waiting | None:
        """Tell what waits, where it is worth a feed; `since` is when it began to be."""
        if now < self._rests_until:
            return None
        backlog = await self._store.backlog(self._account.id, now)
        count = min(backlog.count - left_to_calls(backlog, self._rate(), self._rules), most_of_stock(backlog))
        if count <= 0:
            self._since = None
            return None
        marks = [at for at in (backlog.since, backlog.last_at) if at is not None]
        self._since = self._since or min(now, max(marks, default=now))
        return Waiting(FeedKind.STOCK, "", count, self._since)

    async def plan(self, now: datetime) -> Batch | None:
        """Take the last values into a new batch, the most urgent left out; None where nothing is left for one."""
        backlog = await self._store.backlog(self._account.id, now)
        left = left_to_calls(backlog, self._rate(), self._rules)
        batch, self._since = None, None
        async with self._calls.turn:
            busy, limit = self._calls.under_way, left + most_of_stock(backlog)
            sending = await self._stock.store.send_next(self._guard.ownership, limit, busy, now)
            if len(sending.tellings) > left:
                batch = await self._store.begin(self._guard.ownership, sending.tellings[left:], now)
        self._calls.ring()
        return batch

    def rest(self, until: datetime) -> None:
        """Plan no feed before then: Amazon takes none just now."""
        self._rests_until = until

    async def told(self, items: Sequence[WaitingItem], results: Sequence[ItemResult]) -> None:
        """Note what Amazon said of each place, with the events; the single calls tell what changed meanwhile."""
        answers = [_answer(_telling(self._account.id, one), result) for one, result in zip(items, results, strict=True)]
        await self._stock.store.told(self._guard.ownership, answers, self._tools.clock.now())
        log.info("stock.feed_over", account=self._account.id, skus=len(items))
        self._calls.ring()

    def _rate(self) -> float:
        lanes = self._tools.gateway.quotas(self._account.id)
        return next((lane["rate"] for lane in lanes if lane["operation"] == PATCH), 0.0) or CALLS_A_SECOND


def _telling(account: str, waiting: WaitingItem) -> Telling:
    wish = _WISH.decode(waiting.item.payload)
    place = Place(account, wish.location, waiting.item.subject, wish.channel)
    return Telling(place, wish.quantity, wish.sequence, before=wish.before)


def _answer(telling: Telling, said: ItemResult) -> Answer:
    if said.ok:
        return Answer(telling.place, Verdict.TAKEN, telling, telling.sequence)
    verdict = Verdict.LATER if said.code in TOLD_AGAIN else Verdict.REFUSED
    return Answer(telling.place, verdict, telling, code=said.code, words=said.message)
