"""How orders live: paid, scheduled, collected, delivered, cancelled, in every vocabulary."""

import pytest

from packline_sim.creation import BadSpec
from packline_sim.invariants import InvariantChecker
from packline_sim.listings.changes import list_sku
from packline_sim.orders import progress
from packline_sim.orders.records import EasyShipStatus
from packline_sim.orders.specs import OrderLineSpec
from packline_sim.progress import BadMove
from sim.easy_ship.shop import ORDERS_V0, Shop

DAY = 86_400


async def told(shop: Shop, order) -> tuple[str, str, str]:
    """Tell an order's status in v0, its package's in 2026-01-01 and in the Easy Ship API."""
    v0 = (await shop.call("GET", f"{ORDERS_V0}/{order.order_id}")).json()["payload"]
    package = (await shop.show(order, "PACKAGES"))["packages"][0]["packageStatus"]
    return v0["EasyShipShipmentStatus"], package["detailedStatus"], (await shop.package(order)).json()["packageStatus"]


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ((), ("PendingPickUp", "PENDING_PICK_UP", "ReadyForPickup")),
        (("PickedUp",), ("PickedUp", "PICKED_UP", "PickedUp")),
        (("PickedUp", "AtOriginFC"), ("AtOriginFC", "AT_ORIGIN_FC", "AtOriginFC")),
        (("PickedUp", "AtDestinationFC"), ("AtDestinationFC", "AT_DESTINATION_FC", "AtDestinationFC")),
        (("PickedUp", "OutForDelivery"), ("OutForDelivery", "OUT_FOR_DELIVERY", "OutForDelivery")),
        (("PickedUp", "Delivered"), ("Delivered", "DELIVERED", "Delivered")),
        (("PickedUp", "RejectedByBuyer"), ("RejectedByBuyer", "REJECTED_BY_BUYER", "Rejected")),
        (("PickedUp", "Undeliverable"), ("Undeliverable", "UNDELIVERABLE", "Undeliverable")),
        (
            ("PickedUp", "RejectedByBuyer", "ReturningToSeller"),
            ("ReturningToSeller", "RETURNING_TO_SELLER", "Rejected"),
        ),
        (
            ("PickedUp", "Undeliverable", "ReturningToSeller", "ReturnedToSeller"),
            ("ReturnedToSeller", "RETURNED_TO_SELLER", "ReturnedToSeller"),
        ),
        (("PickedUp", "Lost"), ("Lost", "LOST", "LostInTransit")),
        (("PickedUp", "Damaged"), ("Damaged", "DAMAGED", "DamagedInTransit")),
    ],
)
async def test_three_vocabularies_tell_of_the_same_moment(
    shop: Shop, way: tuple[EasyShipStatus, ...], expected: tuple[str, str, str]
):
    """Order and package move together, step by step."""
    order = shop.order()
    await shop.scheduled(order)
    for status in way:
        progress.carrier_moves(shop.world, order, status)
    assert await told(shop, order) == expected


async def test_the_order_ships_when_the_carrier_collects(shop: Shop):
    """Scheduling ships nothing; the pickup confirms the shipment by itself."""
    order = shop.order(quantity=2)
    await shop.scheduled(order)
    assert order.status == "Unshipped"
    progress.carrier_moves(shop.world, order, "PickedUp")
    item = (await shop.show(order, "FULFILLMENT"))["orderItems"][0]["fulfillment"]
    assert (order.status, item["quantityFulfilled"], item["quantityUnfulfilled"]) == ("Shipped", 2, 0)
    with pytest.raises(BadMove):
        progress.carrier_moves(shop.world, order, "PickedUp")


