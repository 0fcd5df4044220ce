"""Workers killed and frozen again and again, answers lost after their effect: nothing lost, nothing done twice."""

import asyncio
import itertools
import os
import sys
import time
from pathlib import Path

import pytest

from e2e.stage import Packer, WorkerProcess, amazon, open_account, open_shop, settings
from packline.bootstrap import Services, open_services
from packline_sim.control.handles import Amazon

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]

SHIPMENTS = int(os.environ.get("PACKLINE_E2E_SHIPMENTS", "2004"))
SELLERS = 6
WORKERS = 3
TAKE_OVER_S = 4.0
FROZEN_S = 5.0
WRITES = ("processShipment", "createPackages", "generateInvoice", "generateShipLabels")
_OWNED = """
select o.account_id, o.epoch from ownership o where o.worker = $1
and exists (select 1 from shipment s where s.account_id = o.account_id and s.due_at <= now())
"""


class Reaper:
    """Kill and freeze workers in turn, and measure how soon others go on with their accounts."""

    def __init__(self, services: Services, workers: list[WorkerProcess]) -> None:
        self._services, self._workers = services, workers
        self._turns = itertools.cycle(range(len(workers)))
        self.kills = self.freezes = 0
        self.take_overs: list[float] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Kill one, freeze another, and so on, until `stop`."""
        for turn in itertools.count():
            await _pause(stop, 1.5)
            if stop.is_set():
                return
            worker = self._workers[next(self._turns)]
            await (self._kill(worker) if turn % 2 == 0 else self._freeze(worker, stop))

    async def _kill(self, worker: WorkerProcess) -> None:
        died = worker.kill()
        self.kills += 1
        await self._measure(worker, died)
        worker.restart()

    async def _freeze(self, worker: WorkerProcess, stop: asyncio.Event) -> None:
        froze = worker.freeze()
        self.freezes += 1
        await self._measure(worker, froze)
        await _pause(stop, max(0.0, froze + FROZEN_S - time.time()))
        worker.thaw()

    async def _measure(self, worker: WorkerProcess, since: float) -> None:
        pool = self._services.pool
        owned = {row["account_id"]: row["epoch"] for row in await pool.fetch(_OWNED, worker.name)}
        while owned and time.time() - since < 3 * TAKE_OVER_S:
            rows = await pool.fetch(
                "select account_id, epoch, taken_at from ownership where account_id = any($1)", list(owned)
            )
            for row in rows:
                if row["epoch"] > owned[row["account_id"]]:
                    del owned[row["account_id"]]
                    self.take_overs.append(row["taken_at"].timestamp() - since)
            await asyncio.sleep(0.05)
        self.take_overs += [3 * TAKE_OVER_S] * len(owned)


async def test_nothing_is_lost_and_nothing_is_done_twice(database_url: str, tmp_path: Path) -> None:
    """Every shipment stands where its goal says, every label was made once, and each take-over was quick."""
    with amazon("generous") as sim:
        chosen = settings(database_url, tmp_path)
        async with open_services(chosen) as services:
            await _fill(services, sim)
            for kind, share in (("timeout_after", 0.02), ("500_after", 0.01), ("cut", 0.01), ("timeout_before", 0.01)):
                sim.add_fault(kind, *WRITES, share=share, hold_seconds=0)
            workers = [WorkerProcess(f"worker-{n}", chosen, tmp_path / f"worker-{n}.log") for n in range(WORKERS)]
            packer, reaper, stop = Packer(services), Reaper(services, workers), asyncio.Event()
            reaping = asyncio.create_task(reaper.run(stop))
            try:
                await packer.run(SHIPMENTS, seconds=480)
            finally:
                stop.set()
                await reaping
                for worker in workers:
                    await asyncio.to_thread(worker.end)
            await _check(services, sim, packer)
    sys.stdout.write(
        f"\n{SHIPMENTS} shipments, {reaper.kills} kills, {reaper.freezes} freezes, {len(reaper.take_overs)} take-overs,"
        f" the slowest after {max(reaper.take_overs):.2f} s\n"
    )
    assert reaper.kills >= 3
    assert reaper.freezes >= 3
    assert max(reaper.take_overs) < TAKE_OVER_S


async def _fill(services: Services, sim: Amazon) -> None:
    for number in range(SELLERS):
        shop = open_shop(sim, f"Sample Seller {number + 1}")
        await open_account(services, sim, shop, "generous")
        program = "SELLER_FLEX" if number % 2 else "EASY_SHIP"
        await asyncio.to_thread(shop.orders, SHIPMENTS // SELLERS, program=program)


async def _check(services: Services, sim: Amazon, packer: Packer) -> None:
    assert packer.refusals == []
    sim.check()
    pool = services.pool
    states = await pool.fetch("select status, goal, problem, count(*) from shipment group by 1, 2, 3")
    assert [tuple(row)[:3] for row in states] == [("SHIPLABEL_GENERATED", "labeled", None)]
    assert await pool.fetchval("select count(*) from command where outcome is distinct from 'succeeded'") == 0
    boxes = await pool.fetchval("select count(distinct (shipment_id, package_id)) from package_label")
    assert await pool.fetchval("select count(*) from package_label") == boxes
    assert boxes == sum(len(sim.order(row.shipment_id).show().packages) for row in sim.shipments())
    for row in sim.shipments():
        for package in sim.order(row.shipment_id).show().packages:
            assert len(package.labels) == 1, (row.shipment_id, package)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
