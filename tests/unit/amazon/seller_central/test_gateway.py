"""The gateway: one call for a step, its answer as a report, and the package as proof."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from builders import BOX, NOON, at
from packline.amazon.spapi.transport import NoAnswer
from packline.domain.reports import Done, Failed, Seen
from packline.domain.shipment import Label, PackageLine, Status
from packline.domain.step import StepKind
from packline.errors import Rejected, Throttled, Unavailable, Unexpected
from packline.ports import Query
from unit.amazon.scripted_transport import answer, refusal
from unit.amazon.seller_central.seller import (
    INDIA,
    ORDER_ID,
    POLAND,
    UAE,
    asked,
    gateway,
    order,
    order_v0,
    package,
    shipment,
    step,
    time_slot,
    told,
)

EASY = "http://amazon.test/easyShip/2022-03-23"
SCHEDULE = step(StepKind.GENERATE_LABELS, "SLOT-1")
MOVE = step(StepKind.RESCHEDULE, "SLOT-2")


async def test_slots_are_listed_by_weight_and_size_and_the_earliest_of_each_method_stands_recommended():
    """Rule: centimetres and grams go out; slots come back in order of their start with their method."""
    drop = time_slot("SLOT-2", "2026-11-22T10:00:00+05:30", handoverMethod="Dropoff")
    late = time_slot("SLOT-3", "2026-11-23T10:00:00+05:30")
    amazon, transport = gateway(told({"amazonOrderId": ORDER_ID, "timeSlots": [late, time_slot(), drop]}))
    performed = await amazon.perform("acme-in", shipment(), step(StepKind.READ_OPTIONS))
    assert (transport.calls[0].method, transport.calls[0].url) == ("POST", EASY + "/timeSlot")
    assert asked(transport) == {
        "marketplaceId": INDIA,
        "amazonOrderId": ORDER_ID,
        "packageDimensions": {"length": 30, "width": 20, "height": 10, "unit": "cm"},
        "packageWeight": {"value": 850, "unit": "g"},
    }
    options = performed.report.options
    assert [(o.id, o.window.method, o.recommended) for o in options] == [
        ("SLOT-1", "PICKUP", True), ("SLOT-2", "DROPOFF", True), ("SLOT-3", "PICKUP", False),
    ]  # fmt: skip
    assert options[0].window.start.isoformat() == "2026-11-22T04:30:00+00:00"
    assert [call.operation for call in performed.calls] == ["listHandoverSlots"]
    assert performed.calls[0].shipment == "shp_1"


async def test_an_order_is_scheduled_with_its_slot_serial_numbers_and_the_name_of_its_box():
    """Rule: serial numbers for the lines that carry them and none other; a box without a name prints the order id."""
    lines = (PackageLine("L-1", 2, ("S1", "S2")), PackageLine("L-2", 1))
    boxed = replace(shipment().packages[0], id="SHELF 7", lines=lines)
    amazon, transport = gateway(told(package()))
    performed = await amazon.perform(
        "acme-in", shipment(packages=(boxed,)), replace(SCHEDULE, packages=(("SHELF 7", 1),))
    )
    assert (transport.calls[0].method, transport.calls[0].url) == ("POST", EASY + "/package")
    assert asked(transport)["packageDetails"] == {
        "packageTimeSlot": {"slotId": "SLOT-1"},
        "packageItems": [{"orderItemId": "L-1", "orderItemSerialNumbers": ["S1", "S2"]}],
        "packageIdentifier": "SHELF 7",
    }
    (label,) = performed.report.labels
    assert (label.package_id, label.ok, label.tracking_id, label.option_id) == (
        "SHELF 7",
        True,
        "1652969339691",
        "SLOT-1",
    )
    assert label.window.method == "PICKUP"


@pytest.mark.parametrize("kind", [StepKind.CONFIRM, StepKind.CREATE_PACKAGES, StepKind.UPDATE_PACKAGE])
async def test_what_amazon_has_no_call_for_is_done_without_one(kind):
    """Rule: the seller's yes, weight and size are Packline's own."""
    amazon, transport = gateway(answer(500))
    performed = await amazon.perform("acme-in", shipment(), step(kind))
    assert isinstance(performed.report, Done)
    assert transport.calls == []


async def test_a_scheduled_box_cannot_be_changed():
    """Rule: Amazon has no call for it, so it is refused before anything is sent, with the way out."""
    label = Label("T", "", 1, 1, NOON)
    boxed = replace(shipment().packages[0], label=label)
    amazon, transport = gateway(answer(500))
    performed = await amazon.perform("acme-in", shipment(packages=(boxed,)), step(StepKind.UPDATE_PACKAGE))
    assert performed.report.failure.kind == "refused"
    assert "Reschedule" in performed.report.failure.message
    assert transport.calls == []


@pytest.mark.parametrize("kind", [StepKind.REJECT, StepKind.SHIP, StepKind.DELIVER, StepKind.FETCH_INVOICE])
async def test_what_is_not_a_call_is_refused_with_the_reason(kind):
    """Rule: a step that goes another way, or is the carrier's, never becomes a request."""
    amazon, transport = gateway(answer(500))
    performed = await amazon.perform("acme-in", shipment(), step(kind))
    assert (performed.report.failure.kind, performed.report.failure.code) == ("refused", "NotByCall")
    assert transport.calls == []


