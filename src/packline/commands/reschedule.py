"""Reschedule: another handover slot for a label that is made already."""

from collections.abc import Iterable

from packline.commands.order import Plan, Subject
from packline.commands.repack import refuse_after_handover
from packline.commands.slots import SlotRequest, preference
from packline.domain.events import GoalSet
from packline.domain.shipment import Goal, Package
from packline.domain.slot import SlotPolicy
from packline.domain.values import Value
from packline.errors import Denied


class Reschedule(Value, frozen=True, tag="reschedule"):
    """A wish for another slot; none means the earliest that Amazon offers now."""

    slot: SlotRequest | None = None


def plan(subject: Subject, request: Reschedule) -> Plan:
    """Read the slots again and move the package to the one that fits; label and tracking id stay."""
    shipment = subject.shipment
    refuse_after_handover(shipment)
    if not subject.program.reschedules:
        raise Denied(
            f"Amazon moves no handover slot of {subject.program.name} shipments by API here.",
            reason="no_rescheduling",
            hint="Hand it over in its slot, or change it in Seller Central."
            if subject.program.unshown
            else "Ask for the label again with another slot (relabel), or change it in Seller Central.",
        )
    if not _have_labels(shipment.packages):
        raise Denied(
            "There is no label whose slot could be moved.",
            reason="no_label",
            hint="Pack it first; a slot can be wished for there.",
        )
    wish = request.slot or SlotRequest(SlotPolicy.EARLIEST)
    goal = GoalSet(
        Goal.LABELED,
        subject.now,
        "reschedule",
        subject.ticket,
        slot=preference(wish, subject.location, subject.now),
        reschedule=True,
    )
    return Plan(goal)


def _have_labels(packages: Iterable[Package]) -> bool:
    labels = [package.label for package in packages]
    return bool(labels) and all(label is not None and not label.void for label in labels)
