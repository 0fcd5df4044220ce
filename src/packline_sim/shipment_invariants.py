"""The rules that one shipment must obey by itself, as a pure function of what the simulator remembers of it."""

from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec

from packline_sim.records import Label, Package, Shipment

_BEFORE_LABEL = ("CONFIRMED", "PACKAGE_CREATED", "PICKUP_SLOT_RETRIEVED", "INVOICE_GENERATED")
_LEFT = ("SHIPPED", "DELIVERED")
_LABELED = ("SHIPLABEL_GENERATED", *_LEFT)
_HOLDING = frozenset({"ACCEPTED", *_BEFORE_LABEL})
_REPACKED = frozenset({"PACKAGE_CREATED", "CANCELLED"})
# Written apart from the machine that moves shipments, so that a mistake there is not repeated here.
MOVES: dict[str | None, frozenset[str]] = {
    None: frozenset({"CREATED", "ACCEPTED"}),
    "CREATED": frozenset({"ACCEPTED", "CONFIRMED", "CANCELLED"}),
    "ACCEPTED": frozenset({"CONFIRMED", "CANCELLED"}),
    "CONFIRMED": frozenset({"PACKAGE_CREATED", "CANCELLED"}),
    # Seller Flex may leave out the options call, and invoices exist where they are required only.
    "PACKAGE_CREATED": frozenset({"PICKUP_SLOT_RETRIEVED", "INVOICE_GENERATED", "SHIPLABEL_GENERATED", "CANCELLED"}),
    "PICKUP_SLOT_RETRIEVED": frozenset({"INVOICE_GENERATED", "SHIPLABEL_GENERATED"}) | _REPACKED,
    "INVOICE_GENERATED": frozenset({"SHIPLABEL_GENERATED"}) | _REPACKED,
    "SHIPLABEL_GENERATED": frozenset({"SHIPPED"}) | _REPACKED,
    "SHIPPED": frozenset({"DELIVERED"}),
    "DELIVERED": frozenset(),
    "CANCELLED": frozenset(),
}


class Violation(msgspec.Struct, frozen=True, kw_only=True):
    """Name a rule that does not hold, the shipment or SKU where, and what was found."""

    rule: str
    subject: str
    detail: str
    package_id: str | None = None
    call_seq: int | None = None


def shipment_violations(shipment: Shipment, switches: Mapping[str, str]) -> Iterator[Violation]:
    """Check one shipment against every rule that concerns it alone; `switches` are the doubts as they stand."""
    yield from _moves(shipment, switches)
    yield from _units(shipment)
    yield from _serials(shipment)
    yield from _departure(shipment)
    yield from _cancellation(shipment)
    if shipment.needs_invoice and switches["invoice_before_label"] == "required":
        yield from _invoice(shipment)
    for package in shipment.packages.values():
        yield from _labels(shipment, package, switches["regenerate_label"])


def should_hold_stock(shipment: Shipment, released_at: str) -> bool:
    """Tell whether a shipment's units count as reserved (External Fulfillment Inventory guide: until the label).

    CREATED reserves only where stock existed when it arrived (inferred), which the record alone knows.
    """
    if shipment.status == "CREATED":
        return shipment.holds_stock
    return shipment.status in _HOLDING or (released_at == "shipped" and shipment.status == "SHIPLABEL_GENERATED")


def violation(rule: str, shipment: Shipment, detail: str, package: Package | None = None) -> Violation:
    """Report a rule that a shipment breaks."""
    package_id = package.package_id if package else None
    return Violation(rule=rule, subject=shipment.shipment_id, detail=detail, package_id=package_id)


def _moves(shipment: Shipment, switches: Mapping[str, str]) -> Iterator[Violation]:
    before: str | None = None
    at_ms = 0
    for move in shipment.history:
        if move.before != before:
            yield violation("legal_moves", shipment, f"{move.after} was reached from {move.before}, not from {before}")
        if not _is_legal(move.before, move.after, switches):
            yield violation("legal_moves", shipment, f"{move.before} cannot become {move.after} ({move.cause})")
        if move.at_ms < at_ms:
            yield violation("legal_moves", shipment, f"{move.after} happened before {move.before}")
        before, at_ms = move.after, move.at_ms
    if before != shipment.status:
        yield violation("legal_moves", shipment, f"the status is {shipment.status}, the history ends with {before}")


