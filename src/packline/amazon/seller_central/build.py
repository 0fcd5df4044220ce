"""Request bodies, exactly as Amazon's models want them, from plain arguments.

Sources: Easy Ship 2022-03-23 (definitions), Feeds 2021-06-30. What is not given is left out, never sent as null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from packline.domain.values import Box

LIGHTEST_G = 11.0
"""The least weight that listHandoverSlots takes (`WeightValue`)."""
SMALLEST_CM = 0.01
MOST_RESCHEDULED = 500
MOST_IN_BULK = 100
"""Packages that one answer of createScheduledPackageBulk can hold; the request names no limit."""
MOST_SERIALS = 100
"""Serial numbers that one order item can carry."""


def slots_request(marketplace: str, order_id: str, box: Box) -> bytes:
    """Build the body of listHandoverSlots; raises ValueError for a parcel below what Amazon takes."""
    sides = (box.length_cm, box.width_cm, box.height_cm)
    if min(sides) < SMALLEST_CM or box.weight_g < LIGHTEST_G:
        raise ValueError(
            f"{sides[0]:g} x {sides[1]:g} x {sides[2]:g} cm, {box.weight_g:g} g: Amazon takes parcels from"
            f" {SMALLEST_CM:g} cm a side and {LIGHTEST_G:g} g"
        )
    size = {"length": _plain(sides[0]), "width": _plain(sides[1]), "height": _plain(sides[2]), "unit": "cm"}
    return msgspec.json.encode(
        {
            "marketplaceId": marketplace,
            "amazonOrderId": order_id,
            "packageDimensions": size,
            "packageWeight": {"value": _plain(box.weight_g), "unit": "g"},
        }
    )


def package_details(
    slot_id: str, serials: Sequence[tuple[str, Sequence[str]]] = (), identifier: str = ""
) -> dict[str, Any]:
    """Describe what is scheduled: the slot, (order item id, serial numbers) where a line needs them, the label's mark.

    Raises ValueError for more than 100 serial numbers of one item.
    """
    details: dict[str, Any] = {"packageTimeSlot": {"slotId": slot_id}}
    if any(len(numbers) > MOST_SERIALS for _, numbers in serials):
        raise ValueError(f"an order item carries at most {MOST_SERIALS} serial numbers")
    if serials:
        details["packageItems"] = [
            {"orderItemId": item, "orderItemSerialNumbers": list(numbers)} for item, numbers in serials
        ]
    if identifier:
        details["packageIdentifier"] = identifier
    return details


def schedule(marketplace: str, order_id: str, details: Mapping[str, Any]) -> bytes:
    """Build the body of createScheduledPackage."""
    return msgspec.json.encode({"amazonOrderId": order_id, "marketplaceId": marketplace, "packageDetails": details})


def reschedule(marketplace: str, slots: Sequence[tuple[str, str]]) -> bytes:
    """Build the body of updateScheduledPackages from (order id, slot id); raises ValueError for none or over 500."""
    if not 0 < len(slots) <= MOST_RESCHEDULED:
        raise ValueError(f"{len(slots)} packages; updateScheduledPackages takes 1 to {MOST_RESCHEDULED} at once")
    changes = [
        {"scheduledPackageId": {"amazonOrderId": order}, "packageTimeSlot": {"slotId": slot}} for order, slot in slots
    ]
    return msgspec.json.encode({"marketplaceId": marketplace, "updatePackageDetailsList": changes})


def bulk(marketplace: str, orders: Sequence[tuple[str, Mapping[str, Any] | None]], label_format: str) -> bytes:
    """Build the body of createScheduledPackageBulk from (order id, package details or None), in PDF or ZPL.

    Raises ValueError for none or more than 100 orders.
    """
    if not 0 < len(orders) <= MOST_IN_BULK:
        raise ValueError(f"{len(orders)} orders; createScheduledPackageBulk answers for 1 to {MOST_IN_BULK} at once")
    listed = [{"amazonOrderId": order} | ({"packageDetails": details} if details else {}) for order, details in orders]
    return msgspec.json.encode(
        {"marketplaceId": marketplace, "orderScheduleDetailsList": listed, "labelFormat": label_format}
    )


def feed_document(content_type: str) -> bytes:
    """Build the body of createFeedDocument."""
    return msgspec.json.encode({"contentType": content_type})


def feed(feed_type: str, marketplaces: Sequence[str], document_id: str) -> bytes:
    """Build the body of createFeed."""
    return msgspec.json.encode(
        {"feedType": feed_type, "marketplaceIds": list(marketplaces), "inputFeedDocumentId": document_id}
    )


def restricted(method: str, path: str) -> bytes:
    """Build the body of createRestrictedDataToken for one address; `path` holds its ids."""
    return msgspec.json.encode({"restrictedResources": [{"method": method, "path": path}]})


def quantity_patch(product_type: str, quantity: int, channel: str = "DEFAULT") -> bytes:
    """Build the body of patchListingsItem that changes the quantity and nothing beside it (`merge`)."""
    value = [{"fulfillment_channel_code": channel, "quantity": quantity}]
    patch = {"op": "merge", "path": "/attributes/fulfillment_availability", "value": value}
    return msgspec.json.encode({"productType": product_type, "patches": [patch]})


def _plain(number: float) -> float | int:
    rounded = round(float(number), 2)
    return int(rounded) if rounded.is_integer() else rounded
