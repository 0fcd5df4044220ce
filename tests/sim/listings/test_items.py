"""The five operations of the Listings Items API: what they show, take, refuse, and when it counts."""

from typing import Any

import pytest

from packline_sim.records import Change
from packline_sim.world import World
from sim.feeds.desk import INDIA, Desk
from sim.listings.shelf import AVAILABILITY, KETTLE, patch, path, quantity, quantity_patch, show


async def test_a_listing_is_shown_with_the_data_sets_that_were_asked_for(desk: Desk) -> None:
    """Title, sizes, price and stock of the SKU, each only when asked for; summaries by default."""
    every = "summaries,attributes,issues,offers,fulfillmentAvailability,procurement,relationships,productTypes"
    item = await show(desk, every)
    assert item["summaries"][0]["itemName"] == "Blue kettle, 1.5 l"
    assert item["summaries"][0]["status"] == ["BUYABLE", "DISCOVERABLE"]
    assert item["fulfillmentAvailability"] == [{"fulfillmentChannelCode": "DEFAULT", "quantity": 50}]
    assert item["offers"][0]["price"] == {"currencyCode": "INR", "amount": "999.00"}
    attributes = item["attributes"]
    assert attributes["item_package_dimensions"][0]["length"] == {"value": 20.0, "unit": "centimeters"}
    assert attributes["item_package_weight"][0]["value"] == 500.0
    assert attributes["fulfillment_availability"][0]["quantity"] == 50
    default = (await desk.call("GET", path(desk), marketplaceIds=INDIA)).json()
    assert default.keys() == {"sku", "summaries"}


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({}, 400, "BAD_REQUEST"),
        ({"marketplaceIds": "ATVPDKIKX0DER"}, 400, "BAD_REQUEST"),
        ({"marketplaceIds": INDIA, "includedData": "everything"}, 400, "BAD_REQUEST"),
    ],
)
async def test_reads_that_make_no_sense_are_refused(desk: Desk, query: dict, status: int, code: str) -> None:
    """No marketplace, a foreign one, unknown data sets."""
    answer = await desk.call("GET", path(desk), **query)
    assert (answer.status, answer.code) == (status, code)


async def test_unknown_skus_and_other_sellers_are_not_shown(desk: Desk) -> None:
    """404 for a SKU that is not listed, 403 for another seller's shelf."""
    assert (await desk.call("GET", path(desk, "NONE"), marketplaceIds=INDIA)).code == "NOT_FOUND"
    foreign = await desk.call("GET", "/listings/2021-08-01/items/AOTHER/KETTLE", marketplaceIds=INDIA)
    assert (foreign.status, foreign.code) == (403, "Unauthorized")


async def test_accepted_means_queued(desk: Desk, world: World) -> None:
    """The old number is read until the seconds of the switch have passed."""
    world.switches.update({"listing_change_seconds": "1-5"})
    answer = (await patch(desk, quantity_patch(12))).json()
    assert (answer["status"], answer["issues"], len(answer["submissionId"])) == ("ACCEPTED", [], 32)
    assert await quantity(desk) == 50
    world.clock.advance(5)
    assert await quantity(desk) == 12


async def test_queued_changes_survive_a_snapshot(desk: Desk, world: World) -> None:
    """What was accepted before the snapshot takes effect after the restore."""
    world.switches.update({"listing_change_seconds": "30"})
    await patch(desk, quantity_patch(12))
    kept = world.snapshot()
    world.clock.advance(60)
    world.restore(kept)
    assert await quantity(desk) == 50
    world.clock.advance(30)
    assert await quantity(desk) == 12


async def test_changes_of_one_sku_keep_their_order_unless_switched(desk: Desk, world: World) -> None:
    """By default the last call wins; freely drawn times may let an earlier call win."""
    world.switches.update({"listing_change_seconds": "1-5"})
    for number in range(20):
        await patch(desk, quantity_patch(number))
    world.clock.advance(6)
    assert await quantity(desk) == 19
    world.switches.update({"listing_change_order": "free"})
    for number in range(20):
        await patch(desk, quantity_patch(number))
    world.clock.advance(6)
    assert await quantity(desk) != 19


async def test_replace_overwrites_what_merge_keeps(desk: Desk) -> None:
    """merge changes the number only; replace also takes away lead time and restock date."""
    value = {"fulfillment_channel_code": "DEFAULT", "quantity": 5, "lead_time_to_ship_max_days": 3}
    await patch(desk, {"op": "replace", "path": AVAILABILITY, "value": [{**value, "restock_date": "2026-12-01"}]})
    await patch(desk, quantity_patch(6))
    shown = (await show(desk, "attributes"))["attributes"]["fulfillment_availability"][0]
    assert shown == {**value, "quantity": 6, "restock_date": "2026-12-01"}
    await patch(desk, quantity_patch(7, "replace"))
    shown = (await show(desk, "attributes"))["attributes"]["fulfillment_availability"][0]
    assert shown == {"fulfillment_channel_code": "DEFAULT", "quantity": 7}