@pytest.mark.parametrize(
    ("marketplace", "kind", "word"),
    [
        (UAE, StepKind.READ_OPTIONS, "Seller Central"),
        (UAE, StepKind.GENERATE_LABELS, "drop that into Packline"),
        (POLAND, StepKind.READ_OPTIONS, "without one"),
        (POLAND, StepKind.RESCHEDULE, "cannot change a slot"),
        ("NOWHERE", StepKind.GENERATE_LABELS, "Seller Central"),
    ],
)
async def test_what_a_marketplace_lacks_is_refused_with_the_way_out(marketplace, kind, word):
    """Rule: the capability table decides before a call, and says what to do instead."""
    amazon, transport = gateway(answer(500))
    performed = await amazon.perform("acme-in", shipment(marketplace=marketplace), step(kind, "SLOT-1"))
    assert performed.report.failure.code == "RegionNotSupported"
    assert word in performed.report.failure.message
    assert transport.calls == []


async def test_a_parcel_below_what_amazon_takes_is_refused_before_a_call():
    """Rule: eleven grams are the least weight of the model."""
    light = replace(shipment().packages[0], box=replace(BOX, weight_g=10.5))
    amazon, transport = gateway(answer(500))
    performed = await amazon.perform("acme-in", shipment(packages=(light,)), step(StepKind.READ_OPTIONS))
    assert "11 g" in performed.report.failure.message
    assert transport.calls == []


@pytest.mark.parametrize("reply", [NoAnswer("time-out"), refusal(500, "InternalServerError"), answer(200, b"{broken")])
async def test_an_unclear_schedule_is_unclear_and_never_sent_twice(reply):
    """Rule: silence, a failure and a broken success of a write are settled by a look, not by sending again."""
    amazon, transport = gateway(reply)
    performed = await amazon.perform("acme-in", shipment(), SCHEDULE)
    assert isinstance(performed.report, Failed)
    assert performed.report.failure.kind == "unclear"
    assert len(transport.calls) == 1


async def test_the_package_proves_a_schedule_whose_answer_was_lost():
    """Rule: getScheduledPackage gives the answer that the lost call would have given, label and all."""
    amazon, transport = gateway(told(package()))
    performed = await amazon.perform("acme-in", shipment(pending=SCHEDULE), step(StepKind.PROBE))
    assert transport.calls[0].url == f"{EASY}/package?amazonOrderId={ORDER_ID}&marketplaceId={INDIA}"
    assert isinstance(performed.report, Done)
    assert performed.report.step == SCHEDULE
    assert performed.report.labels[0].tracking_id == "1652969339691"


