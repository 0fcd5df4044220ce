"""The checker finds what is wrong with orders, and stays silent while all is well."""

from collections.abc import Callable

import pytest

from packline_sim.invariants import InvariantChecker
from packline_sim.orders.invariants import ORDER_RULES
from packline_sim.orders.progress import cancel_label, cancel_order, carrier_moves
from packline_sim.orders.records import Order
from sim.easy_ship.shop import Shop


@pytest.fixture
def checker(shop: Shop) -> InvariantChecker:
    made = InvariantChecker(shop.world)
    shop.world.on_change.append(made.follow)
    return made


def _two_live(shop: Shop, order: Order, _: Order) -> None:
    order.packages.append(order.packages[0])


def _after_cancel(shop: Shop, order: Order, _: Order) -> None:
    cancel_order(shop.world, order, "BUYER")
    shop.world.emit_order("package_scheduled", order, cause="test")


def _serial_twice(_: Shop, order: Order, other: Order) -> None:
    order.packages[0].serials = other.packages[0].serials = {"1": ["SN-1"]}


def _tracking_twice(_: Shop, order: Order, other: Order) -> None:
    order.packages[0].tracking_id = other.packages[0].tracking_id


def _statuses_apart(_: Shop, order: Order, __: Order) -> None:
    order.packages[0].status = "Delivered"


def _without_package(_: Shop, order: Order, __: Order) -> None:
    order.packages.clear()


def _window_miscounted(shop: Shop, order: Order, _: Order) -> None:
    shop.world.easy_ship.take(order, order.packages[0].slot)


def _units_lost(shop: Shop, *_: Order) -> None:
    shop.world.listings[shop.seller_id, "KETTLE"].reserved = 0


BREAKAGES: tuple[tuple[str, Callable[..., None]], ...] = (
    ("order_scheduled_once", _two_live),
    ("order_quiet_after_cancel", _after_cancel),
    ("order_serial_once", _serial_twice),
    ("order_tracking_unique", _tracking_twice),
    ("order_fits_package", _statuses_apart),
    ("order_fits_package", _without_package),
    ("windows_add_up", _window_miscounted),
    ("listing_units_add_up", _units_lost),
)


@pytest.mark.parametrize(("rule", "breakage"), BREAKAGES)
async def test_a_broken_rule_is_found(shop: Shop, checker: InvariantChecker, rule: str, breakage: Callable[..., None]):
    """Each way of breaking a rule is reported under that rule, with the id of what is broken."""
    order, other = shop.orders(2)
    await shop.scheduled(order)
    await shop.scheduled(other)
    assert checker.report().ok
    breakage(shop, order, other)
    found = [row for row in checker.report().violations if row.rule == rule]
    assert found
    assert all(row.subject for row in found)


def test_every_rule_can_be_broken():
    """No rule is listed that nothing checks."""
    assert {rule for rule, _ in BREAKAGES} == set(ORDER_RULES)


async def test_a_whole_life_violates_nothing(shop: Shop, checker: InvariantChecker):
    """Scheduled, moved, cancelled, scheduled again, delivered, cancelled by the buyer: the books stay straight."""
    order, other, third = shop.orders(3)
    await shop.scheduled(order)
    assert (await shop.reschedule((order, await shop.slot_id(order, at=3)))).status == 200
    cancel_label(shop.world, order)
    await shop.scheduled(order)
    for status in ("PickedUp", "AtOriginFC", "AtDestinationFC", "OutForDelivery", "Delivered"):
        carrier_moves(shop.world, order, status)
    await shop.scheduled(other)
    cancel_order(shop.world, other, "BUYER")
    cancel_order(shop.world, third, "SELLER")
    report = checker.report()
    assert report.ok, report.violations
    assert report.orders == 3
