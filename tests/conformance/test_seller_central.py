"""Easy Ship over Seller Central: the same day in every reading of Amazon, or a reason for a person that says why."""

import pytest

from conformance.easy_day import EasyDay
from packline.domain.packing import check
from packline.domain.settle import has_documents
from packline.domain.shipment import Goal, Rejection, Status
from packline.domain.step import StepKind
from packline.domain.steps import PROBE
from packline.errors import Rejected, Unauthorized
from packline_sim.switch_tables import easy_ship, feeds, orders, papers

OTHER_READINGS = [
    (s.name, value)
    for table in (orders, easy_ship, feeds, papers)
    for s in table.SWITCHES
    for value in s.values
    if value != s.default
]
ORDERS_READINGS = [reading for reading in OTHER_READINGS if reading[0] in {s.name for s in orders.SWITCHES}]
NO_BY_FEED = (
    "repeated_cancellation",
    "partial_cancellation",
    "feed_fatal_share",
    "feed_stuck_share",
    "stored_gzip",
    "upload_content_type",
    "feed_document_reuse",
    "fatal_feed_report",
    "cancelled_units",
)
NEEDS_A_PERSON = {
    ("feed_fatal_share", "1"): "documents_failed",
    ("feed_stuck_share", "1"): "documents_failed",
    ("document_failure_share", "1"): "documents_failed",
}
"""Readings that are no reading but a fault that stays: the order waits on a person's list, with these words."""


async def begin(amazon, seller, **spec) -> EasyDay:
    """Give one new order that is ready to be packed."""
    order = seller.central_order("MUG-BLUE", **spec)
    day = EasyDay(amazon, seller)
    day.order = order
    assert await day.meet(order.order_id)
    return day


@pytest.fixture
async def day(amazon, seller):
    """Give one new order in Amazon as it is by default."""
    made = await begin(amazon, seller)
    yield made
    await made.close()


async def label(day: EasyDay) -> None:
    """Schedule it and have its documents made."""
    day.want(Goal.LABELED, packages=day.packages())
    await day.run()
    if day.shipment.status is Status.SHIPLABEL_GENERATED:
        await day.fetch_papers()


async def test_card_01_from_order_to_documents(day, amazon):
    """One call of each kind, the label and the invoice in hand, nothing violated."""
    await label(day)
    assert day.outcome == "succeeded", day.shipment.problem
    assert has_documents(day.shipment)
    assert day.calls.count(StepKind.GENERATE_LABELS) == 1
    assert amazon.invariants().ok


async def test_card_02_from_documents_to_the_carrier(day):
    """Nothing is told to Amazon: the carrier's scan moves it, and the delivery ends it."""
    await label(day)
    day.want(Goal.SHIPPED, handed_over=True)
    await day.run()
    day.order.scan()
    await day.take(PROBE)
    assert day.shipment.status is Status.SHIPPED
    day.order.scan("Delivered")
    await day.take(PROBE)
    assert day.shipment.status is Status.DELIVERED


async def test_card_03_the_sellers_no(day):
    """It goes by a feed and cancels the order."""
    line = day.gateway.details(day.body).lines[0]
    day.want(Goal.REJECTED, rejection=Rejection("OUT_OF_STOCK", "rej-1", ((line.id, line.units),)))
    assert await day.run()
    await day.reject()
    assert day.shipment.status is Status.CANCELLED
    assert day.order.status == "Canceled"
    assert day.outcome == "succeeded"


@pytest.mark.parametrize("step", [StepKind.GENERATE_LABELS, StepKind.READ_OPTIONS])
async def test_card_04_an_answer_that_is_lost_schedules_once(day, amazon, step):
    """Time-outs after the effect: the package is found at Amazon, not made again."""
    operation = {StepKind.GENERATE_LABELS: "createScheduledPackage", StepKind.READ_OPTIONS: "listHandoverSlots"}[step]
    amazon.add_fault("timeout_after", operation, limit=1)
    await label(day)
    assert day.outcome == "succeeded", day.shipment.problem
    assert len(day.order.show().packages) == 1
    assert amazon.invariants().ok


