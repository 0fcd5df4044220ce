"""Request bodies, exactly as Amazon's model wants them, from plain arguments.

Source: External Fulfillment Shipments and Inventory 2024-09-11. Decimals travel as text without exponent; what is
not given is left out, never sent as null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from urllib.parse import quote

import msgspec

from packline.amazon.external_fulfillment.wire import Amount, Dimension, Dimensions, Package, PackageLineItem, Weight

Body = Mapping[str, object]

LARGEST_BATCH = 10
"""Requests that batchInventory takes at once."""
MOST_LABELS = 50
"""Packages that generateShipLabels takes at once."""
LONGEST_REASON = 128


def decimal(number: Decimal | int | str) -> Decimal:
    """Make a finite decimal that is written without exponent; raises ValueError."""
    value = Decimal(number)
    if not value.is_finite():
        raise ValueError(f"{number!r} is not a finite number")
    return Decimal(f"{value:f}")


def rejection(reference_id: str, lines: Iterable[tuple[str, int, str]]) -> bytes:
    """Build the body of processShipment REJECT from (line id, quantity, OUT_OF_STOCK or CUSTOMER_REQUESTED).

    `reference_id` must be unique for each rejection. CONFIRM needs no body.
    """
    items = [{"lineItem": {"id": line, "quantity": quantity}, "reason": reason} for line, quantity, reason in lines]
    return msgspec.json.encode({"referenceId": reference_id, "lineItems": items})


def package_line(
    line_id: str,
    quantity: int,
    *,
    serial_numbers: Sequence[str] = (),
    pieces: int | None = None,
    country_of_origin: str | None = None,
    item_value: tuple[Decimal | int | str, str] | None = None,
) -> PackageLineItem:
    """Describe units of one line in a package; `line_id` is the shipmentLineItemId, `item_value` (amount, currency).

    `pieces` is for multi-piece items only; serial numbers, origin and value only where the line requires them.
    """
    value = Amount(value=decimal(item_value[0]), currency_code=item_value[1]) if item_value else None
    return PackageLineItem(
        package_line_item_id=line_id,
        quantity=quantity,
        serial_numbers=tuple(serial_numbers) or None,
        pieces=pieces,
        country_of_origin=country_of_origin,
        item_value=value,
    )


def package(
    package_id: str,
    lines: Sequence[PackageLineItem],
    *,
    size: tuple[Decimal | int | str, Decimal | int | str, Decimal | int | str],
    weight: Decimal | int | str,
    size_unit: str = "CM",
    weight_unit: str = "G",
    hazmat_labels: Sequence[str] = (),
    handling: str | None = None,
) -> Package:
    """Describe a package: the seller's own id, its lines, `size` (length, width, height), and weight (5 g or more)."""
    length, width, height = (Dimension(value=decimal(side), dimension_unit=size_unit) for side in size)
    return Package(
        id=package_id,
        dimensions=Dimensions(length=length, width=width, height=height),
        weight=Weight(value=decimal(weight), weight_unit=weight_unit),
        hazmat_labels=tuple(hazmat_labels) or None,
        package_line_items=tuple(lines),
        package_handling_requirements=handling,
    )


def packages(described: Sequence[Package]) -> bytes:
    """Build the body of createPackages."""
    return msgspec.json.encode({"packages": described})


def one_package(described: Package) -> bytes:
    """Build the body of updatePackage."""
    return msgspec.json.encode(described)


def package_status(status: str | None, sub_status: str | None = None, reason: str | None = None) -> bytes:
    """Build the body of updatePackageStatus; a reason is cut at 128 characters."""
    told = {"status": status, "subStatus": sub_status, "reason": reason[:LONGEST_REASON] if reason else None}
    return msgspec.json.encode({name: value for name, value in told.items() if value is not None})


def ship_labels(package_ids: Sequence[str], courier: tuple[str, str] | None = None) -> bytes:
    """Build the body of generateShipLabels; `courier` (carrier name, tracking id) where a third party ships.

    Raises ValueError for more than 50 packages.
    """
    if not 0 < len(package_ids) <= MOST_LABELS:
        raise ValueError(f"{len(package_ids)} packages; generateShipLabels takes 1 to {MOST_LABELS} at once")
    body: dict[str, object] = {"packageIds": list(package_ids)}
    if courier is not None:
        body["courierSupportedAttributes"] = {"carrierName": courier[0], "trackingId": courier[1]}
    return msgspec.json.encode(body)


def stock_update(
    location_id: str, sku: str, quantity: int, sequence: int, marketplace: tuple[str, str] | None = None
) -> Body:
    """Describe one absolute stock update for a batch; `marketplace` is (channel name, marketplace id)."""
    told: dict[str, object] = {"quantity": quantity, "clientSequenceNumber": sequence}
    return {"method": "POST", "uri": _stock_uri("update", location_id, sku), "body": told | _attributes(marketplace)}


def stock_fetch(location_id: str, sku: str, marketplace: tuple[str, str] | None = None) -> Body:
    """Describe one stock read for a batch; `marketplace` is (channel name, marketplace id)."""
    return {"method": "POST", "uri": _stock_uri("fetch", location_id, sku), "body": _attributes(marketplace)}


def stock_batch(requests: Sequence[Body]) -> bytes:
    """Build the body of batchInventory; raises ValueError for none or more than ten requests."""
    if not 0 < len(requests) <= LARGEST_BATCH:
        raise ValueError(f"{len(requests)} requests; batchInventory takes 1 to {LARGEST_BATCH} at once")
    return msgspec.json.encode({"requests": requests})


def _stock_uri(verb: str, location_id: str, sku: str) -> str:
    return f"/inventory/{verb}?locationId={quote(location_id, safe='')}&skuId={quote(sku, safe='')}"


def _attributes(marketplace: tuple[str, str] | None) -> dict[str, object]:
    if marketplace is None:
        return {}
    return {"marketplaceAttributes": {"channelName": marketplace[0], "marketplaceId": marketplace[1]}}
