"""A shipment in Amazon's words (Shipment of External Fulfillment Shipments 2024-09-11)."""

from typing import Any

import msgspec

from packline_sim.clock import to_iso
from packline_sim.documents.gst import registered_in, state_code
from packline_sim.marketplaces import MARKETPLACES
from packline_sim.places import Place
from packline_sim.records import Line, Location, Package, Shipment
from packline_sim.world import World

KEPT_BODIES = 5_000
_encode = msgspec.json.Encoder().encode


def encoded_shipment(world: World, shipment: Shipment) -> bytes:
    """Give getShipment's answer, encoded once for each version of the shipment."""
    stamp = (shipment.version << 20) + world.switches.version
    kept = world.bodies.get(shipment.shipment_id)
    if kept is not None and kept[0] == stamp:
        return kept[1]
    content = _encode(shipment_body(world, shipment, with_custom_attributes=shows_custom_attributes(world)))
    if len(world.bodies) >= KEPT_BODIES:
        del world.bodies[next(iter(world.bodies))]
    world.bodies[shipment.shipment_id] = (stamp, content)
    return content


def shipment_body(world: World, shipment: Shipment, *, with_custom_attributes: bool = True) -> dict[str, Any]:
    """Write a shipment as Amazon shows it to the seller."""
    body: dict[str, Any] = {
        "id": shipment.shipment_id,
        "locationId": shipment.location_id,
        "marketplaceAttributes": _marketplace_attributes(shipment),
        "shipmentInfo": _shipment_info(world, shipment),
        "partyInfoList": _parties(world, shipment),
        "shipmentRequirements": _requirements(shipment),
        "charges": shipment.charges,
        "status": shipment.status,
        "lineItems": [_line(shipment, line, with_custom_attributes) for line in shipment.lines],
        "shippingInfo": _shipping_info(shipment),
        "creationDateTime": to_iso(shipment.created_ms),
        "lastUpdatedDateTime": to_iso(shipment.updated_ms),
        "earliestPackDateTime": to_iso(shipment.earliest_pack_ms),
    }
    if shipment.sub_status is not None:
        body["subStatus"] = shipment.sub_status
    if shipment.reason is not None:
        body["reason"] = shipment.reason
    if shipment.invoice is not None:
        body["invoiceInfo"] = {
            "invoiceId": shipment.invoice.invoice_id,
            "creationDateTime": to_iso(shipment.invoice.made_ms),
        }
    if shipment.packages:
        body["packages"] = [package_body(package) for package in shipment.packages.values()]
    return body


def package_body(package: Package) -> dict[str, Any]:
    """Write a package as Amazon shows it."""
    return {**package.body, "status": package.status}


def address(place: Place) -> dict[str, str]:
    """Write a full postal address."""
    parts = {
        "name": place.name,
        "addressLine1": place.line,
        "city": place.city,
        "state": place.state,
        "countryCode": place.country,
        "postalCode": place.postal_code,
        "phoneNumber": place.phone,
    }
    return {name: value for name, value in parts.items() if value}


def shows_custom_attributes(world: World) -> bool:
    """Tell whether getShipment shows what was scanned; listings always do."""
    return world.switches["custom_attributes"] == "list_and_detail"


def _marketplace_attributes(shipment: Shipment) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "marketplaceId": shipment.marketplace_id,
        "channelName": shipment.channel,
        "merchantId": shipment.seller_id,
    }
    if shipment.is_prime:
        attributes["customAttributes"] = ["PRIME"]
    return attributes


def _shipment_info(world: World, shipment: Shipment) -> dict[str, Any]:
    info: dict[str, Any] = {
        "shipmentType": shipment.shipment_type,
        "numberOfUnits": shipment.units,
        "priority": shipment.priority,
        "buyerOrderId": shipment.order_id,
        "orderStatesEligibleForRejection": shipment.rejectable_states,
        "orderPlacedTimestamp": str(shipment.created_ms),
        "processingSource": _processing_source(world, shipment),
        "paymentMethod": shipment.payment,
    }
    if shipment.original is not None:
        info["originalShipmentInfo"] = shipment.original
    return info


def _processing_source(world: World, shipment: Shipment) -> str:
    reading = world.switches["processing_source"]
    if reading == "always_internal":
        return "INTERNAL_PLATFORM"
    is_internal = shipment.worked_in_smarthub == (reading == "internal_is_smarthub")
    return "INTERNAL_PLATFORM" if is_internal else "EXTERNAL_PLATFORM"


def _parties(world: World, shipment: Shipment) -> list[dict[str, Any]]:
    seller = world.sellers[shipment.seller_id]
    location: Location = world.locations[shipment.seller_id, shipment.location_id]
    is_india = MARKETPLACES[shipment.marketplace_id].country == "IN"
    number = registered_in(seller.tax_number, state_code(location.place.state)) if is_india else seller.tax_number
    tax = {"type": "GST" if is_india else "VAT", "number": number}
    return [
        {"partyId": seller.seller_id, "partyType": "SELLING_PARTY", "taxInfo": tax},
        {"partyId": location.location_id, "partyType": "SHIP_FROM_PARTY", "address": address(location.place)},
    ]


def _requirements(shipment: Shipment) -> dict[str, Any]:
    invoice = "REQUIRED" if shipment.needs_invoice else "NOT_REQUIRED"
    status = "AVAILABLE" if shipment.invoice else "PENDING" if shipment.needs_invoice else "NOT_AVAILABLE"
    return {
        "pSlip": {"requirement": "NOT_REQUIRED", "status": "NOT_GENERATED"},
        "invoice": {"requirement": invoice, "status": status},
    }


def _shipping_info(shipment: Shipment) -> dict[str, Any]:
    # Seller Flex shows the postal code only: the examples of the FBA channel mask the buyer's address.
    masked = shipment.channel == "FBA"
    info: dict[str, Any] = {
        "recommendedShipMethod": "SELF" if shipment.shipping_type == "SELF" else "ATS_STANDARD",
        "expectedShippingDateTimeInUTC": to_iso(shipment.ship_by_ms),
        "shipToAddress": {"postalCode": shipment.ship_to.postal_code} if masked else address(shipment.ship_to),
        "shippingType": shipment.shipping_type,
    }
    if shipment.recommended_packages:
        info["recommendedPackages"] = shipment.recommended_packages
    return info


def _line(shipment: Shipment, line: Line, with_custom_attributes: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "shipmentLineItemId": line.line_id,
        "merchantSku": line.sku,
        "numberOfUnits": line.units,
        "pieceType": "MULTIPLE" if line.pieces > 1 else "SINGLE",
        "charges": line.charges,
        "cancellations": line.cancellations,
        "complianceAttributes": {
            "serialNumberRequirement": _level(line.serial_required),
            "hazmatLabelsRequirement": _level(line.hazmat_required),
            "countryOfOriginRequirement": _level(line.origin_required),
            "itemValueRequirement": _level(line.value_required),
        },
        "recommendedCountryOfOrigin": line.country_of_origin,
        "recommendedCurrencyCode": MARKETPLACES[shipment.marketplace_id].currency,
    }
    if line.hsn_code:
        body["hsnCode"] = line.hsn_code
    if line.gift is not None:
        body["giftAttributes"] = line.gift
    if line.custom_attributes and with_custom_attributes:
        body["customAttributes"] = line.custom_attributes
    return body


def _level(required: bool) -> str:
    return "REQUIRED" if required else "DISALLOWED"