async def test_card_05_a_cancelled_label_is_made_anew_with_its_own_papers(day, amazon):
    """Amazon cancels the label: it is void here, a new slot is booked, and the new label has a file of its own."""
    await label(day)
    first = day.shipment.packages[0].label
    day.order.cancel_label()
    await day.take(PROBE)
    assert day.shipment.packages[0].label.void
    await day.run()
    await day.fetch_papers()
    second = day.shipment.packages[0].label
    assert second.tracking_id != first.tracking_id
    assert second.document not in (None, first.document)
    assert amazon.invariants().ok


async def test_card_06_a_slot_is_moved_and_the_label_stays(day):
    """Another slot for a live label: same tracking id, same file."""
    await label(day)
    before = day.shipment.packages[0].label
    day.want(Goal.LABELED, reschedule=True)
    await day.run()
    after = day.shipment.packages[0].label
    assert (after.tracking_id, after.document) == (before.tracking_id, before.document)
    assert after.option_id != before.option_id
    assert day.shipment.problem is None


@pytest.mark.parametrize("orders_api", ["2026-01-01", "v0"])
@pytest.mark.parametrize("seen", ["by the listing", "by itself"])
async def test_card_07_scheduled_again_by_somebody_else_is_noticed(amazon, seller, orders_api, seen):
    """Between two looks the label was cancelled and another made in Seller Central: ours must not be printed."""
    day = EasyDay(amazon, seller, orders_api)
    day.order = seller.central_order("MUG-BLUE")
    assert await day.meet(day.order.order_id)
    await label(day)
    first = day.shipment.packages[0].label
    day.order.cancel_label()
    other = EasyDay(day.amazon, _Same(day))
    other.order = day.order
    assert await other.meet(day.order.order_id)
    other.want(Goal.LABELED, packages=other.packages())
    await other.run()
    await other.close()
    if seen == "by itself":
        await day.take(PROBE)
    else:
        await day.look_again()
    await day.run()
    second = day.shipment.packages[0].label
    assert not second.void
    assert second.tracking_id == other.shipment.packages[0].label.tracking_id != first.tracking_id
    assert second.document is None
    await day.fetch_papers()
    assert day.shipment.packages[0].label.document not in (None, first.document)
    await day.close()


@pytest.mark.parametrize("switch", OTHER_READINGS, ids="=".join)
async def test_the_day_is_the_same_in_every_reading_of_amazon(amazon, seller, switch):
    """Order to documents with the answer of the schedule lost; where it cannot be, a person is told why."""
    amazon.set_switches(**dict([switch]))
    amazon.add_fault("timeout_after", "createScheduledPackage", limit=1)
    day = await begin(amazon, seller)
    try:
        if switch == ("easy_ship_role", "missing"):  # the driver pauses the account with these words
            with pytest.raises(Unauthorized) as paused:
                await label(day)
            assert "listHandoverSlots" in paused.value.message
            assert paused.value.hint
            return
        await label(day)
        if switch in NEEDS_A_PERSON:
            assert day.shipment.problem is not None
            assert day.shipment.problem.code == NEEDS_A_PERSON[switch]
            assert day.shipment.problem.hint
        else:
            assert day.outcome == "succeeded", (day.shipment.problem, day.reasons)
            assert has_documents(day.shipment)
        assert amazon.invariants().ok
    finally:
        await day.close()


@pytest.mark.parametrize("switch", [r for r in OTHER_READINGS if r[0] in NO_BY_FEED], ids="=".join)
async def test_the_sellers_no_is_understood_in_every_reading_of_amazon(amazon, seller, switch):
    """The feed's answer in any shape: the order is cancelled, or the command is told why it is not."""
    amazon.set_switches(**dict([switch]))
    day = await begin(amazon, seller)
    try:
        line = day.gateway.details(day.body).lines[0]
        day.want(Goal.REJECTED, rejection=Rejection("OUT_OF_STOCK", "rej-1", ((line.id, line.units),)))
        result = await day.reject()
        if day.order.status == "Canceled":
            assert (day.shipment.status, day.outcome) == (Status.CANCELLED, "succeeded"), result
        else:
            assert day.shipment.problem is not None, result
            assert day.outcome == "rejected"
    finally:
        await day.close()


