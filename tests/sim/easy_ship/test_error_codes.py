"""Each of the eleven codes of the Easy Ship API, reached by what a seller does."""

from collections.abc import Callable
from typing import Any

import pytest

from packline_sim.faults import FaultRule
from packline_sim.orders.progress import cancel_order, carrier_moves
from sim.core.driving import Answer
from sim.easy_ship.shop import INDIA, Shop

UAE = "A2VIGQ35RCS4UG"
TURKEY = "A33AVAJ2PDY3EV"


def refused(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, answer.code) == (status, code), answer.text


async def test_invalid_input_for_what_does_not_fit_the_schema(shop: Shop):
    """Missing fields, too little weight, unknown units, a body that is no JSON."""
    order = shop.order()
    bad: tuple[dict[str, Any], ...] = (
        {"weight": {"value": 10.9, "unit": "g"}},
        {"weight": {"value": 500, "unit": "kg"}},
        {"weight": {"unit": "g"}},
        {"box": {"length": 0.001, "width": 1, "height": 1, "unit": "cm"}},
        {"box": {"length": 1, "width": 1, "height": 1, "unit": "inch"}},
        {"box": {"length": 1, "width": 1, "unit": "cm"}},
        {"marketplaceId": ""},
    )
    for changes in bad:
        refused(await shop.slots(order, **changes), 400, "InvalidInput")
    refused(await shop.call("POST", "/easyShip/2022-03-23/timeSlot", b"{"), 400, "InvalidInput")
    refused(await shop.call("GET", "/easyShip/2022-03-23/package", amazonOrderId="x"), 400, "InvalidInput")


async def test_units_are_read_in_any_letter_case(shop: Shop):
    """The old reference has Cm and Grams; the legacy switch answers so."""
    order = shop.order()
    box = {"length": 20, "width": 15, "height": 10, "unit": "Cm"}
    answer = await shop.slots(order, box=box, weight={"value": 500, "unit": "Grams"})
    assert answer.status == 200
    shop.world.switches.update({"easy_ship_case": "legacy", "slot_times": "utc"})
    package = await shop.scheduled(order, slot_id=answer.json()["timeSlots"][0]["slotId"])
    assert (package["packageDimensions"]["unit"], package["packageWeight"]["unit"]) == ("Cm", "G")
    assert package["packageTimeSlot"]["handoverMethod"] == "Pickup"
    assert package["packageTimeSlot"]["startTime"].endswith("Z")


async def test_invalid_time_slot_id_for_slots_of_nobody_or_of_another_order(shop: Shop):
    """A slot belongs to the order it was listed for."""
    order, other = shop.orders(2)
    refused(await shop.schedule(order, "AQnobody"), 400, "InvalidTimeSlotId")
    refused(await shop.schedule(order, await shop.slot_id(other)), 400, "InvalidTimeSlotId")


async def test_scheduled_package_already_exists_for_the_second_call(shop: Shop):
    """The first package stays as it is and can be read."""
    order = shop.order()
    slot = await shop.slot_id(order)
    package = (await shop.schedule(order, slot)).json()
    refused(await shop.schedule(order, slot), 400, "ScheduledPackageAlreadyExists")
    assert (await shop.package(order)).json() == package


async def test_schedule_window_expired_after_half_an_hour_and_at_the_window(shop: Shop):
    """A listing is good for 30 minutes, or by switch until its window begins."""
    order = shop.order()
    slot = await shop.slot_id(order)
    shop.wait(1799)
    fresh = await shop.slot_id(order)
    shop.wait(1)
    refused(await shop.schedule(order, slot), 400, "ScheduleWindowExpired")
    shop.world.switches.update({"slot_life": "slot_start"})
    shop.wait_until(shop.world.easy_ship.slots[fresh].start_ms)
    refused(await shop.schedule(order, fresh), 400, "ScheduleWindowExpired")


async def test_retryable_after_getting_new_slots_when_others_took_the_window(shop: Shop):
    """A full window refuses who listed it before, and is not listed any more."""
    shop.world.switches.update({"slot_capacity": "1"})
    first, second = shop.orders(2)
    slot, late = await shop.slot_id(first), await shop.slot_id(second)
    assert (await shop.schedule(first, slot)).status == 200
    refused(await shop.schedule(second, late), 400, "RetryableAfterGettingNewSlots")
    assert (await shop.schedule(second)).status == 200
    taken = {order.packages[0].slot.start_ms for order in (first, second)}
    assert len(taken) == 2


