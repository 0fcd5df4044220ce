"""Walk a shipment to its goal with an Amazon that always says yes."""

from builders import at, done, option
from packline.domain.program import Program
from packline.domain.reconcile import reconcile
from packline.domain.shipment import Shipment
from packline.domain.step import StepKind
from packline.domain.steps import begin, next_step


def walk(shipment: Shipment, program: Program, *, start: float = 1) -> tuple[list[StepKind], Shipment, list[str]]:
    """Take every step until none is left; give the calls made, the shipment after them, and the events' types."""
    calls: list[StepKind] = []
    told: list[str] = []
    for minute in range(40):
        now = at(start + minute)
        step = next_step(shipment, program, now)
        if step is None:
            return calls, shipment, told
        calls.append(step.kind)
        given = {"options": (option(start=600, recommended=True),)} if program.offers_slots else {}
        extra = given if step.kind is StepKind.READ_OPTIONS else {}
        story = reconcile(begin(shipment, step, now), done(step, start + minute + 0.5, **extra), program)
        told += [type(event).__name__ for event in story.events]
        shipment = story.shipment
    raise AssertionError(f"no end in sight after {calls}")
