"""Lanes: one token bucket for each account, application and operation, the most urgent waiter first.

Amazon counts a call when it arrives, so a bucket that is emptied to the last drop here overflows there whenever one
call travels faster than the one before it. A lane therefore keeps back what `JITTER` seconds are worth. Where the
burst leaves no room to keep anything back (burst 1), it runs slower by `SLACK` instead.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
from collections.abc import Iterable, Iterator

import msgspec

from packline.amazon.spapi.clock import Alarm, Clock
from packline.amazon.spapi.usage_plans import UsagePlan, UsagePlans

JITTER = 0.1
"""Seconds by which one call may overtake another on the way to Amazon without being refused."""
SLOW_JITTER = 2.0
"""The same for slow lanes: each of their rare calls may have to open a connection, and seconds cost nothing there."""
SLACK = 0.012
"""Share of the rate given up where the burst leaves nothing to keep back."""
LONGEST_PAUSE = 32.0
SLOW = 0.1
"""Calls a second below which a lane of unknown level starts full: one 429 costs less than minutes of waiting."""
_DROP = 1e-9


class LaneSnapshot(msgspec.Struct, frozen=True):
    """A lane at a glance: calls a second, calls at once, calls free now, waiting, served, refused, and in seconds
    the pause after a refusal and the time until the last waiter has gone."""

    account: str
    operation: str
    rate: float
    burst: float
    level: float
    waiting: int
    served: int
    throttled: int
    pause: float
    eta: float


class Lane:
    """Let calls of one operation through at the rate that Amazon grants."""

    __slots__ = (
        "_alarm",
        "_burst",
        "_clock",
        "_filled_at",
        "_level",
        "_order",
        "_paused_until",
        "_queue",
        "_rate",
        "_refusals",
        "_room",
        "_seen",
        "_speed",
        "_waiting",
        "served",
        "throttled_calls",
    )

    def __init__(self, plan: UsagePlan, clock: Clock, level: float | None = None) -> None:
        """Start with `level` calls free.

        Unknown, it is one, as another process may just have used the burst; the whole burst where the lane is slow.
        """
        self._clock = clock
        self._queue: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count(1)
        self._alarm: Alarm | None = None
        self._waiting = self._refusals = self.served = self.throttled_calls = 0
        self._paused_until = -math.inf
        self._filled_at = clock.monotonic()
        self._seen = ""
        self._rate = self._burst = self._speed = self._room = 0.0
        self._set_plan(plan.rate, plan.burst)
        unknown = self._room if 0 < plan.rate < SLOW else 1.0
        self._level = min(self._room, unknown if level is None else level)

    def take(self, ticket: int = 0) -> int:
        """Take a turn at once and give its ticket, or 0 when somebody waits or the bucket is empty; never blocks."""
        if self._rate > 0:
            if self._waiting or self._fill() < 1 - _DROP:
                return 0
            self._level -= 1
        self.served += 1
        return ticket or next(self._order)

    async def acquire(self, urgency: float = 0.0, ticket: int = 0) -> int:
        """Wait for a turn; the lowest `urgency` goes first, equals in the order of their tickets.

        Returns the ticket; give it back after a 429 and the call stands where it stood. A waiter that is cancelled
        takes no turn, and a turn that was granted to a cancelled waiter goes to the next.
        """
        number = ticket or next(self._order)
        if self.take(number):
            return number
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (urgency, number, turn))
        self._waiting += 1
        self._serve()
        try:
            await turn
        except asyncio.CancelledError:
            self._give_back(turn)
            raise
        return number

    def throttled(self) -> None:
        """Take note of a 429: the bucket is empty, whatever was believed, and the lane pauses, longer each time."""
        self.throttled_calls += 1
        if self._rate <= 0:
            return
        now = self._clock.monotonic()
        self._paused_until = now + min(max(LONGEST_PAUSE, 1 / self._speed), 2**self._refusals / self._speed)
        self._level, self._filled_at = 0.0, self._paused_until - 1 / self._speed
        self._refusals = min(self._refusals + 1, 16)
        self._rearm()

    def answered(self, limit: str) -> None:
        """Take note of an answer and of its `x-amzn-RateLimit-Limit`, the rate that Amazon grants now."""
        self._refusals = 0
        if not limit or limit == self._seen or self._rate <= 0:
            return
        self._seen = limit
        try:
            rate = float(limit)
        except ValueError:
            return
        if rate > 0 and math.isfinite(rate) and rate != self._rate:
            self._fill()
            self._set_plan(rate, max(self._burst, 1.0))
            self._rearm()

    def eta(self, calls: int = 1) -> float:
        """Tell in how many seconds `calls` more calls of the lowest rank could have gone."""
        if self._rate <= 0 or self._waiting + calls <= 0:
            return 0.0
        return max(self._pause(), (self._waiting + calls - self._fill()) / self._speed, 0.0)

    @property
    def is_idle(self) -> bool:
        """Tell whether nobody waits here."""
        return not self._waiting

    @property
    def level(self) -> float | None:
        """Tell how many calls are free now; None where nothing is counted."""
        return None if self._rate <= 0 else self._fill()

    def snapshot(self, account: str, operation: str) -> LaneSnapshot:
        """Describe the lane for a quota meter."""
        level = self.level or 0.0
        return LaneSnapshot(
            account, operation, self._rate, self._burst, level, self._waiting,
            self.served, self.throttled_calls, self._pause(), self.eta(0),
        )  # fmt: skip

    def _set_plan(self, rate: float, burst: float) -> None:
        kept_back = min(rate * (SLOW_JITTER if rate < SLOW else JITTER), (burst - 1) / 2)
        self._rate, self._burst = rate, burst
        self._room = max(1.0, burst - kept_back)
        self._speed = rate if kept_back > rate * JITTER / 10 else rate * (1 - SLACK)

    def _pause(self) -> float:
        return max(0.0, self._paused_until - self._clock.monotonic())

    def _fill(self) -> float:
        now = self._clock.monotonic()
        if now > self._filled_at:
            self._level = min(self._room, self._level + (now - self._filled_at) * self._speed)
            self._filled_at = now
        return self._level if now >= self._paused_until else 0.0

    def _give_back(self, turn: asyncio.Future[None]) -> None:
        if turn.cancelled():
            self._waiting -= 1
        else:
            self._level = min(self._room, self._level + 1)
            self.served -= 1
        self._rearm()

    def _rearm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._serve()

    def _serve(self) -> None:
        while self._queue and (self._queue[0][2].done() or self._fill() >= 1 - _DROP):
            turn = heapq.heappop(self._queue)[2]
            if not turn.done():
                self._waiting -= 1
                self._level -= 1
                self.served += 1
                turn.set_result(None)
        if self._queue and self._alarm is None:
            self._alarm = self._clock.call_later(self._wait(), self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self._serve()

    def _wait(self) -> float:
        return max((1 - self._level) / self._speed, self._pause())


class Lanes:
    """All lanes of the accounts that this process owns, made when first used."""

    def __init__(self, plans: UsagePlans, clock: Clock, *, level: float | None = None) -> None:
        """Start every lane with `level` calls free; where it is not known, as `Lane` says."""
        self._plans, self._clock, self._level = plans, clock, level
        self._lanes: dict[tuple[str, str, str], Lane] = {}
        self._left: dict[tuple[str, str, str], float] = {}

    def lane(self, account: str, application: str, operation: str) -> Lane:
        """Find the lane of one operation for one account and application (LWA client id)."""
        key = (account, application, operation)
        lane = self._lanes.get(key)
        if lane is None:
            level = self._left.pop(key, self._level)
            lane = self._lanes[key] = Lane(self._plans.plan(operation), self._clock, level)
        return lane

    def is_known(self, account: str, application: str, operation: str) -> bool:
        """Tell whether a lane is in use, or how its last owner left it."""
        return any((account, application, operation) in known for known in (self._lanes, self._left))

    def plan(self, operation: str) -> UsagePlan:
        """Tell how many calls of an operation Amazon grants."""
        return self._plans.plan(operation)

    def forget(self, account: str) -> None:
        """Drop the idle lanes of an account that this process no longer owns."""
        for key in [key for key, lane in self._lanes.items() if key[0] == account and lane.is_idle]:
            del self._lanes[key]

    def levels(self, account: str) -> list[tuple[str, str, float]]:
        """Tell (application, operation, calls free now) of an account's counted lanes, for whoever owns it next."""
        return [
            (application, operation, lane.level)
            for (owner, application, operation), lane in self._lanes.items()
            if owner == account and lane.level is not None
        ]

    def resume(self, account: str, levels: Iterable[tuple[str, str, float]], seconds: float) -> None:
        """Start an account's lanes where they were left `seconds` ago; a lane that is in use already stays as it is."""
        for application, operation, level in levels:
            plan = self._plans.plan(operation)
            self._left[account, application, operation] = min(plan.burst, level + max(0.0, seconds) * plan.rate)

    def snapshots(self, account: str | None = None) -> Iterator[LaneSnapshot]:
        """Describe every lane in use, or those of one account."""
        for (owner, _, operation), lane in list(self._lanes.items()):
            if account in (None, owner):
                yield lane.snapshot(owner, operation)