async def test_a_cancelled_label_is_scheduled_again_with_new_ids(shop: Shop):
    """The order waits again; the old package stays to be seen until there is a new one."""
    order = shop.order()
    first = await shop.scheduled(order)
    progress.cancel_label(shop.world, order)
    assert (await told(shop, order))[:2] == ("LabelCanceled", "LABEL_CANCELLED")
    assert (await shop.package(order)).json()["packageStatus"] == "LabelCanceled"
    second = await shop.scheduled(order)
    assert second["scheduledPackageId"]["packageId"] != first["scheduledPackageId"]["packageId"]
    assert second["trackingDetails"] != first["trackingDetails"]
    with pytest.raises(BadMove, match="no label to cancel"):
        progress.cancel_label(shop.world, shop.order())


async def test_an_order_that_nobody_schedules_is_cancelled_after_five_days(shop: Shop):
    """Five days after the ship date, by Amazon; scheduled ones stay."""
    order, kept = shop.order(ship_by_hours=24), shop.order(ship_by_hours=24)
    await shop.scheduled(kept)
    shop.wait(6 * DAY - 1)
    assert order.status == "Unshipped"
    shop.wait(1)
    assert (order.status, order.cancelled_by, kept.status) == ("Canceled", "AMAZON", "Unshipped")
    execution = (await shop.show(order, "CANCELLATION"))["orderItems"][0]["cancellation"]["cancellationExecution"]
    assert execution["cancelledBy"] == "AMAZON"


async def test_a_label_cancelled_late_gives_one_more_day(shop: Shop):
    """The order is not lost at the very moment at which its label is."""
    order = shop.order()
    await shop.scheduled(order)
    shop.wait(7 * DAY)
    progress.cancel_label(shop.world, order)
    shop.wait(DAY - 1)
    assert order.status == "Unshipped"
    shop.wait(1)
    assert order.status == "Canceled"


async def test_automatic_cancellation_survives_a_snapshot(shop: Shop):
    """What is due is plain data that goes with the world."""
    order_id = shop.order().order_id
    snapshot = shop.world.snapshot()
    shop.wait(6 * DAY)
    assert shop.world.orders[order_id].status == "Canceled"
    shop.world.restore(snapshot)
    assert shop.world.orders[order_id].status == "Unshipped"
    shop.wait(6 * DAY)
    assert shop.world.orders[order_id].status == "Canceled"


async def test_a_buyers_wish_changes_nothing_but_is_shown(shop: Shop):
    """The order stays Unshipped until the seller cancels it."""
    order = shop.order()
    progress.request_cancel(shop.world, order, "Found it cheaper")
    item = (await shop.show(order, "CANCELLATION"))["orderItems"][0]
    assert item["cancellation"] == {"cancellationRequest": {"requester": "BUYER", "cancelReason": "Found it cheaper"}}
    assert order.status == "Unshipped"


async def test_the_seller_cannot_cancel_once_it_is_scheduled(shop: Shop):
    """Amazon must cancel the label first."""
    order = shop.order()
    await shop.scheduled(order)
    with pytest.raises(BadMove, match="must be cancelled by Amazon"):
        progress.cancel_order(shop.world, order, "SELLER")
    progress.cancel_label(shop.world, order)
    progress.cancel_order(shop.world, order, "SELLER", "NoInventory")
    execution = (await shop.show(order, "CANCELLATION"))["orderItems"][0]["cancellation"]["cancellationExecution"]
    assert execution == {"cancelledBy": "MERCHANT", "cancelReason": "NoInventory"}


async def test_a_cancelled_order_voids_its_label(shop: Shop):
    """Nobody collects what the buyer does not want any more."""
    order = shop.order()
    await shop.scheduled(order)
    progress.cancel_order(shop.world, order, "BUYER")
    assert (order.packages[0].status, order.live_package) == ("LabelCanceled", None)
    with pytest.raises(BadMove):
        progress.cancel_order(shop.world, order, "BUYER")


