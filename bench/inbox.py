"""Notifications that flood in: sorted, stored once each and deleted, at 5,000 a second; and how fast SQS gives them."""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import uvloop

from bench.database import database
from bench.simulator import simulator
from packline.amazon.marketplaces import MARKETPLACES
from packline.amazon.notifications.parse import notification
from packline.amazon.notifications.sqs import SqsQueues
from packline.amazon.spapi.clock import SystemClock
from packline.driver.notifications.listener import Listener
from packline.ports.notifications import Arrived, Queue, QueueKey, Queues
from packline.storage.accounts import Accounts
from packline.storage.notification_queues import NotificationQueues
from packline.storage.secrets import KEY_BYTES, Vault
from packline_sim.control.client import ControlClient

RATE = 5_000
READERS = 32
ACCOUNTS = 20
TWICE_EVERY = 50
"""Every so many-th notification is in the queue twice."""
LATE_S = 1.0
"""A notification that is stored so late shows that the store does not keep up."""
ARN = "arn:aws:sqs:eu-west-1:000000000000:bench"
_BODY = (
    '{"notificationVersion":"1.0","notificationType":"EXTERNAL_FULFILLMENT_SHIPMENT_STATUS_CHANGE",'
    '"payloadVersion":"1.0","eventTime":"2026-01-01T00:00:00.000Z","payload":'
    '{"externalFulfillmentShipmentNotification":{"merchantId":"A%02d","locationId":"BLR1","channelName":"MFN",'
    '"shipmentId":"S%08d","shipmentStatus":"ACCEPTED"}},"notificationMetadata":{"applicationId":'
    '"amzn1.sellerapps.app.0","subscriptionId":"00000000-0000-4000-8000-000000000000",'
    '"publishTime":"2026-01-01T00:00:00.000Z","notificationId":"00000000-0000-4000-8000-%012d"}}'
)


