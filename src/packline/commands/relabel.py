"""Relabel: ask Amazon for the label again, with another slot where one is wished."""

from packline.commands.order import Plan, Subject
from packline.commands.repack import refuse_after_handover
from packline.commands.slots import SlotRequest, preference
from packline.domain.events import GoalSet
from packline.domain.shipment import Goal, Shipment
from packline.domain.slot import Courier
from packline.domain.values import Value
from packline.errors import Denied

_OTHER_SLOT = "Reschedule it (`packline shipment reschedule`); ask for the label without a slot."
_NO_OTHER_SLOT = "Hand it over in its slot, or have Amazon's seller support cancel the label."


class Relabel(Value, frozen=True, tag="relabel"):
    """A lost or damaged label, a failed one, a first one after `until: packed`, or another slot."""

    slot: SlotRequest | None = None
    courier: Courier | None = None


def plan(subject: Subject, request: Relabel) -> Plan:
    """Raise the round of labels, so that each package gets its label once more."""
    refuse_after_handover(subject.shipment)
    if not subject.shipment.packages:
        raise Denied(
            "Packline does not know the packages of this shipment.",
            reason="no_packages",
            hint="They appear after the next read from Amazon; then try again.",
        )
    if request.slot and subject.program.unshown and _has_label(subject.shipment):
        raise Denied(
            "Asking for the label again cannot change the slot of a scheduled order.",
            reason="slot_by_rescheduling",
            hint=_OTHER_SLOT if subject.program.reschedules else _NO_OTHER_SLOT,
        )
    goal = GoalSet(
        Goal.LABELED,
        subject.now,
        "relabel",
        subject.ticket,
        slot=preference(request.slot, subject.location, subject.now) if request.slot else None,
        courier=request.courier,
        relabel=True,
    )
    return Plan(goal)


def _has_label(shipment: Shipment) -> bool:
    return any(package.label is not None and not package.label.void for package in shipment.packages)
