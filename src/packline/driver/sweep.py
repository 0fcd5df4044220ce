"""The sweep: rings for accounts that have something due and that nobody works for, and does the hourly upkeep."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from packline.ports import Clock

UPKEEP_S = 600.0
log = structlog.get_logger(__name__)


class Bells(Protocol):
    """What the sweep needs of the alarm clock."""

    async def overdue(self, now: datetime) -> list[str]:
        """List accounts that have work or a poll due and no job that would see to it."""

    async def wake(self, accounts: Sequence[str]) -> None:
        """Ring for these accounts."""


class Sweep:
    """Look every second for accounts that were not rung for, and every ten minutes after the tables."""

    def __init__(
        self, bells: Bells, clock: Clock, every: float, upkeep: Sequence[Callable[[datetime], Awaitable[object]]] = ()
    ) -> None:
        """Look each `every` seconds; `upkeep` are jobs such as making partitions ahead, called with the time."""
        self._bells, self._clock, self._every, self._upkeep = bells, clock, every, upkeep

    async def run(self, stop: asyncio.Event) -> None:
        """Sweep until `stop`; a failure is logged, and the next round tries again."""
        tended = self._clock.monotonic() - UPKEEP_S
        while not stop.is_set():
            try:
                await self.once()
                if self._clock.monotonic() - tended >= UPKEEP_S:
                    tended = self._clock.monotonic()
                    await self._tend()
            except Exception as error:  # noqa: BLE001  the sweep is the last net: it must not end
                log.warning("sweep.failed", error=repr(error))
            await self._pause(stop)

    async def once(self) -> list[str]:
        """Ring for every account that is overdue, and tell which."""
        overdue = await self._bells.overdue(self._clock.now())
        if overdue:
            await self._bells.wake(overdue)
        return overdue

    async def _tend(self) -> None:
        for job in self._upkeep:
            await job(self._clock.now())

    async def _pause(self, stop: asyncio.Event) -> None:
        waiting = [asyncio.ensure_future(stop.wait()), asyncio.ensure_future(self._clock.sleep(self._every))]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
