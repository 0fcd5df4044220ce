"""Each scenario brings about what its header says, and nothing impossible."""

from collections import Counter
from collections.abc import Callable

import pytest

from packline_sim.control.stage import Stage
from packline_sim.faults import KINDS
from packline_sim.scenario import load_scenario, play
from packline_sim.world import World

HOUR, DAY = 3600, 86_400
MONDAY = 1_767_587_400_000  # 5 January 2026, 10:00 in India
SHOWS = (
    "cancel_race",
    "lost_morning",
    "outage_with_smarthub",
    "throttled_sale",
    "slot_expires",
    "returns_week",
    "migration_day",
    "rough_week",
)


@pytest.fixture
def played() -> Callable[..., Stage]:
    """Play a scenario for some simulated seconds, from a Monday morning on."""

    def make(name: str, seconds: float) -> Stage:
        stage = Stage(World())
        stage.world.clock.set_speed(0)
        stage.world.clock.jump_to(MONDAY)
        play(load_scenario(name), stage, speed=0)
        stage.world.clock.advance(seconds)
        return stage

    return make


def _statuses(stage: Stage) -> Counter[str]:
    return Counter(row.status for row in stage.world.shipments.values())


@pytest.mark.parametrize("name", SHOWS)
def test_a_scenario_says_what_it_shows(name: str) -> None:
    """In its title, its header and one sentence."""
    scenario = load_scenario(name)
    assert scenario.title
    assert scenario.shows.endswith(".")


@pytest.mark.parametrize("name", SHOWS)
def test_the_same_seed_plays_the_same(name: str, played) -> None:
    """Two runs make the same shipments, orders and returns, with the same histories."""
    first, second = played(name, 2 * HOUR), played(name, 2 * HOUR)
    for kept in ("shipments", "orders", "returns"):
        assert getattr(first.world, kept) == getattr(second.world, kept)
    assert first.world.stock.rows == second.world.stock.rows
    assert first.world.shipments or first.world.orders
    assert all(row.failed == 0 for row in first.timetable.list()), [row.last_failure for row in first.timetable.list()]


def test_cancel_race(played) -> None:
    """About half of the buyers' orders are cancelled, at both APIs, some by asking."""
    stage = played("cancel_race", HOUR)
    world = stage.world
    cancelled = sum(crowd.state.cancelled for crowd in stage.buyers.values())
    assert 300 < cancelled < 450
    asked = sum(order.items[0].cancel_requested for order in world.orders.values() if order.status == "Unshipped")
    gone = sum(order.status == "Canceled" for order in world.orders.values())
    assert asked > 15
    assert gone > 15
    assert _statuses(stage)["CANCELLED"] == cancelled - asked - gone
    assert stage.invariants.report().violations == []


def test_lost_morning(played) -> None:
    """Delivery is well for an hour, lost for three, then rough; orders come all the time."""
    stage = played("lost_morning", 30 * 60)
    delivery = stage.world.notifications.delivery
    assert (delivery.lost, len(stage.world.shipments) > 50) == (0, True)
    stage.world.clock.advance(HOUR)
    assert stage.world.notifications.delivery.lost == 1
    stage.world.clock.advance(3 * HOUR)
    delivery = stage.world.notifications.delivery
    assert (delivery.lost, delivery.twice > 0, delivery.late > 0) == (0, True, True)


def test_outage_with_smarthub(played) -> None:
    """During the hour people take most of the orders, some unscanned, and leave half-done ones behind."""
    stage = played("outage_with_smarthub", 5000)
    shipments = stage.world.shipments.values()
    worked = [row for row in shipments if row.worked_in_smarthub]
    shipped = [row for row in worked if row.status in {"SHIPPED", "DELIVERED"}]
    scanned = [row for row in shipped if any(line.custom_attributes for line in row.lines)]
    assert 0.5 < len(worked) / len(shipments) < 0.9
    assert 0.6 < len(scanned) / len(shipped) < 0.9
    assert {"CONFIRMED", "PACKAGE_CREATED", "SHIPLABEL_GENERATED"} & {row.status for row in worked}
    assert stage.cast.operator("operator-1").state.working is False
    assert [(row.rule.kind, row.rule.for_seconds) for row in stage.world.faults.list()] == [("503", 3600)]
    assert stage.invariants.report().violations == []


