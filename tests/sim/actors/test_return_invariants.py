"""Each rule of returns and of the floor finds what breaks it, and legal lives break none."""

from collections.abc import Callable

import pytest

from packline_sim.actors.smarthub_desk import Desk, Packing, ScanOf, scanned
from packline_sim.control.stage import Stage
from packline_sim.progress import BadMove
from packline_sim.records import Return, Shipment, Transition
from packline_sim.return_invariants import RETURN_RULES
from packline_sim.reverse import restock
from packline_sim.specs import ReturnSpec

Breakage = Callable[[Stage, Shipment, Return], None]


@pytest.fixture
def shipped(world, order) -> Shipment:
    shipment = order("KETTLE", units=2)
    Desk(world).work(shipment, "ship", Packing())
    return shipment


@pytest.fixture
def record(world, shipped) -> Return:
    """Give a return of one kettle that has arrived."""
    made = world.create_return(ReturnSpec(shipment_id=shipped.shipment_id, status="OUT_FOR_DELIVERY"))
    world.move_return(made.return_id, "DELIVERED")
    return made


def _history(record: Return, *statuses: str) -> None:
    steps = zip((None, *statuses), statuses, strict=False)
    record.history = [Transition(1, before, after, "test", 0) for before, after in steps]
    record.status = statuses[-1]  # type: ignore[assignment]


def _more_than_sent(_: Stage, __: Shipment, record: Return) -> None:
    record.units = 3


def _before_it_left(_: Stage, shipment: Shipment, __: Return) -> None:
    shipment.packages["SH-1"].status = "SHIPLABEL_GENERATED"


def _after_the_end(_: Stage, __: Shipment, record: Return) -> None:
    _history(record, "CREATED", "CANCELLED", "IN_TRANSIT")


def _on_the_road_again(_: Stage, __: Shipment, record: Return) -> None:
    _history(record, "IN_TRANSIT", "DELIVERED", "IN_TRANSIT")


def _collected_on_the_road(_: Stage, __: Shipment, record: Return) -> None:
    _history(record, "CREATED", "IN_TRANSIT", "PICKED_FROM_CUSTOMER")


def _collected_from_nobody(_: Stage, __: Shipment, record: Return) -> None:
    record.return_type = "REJECT"
    _history(record, "CREATED", "PICKED_FROM_CUSTOMER")


def _another_status(_: Stage, __: Shipment, record: Return) -> None:
    record.status = "REJECTED"


def _too_much_laid_back(_: Stage, __: Shipment, record: Return) -> None:
    record.restocked = 2


def _laid_back_before_it_came(_: Stage, __: Shipment, record: Return) -> None:
    record.restocked = 1
    _history(record, "CREATED", "IN_TRANSIT")


def _password_from_nowhere(_: Stage, __: Shipment, record: Return) -> None:
    record.otp, record.delivery_mode = None, "WITH_OTP"


def _a_unit_fell_from_the_sky(stage: Stage, _: Shipment, __: Return) -> None:
    stage.world.stock.row("S1", "L1", "KETTLE").on_hand += 1


def _laid_back_on_paper_only(_: Stage, __: Shipment, record: Return) -> None:
    record.restocked = 1


BREAKAGES: list[tuple[str, Breakage]] = [
    ("returned_once", _more_than_sent),
    ("returned_once", _before_it_left),
    ("return_moves", _after_the_end),
    ("return_moves", _on_the_road_again),
    ("return_moves", _collected_on_the_road),
    ("return_moves", _collected_from_nobody),
    ("return_moves", _another_status),
    ("restocked_once", _too_much_laid_back),
    ("restocked_once", _laid_back_before_it_came),
    ("password_in_time", _password_from_nowhere),
    ("floor_adds_up", _a_unit_fell_from_the_sky),
    ("floor_adds_up", _laid_back_on_paper_only),
]


@pytest.mark.parametrize(("rule", "breakage"), BREAKAGES)
def test_a_broken_rule_is_found(stage, shipped, record, rule: str, breakage: Breakage) -> None:
    """Each way of breaking a rule is reported under that rule."""
    assert stage.invariants.report().violations == []
    breakage(stage, shipped, record)
    assert rule in {row.rule for row in stage.invariants.report().violations}


def test_a_unit_scanned_twice_is_found(stage, world, order) -> None:
    """Two shipments that stand cannot have the same unit; people cannot scan it, and the checker would see it."""
    desk, first, second = Desk(world), order("RADIO"), order("RADIO")
    told = (ScanOf(line_id="1", serials=("R-1",)),)
    desk.work(first, "pack", Packing(scans=told))
    desk.confirm(second)
    with pytest.raises(BadMove, match="not on the floor"):
        desk.pack(second, Packing(scans=told))
    assert second.packages == {}
    desk.pack(second, Packing())
    second.lines[0].custom_attributes = scanned(("R-1",), "P1")
    assert [row.rule for row in stage.invariants.report().violations] == ["scanned_once"]
    world.cancel(first.shipment_id)
    assert stage.invariants.report().ok


def test_every_rule_can_be_broken() -> None:
    """No rule is listed that nothing checks."""
    assert {rule for rule, _ in BREAKAGES} | {"scanned_once"} == set(RETURN_RULES)


def test_units_are_laid_back_once(stage, record) -> None:
    """The floor has them again, what is published stays as it is, and a second time is refused."""
    row = stage.world.stock.row("S1", "L1", "KETTLE")
    before = (row.on_hand, row.quantity)
    restock(stage.world, record, None)
    assert (row.on_hand, row.quantity) == (before[0] + 1, before[1])
    with pytest.raises(BadMove, match="0 of 1 units left"):
        restock(stage.world, record, 1)
    assert stage.invariants.report().violations == []


def test_only_what_arrived_is_laid_back(stage, world, shipped) -> None:
    """A return on the road is not on the floor."""
    made = world.create_return(ReturnSpec(shipment_id=shipped.shipment_id))
    with pytest.raises(BadMove, match="only what has arrived"):
        restock(world, made, None)


def test_the_floor_adds_up_through_counts_and_restores(stage, world, record, shipped, order) -> None:
    """Counts by hand, labels, cancellations and restored snapshots are all accounted for."""
    world.set_stock("S1", "L1", "KETTLE", on_hand=50)
    restock(world, record, None)
    late = order("KETTLE", units=3)
    Desk(world).work(late, "label", Packing())
    assert world.stock.row("S1", "L1", "KETTLE").on_hand == 48
    assert stage.invariants.report().violations == []
    saved = stage.save()
    world.cancel(late.shipment_id)
    assert world.stock.row("S1", "L1", "KETTLE").on_hand == 51
    assert stage.invariants.report().violations == []
    stage.load(saved)
    assert stage.invariants.report().violations == []
