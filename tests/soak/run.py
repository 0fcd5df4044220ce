"""One long run from the first order to the last comparison."""

import asyncio
import contextlib
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from e2e.stage import amazon, settings
from packline.bootstrap import Services, open_services
from packline.storage.database import AWAY
from packline_sim.control.handles import Amazon
from soak.clock import RushedClock, renew_tokens_in_time, take_grants_in_time
from soak.comparison import Comparison, Findings
from soak.dossier import keep
from soak.machine import Database, Worker
from soak.pacing import Pacing
from soak.plan import Plan
from soak.report import Report
from soak.town import Town, open_town, send_buyers, subscribe
from soak.trouble import Trouble
from soak.warehouse import Warehouse

POLLS = {
    "poll_new_s": 900.0,
    "poll_rest_s": 1800.0,
    "poll_returns_s": 3600.0,
    "poll_net_s": 3600.0,
    "outage_s": 3600.0,
}
"""In the simulator's time; a plan may have them come more rarely."""
MACHINE = {
    "call_timeout_s": 5.0,
    "pool_size": 10,
    "notification_readers": 3,
    "shipments_per_account": 256,
    "shipments_per_worker": 512,
}
"""Real seconds, connections, readers of the queue, and shipments that are under way at the same time.

Many shipments: Amazon grants a hundred calls in the real second of which one call may take a third. Some readers of the
queue: a thousand messages come in a real second, ten at a time; with one, orders waited in the queue by thousands.
"""
PREPARING = 60.0
"""Speed of the time in which shelves are counted and notifications set up, before anybody orders."""
SETTLING = 60.0
"""Speed of the time in which what is left is done, before sides are compared."""
BUYING = 0.8
"""The part of the wall time in which buyers order; in the rest parcels arrive, and sides are compared."""
STILL_S = 1.0
"""Real seconds for which everybody notices that time stands still before anything is compared."""
LOOKS_AT_MOST = 3
"""Comparisons at most in which nothing comes right: what is only on its way in one of them is not wrong in the next."""
ROUNDS = 3
"""Rounds of the slowest poll between two comparisons: everything is looked at again meanwhile."""
SETTLED_WITHIN_S = 25.0
"""Real seconds in which at least one thing more is done, while anything is left to do."""
_UNSETTLED = "select count(*) from stock_offer where state <> 'settled'"
_BUSY = """
select (select count(*) from shipment where due_at is not null and due_at <= $1)
    + (select count(*) from command where outcome is null and kind <> 'hand_over')
    + (select count(*) from inbox where handled_at is null)
    + (select count(*) from stock_offer where state <> 'settled')
"""
Tell = Callable[[str], None]


@dataclass
class Run:
    """What is at work, and when it began."""

    plan: Plan
    services: Services
    town: Town
    warehouse: Warehouse
    workers: list[Worker]
    pacing: Pacing
    trouble: Trouble
    tell: Tell
    began: float = field(default_factory=time.monotonic)
    buying_s: float = 0.0
    ordered: int = 0
    struck: list[dict[str, Any]] = field(default_factory=list)

    @property
    def sim(self) -> Amazon:
        """Give the simulator."""
        return self.town.sim

    def over(self) -> float:
        """Tell which part of the wall time that buyers may take is over."""
        return (time.monotonic() - self.began) / (60 * self.plan.minutes * BUYING)


async def soak(plan: Plan, folder: Path, tell: Tell) -> Report:
    """Run it; raises only where the run itself breaks, whatever it finds is in the report."""
    began, database = time.monotonic(), Database()
    try:
        with amazon("amazon") as sim:
            renew_tokens_in_time(plan.fastest)
            take_grants_in_time(plan.fastest)
            clock = RushedClock(sim.url)
            following = asyncio.create_task(clock.follow())
            polls = {name: seconds * plan.rarer for name, seconds in POLLS.items()}
            chosen = settings(database.url, folder, **polls, **MACHINE)
            try:
                async with open_services(chosen, clock) as services:
                    run = await _prepare(plan, services, sim, folder, database, tell)
                    found = await _live(run)
                    await keep(services, sim, found.wrong, folder / "wrong.txt")
                    return await Report.make(run, found, database, time.monotonic() - began)
            finally:
                following.cancel()
    finally:
        database.end()


async def _prepare(plan: Plan, services: Services, sim: Amazon, folder: Path, database: Database, tell: Tell) -> Run:
    town = await open_town(services, sim, plan)
    await asyncio.to_thread(sim.clock.set_speed, PREPARING)
    names = [f"worker-{number + 1}" for number in range(plan.workers)]
    speed = plan.fastest
    workers = [Worker(name, services.settings, sim.url, speed, folder / f"{name}.log") for name in names]
    warehouse = Warehouse(services, town, plan.seed)
    trouble = Trouble(services, database, workers, plan)
    return Run(plan, services, town, warehouse, workers, Pacing(services, sim, warehouse, plan), trouble, tell)


