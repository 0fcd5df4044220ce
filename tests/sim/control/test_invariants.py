"""The checker finds what is wrong, names it, and stays silent while all is well."""

from collections.abc import Callable

import pytest

from packline_sim.clock import SimClock
from packline_sim.invariants import RULES, InvariantChecker
from packline_sim.journal import CallEntry
from packline_sim.notifications.invariants import NOTIFICATION_RULES
from packline_sim.orders.invariants import ORDER_RULES
from packline_sim.progress import move_shipment
from packline_sim.records import Label, Package, PackedLine, Shipment, ShippingOption
from packline_sim.return_invariants import RETURN_RULES
from packline_sim.specs import LineSpec, LocationSpec, SellerSpec, ShipmentSpec, SkuSpec
from packline_sim.world import World


@pytest.fixture
def world() -> World:
    return World(3, clock=SimClock(start_ms=1_800_000_000_000, speed=0))


@pytest.fixture
def checker(world: World) -> InvariantChecker:
    made = InvariantChecker(world)
    world.on_change.append(made.follow)
    return made


@pytest.fixture
def shipment(world: World) -> Shipment:
    seller = world.create_seller(SellerSpec(name="Checked Goods", seller_id="S1"))
    world.create_location(seller.seller_id, LocationSpec(location_id="L1"))
    world.create_sku(seller.seller_id, SkuSpec(sku="A", stock=10))
    spec = ShipmentSpec(program="SELLER_FLEX", lines=(LineSpec(sku="A", units=2),))
    return world.create_shipments(seller.seller_id, spec)[0]


def _label(shipment: Shipment, number: int = 1, **facts: object) -> Label:
    plain: dict[str, object] = {
        "label_id": str(number),
        "shipment_id": shipment.shipment_id,
        "package_id": "P1",
        "revision": 1,
        "carrier": "ATS",
        "tracking_id": f"T{number}",
        "format": "ZPL",
        "made_ms": 0,
        "call_seq": 0,
    }
    return Label(**{**plain, **facts})  # type: ignore[arg-type]


def _packed(shipment: Shipment, *labels: Label, units: int = 2, serials: tuple[str, ...] = ()) -> Package:
    package = Package(
        package_id="P1",
        body={},
        lines=(PackedLine(line_id="1", units=units, serial_numbers=serials),),
        weight_g=1,
        labels=list(labels),
    )
    shipment.packages = {"P1": package}
    return package


def _move(world: World, shipment: Shipment, *statuses: str) -> None:
    for status in statuses:
        move_shipment(world, shipment, status, "test")  # type: ignore[arg-type]


TO_LABEL = ("CONFIRMED", "PACKAGE_CREATED", "PICKUP_SLOT_RETRIEVED", "INVOICE_GENERATED", "SHIPLABEL_GENERATED")


def _labeled(world: World, shipment: Shipment, *labels: Label) -> Package:
    package = _packed(shipment, *(labels or (_label(shipment),)))
    shipment.needs_invoice = False
    _move(world, shipment, *TO_LABEL)
    package.status = "SHIPLABEL_GENERATED"
    return package


def _rules(checker: InvariantChecker) -> set[str]:
    return {row.rule for row in checker.report().violations}


def test_a_world_in_order_has_no_violation(world: World, checker: InvariantChecker, shipment: Shipment) -> None:
    """From the order to the label nothing is reported."""
    assert checker.report().ok
    _labeled(world, shipment)
    report = checker.report()
    assert (report.ok, report.violations, report.shipments) == (True, [], 1)


def _over_packed(world: World, shipment: Shipment) -> None:
    _labeled(world, shipment)
    shipment.packages["P2"] = Package(
        package_id="P2", body={}, lines=(PackedLine(line_id="1", units=1),), weight_g=1, labels=[_label(shipment, 2)]
    )


def _under_packed(world: World, shipment: Shipment) -> None:
    _packed(_labeled(world, shipment) and shipment, _label(shipment), units=1)


def _serial_twice(world: World, shipment: Shipment) -> None:
    _labeled(world, shipment)
    _packed(shipment, _label(shipment), serials=("SN1", "SN1"))


def _two_live(world: World, shipment: Shipment) -> None:
    _labeled(world, shipment, _label(shipment, 1), _label(shipment, 2, revision=2))


def _made_twice(world: World, shipment: Shipment) -> None:
    _labeled(world, shipment, _label(shipment, 1, voided_ms=5), _label(shipment, 2))


def _left_bare(world: World, shipment: Shipment) -> None:
    _labeled(world, shipment).labels.clear()


def _old_label(world: World, shipment: Shipment) -> None:
    _labeled(world, shipment).revision = 2


def _no_invoice(world: World, shipment: Shipment) -> None:
    _labeled(world, shipment)
    shipment.needs_invoice = True


def _live_after_cancel(world: World, shipment: Shipment) -> None:
    _labeled(world, shipment)
    _move(world, shipment, "CANCELLED")


