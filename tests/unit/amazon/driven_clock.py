"""A clock that a test drives: nothing moves until `advance`."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class DrivenAlarm:
    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class DrivenClock:
    """Ring alarms in order when the test moves the time."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        self._alarms: list[tuple[float, int, DrivenAlarm]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return self.elapsed

    def call_later(self, seconds: float, callback: Callable[[], None]) -> DrivenAlarm:
        alarm = DrivenAlarm(callback)
        heapq.heappush(self._alarms, (self.elapsed + max(0.0, seconds), next(self._order), alarm))
        return alarm

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        self.call_later(seconds, lambda: woken.done() or woken.set_result(None))
        await woken

    async def advance(self, seconds: float) -> None:
        """Move on, ringing every alarm at its own moment and letting tasks run after each."""
        end = self.elapsed + seconds
        await settle()
        while self._alarms and self._alarms[0][0] <= end:
            self.elapsed, _, alarm = heapq.heappop(self._alarms)
            if alarm.callback is not None:
                alarm.callback()
                await settle()
        self.elapsed = end
        await settle()


async def settle() -> None:
    """Let every task that can run, run."""
    for _ in range(8):
        await asyncio.sleep(0)
