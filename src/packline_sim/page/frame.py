"""What every room shows around its own: the time, how fast it goes, whether everything adds up."""

from typing import Any

from packline_sim.control.stage import Stage

SPEEDS = (1, 10, 60, 600)
STEPS = (("1 min", 60), ("1 h", 3600), ("1 day", 86_400))


def frame_facts(stage: Stage) -> dict[str, Any]:
    """Gather the frame's facts."""
    world = stage.world
    now_ms = world.clock.now_ms()
    report = stage.invariants.report()
    return {
        "now_ms": now_ms,
        "now": world.clock.now(),
        "speed": world.clock.speed,
        "speeds": SPEEDS,
        "steps": STEPS,
        "seed": world.seed,
        "broken": report.violations,
        "oversold": report.oversold,
        "faults_at_work": len(world.faults.list()),
        "sellers": list(world.sellers.values()),
        "calls": world.journal.total,
    }


def names(stage: Stage) -> dict[str, str]:
    """Give sellers' names by id."""
    return {row.seller_id: row.name for row in stage.world.sellers.values()}
