"""A package and a slot in Amazon's words (Package and TimeSlot of Easy Ship 2022-03-23)."""

from datetime import timezone
from typing import Any

from packline_sim.clock import to_datetime, to_iso
from packline_sim.marketplaces import MARKETPLACES
from packline_sim.orders.records import EasyShipPackage, Order, Slot
from packline_sim.world import World


def slot_body(world: World, order: Order, slot: Slot) -> dict[str, Any]:
    """Write a hand-over window."""
    legacy = world.switches["easy_ship_case"] == "legacy"
    return {
        "slotId": slot.slot_id,
        "startTime": slot_time(world, order, slot.start_ms),
        "endTime": slot_time(world, order, slot.end_ms),
        "handoverMethod": slot.method.capitalize() if legacy else slot.method,
    }


def slot_time(world: World, order: Order, moment_ms: int) -> str:
    """Write a moment with the marketplace's offset, or in UTC by switch; whole seconds."""
    if world.switches["slot_times"] == "utc":
        return to_iso(moment_ms)[:19] + "Z"
    zone = timezone(MARKETPLACES[order.marketplace_id].utc_offset)
    return to_datetime(moment_ms).astimezone(zone).isoformat(timespec="seconds")


def package_body(world: World, order: Order, package: EasyShipPackage) -> dict[str, Any]:
    """Write a scheduled package."""
    legacy = world.switches["easy_ship_case"] == "legacy"
    box = package.box
    body: dict[str, Any] = {
        "scheduledPackageId": {"amazonOrderId": order.order_id, "packageId": package.package_id},
        "packageDimensions": {
            "length": box.length_cm,
            "width": box.width_cm,
            "height": box.height_cm,
            "unit": "Cm" if legacy else "cm",
        },
        "packageWeight": {"value": box.weight_g, "unit": "G" if legacy else "g"},
        "packageTimeSlot": slot_body(world, order, package.slot),
        "packageItems": [
            {"orderItemId": item.order_item_id, "orderItemSerialNumbers": package.serials.get(item.order_item_id, [])}
            for item in order.items
        ],
        "packageStatus": package.status,
        "trackingDetails": {"trackingId": package.tracking_id},
    }
    if box.identifier is not None:
        body["packageDimensions"]["identifier"] = box.identifier
    if package.identifier is not None:
        body["packageIdentifier"] = package.identifier
    if package.invoice_number is not None and package.invoice_ms is not None:
        body["invoice"] = {
            "invoiceNumber": package.invoice_number,
            "invoiceDate": slot_time(world, order, package.invoice_ms),
        }
    return body
