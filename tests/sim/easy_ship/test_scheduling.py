"""From an order to a scheduled package."""

from datetime import datetime

from packline_sim.clock import to_ms
from sim.easy_ship.shop import BOX, Shop


async def test_an_order_is_scheduled_in_a_listed_slot(shop: Shop):
    """Slots are listed with the marketplace's offset; the package answers slot, box, tracking id and invoice."""
    order = shop.order()
    slots = (await shop.slots(order)).json()
    assert slots["amazonOrderId"] == order.order_id
    first = slots["timeSlots"][0]
    assert first["slotId"].startswith("AQ")
    assert first["slotId"].endswith("AAA=")
    assert len(first["slotId"]) == 36
    assert first["startTime"].endswith("+05:30")
    assert first["handoverMethod"] == "PICKUP"
    assert to_ms(datetime.fromisoformat(first["startTime"])) > shop.world.clock.now_ms()
    package = await shop.scheduled(order, slot_id=first["slotId"])
    assert package["packageTimeSlot"] == first
    assert package["packageDimensions"] == BOX
    assert package["packageWeight"] == {"value": 500.0, "unit": "g"}
    assert package["packageStatus"] == "ReadyForPickup"
    assert len(package["trackingDetails"]["trackingId"]) == 13
    assert package["invoice"]["invoiceNumber"] == "IN-1"
    assert order.easy_ship_status == "PendingPickUp"
    assert order.status == "Unshipped"
    assert (await shop.package(order)).json() == package


async def test_a_scheduled_order_shows_its_package_in_the_orders_api(shop: Shop):
    """Order and package tell one life in two vocabularies."""
    order = shop.order()
    before = await shop.show(order, "PACKAGES", "FULFILLMENT")
    assert before["packages"][0]["packageStatus"] == {"status": "PENDING", "detailedStatus": "PENDING_SCHEDULE"}
    package = await shop.scheduled(order)
    after = (await shop.show(order, "PACKAGES"))["packages"][0]
    assert after["packageStatus"]["detailedStatus"] == "PENDING_PICK_UP"
    assert after["trackingNumber"] == package["trackingDetails"]["trackingId"]
    shop.world.clock.advance(300)
    found = (await shop.search(createdAfter="2020-01-01", includedData="FULFILLMENT")).json()
    assert [row["orderId"] for row in found["orders"]] == [order.order_id]
    assert found["orders"][0]["fulfillment"]["fulfillmentStatus"] == "UNSHIPPED"


async def test_a_package_moves_to_another_slot(shop: Shop):
    """The slot changes; package and tracking id stay."""
    order = shop.order()
    package = await shop.scheduled(order)
    other = await shop.slot_id(order, at=3)
    moved = await shop.reschedule((order, other))
    assert moved.status == 200, moved.text
    row = moved.json()["packages"][0]
    assert row["packageTimeSlot"]["slotId"] == other
    assert row["trackingDetails"] == package["trackingDetails"]


async def test_what_is_optional_may_be_null(shop: Shop):
    """Clients that write every field of their models send null for what they leave out: it counts as left out."""
    empty = {"packageItems": None, "packageIdentifier": None, "packageDimensions": None, "packageWeight": None}
    package = await shop.scheduled(shop.order(), **empty)
    assert package["packageStatus"] == "ReadyForPickup"
    other = shop.order()
    items = [{"orderItemId": item.order_item_id, "orderItemSerialNumbers": None} for item in other.items]
    assert (await shop.scheduled(other, packageItems=items))["packageStatus"] == "ReadyForPickup"
