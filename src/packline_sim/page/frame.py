"""What every room shows around its own: the time, how fast it goes, whether everything adds up."""

import time
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from packline_sim.control.stage import Stage
from packline_sim.invariants import InvariantReport

SPEEDS = (1, 10, 60, 600)
STEPS = (("1 min", 60), ("1 h", 3600), ("1 day", 86_400))


def frame_facts(stage: Stage) -> dict[str, Any]:
    """Gather the frame's facts; `world_mark` is another where forms must offer other sellers: the page loads anew."""
    world = stage.world
    now_ms = world.clock.now_ms()
    report = _report(stage)
    return {
        "now_ms": now_ms,
        "now": world.clock.now(),
        "speed": world.clock.speed,
        "speeds": SPEEDS,
        "steps": STEPS,
        "seed": world.seed,
        "world_mark": hash((world.seed, tuple(world.sellers), bool(world.skus))),
        "broken": report.violations,
        "oversold": report.oversold,
        "faults_at_work": len(world.faults.list()),
        "sellers": list(world.sellers.values()),
        "calls": world.journal.total,
    }


class _Check(NamedTuple):
    report: InvariantReport
    ended: float
    took: float


_CHECKS: WeakKeyDictionary[Stage, _Check] = WeakKeyDictionary()
# Of the simulator's time, checking for the page takes one part in so many; a small world is always checked anew.
ONE_IN = 30
SMALL_S = 0.05


def _report(stage: Stage) -> InvariantReport:
    last = _CHECKS.get(stage)
    began = time.monotonic()
    if last is not None and last.took > SMALL_S and began - last.ended < ONE_IN * last.took:
        return last.report
    report = stage.invariants.report()
    ended = time.monotonic()
    _CHECKS[stage] = _Check(report, ended, ended - began)
    return report


def names(stage: Stage) -> dict[str, str]:
    """Give sellers' names by id."""
    return {row.seller_id: row.name for row in stage.world.sellers.values()}
