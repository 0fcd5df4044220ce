"""The simulator's time in another process: it goes as fast, jumps as far, and never back."""

import asyncio
import time

from packline_sim.control.followed_clock import FollowedClock
from packline_sim.control.handles import Amazon


async def test_it_goes_as_fast_as_the_simulator(amazon: Amazon) -> None:
    """Waiting a minute takes a second where time goes sixty times as fast, and both tell the same time after it."""
    amazon.clock.set_speed(60)
    clock, before = FollowedClock(amazon.url), time.monotonic()
    await clock.sleep(60)
    assert 0.9 < time.monotonic() - before < 3
    assert abs((amazon.clock.now - clock.now()).total_seconds()) < 30


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
    async with asyncio.timeout(5):
        while not rung:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    following.cancel()
    assert rung == ["day"]


async def test_it_never_goes_back(amazon: Amazon) -> None:
    """A simulator that was emptied begins at another moment; who counts seconds is not told of fewer than before."""
    amazon.clock.set_speed(1)
    clock = FollowedClock(amazon.url)
    following = asyncio.create_task(clock.follow())
    amazon.clock.advance(86_400)
    await asyncio.sleep(0.6)
    before = clock.monotonic()
    amazon.reset()
    await asyncio.sleep(0.6)
    following.cancel()
    assert clock.monotonic() >= before