@pytest.mark.parametrize(
    "size",
    [{"weight": {"value": 9001, "unit": "g"}}, {"box": {"length": 30, "width": 51, "height": 10, "unit": "cm"}}],
    ids=["weight", "size"],
)
async def test_time_slot_not_available_for_parcels_above_the_limits(shop: Shop, size: dict[str, Any]):
    """India's Easy Ship takes up to 9 kg and 50 x 35 x 30 cm, whichever way the parcel lies."""
    order = shop.order()
    refused(await shop.slots(order, **size), 404, "TimeSlotNotAvailable")
    lying = {"length": 30, "width": 50, "height": 35, "unit": "cm"}
    assert (await shop.slots(order, box=lying, weight={"value": 9000, "unit": "g"})).status == 200


async def test_time_slot_not_available_when_every_window_lies_behind_the_cancellation(shop: Shop):
    """Windows that begin after Amazon would cancel the order are of no use."""
    shop.world.switches.update({"automatic_cancellation": "off"})
    order = shop.order(ship_by_hours=1)
    shop.wait(5 * 86_400 + 3000)
    refused(await shop.slots(order), 404, "TimeSlotNotAvailable")


async def test_resource_not_found_for_what_does_not_exist(shop: Shop, shop_in: Callable[..., Shop]):
    """Unknown orders and marketplaces, orders of others, packages that nobody scheduled; 400 by switch."""
    order, foreign = shop.order(), shop_in(INDIA).order()
    refused(await shop.slots(order, amazonOrderId="402-0000000-0000000"), 404, "ResourceNotFound")
    refused(await shop.slots(order, marketplaceId="NOWHERE"), 404, "ResourceNotFound")
    refused(await shop.slots(foreign), 404, "ResourceNotFound")
    refused(await shop.package(order), 404, "ResourceNotFound")
    shop.world.switches.update({"resource_not_found": "400"})
    refused(await shop.package(order), 400, "ResourceNotFound")


async def test_invalid_order_state_where_nothing_can_be_scheduled(shop: Shop):
    """Pending, cancelled and departed orders; a package that has left cannot move."""
    pending, cancelled, gone = shop.order(status="Pending"), shop.order(), shop.order()
    slot = await shop.slot_id(cancelled)
    cancel_order(shop.world, cancelled, "BUYER")
    refused(await shop.slots(pending), 404, "InvalidOrderState")
    refused(await shop.schedule(cancelled, slot), 404, "InvalidOrderState")
    await shop.scheduled(gone)
    other = await shop.slot_id(gone, at=1)
    carrier_moves(shop.world, gone, "PickedUp")
    refused(await shop.slots(gone), 404, "InvalidOrderState")
    refused(await shop.reschedule((gone, other)), 404, "InvalidOrderState")


async def test_invalid_input_for_orders_that_the_seller_ships_itself(shop: Shop):
    """Which code it is, is not documented: a switch has the others."""
    order = shop.order(easy_ship=False)
    refused(await shop.slots(order), 400, "InvalidInput")
    shop.world.switches.update({"not_easy_ship": "InvalidOrderState"})
    refused(await shop.slots(order), 404, "InvalidOrderState")


async def test_region_not_supported_in_the_strict_profile(shop_in: Callable[..., Shop]):
    """The Emirates are served by the lenient profile only."""
    shop = shop_in(UAE)
    order = shop.order()
    assert (await shop.slots(order)).status == 200
    shop.world.switches.update({"easy_ship_profile": "strict"})
    refused(await shop.slots(order), 404, "RegionNotSupported")


async def test_order_not_eligible_for_rescheduling_shortly_before_the_pickup(shop: Shop):
    """Two hours before its window a package stays where it is; when nobody came it can move again."""
    order = shop.order()
    await shop.scheduled(order)
    slot = order.packages[0].slot
    shop.wait_until(slot.start_ms - 7_200_000)
    refused(await shop.reschedule((order, await shop.slot_id(order, at=2))), 405, "OrderNotEligibleForRescheduling")
    shop.wait_until(slot.end_ms)
    assert (await shop.reschedule((order, await shop.slot_id(order)))).status == 200


