"""What became of a feed's items: those that are done, those that go into another, and those that a person gets."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from msgspec.structs import replace

from packline.domain.feeds import FeedKind, ItemResult
from packline.domain.reports import Done, Failed
from packline.domain.shipment import Failure
from packline.domain.step import Step, StepKind
from packline.driver.errand import Nudge
from packline.driver.feeds.telling import News, Telling
from packline.driver.feeds.tools import FeedTools
from packline.driver.ownership import Guard
from packline.driver.tools import Tools
from packline.errors import AmazonError
from packline.ports.feeds import Batch, Repeat, WaitingItem

FEEDS_AT_MOST = 8
"""Feeds that an item may go through before a person is told."""
DEAD = frozenset({"FATAL", "CANCELLED", "NoReport"})
"""Codes of feeds that came to nothing as a whole."""
PASSING = DEAD | {"610013", "NoReference"}
"""Codes after which the same may succeed: Amazon's internal failure, and feeds that died as a whole."""
NOT_TOLD = "NotTold"
"""What quantities are answered with whose feed was not taken, or whose report nobody can read."""
TOLD_AGAIN = DEAD | {NOT_TOLD}
"""Codes after which quantities are told again, and no person is asked."""
STOCK_RESTS = timedelta(seconds=60)
"""Quantities of a feed that was not taken go by calls for so long, before another feed is tried."""

log = structlog.get_logger(__name__)


class Endings:
    """Tell the items of a batch and write its end, under one ownership. All methods raise Fenced."""

    def __init__(self, tools: Tools, feeds: FeedTools, guard: Guard, nudge: Nudge, telling: Telling) -> None:
        """Tell shipments by `telling`; `nudge` is told where one became due."""
        self._tools, self._feeds, self._guard, self._nudge, self._telling = tools, feeds, guard, nudge, telling

    async def settle(self, batch: Batch, items: Sequence[WaitingItem], results: Sequence[ItemResult]) -> Batch:
        """Tell each item what Amazon said of it, then write what is done, what goes again and what is given up."""
        if batch.kind is FeedKind.STOCK:
            return await self._settle_stock(batch, items, results)
        by_subject = {result.subject: result for result in results}
        told = [(w, by_subject.get(w.item.subject) or ItemResult(w.item.subject, True)) for w in items]
        again = [self._repeat(w, r.message or r.code) for w, r in told if not r.ok and _is_passing(r)]
        refused = [(w, r) for w, r in told if not r.ok and not _is_passing(r)]
        again += [Repeat(w.item.key, f"{r.code}: {r.message}", None) for w, r in refused]
        done = [w.item.key for w, r in told if r.ok and not (batch.kind is FeedKind.DOCUMENTS and batch.reports)]
        await self._tell(batch.kind, told, again)
        ended = batch if batch.state == "answered" else replace(batch, state="ended", next_at=None)
        return await self._write(ended, done, again)

    async def end(self, batch: Batch, lacking: Sequence[WaitingItem]) -> Batch:
        """End a batch; those whose documents were not in its reports go again, in a smaller feed each time."""
        why = "Amazon's documents did not hold those of this order"
        again = [self._repeat(waiting, why) for waiting in lacking]
        failure = Failure("refused", "createFeed", 0, "NotInReport", why)
        failed = Failed(Step(StepKind.FETCH_DOCUMENTS), self._tools.clock.now(), failure)
        await self._telling.tell({repeat.key: News(failed) for repeat in again if repeat.not_before is None})
        return await self._write(replace(batch, state="ended", next_at=None), (), again)

    async def release(self, batch: Batch, items: Sequence[WaitingItem], error: AmazonError) -> Batch:
        """End a feed of quantities that told Amazon nothing that we know of: their last values wait again."""
        log.warning("feed.released", account=batch.account, batch=batch.id, error=error.message)
        self._feeds.stock.rest(self._tools.clock.now() + STOCK_RESTS)
        nothing = [ItemResult(w.item.subject, False, NOT_TOLD, error.message) for w in items]
        return await self._settle_stock(replace(batch, failure=error.message), items, nothing)

    async def _settle_stock(self, batch: Batch, items: Sequence[WaitingItem], results: Sequence[ItemResult]) -> Batch:
        """Tell the outbox, item by item; whatever was not taken waits there, and none of it here."""
        await self._feeds.stock.told(items, results)
        failure = batch.failure or next((r.message for r in results if not r.ok and r.code in DEAD), "")
        ended = replace(batch, state="ended", next_at=None, failure=failure)
        return await self._write(ended, [waiting.item.key for waiting in items], ())

    async def _tell(
        self, kind: FeedKind, told: Sequence[tuple[WaitingItem, ItemResult]], again: Sequence[Repeat]
    ) -> None:
        given_up = {repeat.key for repeat in again if repeat.not_before is None}
        step = Step(StepKind.REJECT if kind is FeedKind.CANCEL else StepKind.FETCH_DOCUMENTS)
        news = {}
        for waiting, result in told:
            if result.ok and kind is FeedKind.CANCEL:
                news[waiting.item.key] = News(Done(step, self._tools.clock.now()))
            elif waiting.item.key in given_up:
                failure = Failure("refused", "createFeed", 0, result.code, result.message)
                news[waiting.item.key] = News(Failed(step, self._tools.clock.now(), failure))
        if await self._telling.tell(news):
            self._nudge()

    def _repeat(self, waiting: WaitingItem, reason: str) -> Repeat:
        if waiting.attempts >= FEEDS_AT_MOST:
            return Repeat(waiting.item.key, reason, None)
        pause = timedelta(seconds=15.0 * 2 ** min(waiting.attempts - 1, 5))
        return Repeat(waiting.item.key, reason, self._tools.clock.now() + pause)

    async def _write(self, batch: Batch, done: Sequence[str], again: Sequence[Repeat]) -> Batch:
        now: datetime = self._tools.clock.now()
        if not await self._feeds.store.settle(self._guard.ownership, batch, done, again, now):
            await stop(self._guard)
        return batch


async def stop(guard: Guard) -> None:
    """Let another worker go on with the batch: this one must not say anything of it any more. Raises Fenced."""
    guard.lose()
    await guard()


def _is_passing(result: ItemResult) -> bool:
    return result.code in PASSING or "retry" in result.message.lower()
