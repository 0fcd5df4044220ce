"""Scheduling in bulk: one call for all that wait, its documents at once, and nobody stopped by a neighbour."""

from __future__ import annotations

import asyncio
import json

import pytest
from msgspec.structs import replace

from packline.amazon.seller_central.capabilities import load
from packline.amazon.seller_central.gateway import SellerCentralGateway
from packline.amazon.seller_central.papers.records import Found, PaperError, Split
from packline.amazon.spapi.transport import NoAnswer
from packline.domain.papers import Unmatched
from packline.domain.reports import Done
from packline.domain.step import StepKind
from packline.domain.values import DocumentKind, file_of
from packline.errors import Fenced, Throttled
from unit.amazon.driven_clock import DrivenClock
from unit.amazon.scripted_transport import Reply, ScriptedTransport, answer, refusal
from unit.amazon.seller_central.seller import POLAND, doors_of, package, shipment, step, told

SCHEDULE = step(StepKind.GENERATE_LABELS)
ZIP = "http://files.test/documents.zip"


class Splitting:
    """Finds a label for each expected order in whatever it is given."""

    def __init__(self) -> None:
        self.asked: list[tuple[bytes, list[str]]] = []

    async def __call__(self, content, expected):
        self.asked.append((content, [e.order_id for e in expected]))
        files = {e.order_id: file_of(e.order_id.encode(), "application/pdf") for e in expected}
        return Split(tuple(Found(o, DocumentKind.SHIP_LABEL, f, (1,)) for o, f in files.items()), ())


class Bulk:
    """A Polish seller whose orders are scheduled together."""

    def __init__(self, *replies: Reply) -> None:
        self.clock, self.transport, self.split = DrivenClock(), ScriptedTransport(*replies), Splitting()
        doors = doors_of(self.transport, self.clock, market=POLAND)
        self.gateway = SellerCentralGateway(doors, self.clock, load(), self.split)

    def schedule(self, *orders: str, guard=None) -> list[asyncio.Task]:
        made = [shipment(marketplace=POLAND, amazon_id=order, id=f"shp_{order}") for order in orders]
        return [asyncio.create_task(self.gateway.perform("acme-in", one, SCHEDULE, guard)) for one in made]

    def hold_sign_in(self) -> None:
        """Let the first call wait for its token."""
        self.transport.hold = asyncio.Event()

    def bodies(self) -> list[list[str]]:
        sent = [json.loads(call.body) for call in self.transport.calls if call.url.endswith("/bulk")]
        return [[order["amazonOrderId"] for order in body["orderScheduleDetailsList"]] for body in sent]


def scheduled(*orders: str, rejected: dict[str, str] | None = None, url: str | None = ZIP):
    """Answer a bulk call."""
    packages = [package(scheduledPackageId={"amazonOrderId": order}) for order in orders]
    refused = [{"amazonOrderId": o, "error": {"code": c, "message": "no"}} for o, c in (rejected or {}).items()]
    return told({"scheduledPackages": packages, "rejectedOrders": refused, "printableDocumentsUrl": url})


async def test_all_that_wait_go_in_one_call_and_get_their_documents_at_once():
    """Rule: one call, one ZIP fetched before its address dies, each order its own label."""
    bulk = Bulk(scheduled("A", "B"), answer(200, b"PK zip"))
    tasks = bulk.schedule("A", "B")
    await bulk.clock.advance(1)
    first, second = [await task for task in tasks]
    assert bulk.bodies() == [["A", "B"]]
    assert json.loads(bulk.transport.calls[0].body)["labelFormat"] == "PDF"
    assert bulk.split.asked == [(b"PK zip", ["A", "B"])]
    assert isinstance(first.report, Done)
    assert first.report.labels[0].document == first.files[0].document
    assert (first.files[0].content, second.files[0].content) == (b"A", b"B")
    assert [len(done.calls) for done in (first, second)] == [1, 0]


