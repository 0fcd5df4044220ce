"""What comes next: the one step from Amazon's status toward the seller's goal."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from packline.domain.program import Program
from packline.domain.settle import LABELED_OR_LATER, LEFT
from packline.domain.shipment import Goal, Package, PackageStatus, Pending, Shipment, Status
from packline.domain.step import Step, StepKind

LABELS_PER_CALL = 50  # External Fulfillment Shipments 2024-09-11, ShipLabelsInput.packageIds
URL_TRUST = timedelta(seconds=240)  # presigned addresses live minutes; a label older than this is asked for again
_NEEDS_PACKAGES = frozenset({Goal.PACKED, Goal.LABELED, Goal.SHIPPED, Goal.OUT_FOR_DELIVERY, Goal.DELIVERED})
_NEEDS_LABELS = _NEEDS_PACKAGES - {Goal.PACKED}
_NEEDS_SHIPPING = frozenset({Goal.SHIPPED, Goal.OUT_FOR_DELIVERY, Goal.DELIVERED})
_OUT = (PackageStatus.SHIPPED, PackageStatus.OUT_FOR_DELIVERY, PackageStatus.DELIVERED)
PROBE = Step(StepKind.PROBE)


def next_step(shipment: Shipment, program: Program, now: datetime) -> Step | None:
    """Choose the next call, or None where the goal is reached, nothing is wanted, or somebody else must act.

    A pending call comes first: its fate is unknown to whoever asks, so the answer is a probe.
    """
    if shipment.pending is not None:
        return PROBE
    if shipment.goal is None or shipment.is_over:
        return _afterwards(shipment, program, now)
    if shipment.goal is Goal.REJECTED:
        is_ours = shipment.status in shipment.rejectable and not program.rejects_by_feed
        return Step(StepKind.REJECT) if is_ours else None
    if shipment.status in (Status.CREATED, Status.ACCEPTED):
        return Step(StepKind.CONFIRM)
    return _after_confirmation(shipment, program, now)


def begin(shipment: Shipment, step: Step, now: datetime) -> Shipment:
    """Note that a call is about to be made, so that a successor probes instead of repeating it."""
    return replace(shipment, pending=Pending(step, now, shipment.attempt + 1))


def _after_confirmation(shipment: Shipment, program: Program, now: datetime) -> Step | None:
    goal = shipment.goal
    if goal not in _NEEDS_PACKAGES or not shipment.packages:
        return _afterwards(shipment, program, now)
    packing = _packing(shipment)
    if packing or goal is Goal.PACKED:
        return packing or _afterwards(shipment, program, now)
    labeling = _labeling(shipment, program, now)
    is_behind = shipment.is_labeled or shipment.status in LEFT  # a parcel that has left is delivered without its label
    if labeling or goal not in _NEEDS_SHIPPING or not is_behind:
        return labeling
    return _shipping(shipment, program)


def _packing(shipment: Shipment) -> Step | None:
    if shipment.status is Status.CONFIRMED:
        return Step(StepKind.CREATE_PACKAGES, _keys(shipment.packages))
    changed = next((p for p in shipment.packages if p.sent < p.revision), None)
    return Step(StepKind.UPDATE_PACKAGE, _keys((changed,))) if changed else None


def _labeling(shipment: Shipment, program: Program, now: datetime) -> Step | None:
    unlabeled = tuple(p for p in shipment.packages if not p.has_live_label(shipment.label_round) and not p.label_error)
    if not unlabeled:
        return _rescheduling(shipment, program, now) or _documents(shipment, program, now)
    unslotted = next((p for p in unlabeled if p.slotted < p.revision or _slot_is_over(p, now)), None)
    if program.asks_slots and unslotted and not _keeps_its_slot(shipment, unslotted, program):
        return Step(StepKind.READ_OPTIONS, _keys((unslotted,)))
    if program.documents == "call" and _wants_invoice(shipment):
        return Step(StepKind.GENERATE_INVOICE)
    return _label_call(shipment, unlabeled)


def _wants_invoice(shipment: Shipment) -> bool:
    if not shipment.needs_invoice or shipment.invoice_missing:
        return False
    return shipment.status in (Status.PACKAGE_CREATED, Status.PICKUP_SLOT_RETRIEVED)


def _label_call(shipment: Shipment, unlabeled: tuple[Package, ...]) -> Step:
    first = unlabeled[0]
    again = _is_at_amazon(shipment, first)
    group = tuple(p for p in unlabeled if p.option_id == first.option_id and _is_at_amazon(shipment, p) is again)
    kind = StepKind.REGENERATE_LABELS if again else StepKind.GENERATE_LABELS
    option_id = None if _is_fetch(shipment, first) else first.option_id
    return Step(kind, _keys(group[:LABELS_PER_CALL]), option_id, shipment.label_round)


def _rescheduling(shipment: Shipment, program: Program, now: datetime) -> Step | None:
    moving = next((p for p in shipment.packages if p.reslot and p.status not in _OUT), None)
    if moving is None or not program.reschedules:
        return None
    if moving.slotted < moving.revision or _slot_is_over(moving, now):
        return Step(StepKind.READ_OPTIONS, _keys((moving,)))
    return Step(StepKind.RESCHEDULE, _keys((moving,)), moving.option_id)


def _documents(shipment: Shipment, program: Program, now: datetime) -> Step | None:
    if program.documents != "call":
        return None  # they come by a feed for many orders, or by a person's hand
    for package in shipment.packages:
        label = package.label
        if label is None or label.void or label.document or package.label_error:
            continue
        if label.url and now - label.made_at < URL_TRUST:
            return Step(StepKind.DOWNLOAD_LABEL, _keys((package,)), label.option_id, shipment.label_round)
        return Step(StepKind.REGENERATE_LABELS, _keys((package,)), round=shipment.label_round)
    return Step(StepKind.FETCH_INVOICE) if _lacks_invoice(shipment) else None


def _afterwards(shipment: Shipment, program: Program, now: datetime) -> Step | None:
    """Fetch what somebody else had made; a parcel that arrived needs its label no more, its invoice perhaps.

    So does one that arrived before the invoice of our own label was here.
    """
    if shipment.status is Status.DELIVERED and shipment.goal in _NEEDS_LABELS and program.documents == "call":
        return Step(StepKind.FETCH_INVOICE) if _lacks_invoice(shipment) else None
    if not shipment.papers_wanted or not program.fetches_afterwards or shipment.status not in LABELED_OR_LATER:
        return None
    if shipment.status is Status.DELIVERED or program.afterwards == "invoices":
        return Step(StepKind.FETCH_INVOICE) if _lacks_invoice(shipment) else None
    for package in shipment.packages:
        if not package.label_error and package.status in (PackageStatus.LABELED, *_OUT) and _has_no_label(package):
            return Step(StepKind.REGENERATE_LABELS, _keys((package,)), round=shipment.label_round)
    return _documents(shipment, program, now)


def _lacks_invoice(shipment: Shipment) -> bool:
    return shipment.needs_invoice and not shipment.invoice and not shipment.invoice_missing


def _has_no_label(package: Package) -> bool:
    return package.label is None or package.label.void


def _shipping(shipment: Shipment, program: Program) -> Step | None:
    wants_more = shipment.goal in (Goal.OUT_FOR_DELIVERY, Goal.DELIVERED)
    if program.tells(shipment) or wants_more:
        waiting = next((p for p in shipment.packages if p.status not in _OUT), None)
        if waiting:
            return Step(StepKind.SHIP, _keys((waiting,)))
    if not wants_more or shipment.status is not Status.SHIPPED:
        return None
    return _delivery(shipment)


def _delivery(shipment: Shipment) -> Step | None:
    if shipment.goal is Goal.OUT_FOR_DELIVERY:
        waiting = next((p for p in shipment.packages if p.status is PackageStatus.SHIPPED), None)
        return Step(StepKind.OUT_FOR_DELIVERY, _keys((waiting,))) if waiting else None
    waiting = next((p for p in shipment.packages if p.status is not PackageStatus.DELIVERED), None)
    return Step(StepKind.DELIVER, _keys((waiting,))) if waiting else None


def _keys(packages: tuple[Package, ...]) -> tuple[tuple[str, int], ...]:
    return tuple((p.id, p.revision) for p in packages)


def _is_at_amazon(shipment: Shipment, package: Package) -> bool:
    """A label for this packing exists at Amazon, whether or not we hold it: ask for it again, do not make another."""
    label = package.label
    if label is not None and not label.void:
        return label.revision == package.revision
    return _is_fetch(shipment, package)


def _is_fetch(shipment: Shipment, package: Package) -> bool:
    """Somebody's call made the label, but its answer never reached us: only the file is wanted, not another slot.

    After a label of ours was voided, it is another's: Amazon shows the package as labeled again.
    """
    replaced = package.label is not None and package.label.void and shipment.status in LABELED_OR_LATER
    return (package.label is None or replaced) and package.status in (PackageStatus.LABELED, *_OUT)


def _keeps_its_slot(shipment: Shipment, package: Package, program: Program) -> bool:
    """Only a file is wanted: the parcel left, or its label is at Amazon and no label call could change its slot."""
    if package.status in _OUT or _is_fetch(shipment, package):
        return True
    return bool(program.unshown) and _is_at_amazon(shipment, package)


def _slot_is_over(package: Package, now: datetime) -> bool:
    chosen = next((o for o in package.options if o.id == package.option_id), None)
    return chosen is not None and chosen.window is not None and chosen.window.start <= now