async def test_stock_of_nothing_cannot_be_bought(desk: Desk) -> None:
    """Quantity 0, or the attribute deleted: the item can be found but not bought."""
    await patch(desk, quantity_patch(0))
    assert (await show(desk, "summaries"))["summaries"][0]["status"] == ["DISCOVERABLE"]
    await patch(desk, quantity_patch(3))
    await patch(desk, {"op": "delete", "path": AVAILABILITY, "value": [{"fulfillment_channel_code": "DEFAULT"}]})
    assert await quantity(desk) == 0


async def test_other_attributes_are_written_and_deleted(desk: Desk) -> None:
    """What the seller writes replaces what follows from the SKU; price and title are read from it."""
    offer = {"currency": "INR", "our_price": [{"schedule": [{"value_with_tax": 450}]}]}
    await patch(
        desk,
        {"op": "replace", "path": "/attributes/purchasable_offer", "value": [offer]},
        {"op": "add", "path": "/attributes/item_name", "value": [{"value": "Kettle"}]},
        {"op": "delete", "path": "/attributes/item_package_weight", "value": [{}]},
    )
    item = await show(desk, "summaries,attributes,offers")
    assert item["offers"][0]["price"]["amount"] == "450"
    assert item["summaries"][0]["itemName"] == "Kettle"
    assert "item_package_weight" not in item["attributes"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (quantity_patch(-1), "99022"),
        (quantity_patch("7"), "99022"),
        (quantity_patch(True), "99022"),
        (quantity_patch(None), "90220"),
        ({"op": "merge", "path": AVAILABILITY, "value": [{"quantity": 3}]}, "99022"),
        ({"op": "replace", "path": AVAILABILITY}, "90220"),
        ({"op": "replace", "path": f"{AVAILABILITY}/0/quantity", "value": [{}]}, "4000001"),
        ({"op": "merge", "path": "/attributes/item_name", "value": [{}]}, "4000001"),
        ({"op": "move", "path": AVAILABILITY, "value": [{}]}, "4000001"),
    ],
)
async def test_wrong_patches_are_invalid_and_change_nothing(desk: Desk, wrong: dict[str, Any], code: str) -> None:
    """200 with INVALID and an issue for each fault; the good patch beside it is not done either."""
    answer = await patch(desk, quantity_patch(9), wrong)
    body = answer.json()
    assert (answer.status, body["status"], body["issues"][0]["code"]) == (200, "INVALID", code)
    assert body["issues"][0]["severity"] == "ERROR"
    assert await quantity(desk) == 50


async def test_a_preview_changes_nothing(desk: Desk) -> None:
    """VALIDATION_PREVIEW answers VALID or INVALID."""
    assert (await patch(desk, quantity_patch(9), mode="VALIDATION_PREVIEW")).json()["status"] == "VALID"
    assert (await patch(desk, quantity_patch(-9), mode="VALIDATION_PREVIEW")).json()["status"] == "INVALID"
    assert (await patch(desk, quantity_patch(9), mode="PREVIEW")).code == "BAD_REQUEST"
    assert await quantity(desk) == 50


async def test_an_unknown_sku_is_invalid_or_not_found(desk: Desk) -> None:
    """By switch."""
    assert (await patch(desk, quantity_patch(9), sku="NONE")).json()["status"] == "INVALID"
    desk.world.switches.update({"unknown_listing": "404"})
    assert (await patch(desk, quantity_patch(9), sku="NONE")).status == 404


async def test_bodies_that_are_not_as_specified_are_refused(desk: Desk) -> None:
    """No patches, wrong types and broken JSON get 400; another content type 415."""
    for body in ({"productType": "PRODUCT", "patches": []}, {"patches": [quantity_patch(1)]}, b"{"):
        assert (await desk.call("PATCH", path(desk), body, marketplaceIds=INDIA)).code == "BAD_REQUEST"
    text = await desk.call("PATCH", path(desk), b"{}", marketplaceIds=INDIA, content_type="text/plain")
    assert text.status == 415


async def test_identifiers_are_given_when_asked_for(desk: Desk) -> None:
    """includedData of a write: identifiers, issues."""
    body = (await patch(desk, quantity_patch(9), includedData="identifiers")).json()
    assert body["identifiers"][0]["asin"].startswith("B0")
    assert "issues" not in body


async def test_unknown_attributes_are_refused_by_switch(desk: Desk) -> None:
    """The set of attributes depends on the product type."""
    wrong = {"op": "replace", "path": "/attributes/colour_of_steam", "value": [{"value": "white"}]}
    assert (await patch(desk, wrong)).json()["status"] == "ACCEPTED"
    desk.world.switches.update({"unknown_listing_attributes": "refuse"})
    assert (await patch(desk, wrong)).json()["status"] == "INVALID"


