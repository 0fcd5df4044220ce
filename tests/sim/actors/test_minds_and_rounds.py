"""Buyers by time of day, who refuse and send back; carriers who lose, try twice, and travel back."""

from collections import Counter

import pytest

from packline_sim.actors.buyers import Buyers
from packline_sim.actors.carriers import CarriersChange
from packline_sim.actors.smarthub_operator import Operator
from packline_sim.clock import to_datetime
from packline_sim.control.reading import BadInput
from packline_sim.control.stage import Stage
from packline_sim.records import Shipment
from packline_sim.specs import LocationSpec, SellerSpec, ShipmentSpec, SkuSpec

HOUR, DAY = 3600, 86_400
BUSY_EVENING = tuple([0.0] * 9 + [1.0] * 9 + [4.0] * 4 + [0.0] * 2)


def _one_day(stage: Stage, **settings: object) -> None:
    """Let buyers order 60 times and people ship it all, over two weeks with carriers at work."""
    stage.hire_operator(Operator(seller_id="S1", share=1.0, step_after_s=60))
    stage.change_carriers(
        CarriersChange(automatic=True, programs=("EASY_SHIP",), pickup_after_s=HOUR, deliver_after_s=DAY)
    )
    stage.start_buyers(Buyers(seller_id="S1", orders_per_minute=1, stop_after=60, **settings))


def test_buyers_follow_the_hours_of_the_day(stage, credentials) -> None:
    """None at night in India, and in the evening four times as many as by day."""
    stage.start_buyers(Buyers(seller_id="S1", orders_per_minute=1, hours=BUSY_EVENING))
    stage.world.clock.advance(4 * DAY)
    hours = Counter(
        int((to_datetime(row.created_ms).timestamp() / HOUR + 5.5) % 24) for row in stage.world.shipments.values()
    )
    assert set(hours) == set(range(9, 22))
    day = sum(hours[at] for at in range(9, 18)) / 9
    evening = sum(hours[at] for at in range(18, 22)) / 4
    assert 3.3 < evening / day < 4.7
    assert 180 < day < 300


def test_a_day_has_24_hours(stage, credentials) -> None:
    """Another number of factors is refused with its place."""
    with pytest.raises(BadInput) as refusal:
        stage.start_buyers(Buyers(seller_id="S1", hours=(1.0, 2.0)))
    assert [row.pointer for row in refusal.value.errors] == ["/hours"]


def test_refused_parcels_come_back(stage, credentials) -> None:
    """A parcel refused at the door becomes a REJECT for each of its lines and travels to the seller."""
    _one_day(stage, refuse_share=1.0)
    stage.change_carriers(CarriersChange(returns=True, return_step_s=HOUR, process_after_s=DAY))
    stage.world.clock.advance(14 * DAY)
    records = list(stage.world.returns.values())
    assert {row.status for row in stage.world.shipments.values()} == {"SHIPPED"}
    assert {row.return_type for row in records} == {"REJECT"}
    assert {row.status for row in records} == {"PROCESSED"}
    units = sum(line.units for row in stage.world.shipments.values() for line in row.lines if line.pieces == 1)
    assert sum(row.units for row in records if row.sku != "TABLE") == units
    assert stage.carriers.state.brought_back == len(records)
    assert stage.invariants.report().violations == []


def test_how_many_cancel_changes_nothing_else_that_buyers_want(stage, credentials) -> None:
    """The same seed: who refuses and who sends back stays the same, however many of them cancel."""
    wanted = []
    for cancel_share in (0.0, 0.5, 1.0):
        stage.world.reset(5, start_ms=1_800_000_000_000)
        stage.world.create_seller(SellerSpec(name="Busy Goods", seller_id="S1"))
        stage.world.create_location("S1", LocationSpec(location_id="L1"))
        stage.world.create_sku("S1", SkuSpec(sku="A", stock=10_000))
        _one_day(stage, cancel_share=cancel_share, refuse_share=0.3, return_share=0.3)
        stage.world.clock.advance(2 * HOUR)
        minds = [row.intent for row in stage.world.shipments.values()]
        wanted.append([mind and (mind.refuses, mind.returns_after_s) for mind in minds])
    nobody = (False, None)
    assert len(wanted[0]) == 60
    assert [mind or nobody for mind in wanted[0]] == [mind or nobody for mind in wanted[1]] == wanted[2]


