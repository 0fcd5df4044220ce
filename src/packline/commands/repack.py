"""Repack: change boxes that Amazon already knows; slot, invoice and label run again by themselves."""

from msgspec.structs import replace

from packline.commands.order import Plan, Subject
from packline.commands.pack import PackageRequest, check_until, details_of, named, planned, refuse_faults
from packline.commands.slots import SlotRequest, preference
from packline.domain.events import GoalSet
from packline.domain.shipment import Goal, Package, Shipment
from packline.domain.slot import Courier
from packline.domain.values import Value
from packline.errors import Denied


class Repack(Value, frozen=True, tag="repack"):
    """All packages as they are now, with the ids that Amazon has; only changed ones are sent again."""

    packages: tuple[PackageRequest, ...]
    slot: SlotRequest | None = None
    courier: Courier | None = None
    until: Goal = Goal.LABELED


def plan(subject: Subject, request: Repack) -> Plan:
    """Raise the revision of each changed package, so that the driver sends it again."""
    shipment = subject.shipment
    refuse_after_handover(shipment)
    _refuse_scheduled(subject)
    check_until(request.until)
    details = details_of(subject)
    wanted = named(request.packages)
    refuse_faults(details, wanted, subject.program, request.courier)
    _refuse_other_packages(shipment, wanted)
    goal = GoalSet(
        request.until,
        subject.now,
        "repack",
        subject.ticket,
        packages=tuple(_revised(p, {w.id: w for w in wanted}[p.id]) for p in shipment.packages),
        slot=preference(request.slot, subject.location, subject.now) if request.slot else None,
        courier=request.courier,
    )
    return planned(goal, subject, wanted)


def refuse_after_handover(shipment: Shipment) -> None:
    """Raise Denied where parcels have left: nothing about them can be changed any more."""
    if shipment.handed_over_at is not None:
        raise Denied(
            "The parcels have been handed over; their boxes and labels stay as they are.",
            reason="handed_over",
            hint="Ask the carrier to bring them back, or await the delivery.",
        )


def _refuse_scheduled(subject: Subject) -> None:
    labels = [package.label for package in subject.shipment.packages]
    if subject.program.unshown and any(label is not None and not label.void for label in labels):
        raise Denied(
            "The order is scheduled: Amazon changes neither weight, size nor content of it any more.",
            reason="scheduled",
            hint="Reschedule it if only the slot is wrong; else have Amazon's seller support cancel the label, then"
            " repack.",
        )


def _refuse_other_packages(shipment: Shipment, wanted: tuple[Package, ...]) -> None:
    known, asked = {p.id for p in shipment.packages}, {p.id for p in wanted}
    if known == asked:
        return
    added, removed = sorted(asked - known), sorted(known - asked)
    what = [f"adds {', '.join(added)}"] if added else []
    what += [f"leaves out {', '.join(removed)}"] if removed else []
    raise Denied(
        f"Amazon has the packages {', '.join(sorted(known))}; this packing {' and '.join(what)}. Amazon can change a"
        " package, but its number of packages is fixed once they are created.",
        reason="packages_fixed",
        hint="Use the same package ids and spread the units among them; else reject the shipment.",
    )


def _revised(old: Package, new: Package) -> Package:
    same = (old.box, old.lines, old.hazmat_labels, old.fragile) == (new.box, new.lines, new.hazmat_labels, new.fragile)
    if same:
        return old
    return replace(
        old,
        box=new.box,
        lines=new.lines,
        hazmat_labels=new.hazmat_labels,
        fragile=new.fragile,
        revision=old.revision + 1,
    )
