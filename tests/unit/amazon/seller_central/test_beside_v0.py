"""What Orders v0 leaves out: tracking ids read once for each change, items that Amazon cannot give just now."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

import pytest

from builders import NOON
from packline.amazon.seller_central.capabilities import load
from packline.amazon.seller_central.gateway import SellerCentralGateway
from packline.amazon.spapi.transport import Request, Response
from packline.domain.step import StepKind
from packline.errors import Unavailable
from packline.ports import Page, Query
from unit.amazon.driven_clock import DrivenClock
from unit.amazon.scripted_transport import ScriptedTransport, refusal
from unit.amazon.seller_central.seller import (
    ORDER_ID,
    UAE,
    doors_of,
    no_papers,
    order_v0,
    package,
    shipment,
    step,
    told,
)

ITEMS = {"payload": {"OrderItems": [{"OrderItemId": "L-1", "SellerSKU": "A", "QuantityOrdered": 1}]}}
LOOK = Query("orders", after=NOON)


class OldAmazon:
    """Orders of v0 with their items and packages, and what was asked for."""

    def __init__(self, *orders: dict[str, Any], market: str = "A21TJRUUN4KGV") -> None:
        self.orders = list(orders)
        self.package: Response = told(package())
        self.broken: set[str] = set()
        self.asked: Counter[str] = Counter()
        self.clock, self.transport = DrivenClock(), ScriptedTransport(self.answer)
        doors = doors_of(self.transport, self.clock, "v0", market)
        self.gateway = SellerCentralGateway(doors, self.clock, load(), no_papers)

    def answer(self, request: Request) -> Response:
        path = request.url.partition("?")[0].removeprefix("http://amazon.test")
        name = path.rpartition("/")[2]
        self.asked[name] += 1
        if name == "orders":
            return told({"payload": {"Orders": self.orders}})
        if name == "package":
            return self.package
        return refusal(503, "ServiceUnavailable") if path.split("/")[-2] in self.broken else told(ITEMS)

    async def look(self) -> Page:
        """Read the listing; time passes while calls are repeated."""
        looking = asyncio.create_task(self.gateway.list_page("acme-in", LOOK, None))
        await self.clock.advance(60)
        return await looking


def booked(updated: str = "2026-11-21T12:00:00Z", **given: Any) -> dict[str, Any]:
    return order_v0(EasyShipShipmentStatus="PendingPickUp", LastUpdateDate=updated, **given)


def trackings(page: Page) -> list[str]:
    return [facts.packages[0].tracking_id for facts, _ in page.entries]


async def test_a_scheduled_order_that_changed_tells_the_tracking_id_of_its_label():
    """Rule: one getScheduledPackage for each change; what did not change costs no call."""
    amazon = OldAmazon(booked())
    assert [trackings(await amazon.look()) for _ in range(2)] == [["1652969339691"]] * 2
    assert amazon.asked["package"] == 1
    amazon.package = told(package(trackingDetails={"trackingId": "777"}))
    amazon.orders = [booked("2026-11-21T14:00:00Z")]
    assert trackings(await amazon.look()) == ["777"]
    assert amazon.asked["package"] == 2


async def test_the_change_that_our_own_schedule_makes_is_not_asked_about():
    """Rule: thousands of orders are scheduled in an hour; only a later change may be somebody else's."""
    amazon = OldAmazon(booked("2026-01-01T00:00:04Z"))
    await amazon.gateway.perform("acme-in", shipment(), step(StepKind.GENERATE_LABELS, "SLOT-1"))
    amazon.asked.clear()
    assert trackings(await amazon.look()) == ["1652969339691"]
    assert amazon.asked["package"] == 0
    amazon.orders = [booked("2026-01-01T00:20:00Z")]
    await amazon.look()
    assert amazon.asked["package"] == 1


@pytest.mark.parametrize(
    "orders",
    [
        [order_v0()],
        [order_v0("Shipped", "PickedUp")],
        [order_v0("Canceled", "PendingPickUp")],
        [order_v0(EasyShipShipmentStatus="LabelCanceled")],
        [booked(MarketplaceId=UAE)],
    ],
)
async def test_no_other_order_is_worth_a_call(orders):
    """Rule: only an order that waits for its carrier, where the Easy Ship API serves the marketplace."""
    amazon = OldAmazon(*orders)
    assert len((await amazon.look()).entries) == 1
    assert amazon.asked["package"] == 0


@pytest.mark.parametrize(
    ("said", "asked_again"),
    [
        (refusal(404, "ResourceNotFound"), False),
        (refusal(403, "Unauthorized"), False),
        (refusal(500, "InternalServerError"), True),
        (told("nonsense"), True),
        (told(package(trackingDetails=None)), False),
        (told(package("LabelCanceled")), False),
    ],
)
async def test_an_order_without_its_tracking_id_is_an_order_all_the_same(said, asked_again):
    """Rule: whatever Amazon says of the package, the order comes in; a passing failure is asked about again."""
    amazon = OldAmazon(booked())
    amazon.package = said
    assert trackings(await amazon.look()) == [""]
    before = amazon.asked["package"]
    amazon.package = told(package())
    assert trackings(await amazon.look()) == (["1652969339691"] if asked_again else [""])
    assert (amazon.asked["package"] > before) is asked_again


async def test_packages_that_amazon_closed_are_tried_again_later():
    """Rule: a missing role costs one refused call in a quarter of an hour, not one for each order."""
    amazon = OldAmazon(booked(), booked(AmazonOrderId="403-0-0"))
    amazon.package = refusal(403, "Unauthorized")
    await amazon.look()
    assert amazon.asked["package"] == 2  # once more with a fresh token
    amazon.package = told(package())
    await amazon.clock.advance(900)
    assert trackings(await amazon.look()) == ["1652969339691"] * 2


async def test_an_order_whose_items_fail_stands_aside_and_is_listed_again():
    """Rule: the others are handed on now, and the window must begin where the poor one changed."""
    amazon = OldAmazon(order_v0(), order_v0(AmazonOrderId="BAD", LastUpdateDate="2026-11-21T11:00:00Z"))
    amazon.broken = {"BAD"}
    page = await amazon.look()
    assert [facts.amazon_id for facts, _ in page.entries] == [ORDER_ID]
    assert page.postponed == NOON.replace(hour=11)
    assert page.unreadable == ()
    amazon.broken.clear()
    page = await amazon.look()
    assert {facts.amazon_id for facts, _ in page.entries} == {ORDER_ID, "BAD"}
    assert page.postponed is None


async def test_an_order_whose_items_fail_for_ever_goes_to_a_person():
    """Rule: three looks, while Amazon answers for others; then its bytes are parked, and it holds nobody up."""
    amazon = OldAmazon(order_v0(), order_v0(AmazonOrderId="BAD"))
    amazon.broken = {"BAD"}
    pages = [await amazon.look() for _ in range(3)]
    assert [page.postponed is None for page in pages] == [False, False, True]
    ((body, reason),) = pages[-1].unreadable
    assert json.loads(body)["AmazonOrderId"] == "BAD"
    assert "does not give its items" in reason


async def test_while_amazon_answers_for_nobody_no_order_is_blamed():
    """Rule: an outage of getOrderItems is no order's fault, however long it lasts."""
    amazon = OldAmazon(order_v0(AmazonOrderId="BAD"))
    amazon.broken = {"BAD", "WORSE"}
    pages = [await amazon.look() for _ in range(5)]
    assert all(page.postponed and not page.unreadable for page in pages)
    amazon.orders.append(order_v0(AmazonOrderId="WORSE"))
    with pytest.raises(Unavailable):
        await amazon.look()
