"""What happens to the machine: workers are killed and frozen in turn, the database stops under everybody's feet."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import Callable

from packline.bootstrap import Services
from packline.storage.database import AWAY
from soak.machine import Database, Worker
from soak.plan import Plan

FROZEN_S = 5.0
PATIENCE_S = 30.0
_OWNED = """
select o.account_id, o.epoch from ownership o where o.worker = $1
and exists (select 1 from shipment s where s.account_id = o.account_id and s.due_at <= $2)
"""
_EPOCHS = "select account_id, epoch from ownership where account_id = any($1)"


class Trouble:
    """Kill one worker, freeze the next, stop the database, and measure how soon others go on."""

    def __init__(self, services: Services, database: Database, workers: list[Worker], plan: Plan) -> None:
        self._services, self._database, self._workers, self._plan = services, database, workers, plan
        self.kills = self.freezes = 0
        self.take_overs: list[float] = []
        self.away: list[float] = []

    @property
    def has_struck(self) -> bool:
        """Tell whether everything that is planned has happened at least once."""
        return bool(self.kills and self.freezes and self._database.restarts >= self._plan.restarts)

    async def run(self, stop: asyncio.Event, progress: Callable[[], float]) -> None:
        """Go on until `stop`; `progress` tells which part of the run is over, by which the database is restarted."""
        turns = itertools.cycle(range(len(self._workers)))
        for turn in itertools.count():
            await _pause(stop, self._plan.reap_every_s)
            if stop.is_set():
                return
            await self.ready(stop)
            done = self._database.restarts
            if done < self._plan.restarts and progress() >= (done + 1) / (self._plan.restarts + 1):
                await self._restart()
                continue
            worker = self._workers[next(turns)]
            await (self._kill(worker) if turn % 2 == 0 else self._freeze(worker, stop))

    async def ready(self, stop: asyncio.Event) -> None:
        """Wait until all are at work again: who dies before he has begun proves nothing."""
        while not stop.is_set():
            for worker in self._workers:
                worker.revive_if_ended()
            if all(worker.is_ready for worker in self._workers):
                return
            await _pause(stop, 0.25)

    async def _restart(self) -> None:
        at_once = self._database.restarts % 2 == 1
        self.away.append(await asyncio.to_thread(self._database.restart, at_once=at_once))

    async def _kill(self, worker: Worker) -> None:
        owned = await self._owned(worker)
        await asyncio.to_thread(worker.kill)
        self.kills += 1
        await self._measure(owned)
        worker.revive()

    async def _freeze(self, worker: Worker, stop: asyncio.Event) -> None:
        owned, froze = await self._owned(worker), time.monotonic()
        worker.freeze()
        self.freezes += 1
        await self._measure(owned)
        await _pause(stop, max(0.0, froze + FROZEN_S - time.monotonic()))
        worker.thaw()

    async def _owned(self, worker: Worker) -> dict[str, int]:
        with contextlib.suppress(*AWAY):
            rows = await self._services.pool.fetch(_OWNED, worker.name, self._services.clock.now())
            return {row["account_id"]: row["epoch"] for row in rows}
        return {}

    async def _measure(self, owned: dict[str, int]) -> None:
        """Note after which real time each account with work has another owner."""
        since = time.monotonic()
        while owned and time.monotonic() - since < PATIENCE_S:
            with contextlib.suppress(*AWAY):
                for row in await self._services.pool.fetch(_EPOCHS, list(owned)):
                    if row["epoch"] > owned[row["account_id"]]:
                        del owned[row["account_id"]]
                        self.take_overs.append(time.monotonic() - since)
            await asyncio.sleep(0.1)
        self.take_overs += [PATIENCE_S] * len(owned)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