async def test_listings_are_made_and_deleted(desk: Desk) -> None:
    """put makes one, and overwrites all of one; delete takes it away."""
    put = {"productType": "LUGGAGE", "attributes": {"item_name": [{"value": "Red bag"}]}}
    stocked = {**put["attributes"], "fulfillment_availability": quantity_patch(4)["value"]}
    nameless = await desk.call("PUT", path(desk, "BAG"), {**put, "attributes": {}}, marketplaceIds=INDIA)
    assert nameless.json()["status"] == "INVALID"
    made = await desk.call("PUT", path(desk, "BAG"), {**put, "attributes": stocked}, marketplaceIds=INDIA)
    assert made.json()["status"] == "ACCEPTED"
    item = await show(desk, "summaries,productTypes,fulfillmentAvailability", "BAG")
    assert item["summaries"][0]["itemName"] == "Red bag"
    assert item["productTypes"][0]["productType"] == "LUGGAGE"
    assert item["fulfillmentAvailability"][0]["quantity"] == 4
    assert (await desk.call("DELETE", path(desk, "BAG"), marketplaceIds=INDIA)).json()["status"] == "ACCEPTED"
    assert (await desk.call("GET", path(desk, "BAG"), marketplaceIds=INDIA)).status == 404
    assert (await desk.call("DELETE", path(desk, "BAG"), marketplaceIds=INDIA)).json()["status"] == "INVALID"


async def test_search_filters_sorts_and_pages(desk: Desk, world: World) -> None:
    """By identifiers, status and time; a token leads to the next page."""
    from packline_sim.specs import SkuSpec

    for number in range(25):
        world.clock.advance(1)
        world.create_sku(desk.seller_id, SkuSpec(sku=f"MUG-{number:02}", stock=number % 2))
    base = f"/listings/2021-08-01/items/{desk.seller_id}"

    async def search(**query: Any) -> Any:
        answer = await desk.call("GET", base, marketplaceIds=INDIA, **query)
        assert answer.status == 200, answer.text
        return answer.json()

    one = await search(pageSize=20)
    two = await search(pageSize=20, pageToken=one["pagination"]["nextToken"])
    skus = [item["sku"] for item in one["items"] + two["items"]]
    assert (one["numberOfResults"], skus[0], len(set(skus))) == (26, "MUG-24", 26)
    assert two["pagination"].keys() == {"previousToken"}
    assert (await search(withStatus="BUYABLE"))["numberOfResults"] == 13
    assert (await search(withoutStatus="BUYABLE"))["numberOfResults"] == 13
    assert (await search(withIssueSeverity="ERROR"))["items"] == []
    found = await search(identifiers=f"{KETTLE},MUG-01", identifiersType="SKU", sortBy="sku", sortOrder="ASC")
    assert [item["sku"] for item in found["items"]] == [KETTLE, "MUG-01"]
    since = (await search(sortBy="createdDate"))["items"][4]["summaries"][0]["createdDate"]
    assert (await search(createdAfter=since))["numberOfResults"] == 5
    assert (await search(lastUpdatedBefore="2020-01-01T00:00:00Z"))["numberOfResults"] == 0
    for query in ({"identifiers": "X"}, {"pageSize": 21}, {"sortBy": "size"}, {"pageToken": "x"}):
        assert (await desk.call("GET", base, marketplaceIds=INDIA, **query)).code == "BAD_REQUEST", query


async def test_followers_hear_of_quantities(desk: Desk, world: World) -> None:
    """Each number that takes effect is told, with its cause: notifications live on it."""
    heard: list[Change] = []
    world.on_change.append(heard.append)
    await patch(desk, quantity_patch(8))
    assert await quantity(desk) == 8
    told = [(change.subject, change.after, change.cause) for change in heard if change.kind == "listing_quantity"]
    assert told == [(KETTLE, "8", "patchListingsItem")]


async def test_orders_take_units_and_cancellations_list_them_again(desk: Desk, world: World) -> None:
    """What buyers ordered is gone from the number and reserved, until the seller tells a new one or it is cancelled."""
    from packline_sim.orders.progress import cancel_order
    from packline_sim.orders.specs import OrderSpec

    listing = world.listings[desk.seller_id, KETTLE]
    order = world.create_orders(desk.seller_id, OrderSpec(sku=KETTLE, quantity=4))[0]
    assert (await quantity(desk), listing.reserved) == (46, 4)
    cancel_order(world, order, "BUYER", None)
    assert (await quantity(desk), listing.reserved) == (50, 0)
    world.create_orders(desk.seller_id, OrderSpec(sku=KETTLE, quantity=60))
    assert (await quantity(desk), listing.quantity) == (0, -10)
    await patch(desk, quantity_patch(5))
    assert (await quantity(desk), listing.reserved) == (5, 60)


async def test_a_change_of_a_listing_that_went_away_is_forgotten(desk: Desk, world: World) -> None:
    """A delete that takes effect first leaves nothing for the patch behind it."""
    world.switches.update({"listing_change_seconds": "30"})
    await desk.call("DELETE", path(desk), marketplaceIds=INDIA)
    await patch(desk, quantity_patch(5))
    world.clock.advance(31)
    assert (desk.seller_id, KETTLE) not in world.listings
    assert world.submissions == {}