def test_orders_draw_on_the_listing_and_give_back(shop: Shop):
    """Ordered units are reserved, cancelled ones are listed again unless the switch says otherwise."""
    listing = shop.world.listings[shop.seller_id, "KETTLE"]
    first, second, third = shop.orders(3, quantity=2)
    assert (listing.quantity, listing.reserved) == (94, 6)
    progress.cancel_order(shop.world, first, "BUYER")
    assert (listing.quantity, listing.reserved) == (96, 4)
    shop.world.switches.update({"cancelled_units": "kept_back"})
    progress.cancel_order(shop.world, second, "BUYER")
    assert (listing.quantity, listing.reserved) == (96, 2)
    assert third.holds_stock


async def test_far_eastern_orders_wait_without_a_status(shop_in):
    """PendingSchedule was announced for North America and Europe; elsewhere an order may show nothing."""
    shop = shop_in("A19VAU5U5O7RUS", "FE")
    order = shop.order()
    assert order.easy_ship_status is None
    assert (await shop.show(order, "PACKAGES"))["packages"] == []
    assert "AMAZON_EASY_SHIP" in (await shop.show(order))["programs"]
    await shop.scheduled(order)
    assert order.easy_ship_status == "PendingPickUp"


async def test_brazil_calls_easy_ship_delivery_by_amazon(shop_in):
    """The program has another name there."""
    shop = shop_in("A2Q3Y263D00KWC", "NA")
    assert (await shop.show(shop.order()))["programs"] == ["DELIVERY_BY_AMAZON"]


@pytest.mark.parametrize(
    "spec",
    [
        {"marketplace_id": "NOWHERE"},
        {"marketplace_id": "A19VAU5U5O7RUS"},
        {"sku": "NOTHING"},
        {"quantity": 0},
        {"lines": (OrderLineSpec(sku="KETTLE"),), "sku": "KETTLE"},
        {"replaced_order_id": "402-0000000-0000000"},
        {"in_store_pickup": True},
    ],
)
def test_orders_that_make_no_sense_are_refused(shop: Shop, spec: dict[str, object]):
    """Each with the field to mend."""
    with pytest.raises(BadSpec) as refusal:
        shop.order(**spec)
    assert refusal.value.field


async def test_a_replacement_names_the_order_that_it_replaces(shop: Shop):
    """It costs nothing and is told in both versions."""
    order = shop.order()
    replacement = shop.order(replaced_order_id=order.order_id)
    shown = await shop.show(replacement, "PROCEEDS")
    assert shown["associatedOrders"][0]["orderId"] == order.order_id
    assert shown["proceeds"]["grandTotal"]["amount"] == "0.00"
    v0 = (await shop.call("GET", f"{ORDERS_V0}/{replacement.order_id}")).json()["payload"]
    assert v0["ReplacedOrderId"] == order.order_id


async def test_a_listing_made_anew_owes_older_orders_nothing(shop: Shop):
    """What was ordered from the deleted one is not given back to the new one."""
    order = shop.order(quantity=2)
    shop.world.clock.advance(60)
    key = (shop.seller_id, "KETTLE")
    listing = list_sku(shop.world, shop.world.skus[key], 10)
    assert InvariantChecker(shop.world).report().ok
    progress.cancel_order(shop.world, order, "BUYER")
    assert (listing.quantity, listing.reserved) == (10, 0)
    assert InvariantChecker(shop.world).report().ok


async def test_what_the_seller_ships_itself_is_cancelled_by_its_marketplaces_rule(shop_in):
    """Three days after the ship date in Saudi Arabia; nothing is known of India."""
    saudi, india = shop_in("A17E79C6D8DWNP"), shop_in("A21TJRUUN4KGV")
    order, kept = saudi.order(easy_ship=False), india.order(easy_ship=False)
    saudi.wait(4 * DAY)
    assert (order.status, kept.status) == ("Canceled", "Unshipped")


async def test_automatic_cancellation_can_be_switched_off(shop: Shop):
    """For a long test."""
    shop.world.switches.update({"automatic_cancellation": "off"})
    order = shop.order()
    shop.wait(30 * DAY)
    assert order.status == "Unshipped"
