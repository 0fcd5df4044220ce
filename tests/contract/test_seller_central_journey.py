"""Orders of Seller Central on their whole way: the domain's rules, Packline's gateway, and the simulator's answers."""

import pytest
from msgspec.structs import replace

from contract.easy_ship_seller import Open, Seller
from packline.amazon.spapi.clock import SystemClock
from packline.domain.reconcile import reconcile
from packline.domain.reports import Seen
from packline.domain.shipment import Goal, Pending, Shipment, Status
from packline.domain.step import StepKind
from packline.domain.steps import PROBE, begin, next_step
from packline_sim.orders import progress

CLOCK = SystemClock()
STEPS_AT_MOST = 40


async def labeled(shop: Seller, **order: object) -> Shipment:
    """Take in an order that the seller wants labeled."""
    shipment = await shop.shipment(shop.order(**order))
    return replace(shipment, goal=Goal.LABELED, ticket="cmd_1")


async def travel(
    shop: Seller, shipment: Shipment, *, stop_before: StepKind | None = None
) -> tuple[Shipment, list[str]]:
    """Make step after step, each answer told to the rules, until nothing is left to do; give the steps' names."""
    made: list[str] = []
    for _ in range(STEPS_AT_MOST):
        program = shop.gateway.program_for(shipment)
        step = next_step(shipment, program, CLOCK.now())
        if step is None or step.kind is stop_before:
            return shipment, made
        shipment = shipment if step == PROBE else begin(shipment, step, CLOCK.now())
        made.append(step.kind.value)
        performed = await shop.gateway.perform("acme", shipment, step)
        shipment = reconcile(shipment, performed.report, program).shipment
    raise AssertionError(f"it does not end: {made}")


async def look(shop: Seller, shipment: Shipment) -> Shipment:
    """Let a sweep see the order."""
    ((facts, _),) = (await shop.gateway.read_one("acme", shipment.amazon_id)).entries
    return reconcile(shipment, Seen(facts, CLOCK.now()), shop.gateway.program_for(shipment)).shipment


HAPPY = ["confirm", "create_packages", "read_options", "generate_labels"]


async def test_an_order_is_labeled_in_two_calls(seller: Open):
    """Confirm and pack are ours; slots and schedule are Amazon's; the label waits for its feed."""
    shop = seller()
    shipment, made = await travel(shop, await labeled(shop))
    assert made == HAPPY
    label = shipment.packages[0].label
    assert (shipment.status, label.awaits, bool(label.tracking_id)) == (Status.SHIPLABEL_GENERATED, "feed", True)
    assert shipment.problem is None
    after = await look(shop, shipment)
    assert (after.status, after.packages, after.problem) == (shipment.status, shipment.packages, None)


@pytest.mark.parametrize("fault", ["timeout_after", "500_after", "cut", "timeout_before", "500", "503"])
@pytest.mark.parametrize("operation", ["listHandoverSlots", "createScheduledPackage"])
async def test_whatever_goes_wrong_once_the_order_is_scheduled_once(seller: Open, fault: str, operation: str):
    """A lost answer, with or without its effect, ends in one live package and no problem."""
    shop = seller()
    shop.fault(fault, operation)
    shipment, made = await travel(shop, await labeled(shop))
    assert shipment.status is Status.SHIPLABEL_GENERATED
    assert shipment.problem is None
    (package,) = shop.world.orders[shipment.amazon_id].packages
    assert package.tracking_id == shipment.packages[0].label.tracking_id
    assert made.count("generate_labels") <= 2


async def test_a_slot_that_ran_out_is_replaced_by_a_fresh_one(seller: Open):
    """ScheduleWindowExpired: the slots are read again, and the order is scheduled."""
    shop = seller()
    shipment, _ = await travel(shop, await labeled(shop), stop_before=StepKind.GENERATE_LABELS)
    shop.later(31)
    shipment, made = await travel(shop, shipment)
    assert made[0] == "generate_labels"
    assert made[-2:] == ["read_options", "generate_labels"]
    assert (shipment.status, shipment.problem) == (Status.SHIPLABEL_GENERATED, None)


