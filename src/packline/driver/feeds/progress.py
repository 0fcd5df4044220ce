"""One feed from its plan to its end: sent, found again after a lost answer, followed, and told to those in it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from msgspec.structs import replace

from packline.domain.feeds import FeedItem, FeedKind, FeedState, ItemResult
from packline.domain.location import Account
from packline.driver.errand import Nudge
from packline.driver.feeds.documents import Documents
from packline.driver.feeds.endings import Endings, stop
from packline.driver.feeds.telling import Telling
from packline.driver.feeds.tools import FeedTools
from packline.driver.ownership import Guard
from packline.driver.timing import backoff
from packline.driver.tools import Tools
from packline.driver.unauthorized import stop_unauthorized
from packline.errors import AmazonError, Rejected, Unauthorized, Unexpected, Unresolved
from packline.ports.feeds import Batch, WaitingItem

LOOKS = ((60.0, 5.0), (600.0, 15.0), (float("inf"), 60.0))
"""Up to which age in seconds a feed is looked at, and how often: Amazon is done in seconds to minutes."""
STUCK_AFTER = timedelta(hours=2)
"""A feed that Amazon has not ended by then is given up, and its items go again."""
SEARCHES_AT_MOST = 4
"""Looks for a feed whose answer was lost, before it is sent again: the kinds of feeds here may come twice."""
SENDS_AT_MOST = 5
REFUSALS_AT_MOST = 5
"""Refusals of a look at a feed, its report or its documents, before its items are given up to a person."""

log = structlog.get_logger(__name__)


class Progress:
    """Bring batches on, one step at a time; a batch is saved before and after each call."""

    def __init__(self, tools: Tools, feeds: FeedTools, account: Account, guard: Guard, nudge: Nudge) -> None:
        """Work for `account` while it is ours."""
        self._tools, self._feeds, self._account, self._guard, self._nudge = tools, feeds, account, guard, nudge
        telling = Telling(tools, account, guard)
        self._documents = Documents(tools, feeds, account, guard, telling)
        self._endings = Endings(tools, feeds, guard, nudge, telling)

    async def advance(self, batch: Batch) -> Batch:
        """Do what comes next for a batch and save it. Raises Fenced; Amazon's failures move its next look."""
        step = {
            "planned": self._submit,
            "submitting": self._find,
            "submitted": self._look,
            "answered": self._fetch,
        }[batch.state]
        try:
            return await step(batch)
        except (Rejected, Unexpected) as error:
            if batch.state in ("submitted", "answered") and batch.attempts + 1 >= REFUSALS_AT_MOST:
                return await self._give_up(batch, error)
            return await self._later(batch, error)
        except AmazonError as error:
            return await self._later(batch, error)

    async def _submit(self, batch: Batch) -> Batch:
        items = await self._feeds.store.items(batch)
        if not items:
            return await self._endings.end(batch, ())
        is_stock = batch.kind is FeedKind.STOCK
        at = batch if is_stock else replace(batch, subjects=tuple(waiting.item.subject for waiting in items))

        async def note(step: str, value: str) -> None:
            nonlocal at
            state = "submitting" if step == "uploaded" else "planned"
            at = await self._save(replace(at, document_id=value, state=state, sent_at=self._now()))

        wanted = [waiting.item for waiting in items]
        try:
            feed_id = await self._feeds.feeds.submit(self._account.id, batch.kind, wanted, self._guard, note)
        except AmazonError as error:
            if at.state == "submitting" and isinstance(error, (Unresolved, Unexpected)):
                return await self._later(at, error)  # createFeed had left: it is looked for
            return await self._not_sent(at, items, error)
        log.info("feed.sent", account=self._account.id, kind=batch.kind, items=len(items), feed=feed_id)
        return await self._save(self._taken(at, feed_id, LOOKS[0][1]))

    async def _not_sent(self, batch: Batch, items: Sequence[WaitingItem], error: AmazonError) -> Batch:
        """Nothing was taken: the batch goes again, unless Amazon refuses it for good; quantities are let go."""
        if batch.kind is FeedKind.STOCK:
            await self._note_refusal(error)
            return await self._endings.release(batch, items, error)
        if isinstance(error, Rejected) and batch.attempts + 1 >= SENDS_AT_MOST:
            refusal = [ItemResult(w.item.subject, False, error.amazon_code or "Refused", error.message) for w in items]
            return await self._endings.settle(batch, items, refusal)
        return await self._later(replace(batch, state="planned"), error)

    async def _find(self, batch: Batch) -> Batch:
        """Look for a feed whose answer was lost: the one of its kind that was created then and is nobody else's."""
        sent = batch.sent_at or batch.created_at
        found = await self._feeds.feeds.find(self._account.id, batch.kind, sent - timedelta(minutes=2), self._guard)
        known = await self._feeds.store.known(self._account.id, [state.feed_id for state in found])
        ours = [state for state in found if state.feed_id not in known]
        if ours:
            log.info("feed.found", account=self._account.id, feed=ours[-1].feed_id, batch=batch.id)
            return await self._save(self._taken(batch, ours[-1].feed_id, 0))
        if batch.attempts + 1 < SEARCHES_AT_MOST:
            pause = 10.0 * 2**batch.attempts
            return await self._save(replace(batch, attempts=batch.attempts + 1, next_at=self._in(pause)))
        log.info("feed.not_taken", account=self._account.id, batch=batch.id)
        if batch.kind is FeedKind.STOCK:  # its numbers are old by now
            lost = Unresolved("createFeed got no answer, and Amazon has no such feed", operation="createFeed")
            return await self._endings.release(batch, await self._feeds.store.items(batch), lost)
        return await self._save(replace(batch, state="planned", attempts=0, next_at=self._now()))

    def _taken(self, batch: Batch, feed_id: str, look_in: float) -> Batch:
        return replace(batch, state="submitted", feed_id=feed_id, attempts=0, failure="", next_at=self._in(look_in))

    async def _look(self, batch: Batch) -> Batch:
        state = await self._feeds.feeds.look(self._account.id, batch.feed_id or "", self._guard)
        items = await self._feeds.store.items(batch)
        if not state.is_over:
            if self._now() - (batch.sent_at or batch.created_at) < STUCK_AFTER:
                return await self._save(replace(batch, next_at=self._next_look(batch)))
            state = FeedState(state.feed_id, "CANCELLED", None, state.created_at)
        sent = _as_sent(batch, items)
        result = await self._feeds.feeds.result(self._account.id, batch.kind, state, sent, self._guard)
        answered = replace(
            batch, attempts=0, failure="", result_document_id=state.result_document_id, reports=result.references
        )
        if batch.kind is FeedKind.DOCUMENTS and result.references:
            bad = {r.subject for r in result.items if not r.ok}
            left = replace(answered, state="answered", next_at=self._now())
            return await self._endings.settle(left, [w for w in items if w.item.subject in bad], result.items)
        return await self._endings.settle(replace(answered, state="ended"), items, result.items)

    async def _fetch(self, batch: Batch) -> Batch:
        """Fetch the reports that hold the documents, one after the other, and tell the orders."""
        items = await self._feeds.store.items(batch)
        if not batch.reports or not items:
            return await self._endings.end(batch, items)
        status, document = await self._feeds.feeds.report(self._account.id, batch.reports[0], self._guard)
        if status not in ("DONE", "FATAL", "CANCELLED"):
            return await self._save(replace(batch, next_at=self._next_look(batch)))
        if status == "DONE" and document:
            if await self._documents.come(document, items):
                self._nudge()
            items = await self._feeds.store.items(batch)
        left = replace(batch, reports=batch.reports[1:], attempts=0, next_at=self._now())
        if left.reports:
            return await self._save(left)
        return await self._endings.end(left, items)

    async def _later(self, batch: Batch, error: AmazonError) -> Batch:
        log.warning("feed.failed", account=self._account.id, batch=batch.id, state=batch.state, error=error.message)
        await self._note_refusal(error)
        attempts = batch.attempts + 1
        pause = backoff(attempts)
        return await self._save(replace(batch, attempts=attempts, failure=error.message, next_at=self._in(pause)))

    async def _note_refusal(self, error: AmazonError) -> None:
        if isinstance(error, Unauthorized):
            await stop_unauthorized(self._tools.accounts, self._guard, error)

    async def _give_up(self, batch: Batch, error: AmazonError) -> Batch:
        """Amazon keeps refusing to say what came of a feed, or to give its documents: a person must know."""
        log.warning("feed.given_up", account=self._account.id, batch=batch.id, error=error.message)
        items = await self._feeds.store.items(batch)
        if batch.kind is FeedKind.STOCK:
            return await self._endings.release(batch, items, error)
        refused = [ItemResult(w.item.subject, False, error.amazon_code or error.code, error.message) for w in items]
        return await self._endings.settle(replace(batch, state="ended", failure=error.message), items, refused)

    async def _save(self, batch: Batch) -> Batch:
        if not await self._feeds.store.save(self._guard.ownership, batch, self._now()):
            await stop(self._guard)
        return batch

    def _next_look(self, batch: Batch) -> datetime:
        age = (self._now() - (batch.sent_at or batch.created_at)).total_seconds()
        return self._in(next(every for until, every in LOOKS if age < until))

    def _now(self) -> datetime:
        return self._tools.clock.now()

    def _in(self, seconds: float) -> datetime:
        return self._now() + timedelta(seconds=seconds)


def _as_sent(batch: Batch, items: Sequence[WaitingItem]) -> list[FeedItem]:
    """List what the feed held, by the number of its messages; an item that is wanted no more keeps its place."""
    if batch.kind is FeedKind.STOCK:
        return [waiting.item for waiting in items]
    known = {waiting.item.subject: waiting.item for waiting in items}
    return [known.get(subject) or FeedItem("", subject, b"{}") for subject in batch.subjects or known]
