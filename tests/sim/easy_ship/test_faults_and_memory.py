"""Faults, journal, quotas and snapshots know orders as they know shipments."""

import pytest

from packline_sim.exchange import ConnectionDropped
from packline_sim.faults import FaultRule
from packline_sim.journal import CallFilter
from packline_sim.marketplaces import MARKETPLACES
from sim.easy_ship.shop import INDIA, Shop


async def test_a_fault_strikes_the_order_that_it_names(shop: Shop):
    """Whether the id is in the path, the query or the body."""
    order, other = shop.orders(2)
    shop.world.faults.add(FaultRule(kind="503", shipment_id=order.order_id))
    assert (await shop.slots(order)).status == 503
    assert (await shop.package(order)).status == 503
    assert (await shop.call("GET", f"/orders/2026-01-01/orders/{order.order_id}")).status == 503
    assert (await shop.slots(other)).status == 200


async def test_a_call_about_many_orders_names_none(shop: Shop):
    """The journal's subject is an order only when there is exactly one."""
    first, second = shop.orders(2)
    await shop.scheduled(first)
    await shop.reschedule((first, "AQ"), (second, "AQ"))
    rows = list(shop.world.journal.entries(CallFilter()))
    named = {row.operation: row.shipment_id for row in rows if row.operation.endswith(("Slots", "Package", "Packages"))}
    assert named == {
        "listHandoverSlots": first.order_id,
        "createScheduledPackage": first.order_id,
        "updateScheduledPackages": None,
    }
    assert [row.had_effect for row in rows if row.operation == "createScheduledPackage"] == [True]


async def test_after_a_lost_answer_the_package_is_read(shop: Shop):
    """The order is scheduled; trying again says so, reading gives the package."""
    order = shop.order()
    slot = await shop.slot_id(order)
    shop.world.faults.add(FaultRule(kind="timeout_after", operations=("createScheduledPackage",), limit=1))
    with pytest.raises(ConnectionDropped):
        await shop.schedule(order, slot)
    assert (await shop.schedule(order, slot)).code == "ScheduledPackageAlreadyExists"
    assert (await shop.package(order)).json()["trackingDetails"]["trackingId"] == order.packages[0].tracking_id


async def test_after_the_fifth_call_in_a_second_the_rate_is_exceeded(shop: Shop):
    """One call a second with a burst of five, for each of the operations by itself."""
    shop.world.quotas.use("amazon")
    order = shop.order()
    answers = [await shop.slots(order) for _ in range(6)]
    assert [answer.status for answer in answers] == [200] * 5 + [429]
    assert (answers[5].code, answers[0].headers["x-amzn-ratelimit-limit"]) == ("QuotaExceeded", "1.0")
    assert (await shop.package(order)).code == "ResourceNotFound"


async def test_scheduling_keeps_up_with_the_rate_of_3600_an_hour(shop: Shop):
    """Listing and scheduling once a second of simulated time meets no 429."""
    shop.world.quotas.use("amazon")
    orders = shop.orders(300)
    for order in orders:
        shop.world.clock.advance(1)
        assert (await shop.schedule(order)).status == 200
    assert all(order.packages for order in orders)


async def test_a_snapshot_keeps_orders_slots_and_windows(shop: Shop):
    """After going back, a slot that was listed before can be used, and everything is listed once."""
    order_id = shop.order().order_id
    order = shop.world.order(order_id)
    slot = await shop.slot_id(order)
    snapshot = shop.world.snapshot()
    await shop.scheduled(order, slot_id=slot)
    shop.world.restore(snapshot)
    shop.client.token = None
    again = shop.world.order(order_id)
    assert again.packages == []
    assert shop.world.easy_ship.taken == {}
    await shop.scheduled(again, slot_id=slot)
    shop.wait(180)
    found = (await shop.search(lastUpdatedAfter="2020-01-01")).json()["orders"]
    assert [row["orderId"] for row in found] == [order_id]


async def test_the_same_seed_gives_the_same_orders_and_packages(shop_in, world):
    """Ids, slots and tracking numbers come from the seed."""
    world.reset(11)
    first = await life(shop_in(INDIA))
    world.reset(11, start_ms=1_790_000_000_000)
    assert await life(shop_in(INDIA)) == first


async def life(shop: Shop) -> dict[str, object]:
    shop.world.clock.jump_to(1_790_000_000_000)
    return await shop.scheduled(shop.order())


@pytest.mark.parametrize("marketplace_id", ["A33AVAJ2PDY3EV", "A19VAU5U5O7RUS", "A1AM78C64UM0Y8", "AE08WJ6YKNBMC"])
async def test_every_marketplace_with_slots_takes_an_order(shop_in, marketplace_id: str):
    """Times carry the marketplace's own offset."""
    shop = shop_in(marketplace_id, MARKETPLACES[marketplace_id].region)
    package = await shop.scheduled(shop.order())
    hours = MARKETPLACES[marketplace_id].utc_offset.total_seconds() / 3600
    assert package["packageTimeSlot"]["startTime"].endswith(f"{hours:+03.0f}:00")
