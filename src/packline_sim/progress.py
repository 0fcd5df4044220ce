"""How shipments and packages move, with everything that follows from a move: stock, history, order of listing."""

from typing import TYPE_CHECKING

from packline_sim.clock import to_iso
from packline_sim.records import Cancellation, Label, Package, PackageStatus, Shipment, ShipmentStatus, Transition
from packline_sim.specs import CancelledBy, ScanEvent

if TYPE_CHECKING:
    from packline_sim.world import World

HOLDING = frozenset({"ACCEPTED", "CONFIRMED", "PACKAGE_CREATED", "PICKUP_SLOT_RETRIEVED", "INVOICE_GENERATED"})
TAKEN = frozenset({"SHIPLABEL_GENERATED", "SHIPPED", "DELIVERED"})
LABELED = frozenset({"SHIPLABEL_GENERATED", "SHIPPED", "DELIVERED"})
CANCELLABLE = frozenset({"CREATED", "SHIPLABEL_GENERATED"}) | HOLDING
CANCEL_KINDS = {"MARKETPLACE": "MARKETPLACE_CANCELLED", "BUYER": "MARKETPLACE_CANCELLED", "SYSTEM": "SYSTEM_CANCELLED"}
CANCEL_REASONS = {"MARKETPLACE": "Cancelled by the marketplace", "BUYER": "Cancelled by the buyer", "SYSTEM": "System"}


class BadMove(ValueError):
    """Something that cannot happen to this shipment or return as it stands."""


def move_shipment(world: "World", shipment: Shipment, status: ShipmentStatus, cause: str) -> None:
    """Set a shipment's status, with stock, history and listing; the same status again only counts as an update."""
    before = shipment.status
    if status == before:
        world.touch(shipment)
        return
    shipment.status = status
    now, hand = world.clock.now_ms(), world.hand
    shipment.history.append(
        Transition(at_ms=now, before=before, after=status, cause=hand + cause, call_seq=world.current_call)
    )
    _credit_smarthub(world, shipment)
    _settle_stock(world, shipment)
    world.touch(shipment)
    world.emit("shipment_status", shipment, before=before, after=status, cause=cause)


def move_package(world: "World", shipment: Shipment, package: Package, status: PackageStatus, cause: str) -> None:
    """Set a package's status; the shipment counts as updated."""
    before = package.status
    if before == status:
        return
    package.status = status
    world.touch(shipment)
    world.emit("package_status", shipment, before=before, after=status, cause=cause, package_id=package.package_id)


def void_label(world: "World", shipment: Shipment, label: Label, reason: str) -> None:
    """End a label's life."""
    label.voided_ms = world.clock.now_ms()
    label.void_reason = reason
    world.emit("label_voided", shipment, before=label.tracking_id, cause=reason, package_id=label.package_id)


def cancel_shipment(world: "World", shipment: Shipment, cancellation: Cancellation, cause: str) -> None:
    """Cancel a whole shipment: lines, packages, labels, reservation."""
    shipment.cancellation = cancellation
    for line in shipment.lines:
        line.cancellations = [
            {
                "cancelledQuantity": line.units,
                "cancelledTimestamp": to_iso(cancellation.at_ms),
                "cancellationType": cancellation.kind,
                "cancellationReason": cancellation.reason,
            }
        ]
    for package in shipment.packages.values():
        label = package.live_label
        if label is not None:
            void_label(world, shipment, label, "shipment cancelled")
            shipment.sub_status = "LABEL_CANCELED"
        move_package(world, shipment, package, "CANCELLED", cause)
    move_shipment(world, shipment, "CANCELLED", cause)


def cancel_by(world: "World", shipment: Shipment, by: CancelledBy, reason: str | None) -> None:
    """Cancel a shipment as Amazon or the buyer does. Raises BadMove once it has shipped or is cancelled already."""
    left = any(package.status in {"SHIPPED", "DELIVERED"} for package in shipment.packages.values())
    if left or shipment.status not in CANCELLABLE:
        raise BadMove(
            f"Shipment {shipment.shipment_id} is {shipment.status}; only a shipment that has not left can be cancelled."
        )
    cancellation = Cancellation(
        kind=CANCEL_KINDS[by],  # type: ignore[arg-type]  # a table of kinds
        at_ms=world.clock.now_ms(),
        reason=reason or CANCEL_REASONS[by],
    )
    cancel_shipment(world, shipment, cancellation, f"cancelled:{by}")


