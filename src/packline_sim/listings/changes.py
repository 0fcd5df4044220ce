"""What becomes of listings: they are made, changed, deleted, ordered from; at once, or after Amazon's queue."""

from typing import TYPE_CHECKING

from packline_sim.agenda import task
from packline_sim.creation import build_sku
from packline_sim.delays import delay_ms
from packline_sim.listings.attributes import AVAILABILITY
from packline_sim.listings.records import Change, Listing, Patch, Submission, Value
from packline_sim.listings.rules import issues_of, seller_entry
from packline_sim.orders.ordering import asin_of
from packline_sim.records import Sku
from packline_sim.specs import SkuSpec

if TYPE_CHECKING:
    from packline_sim.world import World


def list_sku(world: "World", sku: Sku, quantity: int, *, product_type: str = "PRODUCT") -> Listing:
    """List a product in all marketplaces of its seller."""
    now = world.clock.now_ms()
    listing = Listing(
        seller_id=sku.seller_id,
        sku=sku.sku,
        asin=asin_of(sku.sku),
        product_type=product_type,
        marketplace_ids=world.sellers[sku.seller_id].marketplace_ids,
        created_ms=now,
        updated_ms=now,
        quantity=quantity,
        attributes={},
    )
    world.listings[sku.seller_id, sku.sku] = listing
    return listing


def accept(
    world: "World", seller_id: str, sku: str, change: Change, marketplace_ids: tuple[str, ...], operation: str
) -> Submission:
    """Queue a change that was found good; it takes effect after the seconds of the switch."""
    submission = Submission(
        submission_id=world.streams.hex("submission", 32),
        seller_id=seller_id,
        sku=sku,
        change=change,
        marketplace_ids=marketplace_ids,
        operation=operation,
    )
    due = world.clock.now_ms() + delay_ms(world, "listing_change_seconds")
    listing = world.listings.get((seller_id, sku))
    if listing is not None and world.switches["listing_change_order"] == "by_sku":
        due = listing.settled_ms = max(due, listing.settled_ms)
    world.submissions[submission.submission_id] = submission
    world.change_seq += 1
    world.agenda.put(world, due, DUE, submission.submission_id)
    return submission


def apply(world: "World", seller_id: str, sku: str, change: Change, cause: str) -> None:
    """Let a change that was found good take effect now."""
    key = (seller_id, sku)
    listing = world.listings.get(key)
    if change.kind == "DELETE":
        world.listings.pop(key, None)
        world.change_seq += 1
        return
    if listing is None:
        listing = _new(world, seller_id, sku, change)
    if change.kind == "UPDATE":
        listing.attributes = {}
        listing.product_type = change.product_type or listing.product_type
    now = world.clock.now_ms()
    listing.updated_ms = now
    for name, value in change.attributes.items():
        _replace(world, listing, name, value, cause)
    for patch in change.patches:
        _patch(world, listing, patch, cause)


def tell_quantity(world: "World", listing: Listing, quantity: int, cause: str) -> None:
    """Let a quantity that the seller told take effect."""
    listing.quantity = quantity
    listing.told += 1
    listing.told_ms = world.clock.now_ms()
    _quantity_changed(world, listing, cause)


def take(world: "World", listing: Listing, units: int) -> None:
    """Take ordered units off a listing; negative units are given back."""
    listing.quantity -= units
    listing.reserved += units
    _quantity_changed(world, listing, "order")


def release(world: "World", listing: Listing, units: int) -> None:
    """Let go of reserved units that are not listed again: they were shipped, or stay away after a cancellation."""
    listing.reserved -= units
    world.change_seq += 1


def _patch(world: "World", listing: Listing, patch: Patch, cause: str) -> None:
    name = patch.attribute or ""
    if patch.op == "merge":
        entry = seller_entry(patch.value or []) or {}
        tell_quantity(world, listing, entry["quantity"], cause)
    else:
        _replace(world, listing, name, [] if patch.op == "delete" else patch.value or [], cause)


def _replace(world: "World", listing: Listing, name: str, value: Value, cause: str) -> None:
    if name != AVAILABILITY:
        listing.attributes = {**listing.attributes, name: value}
        return
    entry = seller_entry(value) or {}
    listing.lead_days = entry.get("lead_time_to_ship_max_days")
    listing.restock_date = entry.get("restock_date")
    tell_quantity(world, listing, entry.get("quantity", 0), cause)


def _new(world: "World", seller_id: str, sku: str, change: Change) -> Listing:
    record = world.skus.get((seller_id, sku))
    if record is None:
        title = change.attributes["item_name"][0].get("value", "")
        record = build_sku(world, world.seller(seller_id), SkuSpec(sku=sku, title=str(title)))
        world.skus[seller_id, sku] = record
    return list_sku(world, record, 0, product_type=change.product_type or "PRODUCT")


def _quantity_changed(world: "World", listing: Listing, cause: str) -> None:
    world.tell("listing_quantity", listing.seller_id, listing.sku, cause, after=str(listing.available))


def _due(world: "World", submission_id: str) -> None:
    waiting = world.submissions.pop(submission_id, None)
    if waiting is None:
        return
    listing = world.listings.get((waiting.seller_id, waiting.sku))
    if not issues_of(world, listing, waiting.change):  # it may have been deleted meanwhile
        apply(world, waiting.seller_id, waiting.sku, waiting.change, waiting.operation)


DUE = task("listing_change", _due)
