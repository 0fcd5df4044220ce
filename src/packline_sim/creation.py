"""How sellers, places, products, shipments and returns come into being from their descriptions."""

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from packline_sim.clock import to_iso
from packline_sim.documents.gst import gstin
from packline_sim.marketplaces import MARKETPLACES, Marketplace
from packline_sim.places import CITIES, GENERIC_CITIES, Place, invent_place
from packline_sim.pricing import line_charges, price_line, shipment_charges
from packline_sim.records import Line, Location, Seller, Shipment, Sku
from packline_sim.specs import LineSpec, LocationSpec, SellerSpec, ShipmentSpec, SkuSpec

if TYPE_CHECKING:
    from packline_sim.world import World

CHANNELS = {"SELLER_FLEX": ("FBA", "MARKETPLACE"), "EASY_SHIP": ("MFN", "MARKETPLACE"), "SELF_SHIP": ("MFN", "SELF")}
# The list of the model's example; CREATED is added for MFN, where listings-stock shipments begin (inferred).
REJECTABLE = ("ACCEPTED", "CONFIRMED", "PACKAGE_CREATED", "PICKUP_SLOT_RETRIEVED")
HOUR_MS = 3_600_000


class BadSpec(ValueError):
    """A description that cannot be made real; `field` names what to change."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def build_seller(world: "World", spec: SellerSpec) -> Seller:
    """Make a seller. Raises BadSpec for a marketplace of another region or an id that is taken."""
    if not spec.marketplace_ids:
        raise BadSpec("marketplace_ids", "A seller needs at least one marketplace.")
    for marketplace_id in spec.marketplace_ids:
        marketplace = find_marketplace(marketplace_id)
        if marketplace.region != spec.region:
            raise BadSpec(
                "marketplace_ids",
                f"Marketplace {marketplace_id} ({marketplace.country}) is in {marketplace.region}, not {spec.region}.",
            )
    seller_id = spec.seller_id or f"A{world.streams.letters('seller', 13)}"
    if seller_id in world.sellers:
        raise BadSpec("seller_id", f"Seller {seller_id} exists already.")
    country = MARKETPLACES[spec.marketplace_ids[0]].country
    return Seller(
        seller_id=seller_id,
        name=spec.name,
        region=spec.region,
        marketplace_ids=spec.marketplace_ids,
        tax_number=spec.tax_number or _tax_number(world, country),
        created_ms=world.clock.now_ms(),
    )


def build_location(world: "World", seller: Seller, spec: LocationSpec) -> Location:
    """Make a location. Raises BadSpec for a marketplace that is not the seller's or an id that is taken."""
    marketplace_id = spec.marketplace_id or seller.marketplace_ids[0]
    if marketplace_id not in seller.marketplace_ids:
        raise BadSpec("marketplace_id", f"Seller {seller.seller_id} does not sell in marketplace {marketplace_id}.")
    purpose = f"location:{seller.seller_id}"
    location_id = spec.location_id or world.streams.letters(purpose, 4)
    if (seller.seller_id, location_id) in world.locations:
        raise BadSpec("location_id", f"Location {location_id} exists already for seller {seller.seller_id}.")
    if not 1 <= len(location_id) <= 36:
        raise BadSpec("location_id", "A location id has 1 to 36 characters.")
    country = MARKETPLACES[marketplace_id].country
    invented = invent_place(world.streams.of(purpose), country, state=spec.state, postal_code=spec.postal_code)
    place = invented._replace(
        name=seller.name,
        line=spec.address_line or invented.line,
        city=spec.city or invented.city,
    )
    return Location(
        seller_id=seller.seller_id,
        location_id=location_id,
        name=spec.name or location_id,
        marketplace_id=marketplace_id,
        label_format=spec.label_format,
        stock_source=spec.stock_source,
        place=place,
    )


