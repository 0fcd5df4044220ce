"""The simulator's time in another process: for connectors under test that take their time from a clock of their own."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from packline_sim.control.client import ControlClient, SimulatorError

LOOK_EVERY_S = 0.25
LEAST_S = 0.001
"""An event loop counts milliseconds: a wait for less would be looked at again and again until it is over."""
TOLERANCE_S = 0.02
"""Real seconds by which a reading may be off, beside its way here, before time is believed to have been moved."""


class Ring:
    """A callback that waits for its moment of the simulator's time; `cancel()` calls it off."""

    __slots__ = ("_callback", "_clock", "_due", "_handle")

    def __init__(self, clock: "FollowedClock", due: float, callback: Callable[[], None]) -> None:
        self._clock, self._due, self._callback = clock, due, callback
        self._handle = self._arm()

    def cancel(self) -> None:
        """Do not ring."""
        self._handle.cancel()

    def _arm(self) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(self._clock.real_seconds_until(self._due), self._look)

    def _look(self) -> None:
        if self._clock.monotonic() >= self._due:
            self._callback()
        else:
            self._handle = self._arm()


class FollowedClock:
    """Tell and wait in the simulator's time: as fast as it goes, and on when it is advanced.

    It counts by itself from what it read; `follow` reads again four times a second, so that a speed that was changed
    and time that was advanced are noticed. Time never goes back here, and a frozen simulator holds up who waits.
    """

    def __init__(self, url: str) -> None:
        """Read the time of the simulator at `url` now. Raises SimulatorError where there is none."""
        self._control = ControlClient(url)
        self._speed, self._anchor, self._base = 1.0, time.monotonic(), 0.0
        self._last = 0.0
        self._take(*self._read())

    def now(self) -> datetime:
        """Tell the simulator's time, aware, in UTC."""
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Count the simulator's seconds since 1970, never backwards."""
        self._last = max(self._last, self._base + (time.monotonic() - self._anchor) * self._speed)
        return self._last

    async def sleep(self, seconds: float) -> None:
        """Wait for that many of the simulator's seconds."""
        come = asyncio.get_running_loop().create_future()
        ring = self.call_later(seconds, lambda: None if come.done() else come.set_result(None))
        try:
            await come
        finally:
            ring.cancel()

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Ring:
        """Run `callback` on the running loop after that many of the simulator's seconds."""
        return Ring(self, self.monotonic() + seconds, callback)

    def real_seconds_until(self, due: float) -> float:
        """Tell how long to wait before it is worth looking again whether `due` has come."""
        if self._speed <= 0:
            return LOOK_EVERY_S
        left = (due - self.monotonic()) / self._speed
        return min(LOOK_EVERY_S, max(LEAST_S, left)) if left > 0 else 0.0

    async def follow(self) -> None:
        """Keep up with what is done to the simulator's time, for ever; cancel the task to stop."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            with contextlib.suppress(SimulatorError, OSError):
                self._take(*await asyncio.to_thread(self._read))

    def _read(self) -> tuple[float, float, float, float]:
        before = time.monotonic()
        told = self._control.get("clock")
        half = (time.monotonic() - before) / 2
        return told["now_ms"] / 1000, told["speed"], before + half, half

    def _take(self, told: float, speed: float, at: float, within: float) -> None:
        ours = self._base + (at - self._anchor) * self._speed
        if speed == self._speed and abs(told - ours) <= (TOLERANCE_S + within) * speed:
            return
        self._base, self._anchor, self._speed = told, at, speed
