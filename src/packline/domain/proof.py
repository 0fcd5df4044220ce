"""The proof after an answer that was no success: what a later read says about the pending call."""

from packline.domain import events as ev
from packline.domain.answers import is_about_slot
from packline.domain.paperwork import move_slot
from packline.domain.program import Program
from packline.domain.reports import Facts, Seen
from packline.domain.settle import LEFT, PERSISTENT, give_up
from packline.domain.shipment import Failure, Goal, PackageStatus, Pending, Problem, Shipment, Status
from packline.domain.step import Step, StepKind
from packline.domain.story import Story

_TARGET = {
    StepKind.CONFIRM: Status.CONFIRMED,
    StepKind.CREATE_PACKAGES: Status.PACKAGE_CREATED,
    StepKind.GENERATE_INVOICE: Status.INVOICE_GENERATED,
    StepKind.GENERATE_LABELS: Status.SHIPLABEL_GENERATED,
}
_PACKAGE_TARGET = {
    StepKind.GENERATE_LABELS: PackageStatus.LABELED,
    StepKind.SHIP: PackageStatus.SHIPPED,
    StepKind.OUT_FOR_DELIVERY: PackageStatus.OUT_FOR_DELIVERY,
    StepKind.DELIVER: PackageStatus.DELIVERED,
}
_ORDER = list(PackageStatus)
_FOR_THE_PARCEL = (StepKind.READ_OPTIONS, StepKind.REGENERATE_LABELS, StepKind.RESCHEDULE)
"""Calls for a label or slot, which mean nothing once the parcel has left."""


def settle_pending(story: Story, seen: Seen, program: Program) -> None:
    """Decide the fate of the pending call by a read that left after it was over.

    While a call is under way (no failure yet) only a probe may decide: the probe comes from a successor of the process
    that made the call, which is gone, or from the driver after an unclear answer.
    """
    shipment, pending = story.shipment, story.shipment.pending
    if pending is None or not _is_over(shipment, pending, seen):
        return
    if _had_effect(shipment, pending.step, seen.facts, program):
        if pending.step.kind is StepKind.CREATE_PACKAGES or pending.step.kind is StepKind.UPDATE_PACKAGE:
            story.tell(ev.PackagesSent(pending.step.packages))
        if pending.step.kind is StepKind.RESCHEDULE:
            move_slot(story, pending.step)
        story.tell(ev.CallSettled(pending.step, "seen at Amazon"))
        return
    _had_no_effect(story, pending, seen, program)


def _is_over(shipment: Shipment, pending: Pending, seen: Seen) -> bool:
    if pending.failure is not None:
        return shipment.moved_at is None or seen.read_at >= shipment.moved_at
    return seen.source == "probe"


def _had_effect(shipment: Shipment, step: Step, facts: Facts, program: Program) -> bool:
    if step.kind is StepKind.UPDATE_PACKAGE:
        return _shows_packing(shipment, step, facts)
    if step.kind is StepKind.RESCHEDULE:
        return _shows_slot(shipment, step, facts)
    if step.kind in _PACKAGE_TARGET and _packages_are_at(shipment, step):
        return True
    if step.kind is StepKind.OUT_FOR_DELIVERY:
        return facts.sub_status == "OUT_FOR_DELIVERY"
    target = _TARGET.get(step.kind)
    return target is not None and program.rank(shipment.status) >= program.rank(target)


def _packages_are_at(shipment: Shipment, step: Step) -> bool:
    wanted = _ORDER.index(_PACKAGE_TARGET[step.kind])
    found = [shipment.package(package_id) for package_id, _ in step.packages]
    return bool(found) and all(p is not None and _ORDER.index(p.status) >= wanted for p in found)


def _shows_packing(shipment: Shipment, step: Step, facts: Facts) -> bool:
    seen = {p.id: p.box for p in facts.packages}
    for package_id, _ in step.packages:
        package = shipment.package(package_id)
        if package is None or seen.get(package_id) != package.box:
            return False
    return True