def build_sku(world: "World", seller: Seller, spec: SkuSpec) -> Sku:
    """Make a product. Raises BadSpec for an id that is taken or numbers that make no sense."""
    sku = spec.sku or f"SKU-{world.streams.letters(f'sku:{seller.seller_id}', 6)}"
    if (seller.seller_id, sku) in world.skus:
        raise BadSpec("sku", f"SKU {sku} exists already for seller {seller.seller_id}.")
    marketplace = MARKETPLACES[seller.marketplace_ids[0]]
    tax_rate = spec.tax_rate or marketplace.tax_rate
    _check_numbers(spec, tax_rate)
    return Sku(
        seller_id=seller.seller_id,
        sku=sku,
        title=spec.title or f"Sample article {sku}",
        length_cm=spec.length_cm,
        width_cm=spec.width_cm,
        height_cm=spec.height_cm,
        weight_g=spec.weight_g,
        price=spec.price,
        tax_rate=tax_rate,
        hsn_code=spec.hsn_code or ("8518" if marketplace.country == "IN" else ""),
        serial_required=spec.serial_required,
        hazmat_required=spec.hazmat_required,
        origin_required=spec.origin_required,
        value_required=spec.value_required,
        pieces=spec.pieces,
        country_of_origin=spec.country_of_origin or marketplace.country,
        has_recommended_package=spec.has_recommended_package,
    )


def build_shipment(world: "World", seller: Seller, spec: ShipmentSpec) -> Shipment | None:
    """Make one shipment; None when a Seller Flex buyer finds no stock. Raises BadSpec."""
    location = _location(world, seller, spec)
    marketplace = find_marketplace(spec.marketplace_id or location.marketplace_id)
    if marketplace.marketplace_id not in seller.marketplace_ids:
        raise BadSpec("marketplace_id", f"Seller {seller.seller_id} does not sell in {marketplace.marketplace_id}.")
    wanted = spec.lines or _invent_lines(world, seller)
    units: dict[str, int] = {}
    for wish in wanted:
        units[wish.sku] = units.get(wish.sku, 0) + wish.units
    original = _original(world, seller, spec)
    status = _first_status(world, location, spec, units)
    if status is None:
        return None
    return _compose(world, location, marketplace, spec, tuple(wanted), original, status)


def find_marketplace(marketplace_id: str) -> Marketplace:
    """Find a marketplace by its id. Raises BadSpec."""
    found = MARKETPLACES.get(marketplace_id)
    if found is None:
        known = ", ".join(f"{row.country} {row.marketplace_id}" for row in MARKETPLACES.values())
        raise BadSpec("marketplace_id", f"Unknown marketplace {marketplace_id}. Known: {known}.")
    return found


