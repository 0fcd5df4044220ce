"""The feed errand of stock: where many listings change at once, one feed is faster than a call for each."""

from datetime import UTC, datetime, timedelta

import structlog
from msgspec.json import encode
from msgspec.structs import replace

from packline.domain.feeds import FeedItem, FeedKind, ItemResult
from packline.domain.inventory.publishing import Answer, Telling, Verdict
from packline.domain.location import Account
from packline.driver.ownership import Guard
from packline.driver.stock.errand import StockErrand
from packline.driver.stock.tools import StockTools
from packline.driver.timing import backoff
from packline.driver.tools import Tools
from packline.errors import AmazonError, Unresolved
from packline.ports.feeds import Feeds
from packline.ports.stock import StockFeed, StockFeedStore

WORTH = 300
"""Waiting SKUs from which a feed is faster: five calls a second tell as many in the minute that a feed takes."""
BY_CALL = 100
"""The most urgent of them are left to single calls, which have told them before a feed is over."""
MOST = 10_000
APART_S = {"legacy-shared-feed": 900.0}
"""Seconds between two feeds, by usage plan: where all feeds share a bucket, documents need it more."""
APART_ALONE_S = 60.0
LOOK_EVERY = timedelta(seconds=5)
IDLE = timedelta(seconds=30)
SEARCHES_AT_MOST = 4
STUCK_AFTER = timedelta(hours=2)
PASSING = frozenset({"FATAL", "CANCELLED", "NoReport"})

log = structlog.get_logger(__name__)