class Flood:
    """A queue in memory that messages arrive in at a rate; what is not deleted would come again."""

    def __init__(self, rate: float, count: int) -> None:
        self._rate = rate
        self._bodies = _bodies(count)
        self._began = 0.0
        self._given = itertools.count()
        self._due: dict[str, float] = {}
        self._again: deque[Arrived] = deque()
        self.deleted = 0
        self.lags: list[float] = []
        self.total = sum(1 for _ in _bodies(count))

    @asynccontextmanager
    async def open(self, _queue: Queue, _key: QueueKey) -> AsyncIterator[Flood]:
        self._began = self._began or time.perf_counter()
        yield self

    async def receive(self, _wait_s: int) -> Sequence[Arrived]:
        while True:
            here = [self._again.popleft() for _ in range(min(10, len(self._again)))]
            due = int((time.perf_counter() - self._began) * self._rate) - len(self._due) - self.deleted
            for body in itertools.islice(self._bodies, max(0, min(10 - len(here), due))):
                number = next(self._given)
                here.append(Arrived(str(number), body))
                self._due[str(number)] = self._began + number / self._rate
            if here:
                return here
            await asyncio.sleep(0.002)

    async def delete(self, receipts: Sequence[str]) -> Sequence[str]:
        now = time.perf_counter()
        self.lags += [now - self._due.pop(receipt) for receipt in receipts]
        self.deleted += len(receipts)
        return ()

    async def count(self) -> int:
        return self.total - self.deleted


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Let notifications arrive for a minute (short: five seconds), then read as many from a queue by SQS."""
    seconds, by_sqs = (5, 5_000) if args.short else (60, 50_000)
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)  # as `packline worker` does
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        stored = runner.run(_store(Flood(RATE, RATE * seconds), RATE * seconds))
        with simulator() as control:
            read = runner.run(_read(control, by_sqs))
    print(f"  {stored['per_second']:8.0f} a second arrived and were stored; 99 % within {stored['p99_ms']:.0f} ms")
    print(f"  {stored['lost']:8d} lost, {stored['doubled']} doubled of {stored['arrived']}")
    print(f"  {read['per_second']:8.0f} a second read by SQS in one process, {read['cpu_us']:.0f} us of its CPU each")
    is_kept = stored["lost"] == stored["doubled"] == 0 and stored["per_second"] >= RATE * 0.95
    return {
        "stored": stored,
        "by_sqs": read,
        "target_per_second": RATE,
        "seconds": seconds,
        "passed": is_kept and stored["p99_ms"] < LATE_S * 1000 and read["lost"] == 0,
    }


async def _store(flood: Flood, distinct: int) -> dict[str, Any]:
    async with database() as pool:
        began = time.perf_counter()
        async with _listening(pool, flood, ""):
            while flood.deleted < flood.total:  # noqa: ASYNC110  the queue rings nobody
                await asyncio.sleep(0.05)
        took = time.perf_counter() - began
        rows = await pool.fetchrow("select count(*) as rows, count(distinct dedupe) as ids from inbox")
    lags = sorted(flood.lags)
    return {
        "arrived": flood.total,
        "per_second": round(flood.total / took),
        "lost": distinct - rows["ids"],
        "doubled": rows["rows"] - rows["ids"],
        "p50_ms": round(lags[len(lags) // 2] * 1000, 1),
        "p99_ms": round(lags[len(lags) * 99 // 100] * 1000, 1),
    }


async def _read(control: ControlClient, count: int) -> dict[str, Any]:
    """Fill the simulator's queue, then read all of it by aiobotocore and store it."""
    made = control.post("queues", body={"name": "bench"})
    bodies = [body.decode() for body in _bodies(count)]
    for at in range(0, len(bodies), 1000):
        control.post("queues", "bench", "messages", body={"bodies": bodies[at : at + 1000]})
    async with database() as pool:
        began, cpu = time.perf_counter(), time.process_time()
        async with _listening(pool, SqsQueues(READERS), control.url + made["path"]):
            while await asyncio.to_thread(_left, control, len(bodies)):  # noqa: ASYNC110  nor here
                await asyncio.sleep(0.1)
        took, used = time.perf_counter() - began, time.process_time() - cpu
        ids = await pool.fetchval("select count(distinct dedupe) from inbox")
    per_second = round(len(bodies) / took)
    return {
        "read": len(bodies),
        "per_second": per_second,
        "cpu_us": round(used / len(bodies) * 1e6),
        "lost": count - ids,
    }


def _left(control: ControlClient, count: int) -> bool:
    return bool(control.get("queues", "bench")["deleted"] < count)


@asynccontextmanager
async def _listening(pool: asyncpg.Pool, queues: Queues, url: str) -> AsyncIterator[None]:
    clock, vault = SystemClock(), Vault({1: bytes(KEY_BYTES)})
    store = NotificationQueues(pool, vault, Accounts(pool, vault))
    await pool.executemany(
        "insert into account (id, name, seller_id, region, marketplaces, endpoint, token_url, application_id)"
        " values ($1, $1, $1, 'EU', '{}', '', '', 'app')",
        [(f"A{number:02}",) for number in range(ACCOUNTS)],
    )
    endpoint = url.rsplit("/", 2)[0] if url else ""
    await store.put(Queue("bench", url, ARN, "eu-west-1", endpoint), QueueKey("any", "any"), clock.now())
    regions = {marketplace: region for marketplace, (_, region) in MARKETPLACES.items()}
    stop = asyncio.Event()
    listening = asyncio.create_task(Listener(store, queues, notification, regions, clock, READERS).run(stop))
    try:
        yield
    finally:
        stop.set()
        await listening


def _bodies(count: int) -> Iterator[bytes]:
    for number in range(count):
        body = (_BODY % (number % ACCOUNTS, number, number)).encode()
        yield body
        if number % TWICE_EVERY == 0:
            yield body
