"""A listing's attributes as Amazon shows them: what the seller wrote, and what follows from the SKU."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from packline_sim.listings.records import Listing, Value
from packline_sim.marketplaces import MARKETPLACES
from packline_sim.records import Sku

if TYPE_CHECKING:
    from packline_sim.world import World

AVAILABILITY = "fulfillment_availability"
SELLERS_CHANNEL = "DEFAULT"
LANGUAGES = {"IN": "en_IN", "AE": "en_AE", "DE": "de_DE", "US": "en_US", "GB": "en_GB", "SG": "en_SG"}
# Of the hundreds that product types have, those that every product has or that sellers send with quantities.
KNOWN = frozenset(
    {
        AVAILABILITY, "item_name", "item_package_dimensions", "item_package_weight", "item_dimensions", "item_weight",
        "purchasable_offer", "list_price", "condition_type", "merchant_suggested_asin", "brand", "manufacturer",
        "product_description", "bullet_point", "country_of_origin", "externally_assigned_product_identifier",
        "supplier_declared_dg_hz_regulation", "merchant_shipping_group", "main_product_image_locator",
        "product_tax_code", "external_product_information", "max_order_quantity",
    }
)  # fmt: skip


def attributes_of(world: "World", listing: Listing) -> dict[str, Value]:
    """Give all attributes of a listing in the form of getListingsItem."""
    sku = world.skus[listing.seller_id, listing.sku]
    written = {**_from_sku(listing, sku), **listing.attributes, AVAILABILITY: [availability(listing)]}
    return {name: value for name, value in written.items() if value}


def availability(listing: Listing) -> dict[str, Any]:
    """Give a listing's fulfillment_availability."""
    entry: dict[str, Any] = {"fulfillment_channel_code": SELLERS_CHANNEL, "quantity": listing.available}
    if listing.lead_days is not None:
        entry["lead_time_to_ship_max_days"] = listing.lead_days
    if listing.restock_date is not None:
        entry["restock_date"] = listing.restock_date
    return entry


def title_of(world: "World", listing: Listing) -> str:
    """Give a listing's title."""
    written = listing.attributes.get("item_name")
    if written and isinstance(written[0].get("value"), str):
        return str(written[0]["value"])
    return world.skus[listing.seller_id, listing.sku].title


def price_of(world: "World", listing: Listing) -> tuple[str, str]:
    """Give a listing's price with tax, and its currency."""
    sku = world.skus[listing.seller_id, listing.sku]
    currency = MARKETPLACES[listing.marketplace_ids[0]].currency
    try:
        offer = listing.attributes["purchasable_offer"][0]
        amount = offer["our_price"][0]["schedule"][0]["value_with_tax"]
        return str(amount), str(offer.get("currency", currency))
    except (KeyError, IndexError, TypeError):
        return sku.price, currency


def _from_sku(listing: Listing, sku: Sku) -> dict[str, Value]:
    marketplace = MARKETPLACES[listing.marketplace_ids[0]]
    here = {"marketplace_id": marketplace.marketplace_id}
    language = LANGUAGES.get(marketplace.country, "en_US")
    sides = {"length": sku.length_cm, "width": sku.width_cm, "height": sku.height_cm}
    price = [{"schedule": [{"value_with_tax": float(Decimal(sku.price))}]}]
    return {
        "item_name": [{"value": sku.title, "language_tag": language, **here}],
        "condition_type": [{"value": "new_new", **here}],
        "merchant_suggested_asin": [{"value": listing.asin, **here}],
        "item_package_dimensions": [
            {**{side: {"value": value, "unit": "centimeters"} for side, value in sides.items()}, **here}
        ],
        "item_package_weight": [{"value": sku.weight_g, "unit": "grams", **here}],
        "purchasable_offer": [{"currency": marketplace.currency, "our_price": price, **here}],
        "country_of_origin": [{"value": sku.country_of_origin, **here}],
    }
