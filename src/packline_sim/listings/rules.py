"""What Amazon finds wrong with a change of a listing."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from packline_sim.listings.attributes import AVAILABILITY, KNOWN, SELLERS_CHANNEL
from packline_sim.listings.records import Change, Issue, Listing, Patch, Value

if TYPE_CHECKING:
    from packline_sim.world import World

MISSING, WRONG, UNKNOWN_SKU, NOT_SUPPORTED = "90220", "99022", "90000900", "4000001"
OPERATIONS = ("add", "replace", "merge", "delete")
MOST_UNITS = 99_999_999


def issues_of(world: "World", listing: Listing | None, change: Change) -> list[Issue]:
    """Check a change against what is listed; an empty list means that it will be done."""
    if listing is None and change.kind != "UPDATE":
        message = "The SKU does not match any listing of the seller. Check the SKU and try again."
        return [Issue(UNKNOWN_SKU, message, categories=("INVALID_REQUEST",))]
    if change.kind == "PATCH":
        if not change.patches:
            return [_missing("patches")]
        return [issue for patch in change.patches for issue in _patch_issues(world, patch)]
    found = [issue for name, value in change.attributes.items() for issue in _value_issues(world, name, value)]
    if listing is None and not change.attributes.get("item_name"):
        found.append(_missing("item_name"))
    return found


def _patch_issues(world: "World", patch: Patch) -> Iterator[Issue]:
    name = patch.attribute
    if patch.op not in OPERATIONS:
        yield Issue(NOT_SUPPORTED, f"'{patch.op}' is not one of {', '.join(OPERATIONS)}.")
    elif name is None:
        yield Issue(NOT_SUPPORTED, f"The path '{patch.path}' does not name a top-level attribute.")
    elif patch.op == "merge" and name != AVAILABILITY:
        yield Issue(NOT_SUPPORTED, f"'merge' is not supported for '{name}'.", attribute_names=(name,))
    elif patch.value is None:
        yield _missing(name)
    elif patch.op == "delete":
        return
    else:
        yield from _value_issues(world, name, patch.value, merges=patch.op == "merge")


def _value_issues(world: "World", name: str, value: Value, *, merges: bool = False) -> Iterator[Issue]:
    if name == AVAILABILITY:
        yield from _availability_issues(value, merges=merges)
    elif name not in KNOWN and world.switches["unknown_listing_attributes"] == "refuse":
        yield Issue(WRONG, f"'{name}' is not an attribute of this product type.", attribute_names=(name,))


def _availability_issues(value: Value, *, merges: bool) -> Iterator[Issue]:
    entry = seller_entry(value)
    if entry is None:
        message = f"'fulfillment_channel_code' must be '{SELLERS_CHANNEL}' for stock that the seller ships."
        yield Issue(WRONG, message, attribute_names=(AVAILABILITY,))
        return
    quantity = entry.get("quantity")
    if quantity is None:
        if merges:
            yield _missing("quantity")
    elif type(quantity) is not int or not 0 <= quantity <= MOST_UNITS:
        message = f"The value '{quantity}' of 'quantity' is not a whole number of 0 or more."
        yield Issue(WRONG, message, attribute_names=(AVAILABILITY,))
    days = entry.get("lead_time_to_ship_max_days")
    if days is not None and (type(days) is not int or not 0 <= days <= 30):
        message = f"The value '{days}' of 'lead_time_to_ship_max_days' is not a whole number from 0 to 30."
        yield Issue(WRONG, message, attribute_names=(AVAILABILITY,))


def seller_entry(value: Value) -> dict[str, Any] | None:
    """Find the entry of fulfillment_availability for what the seller ships."""
    for entry in value:
        if entry.get("fulfillment_channel_code") == SELLERS_CHANNEL:
            return entry
    return None


def _missing(name: str) -> Issue:
    message = f"'{name}' is required but it is missing."
    return Issue(MISSING, message, categories=("MISSING_ATTRIBUTE",), attribute_names=(name,))