def _shows_slot(shipment: Shipment, step: Step, facts: Facts) -> bool:
    package = shipment.package(step.packages[0][0])
    wanted = next((o.window for o in package.options if o.id == step.option_id), None) if package else None
    return wanted is not None and [p.window for p in facts.packages] == [wanted]


def _had_no_effect(story: Story, pending: Pending, seen: Seen, program: Program) -> None:
    failure = pending.failure
    if pending.step.kind is StepKind.RESCHEDULE and not _has_label(story.shipment, pending.step):
        story.tell(ev.CallCleared(pending.step, "its label is gone: the order is scheduled anew"))
        return
    if failure is not None and failure.kind == "refused" and _is_the_carriers(pending.step, program):
        story.tell(ev.CallCleared(pending.step, failure.message))
        story.tell(ev.LeftToCarrier(failure.message))
        return
    if _is_needless(story.shipment, pending):
        _let_go(story, pending)
        return
    if failure is None or failure.kind == "unclear":
        story.tell(ev.CallCleared(pending.step, "a read shows that it had no effect"))
    elif failure.kind == "slot" or is_about_slot(failure.code, failure.message):
        story.tell(ev.CallCleared(pending.step, failure.message))
        story.tell(ev.SlotLost(tuple(p for p, _ in pending.step.packages), failure.message))
    elif failure.kind == "conflict":
        story.tell(ev.CallCleared(pending.step, failure.message))
    else:
        story.tell_all(give_up(story.shipment, _refused(failure, seen)))
        return
    if pending.attempt >= PERSISTENT:
        story.tell(ev.Stuck(_persistent(pending, seen), stop=False))


def _is_needless(shipment: Shipment, pending: Pending) -> bool:
    """Tell whether a person could do nothing about a refusal: the parcel has left, or somebody else made the label.

    A parcel that has left stays away, so an answer that goes on being unclear counts as a refusal then.
    """
    failure, kind = pending.failure, pending.step.kind
    is_refused = failure is not None and failure.kind == "refused" and not is_about_slot(failure.code, failure.message)
    if shipment.status in LEFT:
        return kind in _FOR_THE_PARCEL and (is_refused or pending.attempt >= PERSISTENT)
    is_theirs = shipment.papers_wanted and shipment.goal in (None, Goal.CONFIRMED, Goal.PACKED)
    return is_refused and is_theirs and kind is StepKind.REGENERATE_LABELS


def _let_go(story: Story, pending: Pending) -> None:
    """Say that there is no label, and ask no more."""
    failure, has_left = pending.failure, story.shipment.status in LEFT
    code, said = (failure.code or "NoAnswer", failure.message) if failure else ("NoAnswer", "no answer came")
    story.tell(ev.CallCleared(pending.step, said))
    if pending.step.kind is not StepKind.REGENERATE_LABELS:
        return
    why = "the parcel has left, so no label can be made for it, and none is needed" if has_left else "not available"
    for package_id, _ in pending.step.packages:
        story.tell(ev.LabelFailed(package_id, code, f"{why}: {said}"))


def _has_label(shipment: Shipment, step: Step) -> bool:
    package = shipment.package(step.packages[0][0])
    return package is not None and package.label is not None and not package.label.void


def _is_the_carriers(step: Step, program: Program) -> bool:
    return step.kind is StepKind.SHIP and program.carrier_may_tell


def _refused(failure: Failure, seen: Seen) -> Problem:
    return Problem(
        "refused_by_amazon",
        f"Amazon refused {failure.operation}: {failure.code}: {failure.message}",
        "Correct what Amazon names, then give the command again. Its request id is in the call log.",
        seen.read_at,
    )


def _persistent(pending: Pending, seen: Seen) -> Problem:
    reason = f"{pending.failure.code}: {pending.failure.message}" if pending.failure else "no answer"
    return Problem(
        "amazon_unavailable",
        f"{pending.step.kind} was tried {pending.attempt} times without success ({reason}).",
        "Packline goes on trying by itself. If other shipments pass, send the support bundle of this one to Amazon.",
        seen.read_at,
    )