def test_buyers_send_units_back(stage, credentials) -> None:
    """About half of the deliveries come back in part, on the way that the states of a return describe."""
    _one_day(stage, return_share=0.5, return_after_s=DAY)
    stage.change_carriers(
        CarriersChange(
            returns=True, return_step_s=HOUR, return_called_off_share=0.2, return_put_off_share=0.2, replan_share=0.2
        )
    )
    stage.world.clock.advance(20 * DAY)
    records = list(stage.world.returns.values())
    assert 15 < len(records) < 45
    assert {row.return_type for row in records} == {"CUSTOMER"}
    assert {row.status for row in records} == {"DELIVERED", "CUSTOMER_CANCELLED_PICK_UP"}
    seen = {step.after for row in records for step in row.history}
    assert {"CUSTOMER_RESCHEDULED_PICK_UP", "REPLANNED", "IN_TRANSIT", "OUT_FOR_DELIVERY"} <= seen
    assert any(row.previous_tracking for row in records)
    assert stage.invariants.report().violations == []


def test_carriers_lose_and_damage_parcels(stage, credentials) -> None:
    """Such parcels never arrive and never come back."""
    _one_day(stage)
    stage.change_carriers(CarriersChange(lost_share=0.2, damaged_share=0.2, returns=True))
    stage.world.clock.advance(14 * DAY)
    subs = Counter(row.sub_status for row in stage.world.shipments.values())
    state = stage.carriers.state
    assert (subs["LOST"], subs["DAMAGED"], subs["DELIVERED"]) == (state.lost, state.damaged, state.delivered)
    assert state.lost
    assert state.damaged
    assert not stage.world.returns


def test_carriers_report_their_stations(stage, credentials) -> None:
    """Out for delivery, then not delivered for some, who get it on the second attempt."""
    seen: Counter[str | None] = Counter()
    stage.world.on_change.append(
        lambda change: seen.update([change.after] if change.kind == "shipment_changed" else [])
    )
    _one_day(stage)
    stage.change_carriers(CarriersChange(stations=True, second_attempt_share=0.5))
    stage.world.clock.advance(14 * DAY)
    assert {row.status for row in stage.world.shipments.values()} == {"DELIVERED"}
    assert 10 < seen["NOT_DELIVERED"] < 50
    assert seen["OUT_FOR_DELIVERY"] == 60 + seen["NOT_DELIVERED"]


def test_buyers_who_change_their_mind_at_any_moment(stage, credentials) -> None:
    """Before the parcel leaves a cancellation counts, and stock is as if nothing had been ordered."""
    _one_day(stage, cancel_share=0.5, cancel_after_s=120)
    stage.world.clock.advance(14 * DAY)
    statuses = Counter(row.status for row in stage.world.shipments.values())
    assert set(statuses) == {"CANCELLED", "DELIVERED"}
    assert stage.crowd("buyers-1").state.cancelled == statuses["CANCELLED"]
    assert stage.invariants.report().violations == []


def test_some_who_send_back_get_the_same_again(stage, credentials) -> None:
    """A replacement names the shipment that it replaces, and the return says what it is for."""
    _one_day(stage, return_share=1.0, replace_share=0.5, return_after_s=HOUR)
    stage.world.clock.advance(10 * DAY)
    replacements = [row for row in stage.world.shipments.values() if row.shipment_type == "REPLACEMENT"]
    wanted = {row.shipment_id for row in stage.world.returns.values() if row.return_sub_type == "REPLACEMENT"}
    assert {row.original["id"] for row in replacements} == wanted
    assert 15 < len(replacements) < 45
    assert stage.invariants.report().violations == []


def test_minds_survive_a_snapshot(stage, credentials) -> None:
    """Cancellations and returns that buyers had in mind still come after a restore."""
    _one_day(stage, return_share=1.0, return_after_s=DAY)
    stage.change_carriers(CarriersChange(returns=True, return_step_s=60))
    stage.world.clock.advance(DAY)
    stage.load(stage.save())
    stage.world.clock.advance(20 * DAY)
    delivered = [row for row in stage.world.shipments.values() if row.status == "DELIVERED"]
    assert len(stage.world.returns) == len(delivered) == 60


def test_central_buyers_refuse_and_cancel_at_once(stage, credentials) -> None:
    """At Seller Central too: some orders are cancelled by the buyer himself, others only asked to be."""
    stage.start_buyers(
        Buyers(
            seller_id="S1",
            api="seller_central",
            orders_per_minute=1,
            stop_after=60,
            cancel_share=1.0,
            cancel_at_once_share=0.5,
        )
    )
    stage.world.clock.advance(2 * DAY)
    orders = stage.world.orders.values()
    gone = sum(row.status == "Canceled" for row in orders)
    asked = sum(row.status == "Unshipped" and row.items[0].cancel_requested for row in orders)
    assert gone + asked == 60
    assert 15 < gone < 45


