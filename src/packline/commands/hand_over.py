"""Hand over: the parcels have left with the carrier, or stand ready at the drop-off point."""

from packline.commands.order import Plan, Subject
from packline.domain.events import GoalSet
from packline.domain.shipment import Goal, Shipment, Status
from packline.domain.values import Value
from packline.errors import Denied

_LABELING = (Goal.LABELED, Goal.SHIPPED, Goal.OUT_FOR_DELIVERY, Goal.DELIVERED)


class HandOver(Value, frozen=True, tag="hand_over"):
    """All parcels of the shipment were handed over; where the program has us tell it, Amazon is told."""


def plan(subject: Subject, _: HandOver) -> Plan:
    """Go to SHIPPED; while the labels are still under way the goal only grows."""
    refuse_unlabeled(subject.shipment)
    return Plan(
        GoalSet(
            Goal.SHIPPED,
            subject.now,
            "hand_over",
            subject.ticket,
            handed_over=subject.shipment.handed_over_at is None,
        )
    )


def refuse_unlabeled(shipment: Shipment) -> None:
    """Raise Denied where no label exists and nobody has asked for one."""
    if shipment.status in (Status.SHIPLABEL_GENERATED, Status.SHIPPED, Status.DELIVERED):
        return
    if shipment.goal not in _LABELING:
        raise Denied(
            "The shipment has no label, and nobody has asked for one.",
            reason="not_labeled",
            hint="Ask for the documents with relabel, put the labels on, then hand over.",
        )
