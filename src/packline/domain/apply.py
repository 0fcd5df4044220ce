"""`apply(shipment, event)`: the only function that changes a shipment."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from packline.domain import events as ev
from packline.domain.panel import merged
from packline.domain.reports import Facts
from packline.domain.shipment import Goal, Label, Package, PackageStatus, Shipment, Status
from packline.domain.transitions import is_step_back
from packline.domain.values import shipment_id

_STATUS = {status.value: status for status in Status}


def receive(account: str, event: ev.Received) -> Shipment:
    """Make the shipment that Amazon told of, in Amazon's own status."""
    facts = event.facts
    return Shipment(
        id=shipment_id(account, facts.amazon_id),
        account=account,
        amazon_id=facts.amazon_id,
        location=facts.location,
        marketplace=facts.marketplace,
        program=event.program,
        order_id=facts.order_id,
        status=_STATUS[facts.status],
        as_of=facts.as_of,
        received_at=event.at,
        sub_status=facts.sub_status,
        ship_by=facts.ship_by,
        earliest_pack=facts.earliest_pack,
        needs_invoice=facts.needs_invoice,
        rejectable=facts.rejectable,
        items=facts.items,
        kind=facts.kind,
        original_id=facts.original_id,
        priority=facts.priority,
        cancelled_by=facts.cancelled_by,
        api=facts.api,
        ship_to=facts.ship_to,
        processed_by=facts.processed_by,
        scanned=facts.scanned,
    )


def apply(shipment: Shipment, event: ev.Event) -> Shipment:
    """Return the shipment after the event; an event that changes nothing returns it as it is."""
    return _APPLY[type(event)](shipment, event)


def _facts(facts: Facts) -> dict[str, Any]:
    return {
        "location": facts.location,
        "marketplace": facts.marketplace,
        "order_id": facts.order_id,
        "as_of": facts.as_of,
        "sub_status": facts.sub_status,
        "ship_by": facts.ship_by,
        "earliest_pack": facts.earliest_pack,
        "needs_invoice": facts.needs_invoice,
        "rejectable": facts.rejectable,
        "items": facts.items,
        "kind": facts.kind,
        "original_id": facts.original_id,
        "priority": facts.priority,
    }


def _on_package(shipment: Shipment, package_id: str, change: Callable[[Package], Package]) -> Shipment:
    packages = tuple(change(p) if p.id == package_id else p for p in shipment.packages)
    return replace(shipment, packages=packages)


def _received(shipment: Shipment, _: ev.Received) -> Shipment:
    return shipment


def _changed(shipment: Shipment, event: ev.Changed) -> Shipment:
    return replace(
        shipment,
        **_facts(event.facts),
        ship_to=event.facts.ship_to or shipment.ship_to,
        processed_by=event.facts.processed_by or shipment.processed_by,
        scanned=merged(shipment.scanned, event.facts.scanned),
    )


def _moved(shipment: Shipment, event: ev.Moved) -> Shipment:
    after = replace(
        shipment,
        status=event.to,
        cancelled_by=event.cancelled_by or shipment.cancelled_by,
        adopted=shipment.adopted or event.cause == "adopted",
        problem=None,
        attempt=0,
    )
    if event.to is Status.CANCELLED:
        return replace(after, goal=None, ticket=None, pending=None)
    if is_step_back(shipment.status, event.to):
        packages = tuple(_unlabeled(package) for package in shipment.packages)
        return replace(after, invoice=None, invoice_missing=None, warranty=None, packages=packages)
    return after


def _unlabeled(package: Package) -> Package:
    """A label that somebody else made, and that never was here, is gone with the step back; one of ours is voided."""
    is_theirs = package.label is None or package.label.void
    if is_theirs and package.status is PackageStatus.LABELED:
        return replace(package, status=PackageStatus.CREATED)
    return package


def _goal_set(shipment: Shipment, event: ev.GoalSet) -> Shipment:
    packages = shipment.packages if event.packages is None else event.packages
    return replace(
        shipment,
        goal=event.goal,
        ticket=event.ticket,
        packages=tuple(_for_goal(p, event) for p in packages),
        slot=event.slot or shipment.slot,
        courier=event.courier or shipment.courier,
        rejection=event.rejection or shipment.rejection,
        label_round=shipment.label_round + 1 if event.relabel else shipment.label_round,
        handed_over_at=event.at if event.handed_over else shipment.handed_over_at,
        problem=None,
        attempt=0,
    )


def _for_goal(package: Package, goal: ev.GoalSet) -> Package:
    if goal.reschedule or (goal.relabel and goal.slot is not None):
        return replace(package, label_error=None, slotted=0, options=(), option_id=None, reslot=goal.reschedule)
    return replace(package, label_error=None, reslot=False) if package.label_error or package.reslot else package


def _packages_sent(shipment: Shipment, event: ev.PackagesSent) -> Shipment:
    revisions = dict(event.packages)
    packages = tuple(
        replace(
            p,
            sent=revisions[p.id],
            slotted=0,
            options=(),
            option_id=None,
            status=PackageStatus.CREATED,
        )
        if p.id in revisions
        else p
        for p in shipment.packages
    )
    return replace(shipment, packages=packages)


def _packages_adopted(shipment: Shipment, event: ev.PackagesAdopted) -> Shipment:
    known = {p.id for p in event.packages}
    kept = tuple(p for p in shipment.packages if p.id not in known and p.sent)
    return replace(shipment, packages=kept + event.packages, adopted=True)


