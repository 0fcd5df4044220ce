"""A seller of Seller Central with a backlog of Easy Ship orders, for benchmarks in the simulator's time."""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import structlog
import uvloop

from bench.simulator import simulator
from packline.amazon.spapi import lanes
from packline.bootstrap import Services, open_services
from packline.commands.accounts import add_account
from packline.commands.order import Order
from packline.commands.pack import Pack, PackageRequest
from packline.config import load
from packline.domain.location import Account, Api, Credentials, Region
from packline.domain.shipment import PackageLine
from packline.domain.values import Box
from packline.errors import PacklineError
from packline.running import worker_of
from packline.storage import embedded
from packline_sim.control.client import ControlClient
from packline_sim.control.followed_clock import FollowedClock

IN = "A21TJRUUN4KGV"
HOUR = 3600.0
JITTER = lanes.JITTER
_ACCEPTED = "select count(*) from shipment where status = 'ACCEPTED' and goal is null"
_OPEN = "select id from shipment where status = 'ACCEPTED' and goal is null order by id"
_BOX = Box(20, 15, 10, 400)
Found = TypeVar("Found")


class Shop(NamedTuple):
    """One seller of the simulator and a Packline that works for it, both in the simulator's time."""

    control: ControlClient
    ours: Services
    clock: FollowedClock
    seller_id: str

    async def take_in(self, count: int) -> None:
        """Let buyers order and take the orders in; nothing counts against a quota."""
        body = {"seller_id": self.seller_id, "count": count, "marketplace_id": IN}
        await asyncio.to_thread(self.control.post, "orders", body=body)
        self.control.post("clock", "advance", body={"seconds": 150})  # a search tells of what is two minutes old
        async with working(self.ours):
            await self.until(lambda: self.ours.pool.fetchval(f"select ({_ACCEPTED}) >= {count}"))

    async def pack(self, at_most: int = 100_000) -> int:
        """Weigh, measure and pack what came in; returns how many orders that were."""
        rows = await self.ours.pool.fetch(f"{_OPEN} limit {at_most}")
        for start in range(0, len(rows), 500):
            orders = [await self._packed(row["id"]) for row in rows[start : start + 500]]
            refused = [a for a in await self.ours.desk.give_many(orders) if isinstance(a, PacklineError)]
            assert not refused, refused[0]
        return len(rows)

    async def count_quotas(self, preset: str, plan: str) -> None:
        """Let Amazon count from now on, every bucket full, and Packline know by which plan."""
        self.control.post("quotas", "preset", body={"preset": preset})
        await self.ours.pool.execute("update account set usage_plan = $1", plan)
        await self.ours.pool.execute("update ownership set levels = null")
        await self.ours.pool.execute("delete from call")
        for account in await self.ours.accounts.accounts():
            self.ours.gateway.forget(account.id)

    async def until(self, is_so: Callable[[], Coroutine[Any, Any, Any]], most_s: float = 3 * HOUR) -> None:
        """Wait until something is so. Raises RuntimeError after `most_s` of the simulator's time."""
        began = self.clock.monotonic()
        while not await is_so():
            if self.clock.monotonic() - began > most_s:
                raise RuntimeError(f"it did not come about within {most_s:.0f} s of the simulator's time")
            await asyncio.sleep(0.1)

    async def calls(self) -> dict[str, int]:
        """Count the calls that Amazon answered well, by operation."""
        sql = "select operation, count(*) from call where status between 200 and 299 group by 1"
        return {row["operation"]: row["count"] for row in await self.ours.pool.fetch(sql)}

    async def refused(self) -> dict[str, int]:
        """Count the calls that Amazon throttled, by operation."""
        sql = "select operation, count(*) from call where status = 429 group by 1"
        return {row["operation"]: row["count"] for row in await self.ours.pool.fetch(sql)}

    async def _packed(self, name: str) -> Order:
        body = await self.ours.shipments.body(name)
        shipment = (await self.ours.shipments.load([name]))[name]
        assert body is not None
        lines = self.ours.gateway.details(body, shipment.api).lines
        box = PackageRequest(_BOX, tuple(PackageLine(line.id, line.units) for line in lines))
        return Order(name, Pack((box,)))


@asynccontextmanager
async def shop(speed: float, **given: object) -> AsyncIterator[Shop]:
    """Open a shop whose time goes `speed` times as fast as ours, with settings of Packline as `given`.

    What this machine delays a call by is multiplied by `speed` too, and so is what lanes keep back for it: a tenth of a
    second of ours, as in real life. Without that, calls overtake each other by a hundredth and are refused.
    """
    lanes.JITTER = JITTER * speed
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    folder = _folder()
    with simulator() as control:
        made = _seller(control)
        control.post("clock", "speed", body={"speed": speed})
        clock = FollowedClock(control.url)
        chosen = load({"data": folder / "data", "poll_new_s": 1.0, **given})
        following = asyncio.create_task(clock.follow())
        try:
            async with open_services(chosen, clock) as services:
                await _account(services, control, made)
                yield Shop(control, services, clock, made["seller_id"])
        finally:
            following.cancel()
            embedded.stop(folder / "data")
            shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def working(services: Services) -> AsyncIterator[None]:
    """Let a worker work meanwhile."""
    worker = worker_of(services)
    await worker.start()
    try:
        yield
    finally:
        await worker.stop()


def measured(measure: Callable[[], Coroutine[Any, Any, Found]]) -> Found:
    """Run a measurement on the loop that Packline runs on."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(measure())


def an_hour(count: int, since: datetime, until: datetime) -> float:
    """Turn a count between two moments into a count an hour."""
    return count * HOUR / max(1e-9, (until - since).total_seconds())


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="packline-bench-"))
    folder.chmod(0o755)
    return folder


def _seller(control: ControlClient) -> dict[str, Any]:
    made: dict[str, Any] = control.post("sellers", body={"name": "Sample Seller", "marketplace_ids": [IN]})
    control.post("sellers", made["seller_id"], "locations", body={})
    control.post("sellers", made["seller_id"], "skus", body={"sku": "SKU-1", "stock": 1_000_000})
    return made


async def _account(services: Services, control: ControlClient, made: dict[str, Any]) -> None:
    account = Account(
        "bench", "Sample Seller", made["seller_id"], Region.EU, (IN,), control.url, f"{control.url}/auth/o2/token",
        "app", usage_plan="off", api=Api.SELLER_CENTRAL,
    )  # fmt: skip
    keys = Credentials(made["client_id"], made["client_secret"], made["refresh_token"])
    await add_account(services.accounts, services.wake, account, keys)
