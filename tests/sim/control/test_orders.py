"""Orders of Seller Central through the control API, the handles, the command line and scenarios."""

import time

import pytest

from packline_sim.clock import SimClock
from packline_sim.control.client import SimulatorError
from packline_sim.control.handles import Amazon, Seller
from packline_sim.control.stage import stage_of
from packline_sim.scenario import load_scenario, play
from packline_sim.world import World

INDIA, UAE = "A21TJRUUN4KGV", "A2VIGQ35RCS4UG"


def test_an_order_is_made_shown_and_cancelled(amazon: Amazon, seller: Seller) -> None:
    """The handle reads what is true now."""
    order = seller.central_order("MUG-BLUE", 2)
    shown = order.show()
    assert (shown.status, shown.easy_ship_status, shown.items[0].quantity) == ("Unshipped", "PendingSchedule", 2)
    assert seller.listing("MUG-BLUE")["reserved"] == 2
    order.request_cancel("Too slow")
    assert order.show().items[0].cancel_requested
    order.cancel("AMAZON", "Address not deliverable")
    assert (order.status, order.show().cancel_reason) == ("Canceled", "Address not deliverable")
    with pytest.raises(SimulatorError, match="only an order that has not left"):
        order.cancel()
    assert [row.order_id for row in amazon.central_orders(status="Canceled")] == [order.order_id]
    assert amazon.stats().central_orders == {"Canceled": 1}
    amazon.check()


def test_a_pending_order_is_released(seller: Seller) -> None:
    """Its payment is authorised by hand."""
    order = seller.central_order("MUG-BLUE", status="Pending")
    assert order.status == "Pending"
    order.release()
    assert (order.status, order.easy_ship_status) == ("Unshipped", "PendingSchedule")


def test_what_was_not_scheduled_cannot_be_scanned_or_lose_its_label(amazon: Amazon, seller: Seller) -> None:
    """The refusals say why; a scan of many lists them."""
    order = seller.central_order("MUG-BLUE")
    with pytest.raises(SimulatorError, match="cannot follow"):
        order.scan()
    with pytest.raises(SimulatorError, match="no label to cancel"):
        order.cancel_label()
    result = amazon.control.post("order_scans", body={"order_ids": [order.order_id]})
    assert result["refused"][0]["order_id"] == order.order_id
    assert amazon.control.post("order_scans", body={"seller_id": seller.seller_id})["scanned"] == []


def test_five_thousand_orders_are_made_in_seconds(seller: Seller) -> None:
    """By one call of the control API."""
    began = time.perf_counter()
    assert len(seller.central_orders(5000)) == 5000
    assert time.perf_counter() - began < 10


def test_capabilities_are_changed_and_put_back(amazon: Amazon) -> None:
    """Strict takes the Emirates away; an override wins over the profile."""
    amazon.set_switches(easy_ship_profile="strict")
    assert not amazon.easy_ship.capabilities()[UAE].served
    changed = amazon.easy_ship.offer(UAE, bulk=True)
    assert (changed.served, changed.changed, changed.bulk) == (True, True, True)
    amazon.control.delete("easy_ship", "capabilities", UAE)
    assert not amazon.easy_ship.capabilities()[UAE].served
    with pytest.raises(SimulatorError, match="marketplace"):
        amazon.easy_ship.offer("NOWHERE", bulk=True)


def test_windows_are_shown_closed_and_limited(amazon: Amazon, seller: Seller) -> None:
    """A seller's calendar can be changed while it runs."""
    first, *rest = amazon.easy_ship.windows(seller.seller_id)
    assert first.is_open
    amazon.easy_ship.close_window(seller.seller_id, first)
    assert not amazon.easy_ship.windows(seller.seller_id)[0].is_open
    body = {"seller_id": seller.seller_id, "start": first.start}
    amazon.control.post("easy_ship", "windows", "open", body=body)
    assert amazon.easy_ship.windows(seller.seller_id)[0].is_open
    calendar = amazon.easy_ship.set_calendar(seller.seller_id, capacity=0, off_days=[0, 6])
    assert (calendar.capacity, calendar.off_days) == (0, (0, 6))
    rows = amazon.easy_ship.windows(seller.seller_id)
    assert not any(row.is_open or row.start.weekday() == 0 for row in rows)
    assert amazon.easy_ship.set_calendar(seller.seller_id, capacity=-1).capacity is None
    assert amazon.easy_ship.set_calendar(seller.seller_id, carrier_away=True).carrier_away
    assert not amazon.easy_ship.set_calendar(seller.seller_id, carrier_away=False).carrier_away
    with pytest.raises(SimulatorError, match="does not sell there"):
        amazon.easy_ship.windows(seller.seller_id, UAE)
    assert rest


def test_the_scenario_lives_for_a_day() -> None:
    """Buyers order, some ask to cancel; with nobody scheduling nothing is collected, and all adds up."""
    world = World(clock=SimClock(start_ms=1_790_000_000_000, speed=0))
    stage = stage_of(world)
    play(load_scenario("easy-ship"), stage, speed=0)
    assert len(world.orders) == 33
    world.clock.advance(86_400)
    assert len(world.orders) > 7000
    assert any(item.cancel_requested for order in world.orders.values() for item in order.items)
    assert stage.carriers.state.picked_up == 0
    report = stage.invariants.report()
    assert report.ok, report.violations[:3]
