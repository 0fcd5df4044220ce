"""Out for delivery: the seller's own carrier is on the way to the buyer."""

from packline.commands.hand_over import refuse_unlabeled
from packline.commands.order import Plan, Subject
from packline.domain.events import GoalSet
from packline.domain.program import Program
from packline.domain.shipment import Goal
from packline.domain.values import Value
from packline.errors import Denied


class OutForDelivery(Value, frozen=True, tag="out_for_delivery"):
    """The parcels are with the person who delivers them; a handover that was not told is told first."""


def plan(subject: Subject, _: OutForDelivery) -> Plan:
    """Go to the sub-status OUT_FOR_DELIVERY of every package."""
    refuse_amazons_carrier(subject.program)
    refuse_unlabeled(subject.shipment)
    handed_over = subject.shipment.handed_over_at is None
    return Plan(
        GoalSet(Goal.OUT_FOR_DELIVERY, subject.now, "out_for_delivery", subject.ticket, handed_over=handed_over)
    )


def refuse_amazons_carrier(program: Program) -> None:
    """Raise Denied where the delivery is not ours to tell."""
    if not program.tells_delivery:
        raise Denied(
            f"{program.name} is delivered by Amazon's carrier: its scans tell the delivery, not the seller.",
            reason="carrier_tells",
            hint="Nothing to do: the delivery arrives here by itself.",
        )