def _is_legal(before: str | None, after: str, switches: Mapping[str, str]) -> bool:
    if after in MOVES.get(before, frozenset()) or switches["wrong_state"] == "lenient":
        return True
    return (before, after) == ("SHIPLABEL_GENERATED", "DELIVERED") and switches["delivered_before_shipped"] == "allow"


def _units(shipment: Shipment) -> Iterator[Violation]:
    packed: Counter[str] = Counter()
    for package in shipment.packages.values():
        for part in package.lines:
            packed[part.line_id] += part.units
    for line in shipment.lines:
        count = packed.pop(line.line_id, 0)
        if count > line.units * line.pieces:  # an item of several pieces is named in each of its boxes
            yield violation("units_packed_once", shipment, f"line {line.line_id}: {count} of {line.units} are packed")
        elif count < line.units and shipment.status in _LABELED:
            yield violation("units_packed_once", shipment, f"line {line.line_id}: only {count} of {line.units} packed")
    for line_id in packed:
        yield violation("units_packed_once", shipment, f"line {line_id} is packed and not ordered")


def _serials(shipment: Shipment) -> Iterator[Violation]:
    seen: Counter[tuple[str, str]] = Counter()
    for package in shipment.packages.values():
        for part in package.lines:
            seen.update((part.line_id, serial) for serial in part.serial_numbers)
    for (line_id, serial), count in seen.items():
        if count > 1:
            yield violation("serial_packed_once", shipment, f"line {line_id}: {serial} is packed {count} times")


def _departure(shipment: Shipment) -> Iterator[Violation]:
    packages = shipment.packages.values()
    left = [package for package in packages if package.status in _LEFT]
    if shipment.status in _LEFT and len(left) < len(packages):
        yield violation("shipped_together", shipment, f"{len(left)} of {len(packages)} packages have left")
    if shipment.status in _LABELED and not packages:
        yield violation("shipped_together", shipment, f"{shipment.status} without any package")
    if packages and len(left) == len(packages) and shipment.status not in _LEFT:
        yield violation("shipped_together", shipment, f"all packages have left and the shipment is {shipment.status}")


def _cancellation(shipment: Shipment) -> Iterator[Violation]:
    if shipment.status != "CANCELLED":
        return
    if shipment.holds_stock:
        yield violation("cancelled_is_void", shipment, "it still holds stock")
    for package in shipment.packages.values():
        if package.live_label is not None:
            yield violation("cancelled_is_void", shipment, f"label {package.live_label.tracking_id} is live", package)


def _invoice(shipment: Shipment) -> Iterator[Violation]:
    if shipment.invoice is None and shipment.status in _LABELED:
        yield violation("invoice_before_label", shipment, f"{shipment.status} without the invoice that it needs")


def _labels(shipment: Shipment, package: Package, regenerate: str) -> Iterator[Violation]:
    live = [label for label in package.labels if label.voided_ms is None]
    if len(live) > 1:
        ids = ", ".join(label.tracking_id for label in live)
        yield violation("one_live_label", shipment, f"{len(live)} labels are live: {ids}", package)
    if package.status in _LABELED and not live:
        yield violation("label_before_departure", shipment, f"{package.status} without a live label", package)
    for label in live:
        if label.revision != package.revision:
            detail = f"label {label.tracking_id} is of revision {label.revision}, the package of {package.revision}"
            yield violation("label_fits_contents", shipment, detail, package)
    if regenerate == "same_tracking":
        yield from _made_once(shipment, package)


def _made_once(shipment: Shipment, package: Package) -> Iterator[Violation]:
    made = Counter((label.revision, *_way_out(label)) for label in package.labels)
    for (revision, option_id, _), count in made.items():
        if count > 1:
            detail = f"{count} labels for revision {revision}, option {option_id}"
            yield violation("label_made_once", shipment, detail, package)


def _way_out(label: Label) -> tuple[str | None, str | None]:
    if label.option is None:
        return None, None
    # A courier of the seller's own gives the tracking id, so another id is another booking and not a second label.
    own_tracking = label.tracking_id if label.option.ship_by == "THIRD_PARTY_CARRIER" else None
    return label.option.option_id, own_tracking