async def test_a_rejected_order_gets_its_own_reaction_and_a_silent_one_is_looked_at():
    """Rule: Amazon's code of that order decides; an order that the answer does not name is unclear."""
    bulk = Bulk(scheduled("A", rejected={"B": "InvalidOrderState", "C": "ScheduledPackageAlreadyExists"}, url=None))
    tasks = bulk.schedule("A", "B", "C", "D")
    await bulk.clock.advance(1)
    reports = [(await task).report for task in tasks]
    assert isinstance(reports[0], Done)
    assert [report.failure.kind for report in reports[1:]] == ["refused", "conflict", "unclear"]


async def test_one_bad_order_does_not_stop_the_others():
    """Rule: a call that is refused whole is made again in halves, until the bad one stands alone."""

    def judge(request):
        orders = [o["amazonOrderId"] for o in json.loads(request.body)["orderScheduleDetailsList"]]
        return refusal(400, "InvalidInput") if "BAD" in orders else scheduled(*orders, url=None)

    bulk = Bulk(judge)
    tasks = bulk.schedule("A", "B", "BAD", "C")
    await bulk.clock.advance(1)
    reports = [(await task).report for task in tasks]
    assert [isinstance(report, Done) for report in reports] == [True, True, False, True]
    assert bulk.bodies() == [["A", "B", "BAD", "C"], ["A", "B"], ["BAD", "C"], ["BAD"], ["C"]]


async def test_a_lost_answer_is_unclear_for_each_order():
    """Rule: each order is probed by itself; nothing is sent twice."""
    bulk = Bulk(NoAnswer("time-out"))
    tasks = bulk.schedule("A", "B")
    await bulk.clock.advance(1)
    assert [(await task).report.failure.kind for task in tasks] == ["unclear", "unclear"]
    assert len(bulk.transport.calls) == 1


async def test_an_order_that_leaves_while_it_waits_is_not_sent():
    """Rule: what was taken back before the call left is not in it."""
    gone: list[asyncio.Task] = []

    async def guard():
        return None

    bulk = Bulk(scheduled("A", url=None))
    tasks = bulk.schedule("A", "B", guard=guard)
    gone.append(tasks[1])
    await asyncio.sleep(0)
    tasks[1].cancel()
    await bulk.clock.advance(1)
    assert isinstance((await tasks[0]).report, Done)
    assert bulk.bodies() == [["A"]]
    assert gone[0].cancelled()


async def test_who_lost_the_account_sends_nothing():
    """Rule: the guard of every order runs before the call leaves."""

    async def guard():
        raise Fenced

    bulk = Bulk(answer(500))
    tasks = bulk.schedule("A", "B", guard=guard)
    await bulk.clock.advance(1)
    for task in tasks:
        with pytest.raises(Fenced):
            await task
    assert bulk.transport.calls == []


async def test_a_throttled_batch_is_raised_for_each_and_logged_once():
    """Rule: every order waits for its next turn; the calls are in the log once."""
    bulk = Bulk(refusal(429, "QuotaExceeded"))
    tasks = bulk.schedule("A", "B")
    await bulk.clock.advance(600)
    caught = []
    for task in tasks:
        with pytest.raises(Throttled) as error:
            await task
        caught.append(error.value)
    assert sorted(len(error.calls) for error in caught) == [0, 6]


async def test_documents_that_cannot_be_fetched_cost_no_schedule():
    """Rule: the order is scheduled; its documents are another matter."""
    bulk = Bulk(scheduled("A"), answer(403, b"<Error/>"))
    (task,) = bulk.schedule("A")
    await bulk.clock.advance(1)
    performed = await task
    assert performed.report.labels[0].ok
    assert performed.report.labels[0].document is None


async def test_documents_whose_address_does_not_answer_are_fetched_again():
    """Rule: the address lives for minutes and cannot be had again, so it is tried again while it lives."""
    bulk = Bulk(scheduled("A"), answer(503), NoAnswer("time-out"), answer(503), answer(200, b"PK zip"))
    (task,) = bulk.schedule("A")
    await bulk.clock.advance(60)
    performed = await task
    assert performed.report.labels[0].document == performed.files[0].document


