"""Deliver: the buyer has the parcels."""

from packline.commands.hand_over import refuse_unlabeled
from packline.commands.order import Plan, Subject
from packline.commands.out_for_delivery import refuse_amazons_carrier
from packline.domain.events import GoalSet
from packline.domain.shipment import Goal
from packline.domain.values import Value


class Deliver(Value, frozen=True, tag="deliver"):
    """All parcels were delivered; what was not told before (the handover) is told first."""


def plan(subject: Subject, _: Deliver) -> Plan:
    """Go to DELIVERED."""
    refuse_amazons_carrier(subject.program)
    refuse_unlabeled(subject.shipment)
    handed_over = subject.shipment.handed_over_at is None
    return Plan(GoalSet(Goal.DELIVERED, subject.now, "deliver", subject.ticket, handed_over=handed_over))
