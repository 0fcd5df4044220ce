"""Every doubt about Amazon, settled the other way: the connector must live with each reading."""

import pytest

from conformance.day import Day
from packline.domain.shipment import Goal, Rejection, Status
from packline.domain.slot import Courier
from packline_sim.switch_tables.external_fulfillment import SWITCHES

OTHER_READINGS = [(s.name, value) for s in SWITCHES for value in s.values if value != s.default]
PROGRAMS = ["SELLER_FLEX", "EASY_SHIP", "SELF_SHIP"]


@pytest.fixture
async def day(amazon, seller, program, switch):
    """Give one new order of the program in an Amazon with one doubt settled otherwise."""
    name, value = switch
    amazon.set_switches(**{name: value})
    order = seller.order("MUG-BLUE", 2, program=program)
    made = Day(amazon, seller, "BLR1")
    made.order = order
    await made.receive()
    yield made
    await made.close()


@pytest.mark.parametrize("switch", OTHER_READINGS, ids="=".join)
@pytest.mark.parametrize("program", PROGRAMS)
async def test_the_day_is_the_same_in_every_reading_of_amazon(day, amazon, program):
    """Order to delivery, with the label's answer lost on the way: documents in hand, one label, nothing violated."""
    amazon.add_fault("timeout_after", "generateShipLabels", limit=1)
    day.want(Goal.LABELED, packages=day.packages(), courier=Courier("Sample Couriers", "SC0001"))
    await day.run()
    assert day.outcome == "succeeded", day.shipment.problem
    assert all(p.label.document for p in day.shipment.packages)
    day.want(Goal.SHIPPED, handed_over=True)
    await day.run()
    if day.gateway.program_for(day.shipment).tells_delivery:
        for goal in (Goal.OUT_FOR_DELIVERY, Goal.DELIVERED):
            day.want(goal)
            await day.run()
        assert day.order.status == "DELIVERED"
    assert day.shipment.problem is None
    assert amazon.invariants().ok


@pytest.mark.parametrize("switch", OTHER_READINGS, ids="=".join)
@pytest.mark.parametrize("program", ["EASY_SHIP"])
async def test_a_cancellation_is_understood_in_every_reading_of_amazon(day, amazon, program):
    """The buyer cancels between two calls: whatever Amazon answers, work stops."""
    from packline.domain.step import Step, StepKind

    day.want(Goal.LABELED, packages=day.packages())
    await day.take(Step(StepKind.CONFIRM))
    day.order.cancel("BUYER")
    await day.run()
    assert day.shipment.status is Status.CANCELLED
    assert day.outcome == "cancelled"
    assert amazon.invariants().ok


@pytest.mark.parametrize("switch", OTHER_READINGS, ids="=".join)
@pytest.mark.parametrize("program", ["SELLER_FLEX"])
async def test_a_rejection_is_understood_in_every_reading_of_amazon(day, amazon, program):
    """The seller's no, its answer lost: cancelled once, by the seller."""
    amazon.add_fault("timeout_after", "processShipment", limit=1)
    line = day.gateway.details(day.body).lines[0]
    day.want(Goal.REJECTED, rejection=Rejection("OUT_OF_STOCK", "rej-1", ((line.id, line.units),)))
    await day.run()
    assert day.outcome == "succeeded"
    assert day.order.status == "CANCELLED"
    assert amazon.invariants().ok