@pytest.mark.parametrize("missing", [refusal(404, "ResourceNotFound"), refusal(400, "ResourceNotFound")])
async def test_where_there_is_no_package_the_order_tells_what_is_true(missing):
    """Rule: Amazon's code counts, not its status; an order that is not scheduled is read, as it may be cancelled."""
    amazon, _ = gateway(missing, told({"order": order("CANCELLED")}))
    performed = await amazon.perform("acme-in", shipment(pending=SCHEDULE), step(StepKind.PROBE))
    assert isinstance(performed.report, Seen)
    assert (performed.report.facts.status, performed.report.source) == ("CANCELLED", "probe")
    assert [call.operation for call in performed.calls] == ["getScheduledPackage", "getOrder"]


async def test_a_package_whose_label_was_cancelled_proves_no_schedule():
    """Rule: the package of before the cancellation is still there; only a live one is proof."""
    amazon, _ = gateway(told(package("LabelCanceled")), told({"order": order(detailed="LABEL_CANCELLED")}))
    performed = await amazon.perform("acme-in", shipment(pending=SCHEDULE), step(StepKind.PROBE))
    assert (performed.report.facts.status, performed.report.facts.sub_status) == ("PACKAGE_CREATED", "LABEL_CANCELLED")


@pytest.mark.parametrize(
    ("slot", "start", "proven"),
    [("SLOT-2", "2026-11-23T10:00:00+05:30", True), ("SLOT-1", "2026-11-22T10:00:00+05:30", False)],
)
async def test_a_new_slot_is_proven_by_the_slot_that_the_package_has(slot, start, proven):
    """Rule: the package with the old slot shows that the change had no effect."""
    pending = shipment(Status.SHIPLABEL_GENERATED, pending=MOVE)
    amazon, _ = gateway(told(package(packageTimeSlot=time_slot(slot, start))))
    performed = await amazon.perform("acme-in", pending, step(StepKind.PROBE))
    assert isinstance(performed.report, Done if proven else Seen)
    if not proven:
        assert performed.report.facts.status == "SHIPLABEL_GENERATED"


async def test_a_slot_that_amazon_names_anew_is_known_by_its_times():
    """Rule: slot ids are opaque; the same span is the same slot."""
    again = step(StepKind.RESCHEDULE, "SLOT-1")
    amazon, _ = gateway(told(package(slot="OTHER")))
    performed = await amazon.perform("acme-in", shipment(pending=again), step(StepKind.PROBE))
    assert isinstance(performed.report, Done)


async def test_a_label_that_is_gone_is_told_as_a_lost_slot():
    """Rule: the label cannot be had again once Amazon cancelled it; slots are read and the order is scheduled anew."""
    amazon, _ = gateway(told(package("LabelCanceled")))
    performed = await amazon.perform("acme-in", shipment(), step(StepKind.REGENERATE_LABELS))
    assert (performed.report.failure.kind, performed.report.failure.code) == ("slot", "LabelCanceled")


async def test_a_label_made_elsewhere_is_read_from_its_package():
    """Rule: somebody scheduled in Seller Central; tracking id and slot come from there."""
    amazon, _ = gateway(told(package(trackingDetails={"trackingId": 1652969339691})))
    performed = await amazon.perform("acme-in", shipment(), step(StepKind.REGENERATE_LABELS))
    assert performed.report.labels[0].tracking_id == "1652969339691"


async def test_questions_that_cannot_be_answered_now_are_asked_again_by_the_driver():
    """Rule: a throttled or unavailable read is raised, with its calls for the log."""
    amazon, _ = gateway(NoAnswer("time-out"))
    task = amazon.perform("acme-in", shipment(), step(StepKind.GENERATE_LABELS, "SLOT-1"))
    assert isinstance((await task).report, Failed)
    throttled, _ = gateway(refusal(429, "QuotaExceeded"))
    with pytest.raises(Throttled) as caught:
        await throttled.perform("acme-in", shipment(), SCHEDULE)
    assert len(caught.value.calls) == 6


