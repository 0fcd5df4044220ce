"""The fixtures that the plugin gives: a seller, orders, a clock, and an Amazon that begins anew for each test."""

from datetime import UTC, datetime, timedelta

import pytest

from packline_sim.control.client import SimulatorError
from packline_sim.control.handles import Amazon, AmazonClock, Seller
from sim.control.connector import Connector


def test_a_seller_is_ready_to_sell(amazon: Amazon, seller: Seller) -> None:
    """The seller has a place, products and stock, and its credentials open Amazon's API."""
    order = seller.order("MUG-BLUE", units=2)
    assert (order.status, order.show().units) == ("ACCEPTED", 2)
    status, shipment = Connector(amazon.url, seller).call("GET", f"/shipments/{order.shipment_id}")
    assert (status, shipment["id"]) == (200, order.shipment_id)
    assert seller.stock("MUG-BLUE")["sellable"] == 98


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_begins_with_an_empty_amazon(amazon: Amazon, seller: Seller, turn: int) -> None:
    """Nothing is left of the test before."""
    assert amazon.stats().orders == 0
    assert amazon.counters() == {}
    assert seller.order("MUG-BLUE").status == "ACCEPTED"
    assert [row.seller_id for row in amazon.sellers()] == [seller.seller_id]


def test_the_same_seed_makes_the_same_orders(amazon: Amazon) -> None:
    """A failing test can be run again and meets the same world."""
    made = []
    for _ in range(2):
        amazon.reset(seed=11, start="2026-01-05T04:30:00Z", speed=0)
        seller = amazon.create_seller()
        seller.add_location()
        seller.add_sku()
        made.append([order.shipment_id for order in seller.orders(5)])
    assert made[0] == made[1]


def test_the_clock_stands_until_the_test_moves_it(amazon_clock: AmazonClock) -> None:
    """A test owns the time: no sleeping."""
    assert amazon_clock.now == amazon_clock.now
    before = amazon_clock.now
    assert amazon_clock.advance(timedelta(days=2)) == before + timedelta(days=2)


def test_a_journey_ends_with_the_carrier(amazon: Amazon, seller: Seller) -> None:
    """Order, confirm, pack, label, scan, deliver: the truth is in the simulator, and all rules hold."""
    order = seller.order("MUG-BLUE", program="SELLER_FLEX")
    assert Connector(amazon.url, seller).label(order.shipment_id) == 200
    order.scan()
    order.scan("DELIVERED")
    shown = order.show()
    assert [move.after for move in shown.history][-3:] == ["SHIPLABEL_GENERATED", "SHIPPED", "DELIVERED"]
    assert len(shown.packages[0].labels) == 1
    amazon.check()


def test_a_fault_strikes_the_calls_that_it_names(amazon: Amazon, seller: Seller) -> None:
    """The first confirmation fails, the second passes, and the journal knows both."""
    amazon.add_fault("500", "processShipment", nth=[1])
    order = seller.order("MUG-BLUE")
    connector = Connector(amazon.url, seller)
    assert [connector.confirm(order.shipment_id) for _ in range(2)] == [500, 204]
    assert [(call.status, call.had_effect) for call in amazon.calls(operation="processShipment")] == [
        (500, False),
        (204, True),
    ]
    amazon.clear_faults()


def test_quotas_are_off_until_a_test_wants_them(amazon: Amazon, seller: Seller) -> None:
    """Tests are fast by default; with Amazon's rates the third quick call is throttled."""
    connector = Connector(amazon.url, seller)
    order = seller.order("MUG-BLUE")
    assert {connector.confirm(order.shipment_id) for _ in range(5)} == {204, 409}
    amazon.clock.freeze()
    amazon.set_quotas("amazon")
    assert [connector.confirm(order.shipment_id) for _ in range(3)] == [409, 409, 429]


@pytest.mark.amazon(seed=5, start="2026-03-01T00:00:00Z", speed=0, scenario="demo")
def test_a_marker_settles_how_amazon_starts(amazon: Amazon) -> None:
    """Seed, time, speed, quotas and scenario can be chosen for a test."""
    assert {seller.name for seller in amazon.sellers()} == {"Marigold Home", "Dune Electronics", "Nordlicht Garten"}
    amazon.clock.freeze()
    assert amazon.clock.now.replace(microsecond=0) == datetime(2026, 3, 1, tzinfo=UTC)


def test_an_order_that_cannot_be_is_told(seller: Seller) -> None:
    """Seller Flex without stock makes no shipment; an unknown product is bad input."""
    with pytest.raises(LookupError, match="no stock"):
        seller.order("MUG-BLUE", units=1000, program="SELLER_FLEX")
    with pytest.raises(SimulatorError, match="NO-SUCH"):
        seller.order("NO-SUCH")


def test_a_buyer_cancels_and_sends_back(amazon: Amazon, seller: Seller) -> None:
    """What buyers do later is in the test's hands too."""
    cancelled, kept = seller.orders(2, lines=[{"sku": "LAMP-CANE", "units": 1}])
    cancelled.cancel()
    assert cancelled.status == "CANCELLED"
    with pytest.raises(SimulatorError, match="CANCELLED"):
        cancelled.cancel()
    Connector(amazon.url, seller).label(kept.shipment_id)
    kept.scan()
    kept.scan("DELIVERED")
    assert kept.send_back(reason="Too large")
    assert amazon.stats().returns == 1
