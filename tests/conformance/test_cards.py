"""Numbered cards: the same day for every program. A new program passes them all before it ships."""

import pytest

from conformance.day import Day
from packline.domain import events as ev
from packline.domain.shipment import Goal, Rejection, Status
from packline.domain.slot import Courier
from packline.domain.step import StepKind

PROGRAMS = ["SELLER_FLEX", "EASY_SHIP", "SELF_SHIP"]
COURIER = Courier("Sample Couriers", "SC0001")
pytestmark = pytest.mark.parametrize("program", PROGRAMS)


@pytest.fixture
async def day(amazon, seller, program):
    """Give one new order of the program, found by listing, wanted by nobody yet."""
    order = seller.order("MUG-BLUE", 2, program=program)
    made = Day(amazon, seller)
    made.order = order
    await made.receive()
    yield made
    await made.close()


async def labeled(day: Day) -> None:
    """Bring the shipment to its documents."""
    day.want(Goal.LABELED, packages=day.packages(), courier=COURIER)
    await day.run()


async def test_card_01_from_order_to_documents(day, amazon):
    """Confirm, pack, slot, invoice where required, label: one call each, documents in hand, nothing violated."""
    await labeled(day)
    assert day.outcome == "succeeded"
    assert day.shipment.status is Status.SHIPLABEL_GENERATED
    assert all(p.label.document for p in day.shipment.packages)
    assert bool(day.shipment.invoice) == day.shipment.needs_invoice
    assert len(day.calls) == len(set(day.calls))
    assert amazon.invariants().ok


async def test_card_02_from_documents_to_the_carrier(day, amazon):
    """Handed over: told where the program wants it, else left to the carrier's scan."""
    await labeled(day)
    day.want(Goal.SHIPPED, handed_over=True)
    await day.run()
    told = day.gateway.program_for(day.shipment).tells_shipped
    assert (StepKind.SHIP in day.calls) is told
    assert day.order.status == ("SHIPPED" if told else "SHIPLABEL_GENERATED")


async def test_card_03_the_sellers_no(day):
    """A rejection cancels the shipment at Amazon, whole, with our reference."""
    line = day.gateway.details(day.body).lines[0]
    day.want(Goal.REJECTED, rejection=Rejection("OUT_OF_STOCK", "rej-1", ((line.id, line.units),)))
    await day.run()
    assert day.shipment.status is Status.CANCELLED
    assert day.order.status == "CANCELLED"


STEPS = [
    StepKind.CONFIRM,
    StepKind.CREATE_PACKAGES,
    StepKind.READ_OPTIONS,
    StepKind.GENERATE_INVOICE,
    StepKind.GENERATE_LABELS,
]
OPERATIONS = {
    StepKind.CONFIRM: "processShipment",
    StepKind.CREATE_PACKAGES: "createPackages",
    StepKind.READ_OPTIONS: "retrieveShippingOptions",
    StepKind.GENERATE_INVOICE: "generateInvoice",
    StepKind.GENERATE_LABELS: "generateShipLabels",
}


@pytest.mark.parametrize("kind", STEPS)
@pytest.mark.parametrize("fault", ["timeout_after", "timeout_before", "500", "503"])
async def test_card_04_an_answer_is_lost(day, amazon, kind, fault):
    """Before or after its effect: a probe decides, nothing is made twice, the documents are there at the end."""
    amazon.add_fault(fault, OPERATIONS[kind], limit=1)
    await labeled(day)
    assert day.outcome == "succeeded"
    assert all(p.label.document for p in day.shipment.packages)
    report = amazon.invariants()
    assert report.ok, report
    assert amazon.stats().labels_made == 1


@pytest.mark.parametrize("kind", STEPS)
async def test_card_05_the_process_dies_during_a_call(day, amazon, kind):
    """The call was made, its answer went down with the process: the successor reads, and goes on from there."""
    day.want(Goal.LABELED, packages=day.packages(), courier=COURIER)
    await _stop_before(day, kind)
    from packline.domain.steps import begin, next_step

    step = next_step(day.shipment, day.gateway.program_for(day.shipment), day.clock.now())
    if step.kind is kind:
        await day.gateway.perform("acme", begin(day.shipment, step, day.clock.now()), step)
        day.forget_answer(step)
    await day.run()
    assert day.outcome == "succeeded"
    assert amazon.stats().labels_made == 1
    assert amazon.invariants().ok


async def _stop_before(day: Day, kind: StepKind) -> None:
    from packline.domain.steps import next_step

    program = day.gateway.program_for(day.shipment)
    while (step := next_step(day.shipment, program, day.clock.now())) is not None and step.kind is not kind:
        if step.kind is StepKind.GENERATE_LABELS:
            return
        await day.take(step)


@pytest.mark.parametrize("kind", STEPS)
async def test_card_06_the_buyer_cancels_between_two_calls(day, amazon, kind):
    """Whatever was next: work stops, no label stays live, and no call has effect after the cancellation."""
    day.want(Goal.LABELED, packages=day.packages(), courier=COURIER)
    await _stop_before(day, kind)
    day.order.cancel("BUYER")
    await day.run()
    assert day.shipment.status is Status.CANCELLED
    assert day.outcome == "cancelled"
    assert not any(p.label and not p.label.void for p in day.shipment.packages)
    assert amazon.invariants().ok


async def test_card_07_repack_after_the_label(day, amazon):
    """The box changed: the old label is void and the sequence runs again."""
    from msgspec.structs import replace

    from packline.domain.values import Box

    await labeled(day)
    old = day.shipment.packages[0].label.tracking_id
    changed = tuple(replace(p, revision=2, box=Box(33, 22, 11, 990)) for p in day.shipment.packages)
    day.want(Goal.LABELED, packages=changed, courier=Courier("Sample Couriers", "SC0002"))
    await day.run()
    assert day.shipment.packages[0].label.tracking_id != old
    assert any(isinstance(e, ev.LabelVoided) and e.tracking_id == old for e in day.events)
    assert amazon.invariants().ok


async def test_card_08_the_label_again(day, amazon):
    """The printer ate it: the same label behind a fresh address, not a second one."""
    await labeled(day)
    old = day.shipment.packages[0].label.tracking_id
    day.want(Goal.LABELED, relabel=True)
    await day.run()
    assert day.shipment.packages[0].label.tracking_id == old
    assert amazon.stats().labels_made == 1


async def test_card_09_somebody_else_is_quicker(day, amazon):
    """Another panel confirmed and packed while our goal was on its way: adopted, never repeated."""
    from packline.domain.step import Step

    other = Day(amazon, amazon.sellers()[0])
    await other.receive()
    other.want(Goal.PACKED, packages=other.packages())
    await other.run()
    await other.close()
    day.want(Goal.LABELED, packages=day.packages(), courier=COURIER)
    await day.take(Step(StepKind.CONFIRM))
    await day.run()
    assert day.outcome == "succeeded"
    assert amazon.stats().labels_made == 1
    assert amazon.invariants().ok


async def test_card_10_to_the_buyers_door(day, amazon):
    """Out for delivery, then delivered: told where it is the seller's to tell, never asked for elsewhere."""
    await labeled(day)
    if not day.gateway.program_for(day.shipment).tells_delivery:
        return
    for goal in (Goal.SHIPPED, Goal.OUT_FOR_DELIVERY, Goal.DELIVERED):
        day.want(goal, handed_over=goal is Goal.SHIPPED)
        await day.run()
        assert day.outcome == "succeeded", day.shipment.problem
    assert day.shipment.status is Status.DELIVERED
    assert day.order.status == "DELIVERED"
    assert amazon.invariants().ok
