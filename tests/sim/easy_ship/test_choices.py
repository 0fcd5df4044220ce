"""Wishes of a bulk call, measures in the body, switches that the other tests leave alone."""

from datetime import datetime

import msgspec

from packline_sim.clock import to_ms
from packline_sim.easy_ship.capabilities import CAPABILITIES
from packline_sim.orders.specs import OrderLineSpec
from packline_sim.specs import SkuSpec
from sim.easy_ship.shop import BOX, INDIA, WEIGHT, Shop

NETHERLANDS = "A1805IZSGTT6HS"


async def test_a_bulk_call_takes_the_slot_that_was_wished_for(shop_in):
    """Where slots can be listed and bulk is offered, each order may name its slot; a bad one is refused by itself."""
    shop = shop_in(NETHERLANDS)
    row = msgspec.structs.replace(CAPABILITIES[NETHERLANDS], slots=True)
    shop.world.easy_ship.capabilities[NETHERLANDS] = row
    good, bad = shop.orders(2)
    slot = await shop.slot_id(good, at=1)
    answer = await shop.bulk(good, bad, packageDetails={"packageTimeSlot": {"slotId": slot}})
    body = answer.json()
    assert body["scheduledPackages"][0]["packageTimeSlot"]["slotId"] == slot
    assert body["rejectedOrders"][0]["error"]["code"] == "InvalidTimeSlotId"


async def test_a_bulk_call_wants_a_label_format_of_the_marketplace(shop_in):
    """PDF or ZPL; anything else is invalid input."""
    shop = shop_in(NETHERLANDS)
    answer = await shop.bulk(shop.order(), label_format="PNG")
    assert (answer.status, answer.code) == (400, "InvalidInput")


async def test_a_suggested_container_that_is_too_large_has_no_slot(shop_in):
    """The order is refused, not the call."""
    shop = shop_in(NETHERLANDS)
    shop.world.create_sku(shop.seller_id, SkuSpec(sku="WARDROBE", weight_g=40_000))
    body = (await shop.bulk(shop.order(sku="WARDROBE"))).json()
    assert body["rejectedOrders"][0]["error"]["code"] == "TimeSlotNotAvailable"


async def test_measures_in_the_body_count_when_the_switch_says_so(shop: Shop):
    """The sandbox example sends them; by default the listing's measures stay."""
    first, second = shop.orders(2)
    other = {"packageDimensions": {**BOX, "length": 30.0}, "packageWeight": {**WEIGHT, "value": 900.0}}
    assert (await shop.scheduled(first, **other))["packageWeight"]["value"] == 500.0
    shop.world.switches.update({"package_measures": "body_then_slots"})
    package = await shop.scheduled(second, **other)
    assert (package["packageWeight"]["value"], package["packageDimensions"]["length"]) == (900.0, 30.0)


async def test_an_order_of_several_items_wants_serials_for_some(shop: Shop):
    """Each item for itself."""
    shop.world.create_sku(shop.seller_id, SkuSpec(sku="RADIO", serial_required=True))
    order = shop.order(lines=(OrderLineSpec(sku="KETTLE"), OrderLineSpec(sku="RADIO")))
    items = [{"orderItemId": order.items[1].order_item_id, "orderItemSerialNumbers": ["R-1"]}]
    package = await shop.scheduled(order, packageItems=items)
    assert [len(item["orderItemSerialNumbers"]) for item in package["packageItems"]] == [0, 1]


async def test_nothing_is_checked_about_serials_when_the_switch_says_so(shop: Shop):
    """One rule of three."""
    shop.world.switches.update({"serial_numbers": "not_checked"})
    assert (await shop.schedule(shop.order(serial_required=True))).status == 200
    shop.world.switches.update({"serial_numbers": "at_least_one"})
    order = shop.order(quantity=2, serial_required=True)
    items = [{"orderItemId": order.items[0].order_item_id, "orderItemSerialNumbers": ["A"]}]
    assert (await shop.schedule(order, packageItems=items)).status == 200


async def test_an_order_named_twice_in_a_reschedule_is_invalid(shop: Shop):
    """As is a package of another id."""
    order = shop.order()
    await shop.scheduled(order)
    slot = await shop.slot_id(order, at=2)
    assert (await shop.reschedule((order, slot), (order, slot))).code == "InvalidInput"
    assert (await shop.reschedule((order, slot), packageId="other")).code == "ResourceNotFound"
    package_id = order.packages[0].package_id
    moved = await shop.reschedule((order, slot), packageId=package_id)
    start = moved.json()["packages"][0]["packageTimeSlot"]["startTime"]
    assert to_ms(datetime.fromisoformat(start)) == order.packages[0].slot.start_ms


async def test_an_order_that_is_not_easy_ship_can_seem_not_to_exist(shop: Shop):
    """The third reading of the switch."""
    shop.world.switches.update({"not_easy_ship": "ResourceNotFound"})
    assert (await shop.slots(shop.order(easy_ship=False))).code == "ResourceNotFound"


async def test_india_lists_no_drop_off(shop: Shop):
    """Its carriers collect only."""
    rows = (await shop.slots(shop.order())).json()["timeSlots"]
    assert {row["handoverMethod"] for row in rows} == {"PICKUP"}
    assert shop.marketplace_id == INDIA
