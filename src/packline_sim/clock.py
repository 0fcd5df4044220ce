"""The simulator's own time: it can be frozen, advanced and sped up, and everything that has time follows it."""

import asyncio
import heapq
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

log = logging.getLogger("packline_sim")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A clock that runs faster than its world can follow still lets callers be served in between.
SLICE_S = 0.02


class Alarm:
    """Stand for something that happens at a moment of the simulator's time; `cancel()` calls it off."""

    __slots__ = ("callback", "cancelled", "due_ms")

    def __init__(self, due_ms: int, callback: Callable[[], None]) -> None:
        self.due_ms = due_ms
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        """Call the alarm off; doing it twice, or after it rang, changes nothing."""
        self.cancelled = True


class SimClock:
    """Tell the simulator's time, in whole milliseconds since 1970 (UTC), never backwards.

    `start_ms` defaults to the wall clock's time at creation; `speed` is simulated seconds per real second, 0 is frozen.
    `wall` gives real seconds that only grow, for tests that own time. Alarms ring in the order of their moments: from
    `advance`, which stops at each of them, and from `run`, a task of the server's event loop.
    """

    def __init__(
        self, *, start_ms: int | None = None, speed: float = 1.0, wall: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall = wall
        self._anchor = wall()
        self._base = float(time.time_ns() // 1_000_000 if start_ms is None else start_ms)
        self._speed = _checked_speed(speed)
        self._resume_speed = self._speed or 1.0
        self._last = int(self._base)
        self._alarms: list[tuple[int, int, Alarm]] = []
        self._order = 0
        self._changed: asyncio.Event | None = None

    @property
    def speed(self) -> float:
        """Tell simulated seconds per real second; 0 while frozen."""
        return self._speed

    @property
    def is_frozen(self) -> bool:
        """Tell whether only `advance` moves the time."""
        return self._speed == 0

    def now_ms(self) -> int:
        """Tell the time in milliseconds since 1970."""
        if self._speed:
            reading = int(self._base + (self._wall() - self._anchor) * 1000 * self._speed)
            if reading > self._last:
                self._last = reading
        return self._last

    def now(self) -> datetime:
        """Tell the time as an aware datetime in UTC."""
        return EPOCH + timedelta(milliseconds=self.now_ms())

    def freeze(self) -> None:
        """Stop the time until `resume` or `set_speed`."""
        if self._speed:
            self._resume_speed = self._speed
        self.set_speed(0)

    def resume(self) -> None:
        """Let the time go on at the speed that it had before `freeze`."""
        if not self._speed:
            self.set_speed(self._resume_speed)

    def set_speed(self, speed: float) -> None:
        """Set simulated seconds per real second; 0 freezes. Raises ValueError below 0."""
        self._settle(self.now_ms())
        self._speed = _checked_speed(speed)
        self._wake()

    def advance(self, seconds: float) -> None:
        """Move the time forward, ringing every alarm on the way at its own moment. Raises ValueError below 0."""
        if seconds < 0:
            raise ValueError(
                f"The clock cannot go back ({seconds} s). Use reset or restore a snapshot to start earlier."
            )
        target = self.now_ms() + round(seconds * 1000)
        while self._alarms and self._alarms[0][0] <= target:
            due, _, alarm = heapq.heappop(self._alarms)
            self._settle(max(due, self._last))
            if not alarm.cancelled:
                alarm.callback()
        self._settle(max(target, self._last))
        self._wake()

    def jump_to(self, moment_ms: int) -> None:
        """Set the time, also back, without ringing alarms: for reset and restored snapshots only."""
        self._settle(moment_ms)
        self._last = moment_ms
        self._wake()

    def at(self, moment_ms: int, callback: Callable[[], None]) -> Alarm:
        """Have `callback` called when the time reaches `moment_ms`; a past moment rings as soon as possible."""
        alarm = Alarm(moment_ms, callback)
        self._order += 1
        heapq.heappush(self._alarms, (moment_ms, self._order, alarm))
        if self._alarms[0][2] is alarm:  # whoever waits for the next alarm need not hear of a later one
            self._wake()
        return alarm

    def after(self, seconds: float, callback: Callable[[], None]) -> Alarm:
        """Have `callback` called once `seconds` of simulated time have passed."""
        return self.at(self.now_ms() + round(seconds * 1000), callback)

    def cancel_all(self) -> None:
        """Call off every alarm that has not rung."""
        for _, _, alarm in self._alarms:
            alarm.cancel()
        self._alarms.clear()

    async def sleep(self, seconds: float) -> None:
        """Wait until `seconds` of simulated time have passed."""
        done = asyncio.get_running_loop().create_future()
        alarm = self.after(seconds, lambda: None if done.done() else done.set_result(None))
        try:
            await done
        finally:
            alarm.cancel()

    async def run(self) -> None:
        """Ring alarms as their moments come, for ever; cancel the task to stop."""
        self._changed = asyncio.Event()
        try:
            while True:
                self._changed.clear()
                self._ring_bravely()
                await self._wait_for_next(self._changed)
        finally:
            self._changed = None

    def ring_due(self, slice_s: float | None = None) -> None:
        """Ring the alarms whose moment has come; with `slice_s` only for so many real seconds, the rest later."""
        now = self.now_ms()
        end = None if slice_s is None else self._wall() + slice_s
        while self._alarms and self._alarms[0][0] <= now:
            alarm = heapq.heappop(self._alarms)[2]
            if not alarm.cancelled:
                alarm.callback()
            if end is not None and self._wall() >= end:
                return

    def _ring_bravely(self) -> None:
        # One alarm that fails must not stop the time for all others.
        while True:
            try:
                self.ring_due(SLICE_S)
            except Exception:
                log.exception("simulator.alarm_failed at_ms=%s", self._last)
            else:
                return

    async def _wait_for_next(self, changed: asyncio.Event) -> None:
        if not self._alarms or not self._speed:
            await changed.wait()
            return
        seconds = max(0.0, (self._alarms[0][0] - self.now_ms()) / 1000 / self._speed)
        try:
            async with asyncio.timeout(seconds):
                await changed.wait()
        except TimeoutError:
            return

    def _settle(self, moment_ms: int) -> None:
        self._base = float(moment_ms)
        self._anchor = self._wall()
        self._last = max(self._last, moment_ms)

    def _wake(self) -> None:
        if self._changed is not None:
            self._changed.set()


def _checked_speed(speed: float) -> float:
    if not 0 <= speed <= 100_000:
        raise ValueError(f"Speed {speed} is not between 0 (frozen) and 100000 simulated seconds per real second.")
    return float(speed)


def to_iso(moment_ms: int) -> str:
    """Write a moment as Amazon does: ISO 8601, UTC, milliseconds."""
    return (EPOCH + timedelta(milliseconds=moment_ms)).isoformat(timespec="milliseconds")[:23] + "Z"


def to_datetime(moment_ms: int) -> datetime:
    """Turn milliseconds since 1970 into an aware datetime in UTC."""
    return EPOCH + timedelta(milliseconds=moment_ms)


def to_ms(moment: datetime) -> int:
    """Turn an aware datetime into milliseconds since 1970; a naive one is read as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int((aware - EPOCH) / timedelta(milliseconds=1))
