"""When a shipment goes on: at once with its next step, or later, after a pause that grows."""

import random
from datetime import datetime, timedelta
from typing import NamedTuple

from packline.domain.program import Program
from packline.domain.shipment import Pending, Shipment
from packline.domain.step import Step, StepKind
from packline.domain.steps import begin, next_step

LONGEST_PAUSE_S = 300.0
CONFLICT_S = 0.5
"""Amazon is at work on the same shipment; it is over soon."""
PROBES_AT_ONCE = 3
"""Failures that a probe has explained are tried again at once so often, then with pauses."""
_jitter = random.Random()


class Plan(NamedTuple):
    """What follows: the shipment to be stored, the step to make after that, and when to look if there is none."""

    shipment: Shipment
    step: Step | None
    due: datetime | None


def plan_after(before: Shipment, after: Shipment, made: Step, program: Program, now: datetime) -> Plan:
    """Plan what follows the answer to `made`; the next step's `pending` is in the shipment that is to be stored."""
    step = next_step(after, program, now)
    if step is None:
        return Plan(after, None, None)
    pause = pause_after(before, after, made, step, now)
    if pause > 0:
        return Plan(after, None, now + timedelta(seconds=pause))
    return _at_once(after, step, now)


def plan_first(shipment: Shipment, program: Program, now: datetime) -> Plan:
    """Plan for a shipment as it was read from the store."""
    step = next_step(shipment, program, now)
    return Plan(shipment, None, None) if step is None else _at_once(shipment, step, now)


def due_after_news(shipment: Shipment, program: Program, now: datetime) -> datetime | None:
    """Tell when the driver should look at a shipment that Amazon told news of."""
    if next_step(shipment, program, now) is None:
        return None
    pending = shipment.pending
    if pending is None or pending.failure is None:
        return now
    return now + timedelta(seconds=_before_probe(pending))


def pause_after(before: Shipment, after: Shipment, made: Step, step: Step, now: datetime) -> float:
    """Give the seconds to wait before `step`, with jitter; 0 where the shipment goes on at once."""
    return _seconds(before, after, made, step, now) * _jitter.uniform(0.75, 1.25)


def backoff(attempt: int) -> float:
    """Give the pause after an attempt that failed: 1, 2, 4 ... seconds."""
    return min(LONGEST_PAUSE_S, 2.0 ** min(max(0, attempt - 1), 16))


def _seconds(before: Shipment, after: Shipment, made: Step, step: Step, now: datetime) -> float:
    pending = after.pending
    if pending is not None and made.kind is StepKind.PROBE:
        return max(backoff(pending.attempt), min(LONGEST_PAUSE_S, (now - pending.since).total_seconds() / 2))
    if pending is not None:
        return _before_probe(pending)
    if made.kind is StepKind.PROBE:
        return backoff(after.attempt - PROBES_AT_ONCE) if after.attempt > PROBES_AT_ONCE else 0.0
    if after.attempt > before.attempt:
        return backoff(after.attempt)
    return backoff(after.attempt + 1) if step == made else 0.0


def _before_probe(pending: Pending) -> float:
    failure = pending.failure
    if failure is None:
        return backoff(pending.attempt)
    if failure.kind == "refused":
        return 0.0 if pending.attempt <= PROBES_AT_ONCE else backoff(pending.attempt - PROBES_AT_ONCE)
    return CONFLICT_S * backoff(pending.attempt) if failure.kind == "conflict" else backoff(pending.attempt)


def _at_once(shipment: Shipment, step: Step, now: datetime) -> Plan:
    if step.kind is StepKind.PROBE:
        return Plan(shipment, step, now)
    return Plan(begin(shipment, step, now), step, now)