class StockFeedErrand:
    """The listings feeds of one account, under one ownership (implements `driver.errand.Errand`)."""

    def __init__(
        self,
        tools: Tools,
        stock: StockTools,
        feeds: tuple[Feeds, StockFeedStore],
        calls: StockErrand,
        account: Account,
        guard: Guard,
    ) -> None:
        """Work while `guard` lets calls through; `calls` tells the others one by one meanwhile."""
        self._tools, self._stock, self._calls, self._account, self._guard = tools, stock, calls, account, guard
        self._feeds, self._store = feeds
        self._look_at = datetime.min.replace(tzinfo=UTC)

    async def open(self) -> None:
        """Nothing is kept in memory: the feeds in the store are all that there is."""

    def next_at(self) -> datetime:
        """Tell when a feed is to be looked at, or may be worth sending."""
        return self._look_at

    def ring(self) -> None:
        """Look soon: many numbers may have changed."""
        self._look_at = min(self._look_at, self._tools.clock.now() + timedelta(seconds=0.2))

    async def run(self) -> None:
        """Bring open feeds on; begin one where it is worth it. Raises Fenced."""
        now = self._now()
        self._look_at = now + IDLE
        feeds = await self._store.open(self._account.id)
        for feed in feeds:
            self._note(await self._advance(feed) if feed.next_at is None or feed.next_at <= now else feed)
        if not feeds and not self._guard.is_paused:
            await self._begin()

    async def _begin(self) -> None:
        if await self._store.waiting(self._account.id) < WORTH:
            return
        last = await self._store.last(self._account.id)
        apart = timedelta(seconds=APART_S.get(self._account.usage_plan, APART_ALONE_S))
        if last is not None and last + apart > self._now():
            self._look_at = min(self._look_at, last + apart)
            return
        async with self._calls.turn:
            now, owner = self._now(), self._guard.ownership
            sending = await self._stock.store.send_next(owner, MOST, self._calls.busy, now)
            if len(sending.tellings) <= BY_CALL:
                return
            await self._store.begin(owner, sending.tellings[BY_CALL:], now)
        self._calls.ring()
        for feed in await self._store.open(self._account.id):
            self._note(await self._advance(feed))

    async def _advance(self, feed: StockFeed) -> StockFeed:
        step = {"planned": self._submit, "submitting": self._find, "submitted": self._look}[feed.state]
        try:
            return await step(feed)
        except AmazonError as error:
            log.warning("stock.feed_failed", account=self._account.id, feed=feed.id, error=error.message)
            return await self._later(feed, error)

    async def _submit(self, feed: StockFeed) -> StockFeed:
        told, at = await self._store.items(feed), feed

        async def note(step: str, value: str) -> None:
            nonlocal at
            state = "submitting" if step == "uploaded" else "planned"
            at = await self._save(replace(at, document_id=value, state=state, sent_at=self._now()))

        try:
            found = await self._feeds.submit(
                self._account.id, FeedKind.STOCK, [_item(one) for one in told], self._guard, note
            )
        except AmazonError as error:
            if at.state == "submitting" and isinstance(error, Unresolved):
                return await self._later(at, error)  # it may have been taken: it is looked for
            log.warning("stock.feed_not_sent", account=self._account.id, error=error.message)
            return await self._save(replace(at, state="ended", failure=error.message))  # its SKUs wait again
        log.info("stock.feed_sent", account=self._account.id, feed=found, skus=len(told))
        return await self._save(replace(at, state="submitted", feed_id=found, next_at=self._now() + LOOK_EVERY))

    async def _find(self, feed: StockFeed) -> StockFeed:
        """Look for a feed whose answer was lost: an old one that comes late would undo newer numbers."""
        since = (feed.sent_at or feed.created_at) - timedelta(minutes=2)
        states = await self._feeds.find(self._account.id, FeedKind.STOCK, since, self._guard)
        known = await self._store.known(self._account.id, [state.feed_id for state in states])
        ours = [state.feed_id for state in states if state.feed_id not in known]
        if ours:
            return await self._save(replace(feed, state="submitted", feed_id=ours[-1], next_at=self._now()))
        if feed.attempts + 1 < SEARCHES_AT_MOST:
            pause = timedelta(seconds=10.0 * 2**feed.attempts)
            return await self._save(replace(feed, attempts=feed.attempts + 1, next_at=self._now() + pause))
        return await self._save(replace(feed, state="ended", failure="Amazon did not take it."))

    async def _look(self, feed: StockFeed) -> StockFeed:
        state = await self._feeds.look(self._account.id, feed.feed_id or "", self._guard)
        if not state.is_over:
            if self._now() - (feed.sent_at or feed.created_at) > STUCK_AFTER:
                return await self._save(replace(feed, state="ended", failure="Amazon did not end it."))
            return await self._save(replace(feed, next_at=self._now() + LOOK_EVERY))
        told = await self._store.items(feed)
        items = [_item(one) for one in told]
        result = await self._feeds.result(self._account.id, FeedKind.STOCK, state, items, self._guard)
        answers = [_answer(one, said) for one, said in zip(told, result.items, strict=True)]
        await self._stock.store.told(self._guard.ownership, answers, self._now())
        log.info("stock.feed_over", account=self._account.id, feed=feed.feed_id, status=state.status)
        self._calls.ring()
        return await self._save(replace(feed, state="ended"))

    async def _later(self, feed: StockFeed, error: AmazonError) -> StockFeed:
        pause = timedelta(seconds=backoff(feed.attempts + 1))
        attempts = feed.attempts if feed.state == "submitting" else feed.attempts + 1
        return await self._save(replace(feed, attempts=attempts, failure=error.message, next_at=self._now() + pause))

    async def _save(self, feed: StockFeed) -> StockFeed:
        await self._store.save(feed, self._now())
        return feed

    def _note(self, feed: StockFeed) -> None:
        if feed.state == "ended":
            self._calls.ring()
        elif feed.next_at is not None:
            self._look_at = min(self._look_at, feed.next_at)

    def _now(self) -> datetime:
        return self._tools.clock.now()


def _item(telling: Telling) -> FeedItem:
    place = telling.place
    payload = {"quantity": telling.quantity, "channel": place.channel or "DEFAULT"}
    return FeedItem(f"{place.sku} {place.channel}".strip(), place.sku, encode(payload))


def _answer(telling: Telling, said: ItemResult) -> Answer:
    if said.ok:
        return Answer(telling.place, Verdict.TAKEN, telling, telling.sequence)
    verdict = Verdict.LATER if said.code in PASSING else Verdict.REFUSED
    return Answer(telling.place, verdict, telling, code=said.code, words=said.message)
