"""A day of one Easy Ship seller on which everything goes wrong: every order ends where it should, with its own papers.

The short form runs with the other tests. The whole day of 5,000 orders takes a quarter of an hour:
`PACKLINE_E2E_DAY_ORDERS=5000 python -m pytest tests/e2e/test_easy_ship_day.py -s`.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from e2e.day_people import People
from e2e.day_proof import Proof, mix_up, prove
from e2e.stage import IN, amazon, environment, open_seller_central, settings
from packline.bootstrap import Services, open_services
from packline.config import Settings
from packline_sim.control.followed_clock import FollowedClock
from packline_sim.control.handles import Amazon

ORDERS = int(os.environ.get("PACKLINE_E2E_DAY_ORDERS", "300"))
IS_SHORT = ORDERS <= 500
SPEED = 40.0 if IS_SHORT else 50.0
WAVES = 5 if IS_SHORT else 50
WAVE_S = 60.0 if IS_SHORT else 600.0
KILLS = 2 if IS_SHORT else 8
STEPS_S = (60.0, 600.0)
"""By which time is moved on when nothing is left to do but to wait for Amazon: while orders wait, and for feeds."""
LISTED_AT_MOST = 0.02
MINUTES = 4 if IS_SHORT else 40

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(60 * MINUTES + 60)]

CALLS = ("listHandoverSlots", "createScheduledPackage", "updateScheduledPackages", "getScheduledPackage")
FEEDS = ("createFeedDocument", "createFeed", "getFeed", "getFeedDocument", "getReport", "getReportDocument")
_SCHEDULED = "select count(*) from shipment where status = 'SHIPLABEL_GENERATED'"
_BUSY = """
select (select count(*) from shipment where due_at is not null),
    (select count(*) from command where outcome is null),
    (select count(*) from feed_item where state <> 'failed') + (select count(*) from feed_batch where ended_at is null)
