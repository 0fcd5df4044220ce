"""The feeds errand: sends what waits when it is worth a call, and follows what was sent to its end."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog

from packline.domain.feed_plan import SHARED_FEED_PLAN, Bucket, Choice, Waiting, choose_apart, choose_together, size
from packline.domain.feeds import FeedKind
from packline.domain.location import Account
from packline.driver.errand import Nudge
from packline.driver.feeds.progress import Progress
from packline.driver.feeds.tools import FeedTools
from packline.driver.ownership import Guard
from packline.driver.tools import Tools
from packline.errors import AmazonError, Rejected, Unauthorized, Unexpected
from packline.ports.feeds import Batch

LOOK_EVERY = timedelta(seconds=5)
"""Labels are made all the time and ring nobody; so often the errand looks what they want."""
AFTER_RING = timedelta(milliseconds=200)
"""Rings come with every command; so long they are gathered."""
AFTER_FAILURE = timedelta(seconds=10)
CREATE_FEED, CREATE_LISTINGS_FEED = "createFeed", "createListingsFeed"

log = structlog.get_logger(__name__)


class FeedsErrand:
    """The feeds of one account, under one ownership (implements `driver.errand.Errand`)."""

    def __init__(self, tools: Tools, feeds: FeedTools, account: Account, guard: Guard, nudge: Nudge) -> None:
        """Work while `guard` lets calls through; `nudge` is told when shipments became due."""
        self._tools, self._feeds, self._account, self._guard = tools, feeds, account, guard
        self._progress = Progress(tools, feeds, account, guard, nudge)
        self._look_at = datetime.min.replace(tzinfo=UTC)
        self._knows_quota = False

    async def open(self) -> None:
        """Nothing is kept in memory: the batches in the store are all that there is."""

    def next_at(self) -> datetime:
        """Tell when a batch or a new feed is due."""
        return self._look_at

    def ring(self) -> None:
        """Look soon: a command may have brought something."""
        self._look_at = min(self._look_at, self._tools.clock.now() + AFTER_RING)

    async def run(self) -> None:
        """Bring every batch that is due a step on, then send what is worth a feed. Raises Fenced."""
        self._look_at = self._tools.clock.now() + LOOK_EVERY
        now = self._tools.clock.now()
        batches = await self._feeds.store.open(self._account.id)
        due = [batch for batch in batches if batch.next_at is None or batch.next_at <= now]
        moved = await asyncio.gather(*(self._progress.advance(batch) for batch in due))
        waits = [batch.next_at for batch in batches if batch not in due] + [batch.next_at for batch in moved]
        looks = [at for at in waits if at is not None]
        if not self._guard.is_paused:
            unclear = {b.kind for b in (*batches, *moved) if b.state == "submitting"}
            looks.append(await self._send(unclear))
        self._look_at = min([self._look_at, *looks])

    async def _send(self, unclear: set[FeedKind]) -> datetime:
        """Send one feed after the other until none is worth a call, and tell when to look again.

        While a feed of a kind is `unclear`, none of that kind is sent: of two whose answers were lost, nobody could
        tell which one Amazon took.
        """
        while True:
            now = self._tools.clock.now()
            waiting, later = await self._waiting(now, unclear)
            if waiting and not await self._learn_quota():
                return now + AFTER_FAILURE
            choice = self._choose(waiting, now)
            if choice.send is None:
                return min(at for at in (choice.look_at, later, now + LOOK_EVERY) if at is not None)
            batch = await self._plan(choice.send, now)
            if batch is None:
                await self._guard()
                return now + LOOK_EVERY
            log.info("feed.planned", account=self._account.id, kind=batch.kind, items=batch.items, batch=batch.id)
            sent = await self._progress.advance(batch)
            unclear |= {sent.kind} if sent.state == "submitting" else set()
            if sent.state == "planned":
                return sent.next_at or now + LOOK_EVERY  # Amazon does not take feeds just now

    async def _waiting(self, now: datetime, unclear: set[FeedKind]) -> tuple[list[Waiting], datetime | None]:
        orders, later = await self._feeds.store.waiting(self._account.id, now)
        stock = await self._feeds.stock.waiting(now)
        return [w for w in (*orders, stock) if w is not None and w.kind not in unclear], later

    async def _plan(self, chosen: Waiting, now: datetime) -> Batch | None:
        if chosen.kind is FeedKind.STOCK:
            return await self._feeds.stock.plan(now)
        limit = size(chosen.kind, self._feeds.rules)
        return await self._feeds.store.plan(self._guard.ownership, chosen.kind, chosen.marketplace, limit, now)

    async def _learn_quota(self) -> bool:
        """Let the lane of createFeed begin with what is free; False where Amazon cannot be asked just now."""
        if self._knows_quota:
            return True
        try:
            await self._feeds.feeds.refill(self._account.id, self._guard)
        except (Rejected, Unauthorized, Unexpected) as error:  # then the first call finds out
            log.warning("feed.quota_unknown", account=self._account.id, error=error.message)
        except AmazonError as error:
            log.warning("feed.quota_unread", account=self._account.id, error=error.message)
            return False
        self._knows_quota = True
        return True

    def _choose(self, waiting: Sequence[Waiting], now: datetime) -> Choice:
        bucket, rules = self._bucket(CREATE_FEED), self._feeds.rules
        if self._account.usage_plan == SHARED_FEED_PLAN:
            return choose_together(waiting, bucket, now, rules)
        return choose_apart(waiting, bucket, self._bucket(CREATE_LISTINGS_FEED), now, rules)

    def _bucket(self, operation: str) -> Bucket:
        lane = next((q for q in self._tools.gateway.quotas(self._account.id) if q["operation"] == operation), None)
        if lane is None:
            return Bucket(1.0, 1.0, 1.0)  # never used by this owner: one call finds out
        return Bucket(lane["level"], lane["rate"], lane["burst"])