def _options_read(shipment: Shipment, event: ev.OptionsRead) -> Shipment:
    return _on_package(
        shipment,
        event.package_id,
        lambda p: replace(p, slotted=event.revision, options=event.options, option_id=event.option_id),
    )


def _slot_lost(shipment: Shipment, event: ev.SlotLost) -> Shipment:
    for package_id in event.packages:
        shipment = _on_package(shipment, package_id, lambda p: replace(p, slotted=0, options=(), option_id=None))
    return replace(shipment, attempt=shipment.attempt + 1)


def _invoice_stored(shipment: Shipment, event: ev.InvoiceStored) -> Shipment:
    return replace(shipment, invoice=event.document, invoice_missing=None)


def _invoice_missing(shipment: Shipment, event: ev.InvoiceMissing) -> Shipment:
    return replace(shipment, invoice_missing=event.reason)


def _warranty_stored(shipment: Shipment, event: ev.WarrantyStored) -> Shipment:
    return replace(shipment, warranty=event.document)


def _solved(shipment: Shipment, event: ev.Solved) -> Shipment:
    if shipment.problem is None or shipment.problem.code != event.code:
        return shipment
    return replace(shipment, problem=None)


def _label_made(shipment: Shipment, event: ev.LabelMade) -> Shipment:
    def with_label(package: Package) -> Package:
        status = package.status
        if status in (PackageStatus.PLANNED, PackageStatus.CREATED):
            status = PackageStatus.LABELED
        return replace(package, label=event.label, label_error=None, status=status, reslot=False)

    return _on_package(shipment, event.package_id, with_label)


def _label_failed(shipment: Shipment, event: ev.LabelFailed) -> Shipment:
    reason = f"{event.code}: {event.message}"
    return _on_package(shipment, event.package_id, lambda p: replace(p, label_error=reason))


def _label_voided(shipment: Shipment, event: ev.LabelVoided) -> Shipment:
    def void(package: Package) -> Package:
        label: Label | None = package.label
        if label is None or label.tracking_id != event.tracking_id:
            return package
        status = PackageStatus.CREATED if package.status is PackageStatus.LABELED else package.status
        return replace(package, label=replace(label, void=True, url=None), status=status)

    return _on_package(shipment, event.package_id, void)


def _package_moved(shipment: Shipment, event: ev.PackageMoved) -> Shipment:
    return _on_package(shipment, event.package_id, lambda p: replace(p, status=event.to, sent=max(p.sent, 1)))


def _call_failed(shipment: Shipment, event: ev.CallFailed) -> Shipment:
    if shipment.pending is None:
        return shipment
    return replace(shipment, pending=replace(shipment.pending, failure=event.failure), moved_at=event.at)


def _call_cleared(shipment: Shipment, _: ev.CallCleared) -> Shipment:
    return replace(shipment, pending=None, attempt=shipment.attempt + 1)


def _call_settled(shipment: Shipment, _: ev.CallSettled) -> Shipment:
    return replace(shipment, pending=None)


def _settled(shipment: Shipment, event: ev.Settled) -> Shipment:
    if shipment.ticket != event.ticket:
        return shipment
    return replace(shipment, ticket=None)  # a problem that a person must look at is told by Stuck


def _stuck(shipment: Shipment, event: ev.Stuck) -> Shipment:
    goal: Goal | None = None if event.stop else shipment.goal
    pending = None if event.stop else shipment.pending
    return replace(shipment, problem=event.problem, goal=goal, pending=pending)


def _papers_wanted(shipment: Shipment, _: ev.PapersWanted) -> Shipment:
    return replace(shipment, papers_wanted=True)


def _left_to_carrier(shipment: Shipment, _: ev.LeftToCarrier) -> Shipment:
    return replace(shipment, carrier_tells=True)


def _anomaly_found(shipment: Shipment, event: ev.AnomalyFound) -> Shipment:
    return replace(shipment, problem=event.problem)


def _packing_doubted(shipment: Shipment, _: ev.PackingDoubted) -> Shipment:
    return shipment


_APPLY: dict[type, Callable[[Shipment, Any], Shipment]] = {
    ev.Received: _received,
    ev.Changed: _changed,
    ev.Moved: _moved,
    ev.GoalSet: _goal_set,
    ev.PackagesSent: _packages_sent,
    ev.PackagesAdopted: _packages_adopted,
    ev.OptionsRead: _options_read,
    ev.SlotLost: _slot_lost,
    ev.InvoiceStored: _invoice_stored,
    ev.InvoiceMissing: _invoice_missing,
    ev.LabelMade: _label_made,
    ev.WarrantyStored: _warranty_stored,
    ev.Solved: _solved,
    ev.LabelFailed: _label_failed,
    ev.LabelVoided: _label_voided,
    ev.PackageMoved: _package_moved,
    ev.CallFailed: _call_failed,
    ev.CallCleared: _call_cleared,
    ev.CallSettled: _call_settled,
    ev.Settled: _settled,
    ev.Stuck: _stuck,
    ev.PackingDoubted: _packing_doubted,
    ev.AnomalyFound: _anomaly_found,
    ev.LeftToCarrier: _left_to_carrier,
    ev.PapersWanted: _papers_wanted,
}