async def test_internal_server_error_is_spelled_as_easy_ship_does(shop: Shop):
    """A failure inside Amazon, before or after the effect."""
    order = shop.order()
    slot = await shop.slot_id(order)
    shop.world.faults.add(FaultRule(kind="500", operations=("createScheduledPackage",), limit=1))
    shop.world.faults.add(FaultRule(kind="500_after", operations=("createScheduledPackage",), limit=1))
    refused(await shop.schedule(order, slot), 500, "InternalServerError")
    assert not order.packages
    refused(await shop.schedule(order, slot), 500, "InternalServerError")
    assert order.packages


async def test_internal_server_error_while_the_carrier_does_not_answer(shop: Shop):
    """Windows are the carrier's: without it none is listed, booked or changed; what is booked can still be read."""
    order, waiting = shop.orders(2)
    await shop.scheduled(order)
    other, slot = await shop.slot_id(order, at=2), await shop.slot_id(waiting)
    away = shop.world.easy_ship.carrier_away
    away.add((shop.seller_id, INDIA))
    refused(await shop.slots(waiting), 500, "InternalServerError")
    refused(await shop.schedule(waiting, slot), 500, "InternalServerError")
    refused(await shop.reschedule((order, other)), 500, "InternalServerError")
    assert (await shop.package(order)).status == 200
    assert not waiting.packages
    away.clear()
    assert (await shop.schedule(waiting, slot)).status == 200


async def test_a_marketplace_of_another_region_is_forbidden(shop: Shop):
    """The host serves its own region only."""
    refused(await shop.slots(shop.order(), marketplaceId="A19VAU5U5O7RUS"), 403, "Unauthorized")


async def test_without_the_role_every_call_is_forbidden(shop: Shop):
    """Easy Ship needs a restricted role."""
    shop.world.switches.update({"easy_ship_role": "missing"})
    refused(await shop.slots(shop.order()), 403, "Unauthorized")


async def test_a_reschedule_of_many_is_all_or_nothing(shop: Shop):
    """One bad package leaves every other where it was, also when a window runs out half-way."""
    first, second = shop.orders(2)
    await shop.scheduled(first)
    await shop.scheduled(second)
    good, also = await shop.slot_id(first, at=3), await shop.slot_id(second, at=3)
    before = first.packages[0].slot
    refused(await shop.reschedule((first, good), (second, "AQnobody")), 400, "InvalidTimeSlotId")
    shop.world.easy_ship.capacity[shop.seller_id, INDIA] = 1
    refused(await shop.reschedule((first, good), (second, also)), 400, "RetryableAfterGettingNewSlots")
    assert first.packages[0].slot == before
    shop.world.easy_ship.capacity.clear()
    assert (await shop.reschedule((first, good), (second, also))).status == 200
    assert shop.world.easy_ship.taken[shop.seller_id, INDIA, "PICKUP", first.packages[0].slot.start_ms] == 2


@pytest.mark.parametrize(
    ("given", "ok"),
    [
        (["A", "B"], True),
        (["A"], False),
        ([], False),
        (["A", "A"], False),
        (["A", " "], False),
        (["A", "B", "C"], False),
    ],
)
async def test_serial_numbers_are_demanded_one_for_each_unit(shop: Shop, given: list[str], ok: bool):
    """All items that need them carry as many as they have units, each of them once."""
    order = shop.order(quantity=2, serial_required=True)
    items = [{"orderItemId": order.items[0].order_item_id, "orderItemSerialNumbers": given}]
    answer = await shop.schedule(order, packageItems=items)
    if not ok:
        refused(answer, 400, "InvalidInput")
        return
    assert answer.json()["packageItems"] == items


async def test_serial_numbers_of_items_that_need_none_are_refused(shop: Shop):
    """They must be supplied for none of the others, nor for items of another order."""
    order = shop.order()
    for item_id in (order.items[0].order_item_id, "1"):
        items = [{"orderItemId": item_id, "orderItemSerialNumbers": ["A"]}]
        refused(await shop.schedule(order, packageItems=items), 400, "InvalidInput")


async def test_drop_off_is_offered_where_the_marketplace_has_it(shop_in: Callable[..., Shop]):
    """A drop-off makes the order wait for the seller, and is moved without a cut-off."""
    shop = shop_in(TURKEY)
    order = shop.order()
    await shop.scheduled(order, slot_id=await shop.slot_id(order, method="DROPOFF"))
    assert order.easy_ship_status == "PendingDropOff"
    assert order.packages[0].invoice_number is None
    assert (await shop.reschedule((order, await shop.slot_id(order, method="PICKUP")))).status == 200
    assert order.easy_ship_status == "PendingPickUp"
