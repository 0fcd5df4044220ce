"""Carriers that come by themselves, in the booked window, and what they leave behind."""

from packline_sim.actors.carriers import Carriers
from packline_sim.control.stage import stage_of
from packline_sim.orders.progress import cancel_label
from sim.easy_ship.shop import Shop


def automatic(shop: Shop, **settings: float) -> None:
    stage_of(shop.world).carriers.change(Carriers(automatic=True, **settings))  # type: ignore[arg-type]


async def test_the_carrier_comes_in_the_booked_window_and_delivers(shop: Shop):
    """Not before it begins, not after it ended; the parcel passes every station."""
    automatic(shop)
    order = shop.order()
    await shop.scheduled(order)
    slot = order.packages[0].slot
    shop.wait_until(slot.start_ms - 1)
    assert order.easy_ship_status == "PendingPickUp"
    shop.wait_until(slot.end_ms)
    assert order.easy_ship_status in {"PickedUp", "AtOriginFC"}
    shop.wait(2 * 86_400)
    steps = [row.after for row in order.history]
    assert steps[-4:] == ["AtOriginFC", "AtDestinationFC", "OutForDelivery", "Delivered"]
    assert stage_of(shop.world).invariants.report().ok


async def test_a_moved_or_cancelled_package_is_not_collected_at_its_old_window(shop: Shop):
    """The carrier comes to the window that is booked now, and leaves what has no label."""
    automatic(shop)
    moved, cancelled = shop.orders(2)
    for order in (moved, cancelled):
        await shop.scheduled(order)
    old = moved.packages[0].slot
    assert (await shop.reschedule((moved, await shop.slot_id(moved, at=6)))).status == 200
    cancel_label(shop.world, cancelled)
    shop.wait_until(old.end_ms)
    assert (moved.status, cancelled.status) == ("Unshipped", "Unshipped")
    assert stage_of(shop.world).carriers.state.left_on_the_dock == 2
    shop.wait_until(moved.packages[0].slot.end_ms)
    assert moved.status == "Shipped"


async def test_refused_parcels_travel_back(shop: Shop):
    """The buyer refuses, the parcel returns to the seller."""
    automatic(shop, undelivered_share=1.0)
    order = shop.order()
    await shop.scheduled(order)
    shop.wait(10 * 86_400)
    assert order.easy_ship_status == "ReturnedToSeller"
    assert stage_of(shop.world).carriers.state.undelivered == 1


async def test_carriers_go_on_after_a_snapshot_was_restored(shop: Shop):
    """What was planned is planned anew."""
    automatic(shop)
    order_id = shop.order().order_id
    await shop.scheduled(shop.world.orders[order_id])
    stage = stage_of(shop.world)
    saved = stage.save()
    stage.load(saved)
    shop.wait(10 * 86_400)
    assert shop.world.orders[order_id].easy_ship_status == "Delivered"


async def test_what_is_on_its_way_goes_on_after_a_snapshot(shop: Shop):
    """Collected before, delivered after; other programs' carriers do not come."""
    automatic(shop)
    order_id = shop.order().order_id
    await shop.scheduled(shop.world.orders[order_id])
    shop.wait_until(shop.world.orders[order_id].packages[0].slot.end_ms)
    stage = stage_of(shop.world)
    stage.load(stage.save())
    shop.wait(10 * 86_400)
    assert shop.world.orders[order_id].easy_ship_status == "Delivered"
    stage.carriers.change(Carriers(automatic=True, programs=("SELLER_FLEX",)))
    other = shop.order()
    await shop.scheduled(other)
    shop.wait(4 * 86_400)
    assert other.easy_ship_status == "PendingPickUp"
