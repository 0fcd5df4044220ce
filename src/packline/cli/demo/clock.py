"""Time that passes faster, for a demo that shows an hour in minutes."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from packline.amazon.spapi.clock import Alarm, SystemClock


class FastClock:
    """The machine's clock, `speed` times as fast from a moment on, so that Packline's time is the simulator's."""

    def __init__(self, start: datetime, speed: float) -> None:
        """Begin at `start` now."""
        self._machine = SystemClock()
        self._start, self._speed, self._since = start, speed, self._machine.monotonic()

    def now(self) -> datetime:
        """Tell the time."""
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Count fast seconds since the beginning."""
        return (self._machine.monotonic() - self._since) * self._speed

    async def sleep(self, seconds: float) -> None:
        """Wait for that many fast seconds."""
        await asyncio.sleep(seconds / self._speed)

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Alarm:
        """Run `callback` after that many fast seconds."""
        return self._machine.call_later(seconds / self._speed, callback)
