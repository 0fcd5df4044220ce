"""Reject: the seller's no."""

from packline.commands.order import Plan, Subject
from packline.domain.events import GoalSet
from packline.domain.shipment import Goal, Rejection
from packline.domain.values import Value, stable_id
from packline.errors import Denied, FieldError, Invalid

REASONS = ("OUT_OF_STOCK", "CUSTOMER_REQUESTED")  # External Fulfillment Shipments 2024-09-11, processShipment


class Reject(Value, frozen=True, tag="reject"):
    """Refuse the whole shipment (Amazon knows no partial cancellation), for one of Amazon's two reasons."""

    reason: str


def plan(subject: Subject, request: Reject) -> Plan:
    """Go to CANCELLED, where Amazon still lets the seller; the reference is a pure function of the ticket."""
    shipment = subject.shipment
    if request.reason not in REASONS:
        raise Invalid(
            f"{request.reason!r} is no reason that Amazon takes.",
            errors=(FieldError("/reason", f"One of {', '.join(REASONS)}."),),
        )
    if shipment.status not in shipment.rejectable:
        raise Denied(
            f"Amazon does not let the seller reject a shipment in {shipment.status}; this one could be rejected in"
            f" {', '.join(shipment.rejectable) or 'no status'}.",
            reason="rejection_closed",
            hint="Ship it, or ask the buyer to cancel; Amazon's cancellation will arrive here by itself.",
        )
    lines = tuple((line.id, line.units) for line in subject.details.lines) if subject.details else ()
    rejection = Rejection(request.reason, stable_id("rej", subject.ticket), lines)
    return Plan(GoalSet(Goal.REJECTED, subject.now, "reject", subject.ticket, rejection=rejection))