def _compose(
    world: "World",
    location: Location,
    marketplace: Marketplace,
    spec: ShipmentSpec,
    wanted: tuple[LineSpec, ...],
    original: dict[str, Any] | None,
    status: Any,
) -> Shipment:
    purpose = f"shipment:{location.seller_id}"
    stream = world.streams.of(purpose)
    now = world.clock.now_ms()
    ship_to = invent_place(stream, marketplace.country, state=spec.ship_to_state, postal_code=spec.ship_to_postal_code)
    lines = [_build_line(world, location.seller_id, spec, wish, str(at)) for at, wish in enumerate(wanted, 1)]
    same_state = marketplace.country == "IN" and ship_to.state == location.place.state
    priced = [price_line(line, same_state=same_state) for line in lines]
    for line, price in zip(lines, priced, strict=True):
        line.charges = line_charges(price, marketplace)
    channel, shipping_type = CHANNELS[spec.program]
    hours = 24.0 if spec.ship_by_hours is None else spec.ship_by_hours
    return Shipment(
        shipment_id=world.streams.letters(purpose, 10),
        seller_id=location.seller_id,
        location_id=location.location_id,
        marketplace_id=marketplace.marketplace_id,
        program=spec.program,
        channel=channel,
        shipping_type=shipping_type,
        order_id=_order_id(world, purpose),
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


def _location(world: "World", seller: Seller, spec: ShipmentSpec) -> Location:
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
    return world.streams.of(f"shipment:{seller.seller_id}").choice(own)


def _first_status(world: "World", location: Location, spec: ShipmentSpec, units: dict[str, int]) -> str | None:
    for sku, count in units.items():
        if (location.seller_id, sku) not in world.skus:
            raise BadSpec("lines", f"Seller {location.seller_id} has no SKU {sku}.")
        if count < 1:
            raise BadSpec("lines", f"A line of {count} units of {sku} makes no sense.")
    if spec.status is not None:
        if spec.status == "CREATED" and spec.program == "SELLER_FLEX":
            raise BadSpec("status", "CREATED exists for MFN channels only (Easy Ship, Self Ship).")
        return spec.status
    covered = world.stock.covers(location.seller_id, location.location_id, units)
    if spec.program == "SELLER_FLEX":
        return "ACCEPTED" if covered else None
    return "ACCEPTED" if covered and location.stock_source == "EXTERNAL_FULFILLMENT" else "CREATED"


def _invent_lines(world: "World", seller: Seller) -> tuple[LineSpec, ...]:
    own = [row.sku for row in world.skus.values() if row.seller_id == seller.seller_id]
    if not own:
        raise BadSpec("lines", f"Seller {seller.seller_id} has no SKU to order. Create one first.")
    stream = world.streams.of(f"shipment:{seller.seller_id}")
    chosen = stream.sample(own, k=min(len(own), stream.choice((1, 1, 1, 2))))
    return tuple(LineSpec(sku=sku, units=stream.choice((1, 1, 1, 2, 3))) for sku in chosen)


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
    import base64

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


def _order_id(world: "World", purpose: str) -> str:
    number = world.streams.of(purpose).randrange(10**16, 10**17)
    text = str(number)
    return f"{text[:3]}-{text[3:10]}-{text[10:]}"


def _tax_number(world: "World", country: str) -> str:
    if country != "IN":
        return f"{country}{world.streams.digits('tax', 9)}"
    letters = world.streams.letters("tax", 5).translate(str.maketrans("0123456789", "ABCDEFGHIJ"))
    return gstin("29", f"{letters}{world.streams.digits('tax', 4)}P")


def _check_numbers(spec: SkuSpec, tax_rate: str) -> None:
    for field in ("length_cm", "width_cm", "height_cm", "weight_g"):
        if getattr(spec, field) <= 0:
            raise BadSpec(field, f"{field} must be greater than 0.")
    if spec.pieces < 1:
        raise BadSpec("pieces", "An item has at least one piece.")
    if spec.stock < 0:
        raise BadSpec("stock", "Stock cannot be negative.")
    for field, text in (("price", spec.price), ("tax_rate", tax_rate)):
        try:
            if Decimal(text) < 0:
                raise BadSpec(field, f"{field} cannot be negative.")
        except InvalidOperation:
            raise BadSpec(field, f"{field} must be a decimal number in a string, not {text!r}.") from None


def masked(place: Place) -> dict[str, str]:
    """Give what Seller Flex may see of a buyer's address: the postal code."""
    return {"postalCode": place.postal_code}


def placed_at(shipment: Shipment) -> str:
    """Write when the buyer ordered, as Amazon's example does: epoch milliseconds in a string."""
    return str(shipment.created_ms)


def known_states(country: str) -> tuple[str, ...]:
    """List the states that addresses are invented in."""
    return tuple(city.state for city in CITIES.get(country, GENERIC_CITIES))


def cancellation_entry(units: int, at_ms: int, kind: str, reason: str) -> dict[str, Any]:
    """Write one cancellation of a line, as Amazon does."""
    return {
        "cancelledQuantity": units,
        "cancelledTimestamp": to_iso(at_ms),
        "cancellationType": kind,
        "cancellationReason": reason,
    }
