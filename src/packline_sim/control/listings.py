"""Listings: what sellers offer at Seller Central, and how many of it."""

from typing import Annotated

import msgspec

from packline_sim.control.endpoint import Endpoint, get, patch, post
from packline_sim.control.paging import After, Limit, Page, beyond, page
from packline_sim.control.problems import not_found
from packline_sim.control.stage import Stage
from packline_sim.listings.changes import tell_quantity
from packline_sim.listings.many import create_many
from packline_sim.listings.records import Listing


class ListingView(msgspec.Struct, frozen=True, kw_only=True):
    """Show a listing.

    `available` is what buyers can order now, `reserved` what orders hold, `told` how many numbers of the seller took
    effect, `waiting` how many accepted changes are still in Amazon's queue.
    """

    seller_id: str
    sku: str
    asin: str
    product_type: str
    marketplace_ids: tuple[str, ...]
    available: int
    reserved: int
    told: int
    told_ms: int | None
    waiting: int


class ListingQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Choose listings, oldest first."""

    sku: str | None = None
    limit: Limit = 100
    after: After = None


class NewListings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describe many products that differ in their names only: PREFIX000001, PREFIX000002, ..."""

    count: Annotated[int, msgspec.Meta(ge=1, le=200_000)]
    prefix: Annotated[str, msgspec.Meta(min_length=1)] = "SKU-"
    quantity: Annotated[int, msgspec.Meta(ge=0)] = 0


class ListingsCreated(msgspec.Struct, frozen=True, kw_only=True):
    """Tell how many listings are new."""

    created: int


class QuantityChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Set what buyers can order of one SKU, at once and past Amazon's queue."""

    sku: str
    quantity: Annotated[int, msgspec.Meta(ge=0)]


def list_listings(stage: Stage, seller_id: str, query: ListingQuery) -> Page[ListingView]:
    """List what a seller offers."""
    stage.seller(seller_id)
    rows = stage.world.listings
    names = beyond((sku for owner, sku in rows if owner == seller_id), query.after)
    waiting = _waiting(stage, seller_id)
    chosen = (_view(rows[seller_id, sku], waiting) for sku in names if query.sku in (None, sku))
    return page(chosen, query.limit, lambda row: row.sku)


def create_listings(stage: Stage, seller_id: str, body: NewListings) -> ListingsCreated:
    """List many products of a seller; those that exist stay as they are."""
    stage.seller(seller_id)
    created = create_many(stage.world, seller_id, body.count, prefix=body.prefix, quantity=body.quantity)
    return ListingsCreated(created=created)


def change_listing(stage: Stage, seller_id: str, body: QuantityChange) -> ListingView:
    """Set the quantity of one listing."""
    stage.seller(seller_id)
    listing = stage.world.listings.get((seller_id, body.sku))
    if listing is None:
        raise not_found("listing", body.sku, f"GET /_sim/sellers/{seller_id}/listings lists them.")
    tell_quantity(stage.world, listing, body.quantity, "control")
    return _view(listing, _waiting(stage, seller_id))


def _waiting(stage: Stage, seller_id: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for submission in stage.world.submissions.values():
        if submission.seller_id == seller_id:
            counts[submission.sku] = counts.get(submission.sku, 0) + 1
    return counts


def _view(listing: Listing, waiting: dict[str, int]) -> ListingView:
    return ListingView(
        seller_id=listing.seller_id,
        sku=listing.sku,
        asin=listing.asin,
        product_type=listing.product_type,
        marketplace_ids=listing.marketplace_ids,
        available=listing.available,
        reserved=listing.reserved,
        told=listing.told,
        told_ms=listing.told_ms,
        waiting=waiting.get(listing.sku, 0),
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    get("/sellers/{seller_id}/listings", list_listings),
    post("/sellers/{seller_id}/listings", create_listings, status=201),
    patch("/sellers/{seller_id}/listings", change_listing),
)
