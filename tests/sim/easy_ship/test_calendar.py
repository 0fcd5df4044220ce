"""When windows are, and how full they get."""

from collections.abc import Callable
from datetime import datetime

from packline_sim.orders.progress import cancel_label
from sim.easy_ship.shop import INDIA, Shop

SAUDI_ARABIA = "A17E79C6D8DWNP"


async def starts(shop: Shop, **spec: object) -> list[datetime]:
    rows = (await shop.slots(shop.order(**spec))).json()["timeSlots"]
    return [datetime.fromisoformat(row["startTime"]) for row in rows]


async def test_windows_begin_at_the_marketplaces_hours_and_not_within_the_hour(shop: Shop):
    """Monday evening in India: the windows of Tuesday, Wednesday and Thursday, three a day."""
    found = await starts(shop)
    assert [moment.hour for moment in found] == [10, 14, 17] * 3
    assert [moment.strftime("%a") for moment in found[::3]] == ["Tue", "Wed", "Thu"]
    shop.wait_until(int(found[0].timestamp() * 1000) - 3_600_000)
    assert (await starts(shop))[0] == found[1]


async def test_friday_is_off_in_saudi_arabia_unless_the_seller_chose_another_day(shop_in: Callable[..., Shop]):
    """A seller's weekly off day replaces the default."""
    shop = shop_in(SAUDI_ARABIA)
    shop.world.switches.update({"slot_days": "7"})
    assert {moment.weekday() for moment in await starts(shop, ship_by_hours=96)} == {0, 1, 2, 3, 5, 6}
    shop.world.easy_ship.off_days[shop.seller_id, SAUDI_ARABIA] = frozenset({6})
    assert 4 in {moment.weekday() for moment in await starts(shop, ship_by_hours=96)}


async def test_a_window_gets_its_room_back_when_a_label_is_cancelled(shop: Shop):
    """What is booked no more takes no room."""
    shop.world.easy_ship.capacity[shop.seller_id, INDIA] = 1
    order, other = shop.orders(2)
    first = (await shop.scheduled(order))["packageTimeSlot"]["startTime"]
    assert (await shop.slots(other)).json()["timeSlots"][0]["startTime"] != first
    cancel_label(shop.world, order)
    assert (await shop.slots(other)).json()["timeSlots"][0]["startTime"] == first


async def test_listings_of_slots_are_kept_in_number(shop: Shop, monkeypatch):
    """The oldest listings are forgotten when there are very many."""
    monkeypatch.setattr("packline_sim.easy_ship.slots.KEPT_SLOTS", 40)
    order = shop.order()
    old = await shop.slot_id(order)
    for _ in range(6):
        await shop.slots(order)
    assert len(shop.world.easy_ship.slots) <= 40
    assert (await shop.schedule(order, old)).code == "InvalidTimeSlotId"
