"""Many orders moved to other slots by one call: each gets its own answer, and nobody is stopped by a neighbour."""

from __future__ import annotations

import asyncio
import json

import pytest

from packline.amazon.seller_central.capabilities import load
from packline.amazon.seller_central.gateway import SellerCentralGateway
from packline.amazon.spapi.transport import NoAnswer
from packline.domain.reports import Done, Failed
from packline.domain.shipment import Status
from packline.domain.step import StepKind
from packline.errors import Throttled
from unit.amazon.driven_clock import DrivenClock
from unit.amazon.scripted_transport import Reply, ScriptedTransport, refusal
from unit.amazon.seller_central.seller import INDIA, doors_of, no_papers, package, shipment, step, told

MOVE = step(StepKind.RESCHEDULE, "SLOT-2")


class Moves:
    """A seller whose orders are moved together."""

    def __init__(self, *replies: Reply) -> None:
        self.clock, self.transport = DrivenClock(), ScriptedTransport(*replies)
        self.gateway = SellerCentralGateway(doors_of(self.transport, self.clock), self.clock, load(), no_papers)

    def move(self, *orders: str) -> list[asyncio.Task]:
        made = [shipment(Status.SHIPLABEL_GENERATED, amazon_id=order, id=f"shp_{order}") for order in orders]
        return [asyncio.create_task(self.gateway.perform("acme-in", one, MOVE, None)) for one in made]

    def bodies(self) -> list[list[str]]:
        sent = [json.loads(call.body) for call in self.transport.calls if call.method == "PATCH"]
        return [[p["scheduledPackageId"]["amazonOrderId"] for p in body["updatePackageDetailsList"]] for body in sent]


def moved(*orders: str):
    """Answer with the packages of these orders."""
    packages = [package(slot="SLOT-2", scheduledPackageId={"amazonOrderId": order}) for order in orders]
    return told({"packages": packages})


def judge(request):
    """Refuse a call with BAD in it; else move everybody."""
    listed = json.loads(request.body)["updatePackageDetailsList"]
    orders = [p["scheduledPackageId"]["amazonOrderId"] for p in listed]
    return refusal(405, "OrderNotEligibleForRescheduling") if "BAD" in orders else moved(*orders)


async def test_all_that_wait_are_moved_by_one_call():
    """Rule: one call names every order with its slot, and each order gets its own package."""
    moves = Moves(moved("B", "A"))
    tasks = moves.move("A", "B")
    await moves.clock.advance(12)
    performed = [await task for task in tasks]
    assert moves.bodies() == [["A", "B"]]
    sent = json.loads(moves.transport.calls[0].body)
    assert sent["marketplaceId"] == INDIA
    assert sent["updatePackageDetailsList"][0] == {
        "scheduledPackageId": {"amazonOrderId": "A"},
        "packageTimeSlot": {"slotId": "SLOT-2"},
    }
    assert [one.report.labels[0].option_id for one in performed] == ["SLOT-2", "SLOT-2"]
    assert [len(one.calls) for one in performed] == [1, 0]


async def test_orders_that_come_a_second_apart_go_together():
    """Rule: the next one is waited for, as slots are read for one order a second; not for longer than ten seconds."""
    moves = Moves(judge)
    tasks = moves.move("O-0")
    for number in range(1, 14):
        await moves.clock.advance(1)
        tasks += moves.move(f"O-{number}")
    await moves.clock.advance(12)
    assert {type((await task).report) for task in tasks} == {Done}
    first, second = moves.bodies()
    assert len(first) >= 9
    assert len(first) + len(second) == 14


async def test_one_that_cannot_be_moved_does_not_hold_up_the_others():
    """Rule: a call that is refused whole is made again in halves, until the one that spoils it stands alone."""
    moves = Moves(judge)
    tasks = moves.move("A", "B", "BAD", "C")
    await moves.clock.advance(12)
    reports = [(await task).report for task in tasks]
    assert [type(report) for report in reports] == [Done, Done, Failed, Done]
    assert reports[2].failure.code == "OrderNotEligibleForRescheduling"


async def test_a_lost_answer_is_unclear_for_each_order():
    """Rule: each order is proven by its own package; nothing is sent twice."""
    moves = Moves(NoAnswer("time-out"))
    tasks = moves.move("A", "B")
    await moves.clock.advance(12)
    assert [(await task).report.failure.kind for task in tasks] == ["unclear", "unclear"]
    assert len(moves.transport.calls) == 1


async def test_an_order_that_the_answer_leaves_out_is_looked_at():
    """Rule: silence about one of several proves nothing; alone, the answer can only be about it."""
    moves = Moves(moved("A"), told({"packages": []}))
    tasks = moves.move("A", "B")
    await moves.clock.advance(12)
    reports = [(await task).report for task in tasks]
    assert [type(report) for report in reports] == [Done, Failed]
    assert reports[1].failure.kind == "unclear"
    (alone,) = moves.move("C")
    await moves.clock.advance(12)
    assert isinstance((await alone).report, Done)


async def test_a_throttled_call_is_raised_for_each_and_logged_once():
    """Rule: every order waits for its next turn; the calls are in the log once."""
    moves = Moves(refusal(429, "QuotaExceeded"))
    tasks = moves.move("A", "B")
    await moves.clock.advance(600)
    caught = []
    for task in tasks:
        with pytest.raises(Throttled) as error:
            await task
        caught.append(error.value)
    assert sorted(len(error.calls) for error in caught) == [0, 6]