@pytest.mark.parametrize("switch", [("reschedule_cutoff", v) for v in ("2_hours", "none", "24_hours")], ids="=".join)
async def test_a_slot_that_cannot_be_moved_leaves_the_label_and_says_why(amazon, seller, switch):
    """Refused or not, the label stays live with its file, and the shipment is not stuck without words."""
    amazon.set_switches(**dict([switch]))
    day = await begin(amazon, seller)
    try:
        await label(day)
        day.want(Goal.LABELED, reschedule=True)
        await day.run()
        assert has_documents(day.shipment)
        assert day.shipment.pending is None
        if day.shipment.problem is not None:
            assert "OrderNotEligibleForRescheduling" in day.shipment.problem.message
            day.want(Goal.SHIPPED, handed_over=True)  # the refusal does not stop the parcel
            await day.run()
            assert day.shipment.problem is None
    finally:
        await day.close()


@pytest.mark.parametrize("switch", [("orders_api", "v0"), *ORDERS_READINGS], ids="=".join)
async def test_the_day_is_the_same_by_orders_v0(amazon, seller, switch):
    """Documents, a cancelled label and a new one, seen through the older version of the API."""
    if switch[0] != "orders_api":
        amazon.set_switches(**dict([switch]))
    order = seller.central_order("MUG-BLUE")
    day = EasyDay(amazon, seller, "v0")
    day.order = order
    try:
        assert await day.meet(order.order_id)
        await label(day)
        assert day.outcome == "succeeded", (day.shipment.problem, day.reasons)
        order.cancel_label()
        await day.take(PROBE)
        assert day.shipment.packages[0].label.void
        await day.run()
        assert not day.shipment.packages[0].label.void
        order.cancel()
        await day.take(PROBE)
        assert day.shipment.status is Status.CANCELLED
        assert day.shipment.packages[0].label.void
    finally:
        await day.close()


@pytest.mark.parametrize("answer", ["404", "400"])
@pytest.mark.parametrize("orders_api", ["2026-01-01", "v0"])
async def test_an_order_that_amazon_has_not_is_nothing_or_refused(amazon, seller, answer, orders_api):
    """What the inbox names may not exist: an empty page or a refusal, never an order."""
    amazon.set_switches(order_not_found=answer)
    day = EasyDay(amazon, seller, orders_api)
    try:
        page = await day.gateway.read_one("acme", "000-0000000-0000000")
        outcome = "nothing" if page.entries == () else "an order"
    except Rejected:
        outcome = "refused"
    finally:
        await day.close()
    assert outcome in ({"404": ("nothing",), "400": ("nothing", "refused")}[answer])


async def test_serial_numbers_go_with_the_schedule(amazon, seller):
    """Where an item wants one for each unit, they reach Amazon; without them the packing is refused beforehand."""
    order = seller.central_order("MUG-BLUE", quantity=2, serial_required=True)
    day = EasyDay(amazon, seller)
    try:
        assert await day.meet(order.order_id)
        program = day.gateway.program_for(day.shipment)
        details = day.gateway.details(day.body)
        assert check(details, day.packages(), program)
        packed = day.packages(["SN-1", "SN-2"])
        assert check(details, packed, program) == []
        day.want(Goal.LABELED, packages=packed)
        await day.run()
        assert day.shipment.status is Status.SHIPLABEL_GENERATED, day.shipment.problem
    finally:
        await day.close()


class _Same:
    """The same seller, seen from another desk."""

    def __init__(self, day: EasyDay) -> None:
        account, keys = day._account, day._credentials
        self.seller_id, self.region, self.marketplace_ids = account.seller_id, account.region, account.marketplaces
        self.client_id, self.client_secret, self.refresh_token = keys.client_id, keys.client_secret, keys.refresh_token
