"""Pack: one call for the warehouse; Packline makes all of Amazon's calls up to the documents."""

from packline.commands.order import Plan, Subject
from packline.commands.slots import SlotRequest, preference
from packline.domain.details import Details
from packline.domain.events import GoalSet
from packline.domain.location import Api
from packline.domain.packing import check
from packline.domain.program import Program
from packline.domain.recommendation import by_sku, recommended, warnings
from packline.domain.shipment import Goal, Package, PackageLine
from packline.domain.size_guard import doubts
from packline.domain.slot import Courier
from packline.domain.step import StepKind
from packline.domain.values import Box, Value
from packline.errors import Denied, FieldError, Invalid


class PackageRequest(Value, frozen=True):
    """One box as the packer closed it; without an id it is named by its place (`PKG-1`...)."""

    box: Box
    lines: tuple[PackageLine, ...]
    id: str = ""
    hazmat_labels: tuple[str, ...] = ()
    fragile: bool = False


class Pack(Value, frozen=True, tag="pack"):
    """Packages (None: those that Amazon recommends), the wish for a slot, the seller's courier, and how far to go."""

    packages: tuple[PackageRequest, ...] | None = None
    slot: SlotRequest | None = None
    courier: Courier | None = None
    until: Goal = Goal.LABELED


def plan(subject: Subject, request: Pack) -> Plan:
    """Go to the documents (or to PACKAGE_CREATED), confirming first where nobody has."""
    _refuse_while_sending(subject)
    check_until(request.until)
    details = details_of(subject)
    packages = named(request.packages) if request.packages is not None else _advised(subject, details)
    refuse_faults(details, packages, subject.program, request.courier)
    goal = GoalSet(
        request.until,
        subject.now,
        "pack",
        subject.ticket,
        packages=packages,
        slot=preference(request.slot, subject.location, subject.now),
        courier=request.courier,
    )
    return planned(goal, subject, packages)


def planned(goal: GoalSet, subject: Subject, packages: tuple[Package, ...]) -> Plan:
    """Make the plan of a packing, with all that a person may want to look at."""
    details = details_of(subject)
    found = doubts(details, packages, subject.listed)
    return Plan(goal, (*warnings(details, packages), *(doubt.message for doubt in found)), found)


def _advised(subject: Subject, details: Details) -> tuple[Package, ...]:
    """Take what Amazon recommends; where its API recommends nothing, the sizes of the SKUs."""
    if subject.shipment.api == Api.SELLER_CENTRAL and not details.recommended:
        return by_sku(details, subject.boxes)
    return recommended(details)


def named(requests: tuple[PackageRequest, ...]) -> tuple[Package, ...]:
    """Make packages of what was asked for; a package without an id is named by its place."""
    return tuple(
        Package(r.id or f"PKG-{index}", r.box, r.lines, r.hazmat_labels, r.fragile)
        for index, r in enumerate(requests, start=1)
    )


def details_of(subject: Subject) -> Details:
    """Give the lines of the shipment.

    Raises Denied while Amazon's full answer has not been read.
    """
    if subject.details is None:
        raise Denied(
            "The lines of this shipment have not been read from Amazon yet.",
            reason="not_read",
            hint="Try again in a few seconds, after the next intake.",
        )
    return subject.details


def refuse_faults(details: Details, packages: tuple[Package, ...], program: Program, courier: Courier | None) -> None:
    """Raise Invalid with everything that Amazon would refuse."""
    faults = check(details, packages, program)
    if courier is not None and not program.takes_courier:
        faults.append(FieldError("/courier", f"{program.name} is carried by Amazon's carrier, not by the seller's."))
    if faults:
        raise Invalid(
            f"Amazon would refuse this packing: {faults[0].message}", errors=tuple(faults), reason="packing_invalid"
        )


def check_until(until: Goal) -> None:
    """Raise Invalid for a goal that packing does not lead to."""
    if until not in (Goal.PACKED, Goal.LABELED):
        raise Invalid("Packing goes until `packed` or `labeled`.", errors=(FieldError("/until", "packed or labeled"),))


def _refuse_while_sending(subject: Subject) -> None:
    pending = subject.shipment.pending
    if pending is not None and pending.step.kind is StepKind.CREATE_PACKAGES:
        raise Denied(
            "The packages of an earlier command are on their way to Amazon at this moment.",
            reason="in_flight",
            hint="Wait for its outcome, then change them with repack.",
        )