"""


class Worker:
    """One worker process in the simulator's time, to be killed."""

    def __init__(self, chosen: Settings, url: str, log: Path) -> None:
        self._command = [sys.executable, "-m", "e2e.day_worker", url]
        path = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
        self._environment = {**environment(chosen), "PYTHONPATH": path.rstrip(os.pathsep)}
        self._log = log
        self.kills = 0
        self._process = self._start()

    def kill(self) -> None:
        """Kill it in the middle of whatever it does, and start it anew."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)
        self.kills += 1
        self._process = self._start()

    def end(self) -> None:
        """Ask it to end."""
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _start(self) -> "subprocess.Popen[bytes]":
        with self._log.open("ab") as log:
            return subprocess.Popen(self._command, env=self._environment, stdout=log, stderr=log)


async def test_a_whole_day_ends_with_every_order_scheduled_once_and_its_own_papers(
    database_url: str, tmp_path: Path
) -> None:
    """Slots and addresses expire, labels are taken back, feeds die, answers are lost, the worker is killed."""
    with amazon("amazon") as sim:
        shop = sim.create_seller("Sample Seller", region="EU", marketplace_ids=[IN])
        shop.add_location()
        for _ in range(3):
            shop.add_sku(stock=1_000_000)
        _trouble(sim, max(1, ORDERS // 300))
        sim.clock.set_speed(SPEED)
        clock = FollowedClock(sim.url)
        following = asyncio.create_task(clock.follow())
        chosen = settings(database_url, tmp_path)
        async with open_services(chosen, clock) as services:
            await open_seller_central(services, sim, shop, "amazon")
            people = People(services, sim, shop)
            worker = Worker(chosen, sim.url, tmp_path / "worker.log")
            try:
                async with asyncio.timeout(60 * MINUTES):
                    reaping = asyncio.create_task(_reap(services, worker))
                    await _morning(people, clock)
                    await _evening(services, sim, people)
                    await reaping
            finally:
                await asyncio.to_thread(worker.end)
                _tell_where_it_stands(await _busy(services), sim, people, worker)
            proof = await prove(services, sim)
            mixed_up = await mix_up(services)
            seen = await prove(services, sim, only=mixed_up)
        following.cancel()
        _check(proof, sim, people, worker)
        assert {line[:19] for line in seen.wrong} == set(mixed_up)
        assert len(mixed_up) == 2


def _trouble(sim: Amazon, often: int) -> None:
    """Let everything go wrong that may: shares of the calls, and some that must come at least once."""
    sim.set_switches(slot_life="5_minutes", document_url_seconds="30", papers_arrangement="mixed", stored_gzip="half")
    add = sim.add_fault
    for kind, share in (("429", 0.01), ("500_after", 0.01), ("cut", 0.01), ("timeout_before", 0.01), ("503", 0.01)):
        add(kind, *CALLS, share=share)
    add("timeout_after", "createScheduledPackage", share=0.03)
    add("timeout_after", "updateScheduledPackages", nth=[1, 3], limit=2)
    add("timeout_after", "createFeed", nth=[2], limit=1)
    add("timeout_after", "createFeed", every=9, limit=3 * often)
    add("slow", "listHandoverSlots", every=60, limit=3 * often, hold_seconds=301)  # the slot dies on its way
    add("slow", "createFeedDocument", nth=[3], hold_seconds=31)  # the address to upload to dies
    add("slow", "getReportDocument", nth=[2], hold_seconds=31)  # the address of the papers dies
    add("fatal", "processFeed", nth=[1, 4], limit=2)
    add("stuck", "processFeed", nth=[3], limit=1)
    add("fatal", "processReport", nth=[2], limit=1)
    add("fatal", "makeEasyShipDocument", share=0.05)
    for operation in FEEDS:
        add("500", operation, share=0.02)
        add("429", operation, nth=[2], limit=1)


async def _morning(people: People, clock: FollowedClock) -> None:
    """Orders come in waves and are packed as they come."""
    for _ in range(WAVES):
        await people.order(ORDERS // WAVES)
        until = clock.monotonic() + WAVE_S
        while clock.monotonic() < until:
            await people.round()
            await asyncio.sleep(0.1)


async def _reap(services: Services, worker: Worker) -> None:
    """Kill the worker whenever another part of the orders is scheduled."""
    for turn in range(KILLS):
        while await services.pool.fetchval(_SCHEDULED) < ORDERS * (turn + 1) / (KILLS + 2):  # noqa: ASYNC110  until the day ends
            await asyncio.sleep(0.2)
        await asyncio.to_thread(worker.kill)


async def _evening(services: Services, sim: Amazon, people: People) -> None:
    """Until nothing moves any more: where only Amazon's time is waited for, it is moved on."""
    quiet, before = 0, None
    while quiet < 3:  # that many steps are more than two looks at the listing
        await people.round()
        now = await _busy(services)
        is_known = await services.pool.fetchval("select count(*) from shipment") == len(people.fate)
        quiet = quiet + 1 if is_known and not any(now) else 0
        if now == before or not any(now):
            await asyncio.to_thread(sim.clock.advance, STEPS_S[is_known and not now[0]])
        before = now
        await asyncio.sleep(0.5)


async def _busy(services: Services) -> tuple[int, int, int]:
    row = await services.pool.fetchrow(_BUSY)
    return tuple(row) if row else (0, 0, 0)


def _check(proof: Proof, sim: Amazon, people: People, worker: Worker) -> None:
    struck: Counter[str] = Counter()
    for row in sim.control.get("faults")["items"]:
        struck[row["rule"]["kind"]] += row["struck"]
    sys.stdout.write(f"\n{dict(proof.ends)}, {len(proof.listed)} listed; faults {dict(struck)}\n")
    for order, reason in proof.listed.items():
        sys.stdout.write(f"  {order} {reason}\n")
    assert proof.wrong == []
    assert people.refusals == []
    assert worker.kills == KILLS
    assert sum(proof.ends.values()) == len(people.fate) == ORDERS
    assert len(proof.listed) <= LISTED_AT_MOST * ORDERS
    for kind in ("timeout_after", "slow", "fatal", "stuck", "cut", "429"):
        assert struck[kind], f"nothing was struck by {kind}"
    for done in ("buyer cancelled", "Reject", "label taken back", "Reschedule"):
        assert people.done[done], f"nobody did this: {done}"


def _tell_where_it_stands(busy: tuple[int, int, int], sim: Amazon, people: People, worker: Worker) -> None:
    calls: Counter[int] = Counter()
    for (_, status), count in sim.counters().items():
        calls[status] += count
    at = time.strftime("%H:%M:%S")
    sys.stdout.write(f"\n{at} busy {busy}, {dict(people.done)}, {worker.kills} kills, answers {dict(calls)}\n")
