"""Packline's own Easy Ship gateway against the simulator, both held against Amazon's specifications."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from contract import requests_judge
from contract.easy_ship_seller import JAPAN, LONG_AGO, POLAND, UAE, Open
from contract.specification import Exchange
from packline.amazon.seller_central import capabilities
from packline.amazon.seller_central.gateway import SellerCentralGateway
from packline.amazon.seller_central.operations import OPERATIONS
from packline.amazon.seller_central.papers import apart
from packline.amazon.spapi.clock import SystemClock
from packline.domain.reports import Done, Seen
from packline.domain.shipment import Pending, Shipment
from packline.domain.step import Step, StepKind
from packline.domain.values import Box
from packline.ports import Query
from packline_sim.clock import to_datetime
from packline_sim.orders import progress


def waiting_for(shipment: Shipment, kind: StepKind, option: str | None = None) -> Shipment:
    """Mark a call as under way."""
    return replace(shipment, pending=Pending(Step(kind, (("PKG-1", 1),), option), LONG_AGO))


@pytest.mark.parametrize("orders_api", ["2026-01-01", "v0"])
async def test_an_order_comes_in_is_scheduled_and_followed_to_its_buyer(seller: Open, orders_api: str):
    """One listing brings it, its slots are read, a slot is booked, and the carrier's scans move it on."""
    shop = seller(orders_api=orders_api)
    order_id = shop.order()
    shop.order(easy_ship=False)
    shop.order(status="Pending")
    shop.later(3)
    page = await shop.gateway.list_page("acme", Query("orders", after=LONG_AGO), None)
    assert [(facts.amazon_id, facts.status, facts.items) for facts, _ in page.entries] == [
        (order_id, "ACCEPTED", (("MUG RED/1", 2),))
    ]
    assert page.unreadable == ()
    shipment = await shop.shipment(order_id)
    options = (await shop.perform(shipment, StepKind.READ_OPTIONS)).options
    assert options[0].recommended
    done = await shop.perform(shipment, StepKind.GENERATE_LABELS, options[0].id)
    assert isinstance(done, Done)
    (label,) = done.labels
    assert label.tracking_id
    assert label.window == options[0].window
    ((facts, _),) = (await shop.gateway.read_one("acme", order_id)).entries
    assert (facts.status, facts.packages[0].status) == ("SHIPLABEL_GENERATED", "SHIPLABEL_GENERATED")
    again = await shop.perform(shipment, StepKind.REGENERATE_LABELS)
    assert again.labels[0].tracking_id == label.tracking_id


async def test_a_slot_is_moved_and_the_move_is_proven(seller: Open):
    """updateScheduledPackages gives the package with its new slot; a probe tells a move that happened from one not."""
    shop = seller()
    shipment = await shop.shipment(shop.order())
    options = (await shop.perform(shipment, StepKind.READ_OPTIONS)).options
    shipment = replace(shipment, packages=(replace(shipment.packages[0], options=options),))
    await shop.perform(shipment, StepKind.GENERATE_LABELS, options[-2].id)
    last = options[-1].id
    assert isinstance(await shop.perform(waiting_for(shipment, StepKind.RESCHEDULE, last), StepKind.PROBE), Seen)
    shop.fault("timeout_after", "updateScheduledPackages")
    lost = await shop.perform(shipment, StepKind.RESCHEDULE, last)
    assert lost.failure.kind == "unclear"
    proven = await shop.perform(waiting_for(shipment, StepKind.RESCHEDULE, last), StepKind.PROBE)
    assert isinstance(proven, Done)
    assert proven.labels[0].window == options[-1].window


@pytest.mark.parametrize(
    ("fault", "kind"), [("timeout_after", "unclear"), ("500_after", "unclear"), ("cut", "unclear")]
)
async def test_a_schedule_whose_answer_was_lost_is_found_again(seller: Open, fault: str, kind: str):
    """The package proves it, with the label; sent again it is ScheduledPackageAlreadyExists: somebody was quicker."""
    shop = seller()
    shipment = await shop.shipment(shop.order())
    slot = (await shop.perform(shipment, StepKind.READ_OPTIONS)).options[0].id
    shop.fault(fault, "createScheduledPackage")
    lost = await shop.perform(shipment, StepKind.GENERATE_LABELS, slot)
    assert lost.failure.kind == kind
    proven = await shop.perform(waiting_for(shipment, StepKind.GENERATE_LABELS, slot), StepKind.PROBE)
    assert isinstance(proven, Done)
    assert proven.labels[0].tracking_id
    twice = await shop.perform(shipment, StepKind.GENERATE_LABELS, slot)
    assert (twice.failure.kind, twice.failure.code) == ("conflict", "ScheduledPackageAlreadyExists")


