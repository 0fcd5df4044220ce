"""confirmShipment and updateShipmentStatus of the Orders API v0."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from packline_sim.call import NO_CONTENT, Call, Reply, read_plain
from packline_sim.clock import to_ms
from packline_sim.orders.criteria import refused
from packline_sim.orders.progress import cancel_order, confirm_units
from packline_sim.orders.records import Order, OwnPackage
from packline_sim.orders.search import find_order


class Wire(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Give every message Amazon's camelCase."""


class ConfirmedItem(Wire, frozen=True):
    """Units of an order item in a package."""

    order_item_id: str
    quantity: Annotated[int, Meta(ge=1)]
    transparency_codes: list[str] = []


class PackageDetail(Wire, frozen=True):
    """A package that the seller handed to a carrier of its own."""

    package_reference_id: str
    carrier_code: str
    tracking_number: str
    ship_date: datetime
    order_items: Annotated[list[ConfirmedItem], Meta(min_length=1)]
    carrier_name: str | None = None
    shipping_method: str | None = None
    ship_from_supply_source_id: str | None = None


class ConfirmShipmentRequest(Wire, frozen=True):
    """The body of confirmShipment."""

    marketplace_id: str
    package_detail: PackageDetail
    cod_collection_method: Literal["DirectPayment"] | None = None


class StatusItem(Wire, frozen=True):
    """Units of an order item that the new status is about."""

    order_item_id: str | None = None
    quantity: int | None = None


class UpdateShipmentStatusRequest(Wire, frozen=True):
    """The body of updateShipmentStatus."""

    marketplace_id: str
    shipment_status: Literal["ReadyForPickup", "PickedUp", "RefusedPickup"]
    order_items: list[StatusItem] = []


class Verification(Wire, frozen=True):
    """The result of a review of regulated items."""

    external_reviewer_id: str
    status: Literal["Pending", "Approved", "Rejected", "Expired", "Cancelled"] | None = None
    rejection_reason_id: str | None = None


class UpdateVerificationStatusRequest(Wire, frozen=True):
    """The body of updateVerificationStatus."""

    regulated_order_verification_status: Verification


_VERIFY = msgspec.json.Decoder(UpdateVerificationStatusRequest)
_CONFIRM = msgspec.json.Decoder(ConfirmShipmentRequest)
_STATUS = msgspec.json.Decoder(UpdateShipmentStatusRequest)


def confirm_shipment(call: Call) -> Reply:
    """Answer confirmShipment; the same packageReferenceId again edits that package."""
    request = read_plain(call, _CONFIRM)
    order = _order_in(call, request.marketplace_id)
    detail = request.package_detail
    _check_package(order, detail)
    known = order.own_packages.get(detail.package_reference_id)
    own = OwnPackage(
        carrier=detail.carrier_name or detail.carrier_code,
        tracking_id=detail.tracking_number,
        ship_ms=to_ms(detail.ship_date),
        units={item.order_item_id: item.quantity for item in detail.order_items},
    )
    taken_back = {} if known is None else known.units
    _check_units(order, own.units, taken_back)
    order.own_packages[detail.package_reference_id] = own
    changed = {
        item.order_item_id: own.units.get(item.order_item_id, 0) - taken_back.get(item.order_item_id, 0)
        for item in order.items
    }
    confirm_units(call.world, order, changed, "confirmShipment")
    return NO_CONTENT


def update_shipment_status(call: Call) -> Reply:
    """Answer updateShipmentStatus, for orders that the buyer collects in a store."""
    request = read_plain(call, _STATUS)
    order = _order_in(call, request.marketplace_id)
    if not order.in_store_pickup:
        raise refused(f"Order {order.order_id} is not collected in a store.")
    if order.status != "Unshipped":
        raise refused(f"Order {order.order_id} is {order.status}; its status can no longer be changed so.")
    if request.shipment_status == "PickedUp":
        units = {item.order_item_id: item.quantity for item in order.items}
        confirm_units(call.world, order, units, "updateShipmentStatus")
    elif request.shipment_status == "RefusedPickup":
        cancel_order(call.world, order, "BUYER", "Refused at pickup")
    else:
        call.world.touch_order(order)
        call.world.emit_order("order_changed", order, cause="updateShipmentStatus", after="ReadyForPickup")
    return NO_CONTENT


def update_verification_status(call: Call) -> Reply:
    """Answer updateVerificationStatus: no simulated order has regulated items, so every one is refused."""
    read_plain(call, _VERIFY)
    raise refused(f"Order {find_order(call).order_id} has no regulated items to verify.")


def _order_in(call: Call, marketplace_id: str) -> Order:
    order = find_order(call)
    if order.marketplace_id != marketplace_id:
        raise refused(f"Order {order.order_id} does not belong to marketplace {marketplace_id}.")
    return order


def _check_package(order: Order, detail: PackageDetail) -> None:
    reference = detail.package_reference_id
    if order.is_easy_ship:
        # Amazon confirms these itself when the carrier collects (Seller Central help, Easy Ship).
        raise refused(f"Order {order.order_id} is an Easy Ship order; its shipment is confirmed at pickup.")
    if order.status not in {"Unshipped", "PartiallyShipped", "Shipped"}:
        raise refused(f"Order {order.order_id} is {order.status} and cannot be shipped.")
    if not (reference.isascii() and reference.isdigit() and int(reference) > 0):
        raise refused(f"packageReferenceId '{reference}' must be a positive number.")
    if detail.carrier_code == "Other" and not detail.carrier_name:
        raise refused("carrierName is required when carrierCode is Other.")
    if order.status == "Shipped" and reference not in order.own_packages:
        raise refused(f"There is no package {reference} of order {order.order_id}.", "PackageToUpdateNotFound")


def _check_units(order: Order, units: dict[str, int], taken_back: dict[str, int]) -> None:
    for item_id, count in units.items():
        item = order.item(item_id)
        if item is None:
            raise refused(f"Order item '{item_id}' is not part of order {order.order_id}.")
        left = item.quantity - item.shipped + taken_back.get(item_id, 0)
        if count > left:
            raise refused(f"Order item '{item_id}' has {left} units left to ship, not {count}.")
