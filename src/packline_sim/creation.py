"""How sellers, places, products, shipments and returns come into being from their descriptions."""

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from packline_sim.documents.gst import gstin
from packline_sim.marketplaces import MARKETPLACES, Marketplace
from packline_sim.places import invent_place
from packline_sim.records import Location, Seller, Sku
from packline_sim.specs import LocationSpec, SellerSpec, SkuSpec

if TYPE_CHECKING:
    from packline_sim.world import World


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


def find_marketplace(marketplace_id: str) -> Marketplace:
    """Find a marketplace by its id. Raises BadSpec."""
    found = MARKETPLACES.get(marketplace_id)
    if found is None:
        known = ", ".join(f"{row.country} {row.marketplace_id}" for row in MARKETPLACES.values())
        raise BadSpec("marketplace_id", f"Unknown marketplace {marketplace_id}. Known: {known}.")
    return found


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
