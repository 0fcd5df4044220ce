"""People in SmartHub who work by themselves, beside the connector and as fast as they are told."""

import pytest

from packline_sim.actors.buyers import Buyers
from packline_sim.actors.smarthub_desk import Desk
from packline_sim.actors.smarthub_operator import Operator, OperatorChange
from packline_sim.control.reading import BadInput
from sim.core.driving import BASE

HOUR = 3600
START = 1_800_000_000_000


@pytest.fixture
def shop(stage, credentials):
    """Give a stage whose seller has stock; people are hired by the test."""
    return stage


def test_people_take_their_share(shop, order) -> None:
    """Of 200 orders about half are shipped in SmartHub, the others are left as they came."""
    shop.hire_operator(Operator(seller_id="S1", share=0.5, step_after_s=60))
    orders = [order() for _ in range(200)]
    shop.world.clock.advance(24 * HOUR)
    statuses = [row.status for row in orders]
    assert set(statuses) == {"ACCEPTED", "SHIPPED"}
    assert 70 < statuses.count("SHIPPED") < 130
    steps = shop.cast.operator("operator-1").state.steps
    assert steps == dict.fromkeys(("confirm", "pack", "label", "ship"), statuses.count("SHIPPED"))
    assert shop.invariants.report().violations == []


def test_people_start_with_what_lies_there(shop, order) -> None:
    """Whoever comes to work during an outage finds the orders that came before."""
    orders = [order() for _ in range(5)]
    shop.hire_operator(Operator(seller_id="S1", share=1.0, until="label"))
    shop.world.clock.advance(24 * HOUR)
    assert {row.status for row in orders} == {"SHIPLABEL_GENERATED"}


def test_people_work_where_they_are_told(shop, order) -> None:
    """Other locations and programs are left alone."""
    shop.hire_operator(Operator(seller_id="S1", share=1.0, locations=("L1",), programs=("SELF_SHIP",)))
    mine, other = order(program="SELF_SHIP"), order(program="EASY_SHIP")
    shop.world.clock.advance(24 * HOUR)
    assert (mine.status, other.status) == ("SHIPPED", "ACCEPTED")


async def test_people_take_steps_over_from_the_connector(shop, client, order) -> None:
    """What the API has confirmed they pack and label; the connector finds the shipment ahead of its own last call."""
    shop.hire_operator(Operator(seller_id="S1", share=0.0, takeover_share=1.0, step_after_s=10))
    shipment = order()
    shop.world.clock.advance(HOUR)
    assert shipment.status == "ACCEPTED"
    await client.call("POST", f"{BASE}/shipments/{shipment.shipment_id}", operation="CONFIRM")
    shop.world.clock.advance(HOUR)
    assert shipment.status == "SHIPPED"
    assert [row.cause.partition(":")[0] for row in shipment.history[1:3]] == ["CONFIRM", "smarthub"]


async def test_whoever_is_faster_takes_the_step(shop, client, order) -> None:
    """People leave a step that the connector has taken meanwhile, and go on with the next."""
    shop.hire_operator(Operator(seller_id="S1", share=1.0, step_after_s=1000))
    shipment = order()
    await client.call("POST", f"{BASE}/shipments/{shipment.shipment_id}", operation="CONFIRM")
    shop.world.clock.advance(48 * HOUR)
    state = shop.cast.operator("operator-1").state
    assert (state.outrun, state.steps) == (1, {})
    assert shipment.status == "CONFIRMED"


def test_people_who_go_home_leave_what_they_had_begun(shop, order) -> None:
    """Nothing happens after `stop`; `start` takes up what lies there, begun shipments first of all."""
    shop.hire_operator(Operator(seller_id="S1", share=1.0, step_after_s=100))
    operator = shop.cast.operator("operator-1")
    shipment = order()
    while shipment.status == "ACCEPTED":
        shop.world.clock.advance(10)
    operator.stop()
    left = shipment.status
    shop.world.clock.advance(24 * HOUR)
    assert shipment.status == left
    shop.change_operator("operator-1", OperatorChange(share=0.0))
    operator.start()
    shop.world.clock.advance(24 * HOUR)
    assert shipment.status == "SHIPPED"


def test_some_orders_are_rejected_in_the_panel(shop, order) -> None:
    """People who find nothing in the bin reject the shipment."""
    shop.hire_operator(Operator(seller_id="S1", share=1.0, reject_share=1.0))
    shipment = order()
    shop.world.clock.advance(24 * HOUR)
    assert shipment.cancellation.kind == "SELLER_REJECTED"


def test_a_refused_step_is_counted_and_told(shop, order) -> None:
    """An Amazon that refuses does not stop the people."""
    shop.world.switches.update({"confirm_created": "refuse"})
    shop.hire_operator(Operator(seller_id="S1", share=1.0))
    order(status="CREATED")
    shop.world.clock.advance(24 * HOUR)
    state = shop.cast.operator("operator-1").state
    assert state.refused == 1
    assert "processShipment was refused" in state.last_refusal


def test_unknown_places_are_named(shop) -> None:
    """A location that the seller does not have is told at once."""
    with pytest.raises(BadInput) as refusal:
        shop.hire_operator(Operator(seller_id="S1", locations=("L1", "L9")))
    assert [row.pointer for row in refusal.value.errors] == ["/locations/1"]


def test_people_go_on_after_a_snapshot_is_restored(shop, order) -> None:
    """What they had begun they carry on."""
    shop.hire_operator(Operator(seller_id="S1", share=1.0, step_after_s=600))
    shipment_id = order().shipment_id
    shop.world.clock.advance(600)
    saved = shop.save()
    shop.world.reset()
    shop.load(saved)
    shop.world.clock.advance(48 * HOUR)
    assert shop.world.shipments[shipment_id].status == "SHIPPED"


def test_the_desk_names_what_it_cannot_do(shop, order) -> None:
    """Nothing is left to do for a shipment that is gone."""
    shipment = order()
    desk = Desk(shop.world)
    shop.hire_operator(Operator(seller_id="S1", share=1.0))
    shop.start_buyers(Buyers(seller_id="S1", stop_after=3))
    shop.world.clock.advance(48 * HOUR)
    with pytest.raises(ValueError, match="no labelled package"):
        desk.ship(shipment)
