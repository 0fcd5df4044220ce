"""getListingsItem, putListingsItem, patchListingsItem and deleteListingsItem."""

from typing import Any

import msgspec

from packline_sim.call import Call, Reply, json_reply, read_plain
from packline_sim.listings import wire
from packline_sim.listings.asking import (
    included_data,
    own_listing,
    own_marketplaces,
    previews,
    unknown_sku,
)
from packline_sim.listings.body import DATA_SETS, item_body
from packline_sim.listings.changes import accept
from packline_sim.listings.records import Change, Issue
from packline_sim.listings.rules import issues_of

ANSWERED = ("identifiers", "issues")


def get_listings_item(call: Call) -> Reply:
    """Answer getListingsItem with the data sets that were asked for, as they are now."""
    marketplace_ids = own_marketplaces(call)
    included = included_data(call, DATA_SETS, "summaries")
    call.world.agenda.run_due(call.world)
    listing = own_listing(call, marketplace_ids)
    if listing is None:
        raise unknown_sku(call)
    return json_reply(item_body(call.world, listing, marketplace_ids, included))


def patch_listings_item(call: Call) -> Reply:
    """Answer patchListingsItem: ACCEPTED means that the change waits in Amazon's queue."""
    marketplace_ids = own_marketplaces(call)
    request = read_plain(call, wire.PATCH)
    change = Change(kind="PATCH", product_type=request.product_type, patches=tuple(request.patches))
    return _submit(call, change, marketplace_ids, "patchListingsItem")


def put_listings_item(call: Call) -> Reply:
    """Answer putListingsItem, which makes a listing or overwrites all of it."""
    marketplace_ids = own_marketplaces(call, most=1)
    request = read_plain(call, wire.PUT)
    change = Change(kind="UPDATE", product_type=request.product_type, attributes=request.attributes)
    return _submit(call, change, marketplace_ids, "putListingsItem")


def delete_listings_item(call: Call) -> Reply:
    """Answer deleteListingsItem."""
    marketplace_ids = own_marketplaces(call, most=1)
    return _submit(call, Change(kind="DELETE"), marketplace_ids, "deleteListingsItem")


def _submit(call: Call, change: Change, marketplace_ids: list[str], operation: str) -> Reply:
    included = included_data(call, ANSWERED, "issues")
    only_checks = previews(call)
    world = call.world
    world.agenda.run_due(world)
    listing = own_listing(call, marketplace_ids)
    issues = issues_of(world, listing, change)
    if listing is None and change.kind != "UPDATE" and world.switches["unknown_listing"] == "404":
        raise unknown_sku(call)
    if issues or only_checks:
        status = "INVALID" if issues else "VALID"
        return _answer(call, status, world.streams.hex("submission", 32), issues, included, marketplace_ids)
    accepted = accept(world, call.seller.seller_id, call.ids[1], change, tuple(marketplace_ids), operation)
    return _answer(call, "ACCEPTED", accepted.submission_id, issues, included, marketplace_ids)


def _answer(
    call: Call, status: str, submission_id: str, issues: list[Issue], included: list[str], marketplace_ids: list[str]
) -> Reply:
    body: dict[str, Any] = {"sku": call.ids[1], "status": status, "submissionId": submission_id}
    if "issues" in included:
        body["issues"] = [msgspec.to_builtins(issue) for issue in issues]
    listing = own_listing(call, marketplace_ids)
    if "identifiers" in included and listing is not None:
        body["identifiers"] = [{"marketplaceId": where, "asin": listing.asin} for where in marketplace_ids]
    return json_reply(body)