@pytest.mark.parametrize("fault", ["timeout_before", "500"])
async def test_a_schedule_that_never_was_is_told_so(seller: Open, fault: str):
    """No package: the order is read, which waits as before."""
    shop = seller()
    shipment = await shop.shipment(shop.order())
    slot = (await shop.perform(shipment, StepKind.READ_OPTIONS)).options[0].id
    shop.fault(fault, "createScheduledPackage")
    assert (await shop.perform(shipment, StepKind.GENERATE_LABELS, slot)).failure.kind == "unclear"
    seen = await shop.perform(waiting_for(shipment, StepKind.GENERATE_LABELS, slot), StepKind.PROBE)
    assert isinstance(seen, Seen)
    assert seen.facts.status == "ACCEPTED"


async def test_each_refusal_gets_its_reaction(seller: Open):
    """Slots that are unknown or too old are read anew; what is too heavy, or no order, is a person's."""
    shop = seller()
    shipment = await shop.shipment(shop.order())
    unknown = await shop.perform(shipment, StepKind.GENERATE_LABELS, "AQnotaslotAAA=")
    assert (unknown.failure.kind, unknown.failure.code) == ("slot", "InvalidTimeSlotId")
    slot = (await shop.perform(shipment, StepKind.READ_OPTIONS)).options[0].id
    shop.later(31)
    late = await shop.perform(shipment, StepKind.GENERATE_LABELS, slot)
    assert (late.failure.kind, late.failure.code) == ("slot", "ScheduleWindowExpired")
    heavy = replace(shipment, packages=(replace(shipment.packages[0], box=Box(30, 20, 10, 25_000)),))
    refused = await shop.perform(heavy, StepKind.READ_OPTIONS)
    assert (refused.failure.kind, refused.failure.code) == ("refused", "TimeSlotNotAvailable")
    assert "Weigh and measure" in refused.failure.message
    stranger = await shop.perform(replace(shipment, amazon_id="402-0000000-0000000"), StepKind.READ_OPTIONS)
    assert (stranger.failure.kind, stranger.failure.code) == ("refused", "ResourceNotFound")
    assert (await shop.gateway.read_one("acme", "402-0000000-0000000")).entries == ()


async def test_what_was_handed_over_or_is_too_near_cannot_be_moved(seller: Open):
    """OrderNotEligibleForRescheduling is a 405 with a body, InvalidOrderState a 404: a person is told what to do."""
    shop = seller()
    shipment = await shop.shipment(shop.order())
    options = (await shop.perform(shipment, StepKind.READ_OPTIONS)).options
    await shop.perform(shipment, StepKind.GENERATE_LABELS, options[0].id)
    until = (options[0].window.start - to_datetime(shop.world.clock.now_ms())).total_seconds() / 60
    shop.later(until - 60)
    fresh = (await shop.perform(shipment, StepKind.READ_OPTIONS)).options[-1].id
    near = await shop.perform(shipment, StepKind.RESCHEDULE, fresh)
    assert (near.failure.kind, near.failure.code, near.failure.status) == (
        "refused", "OrderNotEligibleForRescheduling", 405,
    )  # fmt: skip
    assert "Hand the parcel over" in near.failure.message
    order = shop.world.orders[shipment.amazon_id]
    shop.simulator.call(progress.carrier_moves, shop.world, order, "PickedUp")
    gone = await shop.perform(shipment, StepKind.RESCHEDULE, fresh)
    assert (gone.failure.kind, gone.failure.code) == ("refused", "InvalidOrderState")


async def test_a_slot_that_somebody_else_took_is_read_anew(seller: Open):
    """RetryableAfterGettingNewSlots: the window was full when the second order came."""
    shop = seller()
    shop.switch(slot_capacity="1")
    first, second = [await shop.shipment(shop.order()) for _ in range(2)]
    slots = [(await shop.perform(one, StepKind.READ_OPTIONS)).options[0].id for one in (first, second)]
    assert isinstance(await shop.perform(first, StepKind.GENERATE_LABELS, slots[0]), Done)
    late = await shop.perform(second, StepKind.GENERATE_LABELS, slots[1])
    assert (late.failure.kind, late.failure.code) == ("slot", "RetryableAfterGettingNewSlots")


