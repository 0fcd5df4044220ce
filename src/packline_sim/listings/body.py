"""Listings as getListingsItem and searchListingsItems show them."""

from typing import TYPE_CHECKING, Any

from packline_sim.clock import to_iso
from packline_sim.listings.attributes import SELLERS_CHANNEL, attributes_of, price_of, title_of
from packline_sim.listings.records import Listing

if TYPE_CHECKING:
    from packline_sim.world import World

DATA_SETS = (
    "summaries",
    "attributes",
    "issues",
    "offers",
    "fulfillmentAvailability",
    "procurement",
    "relationships",
    "productTypes",
)


def item_body(world: "World", listing: Listing, marketplace_ids: list[str], included: list[str]) -> dict[str, Any]:
    """Give a listing with the data sets that were asked for."""
    return {"sku": listing.sku, **{name: _data_set(world, listing, marketplace_ids, name) for name in included}}


def statuses_of(listing: Listing) -> list[str]:
    """Tell what buyers can do: find it, and buy it while there is stock."""
    return ["BUYABLE", "DISCOVERABLE"] if listing.available else ["DISCOVERABLE"]


def _data_set(world: "World", listing: Listing, marketplace_ids: list[str], name: str) -> Any:
    match name:
        case "attributes":
            return attributes_of(world, listing)
        case "fulfillmentAvailability":
            return [{"fulfillmentChannelCode": SELLERS_CHANNEL, "quantity": listing.available}]
        case "summaries":
            return [{"marketplaceId": where, **_summary(world, listing)} for where in marketplace_ids]
        case "offers":
            amount, currency = price_of(world, listing)
            price = {"currencyCode": currency, "amount": amount}
            return [{"marketplaceId": where, "offerType": "B2C", "price": price} for where in marketplace_ids]
        case "relationships":
            return [{"marketplaceId": where, "relationships": []} for where in marketplace_ids]
        case "productTypes":
            return [{"marketplaceId": where, "productType": listing.product_type} for where in marketplace_ids]
        case _:  # issues and procurement: nothing here has any
            return []


def _summary(world: "World", listing: Listing) -> dict[str, Any]:
    return {
        "asin": listing.asin,
        "productType": listing.product_type,
        "conditionType": "new_new",
        "status": statuses_of(listing),
        "itemName": title_of(world, listing),
        "createdDate": to_iso(listing.created_ms),
        "lastUpdatedDate": to_iso(listing.updated_ms),
    }