async def _live(run: Run) -> Findings:
    """Let the week pass with everybody at work, then let it settle and compare."""
    stop, calm = asyncio.Event(), asyncio.Event()
    tasks = [asyncio.create_task(run.warehouse.run(stop))]
    try:
        await run.trouble.ready(stop)
        await _until(run, _UNSETTLED)
        await _first_look(run)
        await subscribe(run.services, run.town)
        await asyncio.to_thread(send_buyers, run.town, run.plan)
        run.began = time.monotonic()
        await asyncio.to_thread(run.sim.clock.set_speed, run.pacing.speed)
        tasks.append(asyncio.create_task(run.pacing.run(calm)))
        if not run.plan.is_calm:
            tasks.append(asyncio.create_task(run.trouble.run(calm, run.over)))
        await _week(run, tasks)
        await _trouble_is_over(run, tasks)
        calm.set()
        await asyncio.gather(*tasks[1:])
        return await _settle(run)
    finally:
        stop.set()
        calm.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        for worker in run.workers:
            await asyncio.to_thread(worker.end)


async def _week(run: Run, tasks: list[asyncio.Task[None]]) -> None:
    """Wait until all has been ordered, or until the time is up; then until the last parcels have come."""
    while True:
        crowds = (await asyncio.to_thread(run.sim.control.get, "buyers"))["items"]
        run.ordered = sum(crowd["ordered"] for crowd in crowds)
        _progress(run, tasks)
        is_late = run.over() >= 1 and run.ordered >= run.plan.least
        if not any(crowd["buying"] for crowd in crowds) or is_late:
            break
        await asyncio.sleep(1.0)
    run.buying_s = time.monotonic() - run.began
    await asyncio.to_thread(run.sim.control.delete, "buyers")
    ends = run.services.clock.monotonic() + run.plan.tail_s
    while run.services.clock.monotonic() < ends:
        _progress(run, tasks)
        await asyncio.sleep(1.0)


async def _trouble_is_over(run: Run, tasks: list[asyncio.Task[None]]) -> None:
    """Wait for what has not happened yet on a slow machine: a run without it proves little."""
    while not run.plan.is_calm and not run.trouble.has_struck:
        _progress(run, tasks)
        await asyncio.sleep(1.0)


def _progress(run: Run, tasks: list[asyncio.Task[None]]) -> None:
    """Tell how far it is. Raises what ended somebody who should still be at work."""
    for task in tasks:
        if task.done():
            task.result()
    now, book = run.services.clock.now(), run.warehouse.book
    run.tell(
        f"{time.monotonic() - run.began:6.0f} s  {now:%a %H:%M}  speed {run.pacing.speed:5.0f}  ordered {run.ordered}"
        f"  in the book {len(book.shipments)}  late {run.pacing.late}  events {book.events}"
        f"  kills {run.trouble.kills}  freezes {run.trouble.freezes}  restarts {len(run.trouble.away)}"
    )


async def _settle(run: Run) -> Findings:
    """Let what is due be done, then compare; what every comparison finds, hours apart, is wrong."""
    run.struck = (await asyncio.to_thread(run.sim.control.delete, "faults"))["items"]
    await asyncio.to_thread(run.sim.notifications.deliver_well)
    for worker in run.workers:
        worker.revive_if_ended()
    found, looks = await _compare(run), 0
    while found.wrong and looks < LOOKS_AT_MOST:
        await _pass(run, ROUNDS * run.services.settings.poll_returns_s)
        again = await _compare(run)
        again.wrong = [line for line in again.wrong if line in set(found.wrong)]
        looks = looks + 1 if len(again.wrong) == len(found.wrong) else 0
        found = again
    return found


async def _compare(run: Run) -> Findings:
    """Compare while time stands still, when nothing is left to do."""
    await asyncio.to_thread(run.sim.clock.set_speed, SETTLING)
    await _until(run, _BUSY)
    await asyncio.to_thread(run.sim.clock.freeze)
    await asyncio.sleep(STILL_S)
    found = await Comparison(run.services, run.town, run.warehouse).make()
    run.tell(f"compared: {len(found.wrong)} wrong, {len(found.listed)} on a list; {found.wrong[:3]}")
    return found


async def _pass(run: Run, seconds: float) -> None:
    """Let so many simulated seconds pass."""
    await asyncio.to_thread(run.sim.clock.set_speed, run.plan.fastest)
    await run.services.clock.sleep(seconds)


async def _first_look(run: Run) -> None:
    """Wait until every listing has been read once: what was labelled before that, Packline leaves to whoever did it."""
    listings = sum(len(tuple(run.services.gateway.listings(shop.account))) for shop in run.town.shops)
    await _until(run, f"select greatest(0, {listings} - count(*)) from intake_cursor where succeeded_at is not null")


async def _until(run: Run, sql: str) -> None:
    """Wait until a count is 0, or until it has not been smaller for a while: then the comparison tells what is left."""
    until, least = time.monotonic() + SETTLED_WITHIN_S, sys.maxsize
    while time.monotonic() < until:
        with contextlib.suppress(*AWAY):
            values = [run.services.clock.now()] if "$1" in sql else []
            left = int(await run.services.pool.fetchval(sql, *values)) + run.warehouse.overdue()
            if not left:
                return
            if left < least:
                until, least = time.monotonic() + SETTLED_WITHIN_S, left
        await asyncio.sleep(0.5)