def _changed_after_cancel(world: World, shipment: Shipment) -> None:
    world.cancel(shipment.shipment_id)
    world.emit("packages_created", shipment)


def _half_gone(world: World, shipment: Shipment) -> None:
    _labeled(world, shipment)
    _move(world, shipment, "SHIPPED")


def _jumped(world: World, shipment: Shipment) -> None:
    _move(world, shipment, "DELIVERED")


def _stock_lost(world: World, shipment: Shipment) -> None:
    world.stock.row("S1", "L1", "A").reserved -= 1


def _sequence_fell(world: World, shipment: Shipment) -> None:
    row = world.stock.row("S1", "L1", "A")
    for number in (5, 4):
        row.sequences["FBA"] = number
        world.stock_changed(row, "batchInventory")


def _refused_with_effect(world: World, shipment: Shipment) -> None:
    world.current_call = 9
    _move(world, shipment, "CONFIRMED")
    world.journal.add(
        CallEntry(9, 0, "S1", "c", "processShipment", shipment.shipment_id, 409, None, "r", 1.0, True, None)
    )


def _same_tracking(world: World, shipment: Shipment) -> None:
    _labeled(world, shipment)
    other = world.create_shipments("S1", ShipmentSpec(program="SELLER_FLEX", lines=(LineSpec(sku="A", units=2),)))[0]
    _labeled(world, other, _label(other))


BREAKAGES: list[tuple[str, Callable[[World, Shipment], None]]] = [
    ("units_packed_once", _over_packed),
    ("units_packed_once", _under_packed),
    ("serial_packed_once", _serial_twice),
    ("one_live_label", _two_live),
    ("label_made_once", _made_twice),
    ("label_before_departure", _left_bare),
    ("label_fits_contents", _old_label),
    ("invoice_before_label", _no_invoice),
    ("cancelled_is_void", _live_after_cancel),
    ("quiet_after_cancel", _changed_after_cancel),
    ("shipped_together", _half_gone),
    ("legal_moves", _jumped),
    ("stock_adds_up", _stock_lost),
    ("sequences_grow", _sequence_fell),
    ("refusals_change_nothing", _refused_with_effect),
    ("tracking_unique", _same_tracking),
]


@pytest.mark.parametrize(("rule", "breakage"), BREAKAGES)
def test_a_broken_rule_is_found(
    world: World,
    checker: InvariantChecker,
    shipment: Shipment,
    rule: str,
    breakage: Callable[[World, Shipment], None],
) -> None:
    """Each way of breaking a rule is reported under that rule, with the id of what is broken."""
    breakage(world, shipment)
    found = [row for row in checker.report().violations if row.rule == rule]
    assert found
    assert all(row.subject for row in found)


def test_every_rule_can_be_broken() -> None:
    """No rule is listed that nothing checks."""
    elsewhere = {*ORDER_RULES, *RETURN_RULES, *NOTIFICATION_RULES}
    assert {rule for rule, _ in BREAKAGES} == set(RULES) - elsewhere


def test_a_fresh_look_finds_what_was_there_before(world: World, shipment: Shipment) -> None:
    """A checker that begins late, or anew after a restored snapshot, looks at the whole world."""
    _jumped(world, shipment)
    assert "legal_moves" in _rules(InvariantChecker(world))


def test_a_violation_that_was_mended_is_gone(world: World, checker: InvariantChecker, shipment: Shipment) -> None:
    """Rules about how things are follow the present; rules about what happened stay."""
    package = _labeled(world, shipment)
    package.revision = 2
    assert _rules(checker) == {"label_fits_contents"}
    package.revision = 1
    world.emit("shipment_changed", shipment)
    assert _rules(checker) == set()


def test_another_option_is_another_label(world: World, checker: InvariantChecker, shipment: Shipment) -> None:
    """A label for a new pickup window replaces the old one; it was not made twice."""
    first = ShippingOption(option_id="O1", ship_by="MARKETPLACE", carrier="ATS")
    second = ShippingOption(option_id="O2", ship_by="MARKETPLACE", carrier="ATS")
    _labeled(world, shipment, _label(shipment, 1, option=first, voided_ms=5), _label(shipment, 2, option=second))
    assert checker.report().ok


def test_a_report_looks_only_at_what_changed(world: World, checker: InvariantChecker, shipment: Shipment) -> None:
    """A hundred thousand shipments that stand still cost nothing."""
    checker.report()
    shipment.needs_invoice = True
    shipment.history.clear()
    assert checker.report().ok
    world.emit("shipment_changed", shipment)
    assert not checker.report().ok


def test_what_a_switch_allows_is_no_violation(world: World, checker: InvariantChecker, shipment: Shipment) -> None:
    """A lenient Amazon enforces no order of calls, so that none is broken."""
    world.switches.update({"wrong_state": "lenient"})
    _move(world, shipment, "PACKAGE_CREATED")
    assert checker.report().ok
