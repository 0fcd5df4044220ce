"""The simulator's time for processes of the long run: a week in minutes, without a thousand looks a second."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from packline.amazon.spapi import auth, restricted, usage_plans
from packline.amazon.spapi.usage_plans import UsagePlan
from packline_sim.control.followed_clock import FollowedClock

LEAST_S = 0.25
"""No wait is over sooner than this in real seconds, unless it was asked to be: a sweep each second of a week that takes
twenty minutes would do nothing but sweep."""
GRANTED_S = 0.5
"""Real seconds in which a call may be late without losing what Amazon grants."""
COMMON = 0.5
"""Calls a second of an operation from which it belongs to a shipment's way; rarer ones keep their bursts."""


class RushedClock(FollowedClock):
    """Tell the simulator's time; waits are the simulator's too, but take some real time."""

    def __init__(self, url: str, on_speed: Callable[[float], None] = lambda _: None) -> None:
        """Read the time of the simulator at `url`; `on_speed` is told its speed now and whenever it changes."""
        self._on_speed = on_speed
        super().__init__(url)

    async def sleep(self, seconds: float) -> None:
        """Wait for that many of the simulator's seconds, and for `LEAST_S` real ones where as much was asked for."""
        due = self.monotonic() + seconds
        await asyncio.sleep(max(0.0, min(seconds, LEAST_S)))
        if (left := due - self.monotonic()) > 0:
            await super().sleep(left)

    def _take(self, told: float, speed: float, at: float, within: float) -> None:
        super()._take(told, speed, at, within)
        self._on_speed(self._speed)

    def in_real(self, seconds: float) -> datetime:
        """Tell what time it will be after so many real seconds, if nobody changes its speed."""
        return self.now() + timedelta(seconds=seconds * max(1.0, self._speed))


class HouseClock:
    """The time of a worker's own house: days are the simulator's, while seconds that only count are real ones.

    What it counts is about the machine: for how long an ownership is trusted before another worker may have taken it
    over, and when the tables were tended last. A worker that is frozen is frozen in real time.
    """

    def __init__(self, rushed: RushedClock) -> None:
        """Tell the time as `rushed` does."""
        self._rushed = rushed

    def now(self) -> datetime:
        """Tell the simulator's time, aware, in UTC."""
        return self._rushed.now()

    def monotonic(self) -> float:
        """Count real seconds."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait as the rushed clock does."""
        await self._rushed.sleep(seconds)


def renew_tokens_in_time(speed: float) -> None:
    """Have access tokens renewed a real second before they end: a call must not be older than its token on arrival."""
    auth.EARLY = restricted.EARLY = max(auth.EARLY, speed)


def grants(speed: float) -> dict[str, UsagePlan]:
    """Give Amazon's rates with bursts of what it grants in `GRANTED_S` real seconds.

    Two calls at once are two seconds' worth: where a thousand of them are a real one, a machine that sends a call some
    milliseconds late would let most of what it is granted overflow.
    """
    return {
        operation: UsagePlan(plan.rate, max(plan.burst, plan.rate * speed * GRANTED_S))
        for operation, plan in usage_plans.DOCUMENTED.items()
        if plan.rate >= COMMON
    }


def take_grants_in_time(speed: float) -> None:
    """Have this process know of these bursts; the simulator is told of them when the town is opened."""
    plans = {**usage_plans.DOCUMENTED, **grants(speed)}
    usage_plans.PRESETS = {**usage_plans.PRESETS, "amazon": plans}  # type: ignore[misc]  # this process only
