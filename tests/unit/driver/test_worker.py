"""The worker, its guard, its room and the sweep."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import pytest

from fakes import FakeClock, FakeStore
from packline.domain.shipment import Status
from packline.driver.ownership import Guard, Room
from packline.driver.pace import Pace
from packline.driver.sweep import Sweep
from packline.driver.worker import NOTHING_MORE, Worker
from packline.errors import Fenced
from unit.driver.driving import Shop, order


class Ringer:
    """An alarm clock that a test rings by hand."""

    def __init__(self) -> None:
        self.rung: list[str] = []
        self.late: list[str] = []
        self.broken = 0

    async def run(
        self,
        handler: Callable[[str], Awaitable[int]],
        *,
        nudge: Callable[[str], None],
        concurrency: int,
        stop: asyncio.Event,
    ) -> None:
        await stop.wait()

    async def overdue(self, now: datetime) -> list[str]:
        if self.broken:
            self.broken -= 1
            raise OSError("the database is away")
        return self.late

    async def wake(self, accounts: Sequence[str]) -> None:
        self.rung.extend(accounts)


def _worker(shop: Shop) -> Worker:
    ringer = Ringer()
    return Worker(shop.tools, ringer, Sweep(ringer, shop.clock, 1.0), "test")


async def test_an_account_is_drained_by_one_drain_at_a_time() -> None:
    """A second ring for it waits until the first drain has ended."""
    shop = Shop(order(1))
    shop.amazon.slow = 1.0
    worker = _worker(shop)
    both = asyncio.gather(worker.drain("acme-in"), worker.drain("acme-in"))
    await shop.clock.during(shop.clock.sleep(0.5))
    assert worker.accounts == ("acme-in",)
    assert shop.store.epochs["acme-in"] == 1
    await shop.clock.during(both)
    assert shop.store.epochs["acme-in"] == 2
    assert shop.row().status is Status.SHIPLABEL_GENERATED


async def test_an_account_that_is_paused_or_gone_is_not_worth_coming_back_for() -> None:
    """Its rings end at once."""
    shop = Shop()
    shop.store.paused["acme-in"] = "revoked"
    worker = _worker(shop)
    assert await worker.drain("acme-in") == NOTHING_MORE
    assert await worker.drain("nobody") == NOTHING_MORE


async def test_a_worker_that_stops_leaves_nothing_pending() -> None:
    """What waits for its turn goes back; accounts are released for others."""
    shop = Shop(*(order(n) for n in range(10)))
    shop.amazon.slow = 30.0
    worker = _worker(shop)
    await worker.start()
    draining = asyncio.ensure_future(worker.drain("acme-in"))
    await shop.clock.during(shop.clock.sleep(1))
    await shop.clock.during(worker.stop())
    assert await draining == 0
    assert all(row.pending is None for row in shop.store.rows.values())
    assert len(shop.store.released) == 1


async def test_a_nudge_reaches_the_drain_that_runs() -> None:
    """New work is begun at once, without a new ring."""
    shop = Shop(order(1))
    shop.amazon.slow = 10.0
    worker = _worker(shop)
    draining = asyncio.ensure_future(worker.drain("acme-in"))
    await shop.clock.during(shop.clock.sleep(1))
    shop.add(order(2))
    worker.nudge("acme-in")
    worker.nudge("somebody-else")
    await shop.clock.settle()
    await shop.clock.during(draining)
    first = [amazon_id for amazon_id, _ in shop.amazon.made][:4]
    assert "S-2" in first


async def test_the_sweep_goes_on_when_the_database_is_away() -> None:
    """A round that fails is logged, the next one rings."""
    clock, ringer, stop = FakeClock(), Ringer(), asyncio.Event()
    ringer.late, ringer.broken = ["acme-in"], 2
    tended: list[datetime] = []

    async def tend(now: datetime) -> None:
        tended.append(now)

    running = asyncio.ensure_future(Sweep(ringer, clock, 1.0, [tend]).run(stop))
    await clock.during(clock.sleep(5))
    stop.set()
    await clock.during(running)
    assert len(ringer.rung) >= 2
    assert len(tended) == 1


async def test_the_guard_trusts_a_check_for_a_second() -> None:
    """Then it asks; a commit that found the epoch ours counts as a check."""
    clock = FakeClock()
    store = FakeStore(clock)
    ownership = await store.take("acme-in", "one", clock.now())
    assert ownership is not None
    guard = Guard(ownership, store, clock)
    store.take_over("acme-in")
    await guard()
    await clock.during(clock.sleep(0.9))
    guard.verified(clock.monotonic())
    await clock.during(clock.sleep(0.9))
    await guard()
    await clock.during(clock.sleep(0.2))
    with pytest.raises(Fenced):
        await guard()
    assert guard.is_lost


def test_every_account_has_a_few_places_however_many_there_are() -> None:
    """One large account does not keep the others from going on."""
    room = Room(Pace(per_account=64, per_worker=100, floor=4))
    assert room.free(0) == 64
    for _ in range(100):
        room.take()
    assert room.free(64) == 0
    assert room.free(0) == 4
    assert room.free(4) == 0
    room.leave()
    assert room.free(63) == 1