async def test_an_order_that_a_person_scheduled_in_seller_central_is_taken_as_it_is(seller: Open):
    """ScheduledPackageAlreadyExists: the package gives its label, and nobody schedules twice."""
    shop = seller()
    shipment, _ = await travel(shop, await labeled(shop), stop_before=StepKind.GENERATE_LABELS)
    elsewhere = await shop.perform(shipment, StepKind.GENERATE_LABELS, shipment.packages[0].options[-1].id)
    shipment, _ = await travel(shop, shipment)
    assert shipment.packages[0].label.tracking_id == elsewhere.labels[0].tracking_id
    assert (shipment.status, shipment.problem) == (Status.SHIPLABEL_GENERATED, None)


@pytest.mark.parametrize("orders_api", ["2026-01-01", "v0"])
async def test_a_label_that_amazon_cancelled_is_scheduled_again(seller: Open, orders_api: str):
    """LabelCanceled: the old label is void, a new slot is booked, a new tracking id comes."""
    shop = seller(orders_api=orders_api)
    shipment, _ = await travel(shop, await labeled(shop))
    old = shipment.packages[0].label.tracking_id
    order = shop.world.orders[shipment.amazon_id]
    shop.later(5)
    shop.simulator.call(progress.cancel_label, shop.world, order)
    seen = await look(shop, shipment)
    assert seen.packages[0].label.void
    again, made = await travel(shop, replace(seen, goal=Goal.LABELED, ticket="cmd_2"))
    assert made == ["read_options", "generate_labels"]
    assert again.packages[0].label.tracking_id != old
    assert (again.status, again.problem) == (Status.SHIPLABEL_GENERATED, None)


@pytest.mark.parametrize(("orders_api", "by"), [("2026-01-01", "MARKETPLACE_CANCELLED"), ("v0", None)])
async def test_a_buyer_who_cancels_between_two_calls_stops_the_work(seller: Open, orders_api: str, by: str | None):
    """The schedule is refused, the order read: it is cancelled, and nobody has to look; v0 does not say who did it."""
    shop = seller(orders_api=orders_api)
    shipment, _ = await travel(shop, await labeled(shop), stop_before=StepKind.GENERATE_LABELS)
    order = shop.world.orders[shipment.amazon_id]
    shop.simulator.call(progress.cancel_order, shop.world, order, "BUYER", "changed my mind")
    shipment, _ = await travel(shop, shipment)
    assert (shipment.status, shipment.cancelled_by) == (Status.CANCELLED, by)
    assert shipment.problem is None


async def test_the_carrier_moves_it_on_to_its_buyer(seller: Open):
    """Scans show as sub-status, the delivery as the end."""
    shop = seller()
    shipment, _ = await travel(shop, await labeled(shop))
    order = shop.world.orders[shipment.amazon_id]
    seen = []
    for word in ("PickedUp", "AtOriginFC", "OutForDelivery", "Delivered"):
        shop.later(60)
        shop.simulator.call(progress.carrier_moves, shop.world, order, word)
        shipment = await look(shop, shipment)
        seen.append((shipment.status.value, shipment.sub_status))
    assert seen == [
        ("SHIPPED", "PICKED_UP"), ("SHIPPED", "AT_ORIGIN_FC"), ("SHIPPED", "OUT_FOR_DELIVERY"), ("DELIVERED", ""),
    ]  # fmt: skip
    assert shipment.problem is None


async def test_a_parcel_that_no_slot_takes_goes_to_a_person(seller: Open):
    """TimeSlotNotAvailable for the list itself: the command ends with what to do."""
    shop = seller()
    shipment = await labeled(shop)
    heavy = replace(shipment.packages[0], box=replace(shipment.packages[0].box, weight_g=25_000))
    shipment, made = await travel(shop, replace(shipment, packages=(heavy,)))
    assert made[:3] == ["confirm", "create_packages", "read_options"]
    assert shipment.problem.code == "refused_by_amazon"
    assert "Weigh and measure" in shipment.problem.message


async def test_a_worker_that_died_after_the_call_finds_its_label(seller: Open):
    """A successor finds the call announced and its answer gone: it probes, and goes on with the label."""
    shop = seller()
    shipment, _ = await travel(shop, await labeled(shop), stop_before=StepKind.GENERATE_LABELS)
    step = next_step(shipment, shop.gateway.program_for(shipment), CLOCK.now())
    assert step is not None
    await shop.gateway.perform("acme", shipment, step)
    left = replace(shipment, pending=Pending(step, CLOCK.now()))
    shipment, made = await travel(shop, left)
    assert made == ["probe"]
    assert (shipment.status, shipment.problem) == (Status.SHIPLABEL_GENERATED, None)
