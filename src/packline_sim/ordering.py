"""How buyers' orders become shipments."""

import base64
import random
from typing import TYPE_CHECKING, Any

from packline_sim.creation import BadSpec, find_marketplace
from packline_sim.marketplaces import Marketplace
from packline_sim.places import invent_place
from packline_sim.pricing import line_charges, price_line, shipment_charges
from packline_sim.programs import WorksAs
from packline_sim.records import WORKS_AS, Line, Location, Seller, Shipment
from packline_sim.specs import LineSpec, ShipmentSpec
from packline_sim.streams import letters

if TYPE_CHECKING:
    from packline_sim.world import World

CHANNELS = {program: shown for shown, program in WORKS_AS.items()}
PHARMACY_SHOWN: dict[str, WorksAs] = {
    "easy_ship": "EASY_SHIP",
    "self_ship": "SELF_SHIP",
    "seller_flex": "SELLER_FLEX",
}
"""Value of the switch `pharmacy_channel` -> the program whose channel and shipping type Amazon shows."""
# The list of the model's example; CREATED is added for MFN, where listings-stock shipments begin (inferred).
REJECTABLE = ("ACCEPTED", "CONFIRMED", "PACKAGE_CREATED", "PICKUP_SLOT_RETRIEVED")
HOUR_MS = 3_600_000


def build_shipment(world: "World", seller: Seller, spec: ShipmentSpec, draw: random.Random) -> Shipment | None:
    """Make one shipment; None when a Seller Flex buyer finds no stock. Raises BadSpec.

    What `spec` leaves open comes from `draw`.
    """
    location = _location(world, seller, spec, draw)
    marketplace = find_marketplace(spec.marketplace_id or location.marketplace_id)
    if marketplace.marketplace_id not in seller.marketplace_ids:
        raise BadSpec("marketplace_id", f"Seller {seller.seller_id} does not sell in {marketplace.marketplace_id}.")
    wanted = spec.lines or _invent_lines(world, seller, draw)
    units: dict[str, int] = {}
    for wish in wanted:
        units[wish.sku] = units.get(wish.sku, 0) + wish.units
    original = _original(world, seller, spec)
    status = _first_status(world, location, spec, units)
    if status is None:
        return None
    return _compose(world, location, marketplace, spec, tuple(wanted), original, status, draw)


def _compose(
    world: "World",
    location: Location,
    marketplace: Marketplace,
    spec: ShipmentSpec,
    wanted: tuple[LineSpec, ...],
    original: dict[str, Any] | None,
    status: Any,
    draw: random.Random,
) -> Shipment:
    now = world.clock.now_ms()
    ship_to = invent_place(draw, marketplace.country, state=spec.ship_to_state, postal_code=spec.ship_to_postal_code)
    lines = [_build_line(world, location.seller_id, spec, wish, str(at)) for at, wish in enumerate(wanted, 1)]
    same_state = marketplace.country == "IN" and ship_to.state == location.place.state
    priced = [price_line(line, same_state=same_state) for line in lines]
    for line, price in zip(lines, priced, strict=True):
        line.charges = line_charges(price, marketplace)
    channel, shipping_type = CHANNELS[_works_as(world, spec)]
    hours = 24.0 if spec.ship_by_hours is None else spec.ship_by_hours
    return Shipment(
        shipment_id=_free_id(world, draw),
        seller_id=location.seller_id,
        location_id=location.location_id,
        marketplace_id=marketplace.marketplace_id,
        program=spec.program,
        channel=channel,
        shipping_type=shipping_type,
        order_id=_order_id(draw),
        status=status,
        created_ms=now,
        updated_ms=now,
        earliest_pack_ms=now + round(spec.pack_after_hours * HOUR_MS),
        ship_by_ms=now + round(hours * HOUR_MS),
        priority=spec.priority or ("HIGH" if spec.prime else "LOW"),
        payment="CASH_ON_DELIVERY" if spec.cash_on_delivery else "PREPAID",
        shipment_type=spec.shipment_type,
        rejectable_states=_rejectable(spec, channel),
        ship_to=ship_to,
        lines=lines,
        charges=shipment_charges(priced, marketplace),
        recommended_packages=_recommended(world, location.seller_id, lines),
        needs_invoice=marketplace.needs_invoice,
        is_prime=spec.prime,
        original=original,
        packages={},
        history=[],
    )


def _location(world: "World", seller: Seller, spec: ShipmentSpec, draw: random.Random) -> Location:
    if spec.location_id is not None:
        found = world.locations.get((seller.seller_id, spec.location_id))
        if found is None:
            raise BadSpec("location_id", f"Seller {seller.seller_id} has no location {spec.location_id}.")
        return found
    own = [row for row in world.locations.values() if row.seller_id == seller.seller_id]
    if spec.marketplace_id is not None:
        own = [row for row in own if row.marketplace_id == spec.marketplace_id]
    if not own:
        raise BadSpec("location_id", f"Seller {seller.seller_id} has no location to ship from. Create one first.")
    return draw.choice(own)