async def test_a_page_holds_easy_ship_orders_and_hands_the_unreadable_on():
    """Rule: others' orders are left out, one that cannot be read never hides the rest; no buyer is asked for."""
    others = [order(programs=["AMAZON_BUSINESS"], packages=[]), order("PENDING", None), "no order"]
    answered = {"orders": [*others, order()], "pagination": {"nextToken": "more"}}
    amazon, transport = gateway(told(answered | {"lastUpdatedBefore": "2026-11-21T12:30:00Z"}))
    page = await amazon.list_page("acme-in", Query("orders", after=NOON), None)
    url = transport.calls[0].url
    assert "/orders/2026-01-01/orders?lastUpdatedAfter=2026-11-21T12%3A00%3A00.000Z" in url
    assert f"marketplaceIds={INDIA}&fulfilledBy=MERCHANT" in url
    assert "BUYER" not in url
    assert "RECIPIENT" not in url
    ((facts, body),) = page.entries
    assert (facts.amazon_id, facts.location, facts.status, facts.api) == (
        ORDER_ID,
        "DEFAULT",
        "ACCEPTED",
        "seller_central",
    )
    assert amazon.details(body).lines[0].sku == "MUG RED/1"
    assert len(page.unreadable) == 1
    assert page.next_token == "more"
    assert page.until == at(30)


async def test_in_v0_the_items_of_an_order_are_read_once_for_each_of_its_versions():
    """Rule: getOrderItems costs a call for each order; one that did not change costs none."""
    listed = told({"payload": {"Orders": [order_v0(), order_v0(AmazonOrderId="X", EasyShipShipmentStatus=None)]}})
    items = [{"OrderItemId": "L-1", "SellerSKU": "MUG RED/1", "QuantityOrdered": 2, "SerialNumberRequired": True}]
    first = told({"payload": {"OrderItems": items, "NextToken": "n"}})
    second = told({"payload": {"OrderItems": [{"OrderItemId": "L-2", "SellerSKU": "B", "QuantityOrdered": 1}]}})
    amazon, transport = gateway(listed, first, second, listed, orders_api="v0")
    for _ in range(2):
        page = await amazon.list_page("acme-in", Query("orders", after=NOON), None)
        ((facts, body),) = page.entries
        assert facts.items == (("MUG RED/1", 2), ("B", 1))
        assert [line.serial_numbers for line in amazon.details(body).lines] == ["REQUIRED", "DISALLOWED"]
    paths = [call.url.partition("?")[0].rpartition("/orders/v0")[2] for call in transport.calls]
    assert paths == ["/orders", f"/orders/{ORDER_ID}/orderItems", f"/orders/{ORDER_ID}/orderItems", "/orders"]


async def test_one_order_is_read_by_its_id_and_none_is_no_error():
    """Rule: the inbox names orders; one that Amazon does not have is an empty page."""
    amazon, _ = gateway(told({"order": order()}), refusal(404, "NotFound"), refusal(503, "ServiceUnavailable"))
    assert len((await amazon.read_one("acme-in", ORDER_ID)).entries) == 1
    assert (await amazon.read_one("acme-in", "402-0000000-0000000")).entries == ()


def test_the_listing_stays_inside_amazons_searches():
    """Rule: twenty searches an hour, sixty in v0."""
    from unit.amazon.seller_central.seller import account

    amazon, _ = gateway(answer())
    ((new,), (old,)) = amazon.listings(account()), amazon.listings(account("v0"))
    assert (3600 / new.every_s, 3600 / old.every_s) == (15, 30)
    assert new.is_new
    assert not new.by_location


def test_the_program_says_what_the_marketplace_can_do():
    """Rule: same code everywhere; documents, slots and rescheduling differ."""
    amazon, _ = gateway(answer())
    india, poland, uae = (amazon.program_for(shipment(marketplace=m)) for m in (INDIA, POLAND, UAE))
    assert {p.code for p in (india, poland, uae)} == {"easy_ship"}
    assert [(p.documents, p.asks_slots, p.reschedules) for p in (india, poland)] == [
        ("feed", True, True),
        ("zip", False, False),
    ]
    assert india.missing == ""
    assert "Seller Central" in uae.missing
    assert (india.packages_at_most, india.lightest_g) == (1, 11)


