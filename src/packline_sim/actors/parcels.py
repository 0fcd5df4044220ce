"""How people put a shipment into parcels, in the form of createPackages."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from packline_sim.creation import BadSpec
from packline_sim.marketplaces import MARKETPLACES
from packline_sim.records import Line, Shipment
from packline_sim.world import World

Positive = Annotated[float, msgspec.Meta(gt=0)]


class Parcel(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describe one parcel: units by line id (all that are left when empty), centimetres and grams.

    Sides and weight that are left out come from what Amazon recommends, or the products' own.
    """

    package_id: str | None = None
    units: dict[str, Annotated[int, msgspec.Meta(ge=1)]] = {}
    length_cm: Positive | None = None
    width_cm: Positive | None = None
    height_cm: Positive | None = None
    weight_g: Positive | None = None


def package_bodies(
    world: World, shipment: Shipment, parcels: tuple[Parcel, ...], serials: Mapping[str, tuple[str, ...]]
) -> list[dict[str, Any]]:
    """Write the packages of createPackages; `serials` are by line id, used where Amazon wants them. Raises BadSpec."""
    left = {line.line_id: line.units for line in shipment.lines}
    bodies = []
    for number, parcel in enumerate(parcels or (Parcel(),), len(shipment.packages) + 1):
        units = parcel.units or {line_id: count for line_id, count in left.items() if count}
        for line_id in units:
            if line_id not in left:
                raise BadSpec("parcels", f"Shipment {shipment.shipment_id} has no line {line_id}.")
        bodies.append(_body(world, shipment, parcel, f"SH-{number}", units, left, serials))
        for line_id, count in units.items():
            left[line_id] -= count
    return bodies


def _body(
    world: World,
    shipment: Shipment,
    parcel: Parcel,
    package_id: str,
    units: Mapping[str, int],
    left: Mapping[str, int],
    serials: Mapping[str, tuple[str, ...]],
) -> dict[str, Any]:
    lines = [line for line in shipment.lines if line.line_id in units]
    items = []
    for line in lines:
        start = line.units - left[line.line_id]
        count = units[line.line_id]
        items.append(_item(shipment, line, count, serials[line.line_id][start : start + count]))
    body: dict[str, Any] = {"id": parcel.package_id or package_id, "packageLineItems": items}
    body |= _measures(world, shipment, parcel, {line.sku: units[line.line_id] for line in lines})
    if any(line.hazmat_required for line in lines):
        body["hazmatLabels"] = ["UN3481"]
    return body


def _item(shipment: Shipment, line: Line, count: int, serials: tuple[str, ...]) -> dict[str, Any]:
    item: dict[str, Any] = {"packageLineItemId": line.line_id, "quantity": count}
    if line.serial_required:
        item["serialNumbers"] = list(serials)
    if line.pieces > 1:
        item["pieces"] = line.pieces * count
    if line.origin_required:
        item["countryOfOrigin"] = line.country_of_origin
    if line.value_required:
        currency = MARKETPLACES[shipment.marketplace_id].currency
        item["itemValue"] = {"value": line.unit_price, "currencyCode": currency}
    return item


def _measures(world: World, shipment: Shipment, parcel: Parcel, units: Mapping[str, int]) -> dict[str, Any]:
    rows = [(world.skus[shipment.seller_id, sku], count) for sku, count in units.items()]
    sides = {
        "length": parcel.length_cm or max(sku.length_cm for sku, _ in rows),
        "width": parcel.width_cm or max(sku.width_cm for sku, _ in rows),
        "height": parcel.height_cm or sum(sku.height_cm * count for sku, count in rows),
    }
    weight = parcel.weight_g or sum(sku.weight_g * count for sku, count in rows)
    return {
        "dimensions": {side: {"value": f"{value:g}", "dimensionUnit": "CM"} for side, value in sides.items()},
        "weight": {"value": f"{weight:g}", "weightUnit": "G"},
    }
