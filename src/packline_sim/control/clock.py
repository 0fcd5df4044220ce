"""The simulator's time: read it, freeze it, move it forward, speed it up."""

from datetime import datetime
from typing import Annotated

import msgspec

from packline_sim.control.endpoint import Endpoint, get, post
from packline_sim.control.stage import Stage


class ClockView(msgspec.Struct, frozen=True, kw_only=True):
    """Show the time, in milliseconds since 1970 too, and how fast it goes: simulated seconds per real one."""

    now: datetime
    now_ms: int
    speed: float
    frozen: bool


class Advance(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Say how far to go, in simulated seconds."""

    seconds: Annotated[float, msgspec.Meta(ge=0, le=10_000_000_000)]


class Speed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Say how many simulated seconds pass in a real one; 0 freezes."""

    speed: Annotated[float, msgspec.Meta(ge=0, le=100_000)]


def show_clock(stage: Stage) -> ClockView:
    """Read the time."""
    clock = stage.world.clock
    return ClockView(now=clock.now(), now_ms=clock.now_ms(), speed=clock.speed, frozen=clock.is_frozen)


def freeze_clock(stage: Stage) -> ClockView:
    """Stop the time; `advance` still moves it."""
    stage.world.clock.freeze()
    return show_clock(stage)


def resume_clock(stage: Stage) -> ClockView:
    """Let the time go on as fast as before it was frozen."""
    stage.world.clock.resume()
    return show_clock(stage)


def advance_clock(stage: Stage, body: Advance) -> ClockView:
    """Move the time forward; whatever falls due on the way happens in its order, before the answer."""
    stage.world.clock.advance(body.seconds)
    return show_clock(stage)


def set_clock_speed(stage: Stage, body: Speed) -> ClockView:
    """Change how fast the time goes."""
    stage.world.clock.set_speed(body.speed)
    return show_clock(stage)


ENDPOINTS: tuple[Endpoint, ...] = (
    get("/clock", show_clock),
    post("/clock/freeze", freeze_clock),
    post("/clock/resume", resume_clock),
    post("/clock/advance", advance_clock),
    post("/clock/speed", set_clock_speed),
)
