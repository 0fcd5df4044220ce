"""How fast the week goes: as fast as the machine keeps up with it, so that what is late is late at Amazon's doing."""

import asyncio
import contextlib
import time
from datetime import timedelta

from packline.bootstrap import Services
from packline.storage.database import AWAY
from packline_sim.control.client import SimulatorError
from packline_sim.control.handles import Amazon
from soak.plan import Plan
from soak.warehouse import Warehouse

LOOK_S = 0.5
GENTLE = 150.0
"""By how much speed changes at most in one look, and never by more than half: processes notice a change a quarter of a
second late, and their clocks must not be apart by more than intake's windows overlap."""
LATE_S = 900.0
"""Simulated seconds after which a thing that is due counts as late."""
_LATE = """
select (select count(*) from shipment where due_at is not null and due_at <= $1)
    + (select count(*) from inbox where handled_at is null and received_at <= $1)
"""


class Pacing:
    """Choose the speed of the simulator's time by what is left to do."""

    def __init__(self, services: Services, sim: Amazon, warehouse: Warehouse, plan: Plan) -> None:
        self._services, self._sim, self._warehouse, self._plan = services, sim, warehouse, plan
        self.speed = plan.fastest / 4
        self.late = 0
        self.slowed = 0.0
        self.began = time.monotonic()

    async def run(self, stop: asyncio.Event) -> None:
        """Look twice a second until `stop`."""
        while not stop.is_set():
            with contextlib.suppress(*AWAY, SimulatorError):
                await self._look()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_S)

    async def _look(self) -> None:
        late = await self._services.pool.fetchval(_LATE, self._services.clock.now() - timedelta(seconds=LATE_S))
        self.late = int(late) + self._warehouse.overdue(LATE_S)
        wish = self._plan.backlog / max(1.0, float(self.late))
        most = min(self.speed / 2, GENTLE)
        speed = self.speed + max(-most, min(most, self.speed * (wish - 1)))
        speed = min(self._plan.fastest, max(self._plan.slowest, speed))
        if abs(speed / self.speed - 1) > 0.02:
            await asyncio.to_thread(self._sim.clock.set_speed, round(speed, 1))
            self.speed = round(speed, 1)
        self.slowed += LOOK_S * (self.late > self._plan.backlog)
