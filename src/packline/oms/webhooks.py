"""Webhooks: signed (Standard Webhooks), at least once, in order for one shipment, retried for three days."""

import asyncio
import contextlib
from collections.abc import Coroutine, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

import structlog
from msgspec.structs import replace

from packline.domain.endpoint import Delivery, Endpoint, FeedEvent, Waiting
from packline.oms.post import Post
from packline.ports import Clock

PAUSES = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800)  # seconds between attempts; the last one repeats
GIVE_UP = timedelta(days=3)
SILENT = 5  # failures in a row after which an endpoint gets one attempt at a time
BATCH = 100
AT_ONCE = 16  # shipments of one endpoint at the same time
IDLE = 0.1  # seconds between looks at a quiet feed
Made = TypeVar("Made")
log = structlog.get_logger(__name__)


class DeliveryStore(Protocol):
    """Endpoints, the feed, and what waits behind a refusal."""

    def only_one(self) -> AbstractAsyncContextManager[bool]:
        """Hold the right to send for the whole cluster; False where another process holds it."""

    async def active(self, now: datetime) -> list[Endpoint]:
        """Read the endpoints that may be sent to now."""

    async def page(self, cursor: str, limit: int) -> tuple[list[FeedEvent], str]:
        """Read events after a cursor, and the cursor behind them."""

    async def heads(self, endpoint_id: str, now: datetime, limit: int) -> list[Waiting]:
        """Read the first waiting event of each shipment, where its time has come."""

    async def blocked(self, endpoint_id: str) -> set[str]:
        """Name the shipments that have waiting events."""

    async def record(
        self,
        before: Endpoint,
        after: Endpoint,
        deliveries: Sequence[Delivery],
        delivered: Sequence[str],
        refused: Sequence[Waiting],
    ) -> None:
        """Write a round in one transaction: cursor, attempts, what waits and what does no more."""

    async def pause(self, endpoint: Endpoint, reason: str, now: datetime) -> None:
        """Stop an endpoint and tell it as an event."""