@pytest.mark.parametrize("status", ["404", "400"])
async def test_the_code_counts_and_not_the_status(seller: Open, status: str):
    """ResourceNotFound is 404 in the table and 400 in the example: no package, either way."""
    shop = seller()
    shop.switch(resource_not_found=status)
    shipment = await shop.shipment(shop.order())
    seen = await shop.perform(waiting_for(shipment, StepKind.GENERATE_LABELS, "X"), StepKind.PROBE)
    assert isinstance(seen, Seen)


async def test_a_marketplace_that_amazon_does_not_serve_after_all_is_told(seller: Open, tmp_path: Path):
    """RegionNotSupported: the seller's file said more than Amazon does."""
    shop = seller(UAE)
    shop.switch(easy_ship_profile="strict")
    known = await shop.shipment(shop.order())
    assert "Seller Central" in (await shop.perform(known, StepKind.READ_OPTIONS)).failure.message
    changes = tmp_path / "marketplaces.toml"
    changes.write_text(f"[{UAE}]\napi = true\n")
    shop.gateway = SellerCentralGateway(shop.doors, SystemClock(), capabilities.load(changes), apart.split_apart)
    refused = await shop.perform(known, StepKind.READ_OPTIONS)
    assert (refused.failure.kind, refused.failure.code, refused.failure.status) == (
        "refused",
        "RegionNotSupported",
        404,
    )


async def test_orders_of_japan_come_without_a_status_and_are_taken_in(seller: Open):
    """Amazon gives new orders of FE no Easy Ship status: they are ready to schedule all the same."""
    for orders_api in ("2026-01-01", "v0"):
        shop = seller(JAPAN, orders_api, "FE")
        order_id = shop.order()
        shop.later(3)
        page = await shop.gateway.list_page("acme", Query("orders", after=LONG_AGO), None)
        assert [(facts.amazon_id, facts.status) for facts, _ in page.entries] == [(order_id, "ACCEPTED")]


async def test_orders_of_poland_are_scheduled_in_bulk_with_their_papers(seller: Open):
    """One call for all that wait; the ZIP is fetched and split, and each order has its label."""
    shop = seller(POLAND)
    shipments = [await shop.shipment(shop.order()) for _ in range(3)]
    step = Step(StepKind.GENERATE_LABELS, (("PKG-1", 1),))
    performed = await asyncio.gather(*(shop.gateway.perform("acme", one, step) for one in shipments))
    assert all(isinstance(one.report, Done) for one in performed)
    assert all(one.report.labels[0].tracking_id for one in performed)
    bulk = [exchange for exchange in shop.simulator.exchanges if exchange.path.endswith("/packages/bulk")]
    assert len(bulk) == 1
    assert all(one.report.labels[0].document for one in performed)


def test_every_operation_of_ours_is_one_of_amazons():
    """Name, method and address as the specifications have them."""
    if not requests_judge.is_present():
        pytest.skip(requests_judge.ABSENT)
    known = {operation.name: operation for operation in requests_judge.operations()}
    known["createListingsFeed"] = known["createFeed"]  # one operation with two quotas
    for name, operation in OPERATIONS.items():
        assert known[name].method == operation.method, name
        assert known[name].pattern.fullmatch(operation.path.replace("{", "").replace("}", "")), name
        assert set(operation.success) <= known[name].answers.keys(), name


@pytest.mark.skipif(not requests_judge.is_present(), reason=requests_judge.ABSENT)
def test_the_judge_of_requests_sees_departures():
    """Unknown parameters and values, missing and wrong bodies, undocumented statuses are seen."""
    slots = b'{"marketplaceId":"M","amazonOrderId":"O","packageDimensions":{},"packageWeight":{"value":10,"unit":"g"}}'
    error = b'{"errors":[{"code":"X","message":"x"}]}'
    search = Exchange("GET", "/orders/2026-01-01/orders", "fulfilledBy=MERCHANT", b"", 400, {}, error)
    light = Exchange("POST", "/easyShip/2022-03-23/timeSlot", "", slots, 400, {}, error)
    assert requests_judge.complaints(search) == []
    departures = (
        light,
        replace(search, query="fulfilledBy=NOBODY"),
        replace(search, query="includedData=SECRETS"),
        replace(search, query="colour=red"),
        replace(search, request=b"{}"),
        replace(search, status=418),
        replace(search, body=b'{"errors":[{}]}'),
        replace(light, path="/easyShip/2022-03-23/package", request=b""),
    )
    assert all(requests_judge.complaints(departure) for departure in departures)