def _first_status(world: "World", location: Location, spec: ShipmentSpec, units: dict[str, int]) -> str | None:
    for sku, count in units.items():
        if (location.seller_id, sku) not in world.skus:
            raise BadSpec("lines", f"Seller {location.seller_id} has no SKU {sku}.")
        if count < 1:
            raise BadSpec("lines", f"A line of {count} units of {sku} makes no sense.")
    is_flex = _works_as(world, spec) == "SELLER_FLEX"
    if spec.status is not None:
        if spec.status == "CREATED" and is_flex:
            raise BadSpec("status", "CREATED exists for MFN channels only (Easy Ship, Self Ship).")
        return spec.status
    covered = world.stock.covers(location.seller_id, location.location_id, units)
    if is_flex:
        return "ACCEPTED" if covered else None
    return "ACCEPTED" if covered and location.stock_source == "EXTERNAL_FULFILLMENT" else "CREATED"


def _works_as(world: "World", spec: ShipmentSpec) -> WorksAs:
    """Tell as what Amazon shows a program: Pharmacy is a name, and what its shipments look like is a doubt."""
    return PHARMACY_SHOWN[world.switches["pharmacy_channel"]] if spec.program == "PHARMACY" else spec.program


def _invent_lines(world: "World", seller: Seller, draw: random.Random) -> tuple[LineSpec, ...]:
    own = [row.sku for row in world.skus.values() if row.seller_id == seller.seller_id]
    if not own:
        raise BadSpec("lines", f"Seller {seller.seller_id} has no SKU to order. Create one first.")
    chosen = draw.sample(own, k=min(len(own), draw.choice((1, 1, 1, 2))))
    return tuple(LineSpec(sku=sku, units=draw.choice((1, 1, 1, 2, 3))) for sku in chosen)


def _build_line(world: "World", seller_id: str, spec: ShipmentSpec, wish: LineSpec, line_id: str) -> Line:
    sku = world.skus[seller_id, wish.sku]
    pieces = sku.pieces
    if spec.multi_piece is not None:
        pieces = max(2, sku.pieces) if spec.multi_piece else 1
    return Line(
        line_id=line_id,
        sku=sku.sku,
        title=sku.title,
        units=wish.units,
        unit_price="0.00" if spec.shipment_type == "REPLACEMENT" else sku.price,
        tax_rate=sku.tax_rate,
        charges=[],
        hsn_code=sku.hsn_code,
        serial_required=sku.serial_required if spec.serial_required is None else spec.serial_required,
        hazmat_required=sku.hazmat_required,
        origin_required=sku.origin_required,
        value_required=sku.value_required,
        pieces=pieces,
        country_of_origin=sku.country_of_origin,
        gift=_gift(spec),
        cancellations=[],
        custom_attributes=[],
    )


def _gift(spec: ShipmentSpec) -> dict[str, Any] | None:
    if not spec.gift and spec.gift_message is None:
        return None
    gift: dict[str, Any] = {
        "giftWrapRequirement": "REQUIRED" if spec.gift else "DISALLOWED",
        "giftMessagePresence": "ABSENT" if spec.gift_message is None else "PRESENT",
    }
    if spec.gift:
        gift["giftWrapLabel"] = "Classic"
    if spec.gift_message is not None:
        content = base64.b64encode(spec.gift_message.encode()).decode()
        gift["giftMessage"] = {"format": "PLAIN_TEXT", "content": content}
    return gift


def _original(world: "World", seller: Seller, spec: ShipmentSpec) -> dict[str, Any] | None:
    if spec.shipment_type == "NEW":
        return None
    found = world.shipments.get(spec.original_shipment_id or "")
    if found is None or found.seller_id != seller.seller_id:
        raise BadSpec(
            "original_shipment_id", f"A {spec.shipment_type} needs the id of a shipment of seller {seller.seller_id}."
        )
    wanted = [wish.sku for wish in spec.lines] or [line.sku for line in found.lines]
    items = [
        {"replacingSku": new, "originalSku": line.sku, "charges": line.charges}
        for new, line in zip(wanted, found.lines, strict=False)
    ]
    return {
        "id": found.shipment_id,
        "locationId": found.location_id,
        "marketplaceAttributes": {
            "marketplaceId": found.marketplace_id,
            "channelName": found.channel,
            "merchantId": found.seller_id,
        },
        "originalLineItems": items,
    }


def _recommended(world: "World", seller_id: str, lines: list[Line]) -> list[dict[str, Any]]:
    skus = [(world.skus[seller_id, line.sku], line.units) for line in lines]
    if not all(sku.has_recommended_package for sku, _ in skus):
        return []
    length = max(sku.length_cm for sku, _ in skus)
    width = max(sku.width_cm for sku, _ in skus)
    height = sum(sku.height_cm * units for sku, units in skus)
    weight = sum(sku.weight_g * units for sku, units in skus)
    sides = (("length", length), ("width", width), ("height", height))
    return [
        {
            "lineItems": [{"lineItemId": line.line_id} for line in lines][:50],
            "dimensions": {side: {"value": _plain(value), "dimensionUnit": "CM"} for side, value in sides},
            "weight": {"value": _plain(weight), "weightUnit": "G"},
        }
    ]


def _plain(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _rejectable(spec: ShipmentSpec, channel: str) -> tuple[str, ...]:
    if spec.rejectable_states is not None:
        return spec.rejectable_states
    return REJECTABLE if channel == "FBA" else ("CREATED", *REJECTABLE)


def _free_id(world: "World", draw: random.Random) -> str:
    while (shipment_id := letters(draw, 10)) in world.shipments:
        continue
    return shipment_id


def _order_id(draw: random.Random) -> str:
    text = str(draw.randrange(10**16, 10**17))
    return f"{text[:3]}-{text[3:10]}-{text[10:]}"