class WebhookSender:
    """Send events to endpoints; one process of the cluster does it."""

    def __init__(self, store: DeliveryStore, clock: Clock, *, allow_private: bool = False) -> None:
        """Send what the store's feed holds; private addresses only where they are allowed."""
        self._store, self._clock, self._allow_private = store, clock, allow_private
        self._rounds: dict[str, asyncio.Task[bool]] = {}
        self._has_more = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set; a process that dies is followed by another within seconds."""
        async with Post(allow_private=self._allow_private) as post:
            while not stop.is_set():
                try:
                    async with self._store.only_one() as mine:
                        if mine:
                            await self._send(post, stop)
                except Exception as error:  # noqa: BLE001  the store may be away: events must go on being sent
                    log.warning("webhook.interrupted", error=repr(error))
                await _pause(stop, 2.0)

    async def test(self, endpoint: Endpoint) -> Delivery:
        """Send one event `webhook.test` at once, without order and without retry."""
        now = self._clock.now()
        event = FeedEvent("0.0", "webhook.test", now, "packline", "", None, None, b'{"hello":"from Packline"}')
        async with Post(allow_private=self._allow_private) as post:
            return await self._deliver(post, endpoint, event, 1)

    async def round(self, post: Post, endpoint: Endpoint) -> bool:
        """Do one round for an endpoint: what waits, then what is new. False where there was nothing to do."""
        now = self._clock.now()
        is_probe = endpoint.failures >= SILENT
        heads = await self._store.heads(endpoint.id, now, 1 if is_probe else BATCH)
        events, cursor = await self._new(endpoint, is_probe and bool(heads), 1 if is_probe else BATCH)
        blocked = await self._store.blocked(endpoint.id)
        if not heads and cursor == endpoint.cursor:
            return False
        tried = await self._try_heads(post, endpoint, heads)
        refused, deliveries = await self._send_new(post, endpoint, events, blocked, now)
        attempts = [delivery for delivery, _ in tried] + deliveries
        after = _after(replace(endpoint, cursor=cursor), attempts, now)
        delivered = [delivery.event.cursor for delivery, waiting in tried if waiting is None]
        again = [waiting for _, waiting in tried if waiting is not None]
        await self._store.record(endpoint, after, attempts, delivered, again + refused)
        await self._pause_if_dead(after, attempts, now)
        return True

    async def _send(self, post: Post, stop: asyncio.Event) -> None:
        try:
            while not stop.is_set():
                for endpoint in await self._store.active(self._clock.now()):
                    if endpoint.id not in self._rounds:
                        self._start(post, endpoint)
                self._has_more.clear()
                await self._wait(stop)
        finally:
            rounds = list(self._rounds.values())
            for task in rounds:
                task.cancel()
            await asyncio.gather(*rounds, return_exceptions=True)

    async def _wait(self, stop: asyncio.Event) -> None:
        """Wait a little, or until a round that had something to do is over: more may have come meanwhile."""
        waiting = [asyncio.ensure_future(stop.wait()), asyncio.ensure_future(self._has_more.wait())]
        try:
            await asyncio.wait(waiting, timeout=IDLE, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()

    def _start(self, post: Post, endpoint: Endpoint) -> None:
        task = asyncio.create_task(self._guarded(post, endpoint))
        self._rounds[endpoint.id] = task
        task.add_done_callback(lambda done: self._ended(endpoint.id, done))

    def _ended(self, endpoint: str, done: "asyncio.Task[bool]") -> None:
        self._rounds.pop(endpoint, None)
        if not done.cancelled() and done.result():
            self._has_more.set()

    async def _guarded(self, post: Post, endpoint: Endpoint) -> bool:
        try:
            return await self.round(post, endpoint)
        except Exception:
            log.exception("webhook.round_failed", webhook=endpoint.id)
            await self._clock.sleep(5)
            return False

    async def _new(self, endpoint: Endpoint, is_busy: bool, limit: int) -> tuple[list[FeedEvent], str]:
        if is_busy:
            return [], endpoint.cursor
        events, cursor = await self._store.page(endpoint.cursor, limit)
        return [event for event in events if endpoint.wants(event)], cursor

    async def _try_heads(
        self, post: Post, endpoint: Endpoint, heads: Sequence[Waiting]
    ) -> list[tuple[Delivery, Waiting | None]]:
        deliveries = await _gather([self._deliver(post, endpoint, head.event, head.attempts + 1) for head in heads])
        return [
            (delivery, None if delivery.ok or delivery.at - head.since > GIVE_UP else _again(head, delivery.at))
            for delivery, head in zip(deliveries, heads, strict=True)
        ]

    async def _send_new(
        self, post: Post, endpoint: Endpoint, events: Sequence[FeedEvent], blocked: set[str], now: datetime
    ) -> tuple[list[Waiting], list[Delivery]]:
        refused = [Waiting(e, 0, now, now) for e in events if e.shipment in blocked]
        deliveries: list[Delivery] = []
        rows = _by_shipment(event for event in events if event.shipment not in blocked)
        for done, waiting in await _gather([self._send_row(post, endpoint, row) for row in rows]):
            deliveries += done
            refused += waiting
        return refused, deliveries

    async def _send_row(
        self, post: Post, endpoint: Endpoint, row: Sequence[FeedEvent]
    ) -> tuple[list[Delivery], list[Waiting]]:
        deliveries: list[Delivery] = []
        for index, event in enumerate(row):
            delivery = await self._deliver(post, endpoint, event, 1)
            deliveries.append(delivery)
            if not delivery.ok:
                behind = [Waiting(later, 0, delivery.at, delivery.at) for later in row[index + 1 :]]
                return deliveries, [_again(Waiting(event, 0, delivery.at, delivery.at), delivery.at), *behind]
        return deliveries, []

    async def _deliver(self, post: Post, endpoint: Endpoint, event: FeedEvent, attempt: int) -> Delivery:
        at, started = self._clock.now(), self._clock.monotonic()
        status, error = await post.send(endpoint, event, at)
        ms = (self._clock.monotonic() - started) * 1000
        return Delivery(event, at, status, ms, error, attempt)

    async def _pause_if_dead(self, endpoint: Endpoint, attempts: Sequence[Delivery], now: datetime) -> None:
        """An endpoint that says 410 is gone for good; one that is silent gets three days."""
        if any(attempt.status == HTTPStatus.GONE for attempt in attempts):
            await self._store.pause(endpoint, "It answered 410 Gone: nothing is sent there any more.", now)
        elif endpoint.failing_since is not None and now - endpoint.failing_since > GIVE_UP:
            reason = f"No success since {endpoint.failing_since:%Y-%m-%d %H:%M} UTC ({endpoint.failures} attempts)."
            await self._store.pause(endpoint, reason, now)


def _after(endpoint: Endpoint, attempts: Sequence[Delivery], now: datetime) -> Endpoint:
    """Count failures since the last success; a silent endpoint rests for growing spans."""
    if not attempts:
        return endpoint
    if any(attempt.ok for attempt in attempts):
        return replace(endpoint, failures=0, failing_since=None, next_at=None)
    failures = endpoint.failures + len(attempts)
    next_at = now + timedelta(seconds=_pause_after(failures - SILENT + 1)) if failures >= SILENT else None
    return replace(endpoint, failures=failures, failing_since=endpoint.failing_since or now, next_at=next_at)


def _again(waiting: Waiting, at: datetime) -> Waiting:
    attempts = waiting.attempts + 1
    return replace(waiting, attempts=attempts, next_at=at + timedelta(seconds=_pause_after(attempts)))


def _pause_after(attempts: int) -> int:
    return PAUSES[max(0, min(attempts, len(PAUSES)) - 1)]


def _by_shipment(events: Iterable[FeedEvent]) -> list[list[FeedEvent]]:
    rows: dict[str, list[FeedEvent]] = {}
    for event in events:
        rows.setdefault(event.shipment or event.cursor, []).append(event)
    return list(rows.values())


async def _gather(work: Sequence[Coroutine[Any, Any, Made]]) -> list[Made]:
    """Run at most so many at once, results in order."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(job: Coroutine[Any, Any, Made]) -> Made:
        async with turn:
            return await job

    return list(await asyncio.gather(*(one(job) for job in work)))


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
