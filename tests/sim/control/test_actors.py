"""Buyers order as they were told, carriers collect and deliver, all on the simulator's clock."""

import pytest

from packline_sim.actors.buyers import Buyers, BuyersChange
from packline_sim.actors.carriers import CarriersChange
from packline_sim.clock import SimClock
from packline_sim.control.reading import BadInput
from packline_sim.control.stage import Stage
from packline_sim.records import Label, Package, PackedLine, Shipment
from packline_sim.specs import LocationSpec, SellerSpec, ShipmentSpec, SkuSpec
from packline_sim.world import World

HOUR = 3600


@pytest.fixture
def stage() -> Stage:
    world = World(3, clock=SimClock(start_ms=1_800_000_000_000, speed=0))
    world.create_seller(SellerSpec(name="Busy Goods", seller_id="S1"))
    for location_id in ("L1", "L2"):
        world.create_location("S1", LocationSpec(location_id=location_id))
    for sku in ("A", "B"):
        world.create_sku("S1", SkuSpec(sku=sku, stock=100_000))
    return Stage(world)


def _label(stage: Stage, shipment: Shipment) -> Package:
    label = Label(
        label_id="1",
        shipment_id=shipment.shipment_id,
        package_id="P1",
        revision=1,
        carrier="ATS",
        tracking_id="T1",
        format="ZPL",
        made_ms=0,
        call_seq=0,
    )
    package = Package(
        package_id="P1",
        body={},
        lines=(PackedLine(line_id="1", units=1),),
        weight_g=1,
        labels=[label],
        status="SHIPLABEL_GENERATED",
    )
    shipment.packages = {"P1": package}
    shipment.status = "SHIPLABEL_GENERATED"
    stage.world.emit("label_made", shipment, package_id="P1")
    return package


def _one(stage: Stage) -> Shipment:
    return stage.world.create_shipments("S1", ShipmentSpec(program="SELLER_FLEX"))[0]


def test_buyers_order_at_their_rate(stage: Stage) -> None:
    """Over two hours at 60 a minute the count is within four standard deviations of 7,200."""
    stage.start_buyers(Buyers(seller_id="S1", orders_per_minute=60))
    stage.world.clock.advance(2 * HOUR)
    assert abs(len(stage.world.shipments) - 7200) < 4 * 7200**0.5


def test_the_same_seed_brings_the_same_buyers(stage: Stage) -> None:
    """Orders come at the same moments, at the same places, for the same products."""
    runs = []
    for _ in range(2):
        stage.world.reset(5, start_ms=1_800_000_000_000)
        stage.world.create_seller(SellerSpec(name="Busy Goods", seller_id="S1"))
        stage.world.create_location("S1", LocationSpec(location_id="L1"))
        stage.world.create_sku("S1", SkuSpec(sku="A"))
        stage.start_buyers(Buyers(seller_id="S1"))
        stage.world.clock.advance(600)
        runs.append([(row.shipment_id, row.created_ms, row.units) for row in stage.world.shipments.values()])
    assert runs[0] == runs[1]
    assert len(runs[0]) > 30


def test_orders_fall_where_the_weights_say(stage: Stage) -> None:
    """A location without weight gets nothing; programs share by weight."""
    weights = Buyers(
        seller_id="S1",
        orders_per_minute=60,
        locations={"L2": 1},
        programs={"EASY_SHIP": 3, "SELF_SHIP": 1},
        skus=("B",),
    )
    stage.start_buyers(weights)
    stage.world.clock.advance(HOUR)
    shipments = stage.world.shipments.values()
    assert {row.location_id for row in shipments} == {"L2"}
    assert {line.sku for row in shipments for line in row.lines} == {"B"}
    easy = sum(row.program == "EASY_SHIP" for row in shipments)
    assert 0.7 < easy / len(shipments) < 0.8