def test_the_same_seed_brings_the_same_world_with_all_actors(stage, credentials) -> None:
    """Buyers, carriers, people and an integrator together: two runs are alike to the last draw."""
    from packline_sim.actors.former_integrator import Integrator

    runs = []
    for _ in range(2):
        stage.world.reset(5, start_ms=1_800_000_000_000)
        stage.world.create_seller(SellerSpec(name="Busy Goods", seller_id="S1"))
        stage.world.create_location("S1", LocationSpec(location_id="L1"))
        stage.world.create_sku("S1", SkuSpec(sku="A", stock=10_000))
        stage.employ_integrator(Integrator(seller_id="S1", confirm_after_s=600))
        _one_day(stage, cancel_share=0.1, refuse_share=0.1, return_share=0.3, return_after_s=HOUR)
        stage.change_carriers(CarriersChange(returns=True, stations=True, lost_share=0.05, return_step_s=600))
        stage.world.clock.advance(10 * DAY)
        runs.append((list(stage.world.shipments.values()), list(stage.world.returns.values()), stage.world.stock.rows))
    assert runs[0] == runs[1]
    assert stage.invariants.report().violations == []


def _fates(stage: Stage, *, others: bool) -> tuple[dict[str, object], dict[str, object], dict[str, object]]:
    """Play two weeks; with `others` more is ordered, by hand and by another crowd, and everybody is slower.

    Gives what the first crowd's buyers wanted, how their parcels ended, and what came back, each by its id.
    """
    world = stage.world
    world.reset(5, start_ms=1_800_000_000_000)
    world.create_seller(SellerSpec(name="Busy Goods", seller_id="S1"))
    world.create_location("S1", LocationSpec(location_id="L1"))
    for sku in ("A", "B"):
        world.create_sku("S1", SkuSpec(sku=sku, stock=10_000))
    wishes = {"refuse_share": 0.1, "return_share": 0.4, "return_after_s": HOUR, "replace_share": 0.3}
    _one_day(stage, skus=("A",), most_units=9, cancel_share=0.1, **wishes)
    changes = {"returns": True, "stations": True, "lost_share": 0.1, "damaged_share": 0.1, "return_step_s": HOUR}
    stage.change_carriers(CarriersChange(second_attempt_share=0.2, undelivered_share=0.1, **changes))
    if others:
        stage.start_buyers(Buyers(seller_id="S1", skus=("B",), orders_per_minute=2, stop_after=90, **wishes))
        stage.change_carriers(CarriersChange(pickup_after_s=5 * HOUR))
        for minute in range(20):
            world.create_shipments("S1", ShipmentSpec())
            world.clock.advance(60 + minute)
    world.clock.advance(21 * DAY)
    ours = {row.shipment_id: row for row in world.shipments.values() if {line.sku for line in row.lines} == {"A"}}
    first = {key: row for key, row in ours.items() if row.original is None and row.intent is not None}
    wanted = {key: (row.ship_to, row.lines[0].units, row.intent.returns_after_s) for key, row in first.items()}
    ends = {key: _end(row) for key, row in first.items() if row.status != "CANCELLED"}
    back = {row.return_id: (row.units, row.reason) for row in world.returns.values() if row.shipment_id in first}
    return wanted, ends, back


def _end(shipment: Shipment) -> list[tuple[str, str | None]]:
    return [(package.status, package.sub_status) for package in shipment.packages.values()]


def test_what_a_buyer_and_a_carrier_draw_hangs_on_nobody_else(stage, credentials) -> None:
    """With the same seed a buyer wants the same and his parcel ends and comes back the same, whoever acts beside."""
    alone, beside = _fates(stage, others=False), _fates(stage, others=True)
    assert alone[0] == beside[0]
    both = alone[1].keys() & beside[1].keys()
    assert len(both) >= 20
    assert {key: alone[1][key] for key in both} == {key: beside[1][key] for key in both}
    assert len({str(alone[1][key]) for key in both}) >= 3, "parcels that all end alike prove nothing"
    returned = alone[2].keys() & beside[2].keys()
    assert len(returned) >= 10
    assert {key: alone[2][key] for key in returned} == {key: beside[2][key] for key in returned}
