"""The simulator's time in another process: it goes as fast, jumps as far, and never back."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

from packline_sim.control.followed_clock import FollowedClock
from packline_sim.control.handles import Amazon

TOLERANCE = timedelta(seconds=30)
"""Simulated: half a real second, sixty times as fast."""


async def test_it_goes_as_fast_as_the_simulator(amazon: Amazon) -> None:
    """Waiting a minute takes a second where time goes sixty times as fast, and both tell the same time after it."""
    amazon.clock.set_speed(60)
    clock, before = FollowedClock(amazon.url), time.monotonic()
    await clock.sleep(60)
    assert 0.9 < time.monotonic() - before < 30
    earliest, told, latest = amazon.clock.now, clock.now(), amazon.clock.now
    assert earliest - TOLERANCE <= told <= latest + TOLERANCE


async def test_whoever_waits_is_woken_when_time_is_advanced(amazon: Amazon) -> None:
    """An alarm in a day rings soon after the simulator's time was moved by a day, and not before; a cancelled never."""
    amazon.clock.set_speed(1)
    clock, rung = FollowedClock(amazon.url), list[str]()
    following = asyncio.create_task(clock.follow())
    clock.call_later(86_400, lambda: rung.append("day"))
    clock.call_later(86_400, lambda: rung.append("cancelled")).cancel()
    await asyncio.sleep(0.1)
    assert rung == []
    amazon.clock.advance(86_400)
    await comes(lambda: bool(rung))
    following.cancel()
    assert rung == ["day"]


async def comes(done: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(60):
        while not done():  # noqa: ASYNC110  a clock rings nobody
            await asyncio.sleep(0.05)


async def test_it_never_goes_back(amazon: Amazon) -> None:
    """A simulator that was emptied begins at another moment; who counts seconds is not told of fewer than before."""
    amazon.clock.set_speed(1)
    clock = FollowedClock(amazon.url)
    following = asyncio.create_task(clock.follow())
    began = clock.monotonic()
    amazon.clock.advance(86_400)
    await comes(lambda: clock.monotonic() >= began + 86_400)
    before = clock.monotonic()
    amazon.reset()
    amazon.clock.set_speed(2)
    await comes(lambda: clock.real_seconds_until(clock.monotonic() + 0.1) < 0.08)
    following.cancel()
    assert clock.monotonic() >= before