def test_some_buyers_cancel_later(stage: Stage) -> None:
    """A share of the orders is cancelled by the buyer, after a while."""
    stage.start_buyers(
        Buyers(seller_id="S1", orders_per_minute=60, cancel_share=0.25, cancel_after_s=10, stop_after=400)
    )
    stage.world.clock.advance(2 * HOUR)
    cancelled = [row for row in stage.world.shipments.values() if row.status == "CANCELLED"]
    assert 60 < len(cancelled) < 140
    assert stage.crowd("buyers-1").state.cancelled == len(cancelled)
    assert all(row.updated_ms > row.created_ms for row in cancelled)


def test_buyers_stop_go_on_and_change(stage: Stage) -> None:
    """Stopped buyers order nothing; a new rate counts at once; a limit ends the ordering."""
    stage.start_buyers(Buyers(seller_id="S1", orders_per_minute=60))
    crowd = stage.crowd("buyers-1")
    crowd.stop()
    stage.world.clock.advance(HOUR)
    assert crowd.state.ordered == 0
    crowd.start()
    stage.change_buyers("buyers-1", BuyersChange(orders_per_minute=600, stop_after=50))
    stage.world.clock.advance(60)
    assert (crowd.state.ordered, crowd.state.buying) == (50, False)


def test_buyers_without_anything_to_buy_are_refused(stage: Stage) -> None:
    """Places and products that the seller does not have are named at once."""
    with pytest.raises(BadInput) as refusal:
        stage.start_buyers(Buyers(seller_id="S1", locations={"L9": 1}, skus=("Z",)))
    assert [error.pointer for error in refusal.value.errors] == ["/locations/L9", "/skus"]


def test_buyers_whose_order_cannot_be_stop_and_say_why(stage: Stage) -> None:
    """A refusal ends the ordering and is told, and everything else goes on."""
    stage.start_buyers(Buyers(seller_id="S1", orders_per_minute=60))
    stage.world.locations.clear()
    stage.world.clock.advance(60)
    state = stage.crowd("buyers-1").state
    assert not state.buying
    assert "no location" in str(state.trouble)


def test_the_carrier_collects_and_delivers(stage: Stage) -> None:
    """A label starts the wait for the pickup, the pickup the wait for the delivery."""
    stage.change_carriers(CarriersChange(automatic=True, pickup_after_s=100, deliver_after_s=1000))
    shipment = _one(stage)
    package = _label(stage, shipment)
    stage.world.clock.advance(49)
    assert package.status == "SHIPLABEL_GENERATED"
    stage.world.clock.advance(102)
    assert (package.status, shipment.status) == ("SHIPPED", "SHIPPED")
    stage.world.clock.advance(1500)
    assert (package.status, shipment.status) == ("DELIVERED", "DELIVERED")
    assert (stage.carriers.state.picked_up, stage.carriers.state.delivered) == (1, 1)


def test_a_voided_label_is_left_on_the_dock(stage: Stage) -> None:
    """The carrier takes no package whose label is no longer valid."""
    stage.change_carriers(CarriersChange(automatic=True, pickup_after_s=100))
    package = _label(stage, _one(stage))
    package.labels[0].voided_ms = 1
    stage.world.clock.advance(200)
    assert package.status == "SHIPLABEL_GENERATED"
    assert stage.carriers.state.left_on_the_dock == 1


def test_carriers_wait_for_a_scan_unless_told_to_work(stage: Stage) -> None:
    """Nothing moves by itself by default."""
    package = _label(stage, _one(stage))
    stage.world.clock.advance(100 * HOUR)
    assert package.status == "SHIPLABEL_GENERATED"


def test_actors_go_on_after_a_snapshot_is_restored(stage: Stage) -> None:
    """What buyers and carriers were about to do is planned anew."""
    stage.change_carriers(CarriersChange(automatic=True, pickup_after_s=100, deliver_after_s=100))
    stage.start_buyers(Buyers(seller_id="S1", orders_per_minute=60))
    shipment_id = _one(stage).shipment_id
    _label(stage, stage.world.shipments[shipment_id])
    saved = stage.save()
    stage.world.reset()
    assert stage.buyers == {}
    stage.load(saved)
    stage.world.clock.advance(400)
    assert stage.world.shipments[shipment_id].status == "DELIVERED"
    assert stage.crowd("buyers-1").state.ordered > 300
