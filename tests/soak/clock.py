"""The simulator's time for processes of the long run: a week in minutes, without a thousand looks a second."""

import asyncio

from packline.amazon.spapi import auth, restricted
from packline_sim.control.followed_clock import FollowedClock

LEAST_S = 0.25
"""No wait is over sooner than this in real seconds, unless it was asked to be: a sweep each second of a week that takes
twenty minutes would do nothing but sweep."""


class RushedClock(FollowedClock):
    """Tell the simulator's time; waits are the simulator's too, but take some real time."""

    async def sleep(self, seconds: float) -> None:
        """Wait for that many of the simulator's seconds, and for `LEAST_S` real ones where as much was asked for."""
        due = self.monotonic() + seconds
        await asyncio.sleep(max(0.0, min(seconds, LEAST_S)))
        if (left := due - self.monotonic()) > 0:
            await super().sleep(left)


def renew_tokens_in_time(speed: float) -> None:
    """Have access tokens renewed a real second before they end: a call must not be older than its token on arrival."""
    auth.EARLY = restricted.EARLY = max(auth.EARLY, speed)