def test_throttled_sale(played) -> None:
    """Orders come far faster than one call a second works them off; one product is soon gone."""
    stage = played("throttled_sale", HOUR)
    assert stage.world.quotas.preset == "sdk"
    assert len(stage.world.shipments) > 700
    assert stage.world.stock.row("ATHROTTLED0001", "TSBL", "CONSOLE-LAST").sellable == 0
    assert sum(crowd.state.unserved for crowd in stage.buyers.values()) > 100
    assert {row.seller_id for row in stage.world.shipments.values()} == {"ATHROTTLED0001", "ATHROTTLED0002"}


def test_slot_expires(played) -> None:
    """Windows take five parcels, and people take some of the places."""
    stage = played("slot_expires", 4 * HOUR)
    booked = Counter(package.slot.start_ms for order in stage.world.orders.values() for package in order.packages)
    assert sum(booked.values()) > 5
    assert max(booked.values()) <= 5
    assert stage.invariants.report().violations == []


def test_returns_week(played) -> None:
    """Every state of a return is seen, both kinds, and units of lost parcels never come back."""
    stage = played("returns_week", 3.5 * DAY)
    records = list(stage.world.returns.values())
    seen = {step.after for record in records for step in record.history}
    assert seen >= {
        "CREATED",
        "CARRIER_NOTIFIED_TO_PICK_UP_FROM_CUSTOMER",
        "CARRIER_OUT_FOR_PICK_UP_FROM_CUSTOMER",
        "CUSTOMER_CANCELLED_PICK_UP",
        "CUSTOMER_RESCHEDULED_PICK_UP",
        "PICKED_FROM_CUSTOMER",
        "IN_TRANSIT",
        "OUT_FOR_DELIVERY",
        "REPLANNED",
        "DELIVERED",
        "PROCESSED",
    }
    kinds = Counter(record.return_type for record in records)
    assert kinds["CUSTOMER"] > kinds["REJECT"] > 10
    assert {record.delivery_mode for record in records if record.delivered_ms} == {"WITH_OTP"}
    assert {"ReturningToSeller", "ReturnedToSeller"} & {row.easy_ship_status for row in stage.world.orders.values()}
    assert stage.invariants.report().violations == []


def test_migration_day(played) -> None:
    """He confirms for two hours, writes stock for four, and then is gone; his numbers stay."""
    stage = played("migration_day", 2 * HOUR - 300)
    state = stage.cast.integrator("integrator-1").state
    assert state.confirmed > 130
    assert (_statuses(stage)["CONFIRMED"], state.written) == (state.confirmed, 7 * 4)
    stage.world.clock.advance(2 * HOUR)
    assert _statuses(stage)["ACCEPTED"] > 80
    stage.world.clock.advance(2 * HOUR)
    state = stage.cast.integrator("integrator-1").state
    assert (state.working, state.settings.confirms, state.stale) == (False, False, 0)
    row = stage.world.stock.row("AMIGRATION0001", "MDBL", "BOX-M")
    assert row.sequences[""] > MONDAY
    assert stage.invariants.report().violations == []


def test_rough_week(played) -> None:
    """Every kind of fault is at work, outages come every day, everybody acts, and the rules hold."""
    stage = played("rough_week", 1.4 * DAY)
    kinds = {row.rule.kind for row in stage.world.faults.list()}
    assert set(KINDS) == kinds
    spans = [row.rule for row in stage.world.faults.list() if row.rule.for_seconds]
    assert [rule.location_id for rule in spans] == ["RKMU", None, "RKMU"]
    sellers = {"AROUGHWEEKIN01", "AROUGHWEEKDE01", "AROUGHWEEKRX01"}
    assert {row.seller_id for row in stage.world.shipments.values()} == sellers
    programs = {"SELLER_FLEX", "EASY_SHIP", "SELF_SHIP", "PHARMACY"}
    assert {row.program for row in stage.world.shipments.values()} == programs
    assert any(order.packages for order in stage.world.orders.values())
    assert stage.cast.integrator("integrator-1").state.written > 100
    assert sum(stage.cast.operator("operator-1").state.steps.values()) > 300
    assert stage.invariants.report().violations == []