async def test_calls_that_end_badly_are_in_the_log_all_the_same():
    """Rule: every call is recorded, whatever came of it."""
    for ask in (
        lambda amazon: amazon.list_page("acme-in", Query("orders", after=NOON), None),
        lambda amazon: amazon.read_one("acme-in", ORDER_ID),
        lambda amazon: amazon.perform("acme-in", shipment(), step(StepKind.PROBE)),
    ):
        amazon, _ = gateway(refusal(429, "QuotaExceeded"))
        with pytest.raises(Throttled) as caught:
            await ask(amazon)
        assert len(caught.value.calls) == 6


@pytest.mark.parametrize("body", [{"order": None}, {}, {"order": {"orderId": 7}}])
async def test_an_order_that_cannot_be_read_settles_nothing(body):
    """Rule: the fate of the pending call stays open, and the order is read again later."""
    amazon, _ = gateway(told(body))
    with pytest.raises((Unavailable, Unexpected)):
        await amazon.perform("acme-in", shipment(), step(StepKind.PROBE))


async def test_more_serial_numbers_than_amazon_takes_are_refused_before_a_call():
    """Rule: a hundred for one item."""
    lines = (PackageLine("L-1", 101, tuple(f"S{n}" for n in range(101))),)
    amazon, transport = gateway(answer(500))
    boxed = replace(shipment().packages[0], lines=lines)
    performed = await amazon.perform("acme-in", shipment(packages=(boxed,)), SCHEDULE)
    assert (performed.report.failure.kind, performed.report.failure.code) == ("refused", "NotAcceptable")
    assert transport.calls == []
    performed = await amazon.perform("acme-in", shipment(packages=()), step(StepKind.READ_OPTIONS))
    assert "never weighed" in performed.report.failure.message


async def test_in_v0_one_order_whose_items_are_refused_stands_aside():
    """Rule: one bad order never stops the rest; a single one is read with its items."""
    other = order_v0(AmazonOrderId="403-0-0")
    listed = told({"payload": {"Orders": [order_v0(), "no order", other], "LastUpdatedBefore": "2026-11-21T12:30:00Z"}})
    items = told({"payload": {"OrderItems": [{"OrderItemId": "L-1", "SellerSKU": "A", "QuantityOrdered": 1}]}})
    amazon, _ = gateway(listed, refusal(400, "InvalidInput"), items, orders_api="v0")
    page = await amazon.list_page("acme-in", Query("orders", after=NOON), None)
    assert [facts.amazon_id for facts, _ in page.entries] == ["403-0-0"]
    assert len(page.unreadable) == 2
    assert page.until == at(30)
    amazon, _ = gateway(told({"payload": order_v0()}), items, orders_api="v0")
    assert (await amazon.read_one("acme-in", ORDER_ID)).entries[0][0].items == (("A", 1),)
    amazon, _ = gateway(told({"payload": None}), orders_api="v0")
    with pytest.raises(Unexpected):
        await amazon.read_one("acme-in", ORDER_ID)


async def test_what_amazon_does_not_let_us_read_is_told_and_not_taken_for_missing():
    """Rule: only a missing order is an empty page; a missing package is not the same as a refused question."""
    amazon, _ = gateway(refusal(400, "InvalidInput"))
    with pytest.raises(Rejected):
        await amazon.read_one("acme-in", ORDER_ID)
    performed = await amazon.perform("acme-in", shipment(pending=SCHEDULE), step(StepKind.PROBE))
    assert (performed.report.failure.kind, performed.report.failure.code) == ("refused", "InvalidInput")


async def test_a_package_without_a_slot_proves_no_new_slot():
    """Rule: what Amazon leaves out is no proof."""
    amazon, _ = gateway(told(package(packageTimeSlot=None)))
    performed = await amazon.perform("acme-in", shipment(pending=MOVE), step(StepKind.PROBE))
    assert isinstance(performed.report, Seen)