def scan_package(world: "World", shipment: Shipment, package: Package, event: ScanEvent) -> None:
    """Have the carrier scan a package. Raises BadMove when the package is not where the scan would find it."""
    if event == "PICKED_UP":
        if package.status != "SHIPLABEL_GENERATED":
            raise BadMove(
                f"Package {package.package_id} is {package.status}; a carrier scans packages with a live label."
            )
        ship_package(world, shipment, package, "carrier:PICKED_UP")
        method = (
            None
            if package.live_label is None or package.live_label.option is None
            else package.live_label.option.method
        )
        shipment.sub_status = "DROPPED_OFF" if method == "DROPOFF" else "PICKED_UP"
        return
    if package.status != "SHIPPED":
        raise BadMove(f"Package {package.package_id} is {package.status}; {event} follows only after it shipped.")
    if event == "DELIVERED":
        deliver_package(world, shipment, package, "carrier:DELIVERED")
        return
    set_sub_status(world, shipment, package, event, None, f"carrier:{event}")


def ship_package(world: "World", shipment: Shipment, package: Package, cause: str) -> None:
    """Mark a package SHIPPED, and the shipment once all its packages are."""
    move_package(world, shipment, package, "SHIPPED", cause)
    if all(row.status in {"SHIPPED", "DELIVERED"} for row in shipment.packages.values()):
        move_shipment(world, shipment, "SHIPPED", cause)


def deliver_package(world: "World", shipment: Shipment, package: Package, cause: str) -> None:
    """Mark a package DELIVERED, and the shipment once all its packages are."""
    package.sub_status = "DELIVERED"
    move_package(world, shipment, package, "DELIVERED", cause)
    if all(row.status == "DELIVERED" for row in shipment.packages.values()):
        shipment.sub_status = "DELIVERED"
        move_shipment(world, shipment, "DELIVERED", cause)


def set_sub_status(
    world: "World", shipment: Shipment, package: Package, sub_status: str, reason: str | None, cause: str
) -> None:
    """Set the sub-status of a package and its shipment."""
    package.sub_status = sub_status
    shipment.sub_status = sub_status
    shipment.reason = reason
    world.touch(shipment)
    world.emit("shipment_changed", shipment, after=sub_status, cause=cause, package_id=package.package_id)


def accept_covered(world: "World", seller_id: str, location_id: str) -> None:
    """Accept waiting CREATED shipments, the oldest first, as far as published stock covers them."""
    for shipment in list(world.shipment_shelves.shelf(seller_id, "CREATED").after(0)):
        if shipment.location_id != location_id or shipment.holds_stock:
            continue
        if world.stock.covers(seller_id, location_id, shipment.units_by_sku()):
            move_shipment(world, shipment, "ACCEPTED", "stock")


def _credit_smarthub(world: "World", shipment: Shipment) -> None:
    by_smarthub = world.hand == "smarthub:"
    if not by_smarthub and not world.current_call:
        return
    rule = world.switches["smarthub_credit"]
    if rule == "last_step" or (rule == "label" and shipment.status == "SHIPLABEL_GENERATED"):
        shipment.worked_in_smarthub = by_smarthub
    elif rule == "any_step" and by_smarthub:
        shipment.worked_in_smarthub = True


def _settle_stock(world: "World", shipment: Shipment) -> None:
    status = shipment.status
    holding = status in HOLDING or (
        status == "SHIPLABEL_GENERATED" and world.switches["reservation_released_at"] == "shipped"
    )
    if status != "CREATED":
        world.stock.hold(shipment, holding)
    decrement = world.switches["stock_after_label"] == "decrement"
    world.stock.take(shipment, status in TAKEN, from_published=decrement)
    if status == "SHIPLABEL_GENERATED" and world.floor.bins:
        _clear_floor(world, shipment)


def _clear_floor(world: "World", shipment: Shipment) -> None:
    skus = {line.line_id: line.sku for line in shipment.lines}
    for package in shipment.packages.values():
        for packed in package.lines:
            sku = skus[packed.line_id]
            world.floor.forget(shipment.seller_id, shipment.location_id, sku, packed.serial_numbers)