async def test_papers_that_belong_to_no_order_are_handed_on_once():
    """Rule: a page that cannot be matched, or an archive that cannot be read, goes to a person with its bytes."""
    page = file_of(b"whose is it?", "application/pdf")

    async def puzzled(content, expected):
        return Split((), (Unmatched(page, (1,), "It names no order that waits."),))

    bulk = Bulk(scheduled("A", "B"), answer(200, b"PK zip"))
    bulk.gateway = SellerCentralGateway(
        doors_of(bulk.transport, bulk.clock, market=POLAND), bulk.clock, load(), puzzled
    )
    tasks = bulk.schedule("A", "B")
    await bulk.clock.advance(1)
    left = [(await task).left_over for task in tasks]
    assert [[one.file for one in some] for some in left] == [[page], []]

    async def broken(content, expected):
        raise PaperError("not a ZIP")

    bulk = Bulk(scheduled("A"), answer(200, b"garbage"))
    bulk.gateway = SellerCentralGateway(doors_of(bulk.transport, bulk.clock, market=POLAND), bulk.clock, load(), broken)
    (task,) = bulk.schedule("A")
    await bulk.clock.advance(1)
    performed = await task
    assert performed.report.labels[0].ok
    assert [one.file.content for one in performed.left_over] == [b"garbage"]


async def test_more_than_a_hundred_go_in_several_calls():
    """Rule: an answer holds a hundred packages at most."""
    bulk = Bulk(
        lambda r: scheduled(*[o["amazonOrderId"] for o in json.loads(r.body)["orderScheduleDetailsList"]], url=None)
    )
    tasks = bulk.schedule(*[f"O-{n}" for n in range(230)])
    await bulk.clock.advance(2)
    assert {type((await task).report) for task in tasks} == {Done}
    assert [len(body) for body in bulk.bodies()] == [100, 100, 30]


async def test_a_slot_that_was_chosen_goes_along():
    """Rule: details are given where a slot is; then serial numbers and the box's name go too."""
    bulk = Bulk(scheduled("A", url=None))
    one = shipment(marketplace=POLAND, amazon_id="A")
    task = asyncio.create_task(bulk.gateway.perform("acme-in", one, replace(SCHEDULE, option_id="SLOT-9")))
    await bulk.clock.advance(1)
    await task
    sent = json.loads(bulk.transport.calls[0].body)["orderScheduleDetailsList"]
    assert sent == [{"amazonOrderId": "A", "packageDetails": {"packageTimeSlot": {"slotId": "SLOT-9"}}}]


async def test_an_order_that_leaves_while_the_lane_waits_is_taken_out_of_its_call():
    """Rule: the call is made up anew at its turn; the others go, who left does not."""
    bulk = Bulk(scheduled("A", url=None))
    bulk.hold_sign_in()
    tasks = bulk.schedule("A", "B")
    await bulk.clock.advance(1)
    assert bulk.transport.calls == []
    tasks[1].cancel()
    bulk.transport.hold.set()
    await bulk.clock.advance(1)
    assert isinstance((await tasks[0]).report, Done)
    assert bulk.bodies() == [["A"]]


async def test_documents_that_were_spoilt_on_their_way_are_fetched_once_more():
    """Rule: the address lives for minutes; a ZIP that cannot be read may be whole at the second try."""
    bulk = Bulk(scheduled("A"), answer(200, b"PK spo"), answer(200, b"PK zip"))
    finds = bulk.split

    async def reads(content, expected):
        if content == b"PK spo":
            raise PaperError("cut short")
        return await finds(content, expected)

    bulk.gateway = SellerCentralGateway(doors_of(bulk.transport, bulk.clock, market=POLAND), bulk.clock, load(), reads)
    (task,) = bulk.schedule("A")
    await bulk.clock.advance(1)
    performed = await task
    assert performed.report.labels[0].document == performed.files[0].document
    assert performed.left_over == ()
