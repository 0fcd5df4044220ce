"""The simulator's clock: frozen, advanced, sped up, with alarms."""

import asyncio

import pytest

from packline_sim.clock import SimClock, to_iso, to_ms


class Wall:
    """Real seconds that the test moves."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_speed_stretches_real_time() -> None:
    """At speed 60 a real second is a simulated minute; a change of speed keeps the time."""
    wall = Wall()
    clock = SimClock(start_ms=0, speed=60, wall=wall)
    wall.seconds += 1
    assert clock.now_ms() == 60_000
    clock.set_speed(1)
    wall.seconds += 1
    assert clock.now_ms() == 61_000


def test_a_frozen_clock_moves_by_advance_only() -> None:
    """Freeze stops the time, advance moves it, resume goes on at the speed before."""
    wall = Wall()
    clock = SimClock(start_ms=0, speed=10, wall=wall)
    clock.freeze()
    wall.seconds += 5
    assert clock.now_ms() == 0
    clock.advance(1.5)
    assert clock.now_ms() == 1500
    clock.resume()
    wall.seconds += 1
    assert clock.now_ms() == 11_500


def test_alarms_ring_in_order_at_their_own_moments() -> None:
    """Advance stops at each alarm, also at those that an alarm sets."""
    clock = SimClock(start_ms=0, speed=0)
    rung: list[tuple[str, int]] = []
    clock.after(3, lambda: rung.append(("late", clock.now_ms())))
    clock.after(1, lambda: clock.after(1, lambda: rung.append(("early", clock.now_ms()))))
    clock.after(2.5, lambda: rung.append(("never", 0))).cancel()
    clock.advance(10)
    assert rung == [("early", 2000), ("late", 3000)]
    assert clock.now_ms() == 10_000


def test_time_never_goes_back() -> None:
    """Advancing by a negative time and odd speeds are refused."""
    clock = SimClock(start_ms=0, speed=0)
    with pytest.raises(ValueError, match="cannot go back"):
        clock.advance(-1)
    with pytest.raises(ValueError, match="Speed"):
        clock.set_speed(-1)


async def test_a_sleeper_wakes_when_the_time_is_advanced() -> None:
    """Waiting follows the simulated time, not the real one."""
    clock = SimClock(start_ms=0, speed=0)
    sleeper = asyncio.create_task(clock.sleep(3600))
    await asyncio.sleep(0)
    clock.advance(3600)
    await asyncio.wait_for(sleeper, 60)


async def test_alarms_ring_by_themselves_while_the_clock_runs() -> None:
    """The server's task rings alarms as simulated time passes."""
    clock = SimClock(speed=1000)
    rung = asyncio.Event()
    running = asyncio.create_task(clock.run())
    clock.after(5, rung.set)
    await asyncio.wait_for(rung.wait(), 60)
    running.cancel()


async def test_an_alarm_that_fails_does_not_stop_the_time(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and the others ring; whoever advances the time himself gets the failure."""

    def fail() -> None:
        raise RuntimeError("a broken actor")

    clock = SimClock(speed=1000)
    rung = asyncio.Event()
    running = asyncio.create_task(clock.run())
    clock.after(4, fail)
    clock.after(5, rung.set)
    await asyncio.wait_for(rung.wait(), 60)
    running.cancel()
    assert "simulator.alarm_failed" in caplog.text
    clock.freeze()
    clock.after(1, fail)
    with pytest.raises(RuntimeError, match="broken actor"):
        clock.advance(2)


def test_moments_are_written_as_amazon_does() -> None:
    """Milliseconds and ISO 8601 in UTC turn into each other."""
    from datetime import datetime

    assert to_iso(1_604_923_992_050) == "2020-11-09T12:13:12.050Z"
    assert to_ms(datetime.fromisoformat("2020-11-09T12:13:12.050Z")) == 1_604_923_992_050
    assert to_ms(datetime.fromisoformat("2020-11-09T12:13:12.050")) == 1_604_923_992_050


def test_a_clock_that_cannot_follow_rings_in_slices() -> None:
    """After a slice of real time the rest waits, so that callers are served in between; none is left out."""
    real = iter(range(1_000))
    clock = SimClock(start_ms=0, speed=0, wall=lambda: float(next(real)))
    rung: list[int] = []
    for moment in range(20):
        clock.at(0, lambda moment=moment: rung.append(moment))
    clock.ring_due(5)
    assert rung == [0, 1, 2, 3, 4]
    clock.ring_due()
    assert rung == list(range(20))
