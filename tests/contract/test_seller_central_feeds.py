"""Packline's own feeds against the simulator, both held against Amazon's specifications."""

import asyncio

import msgspec
import pytest

from contract.easy_ship_seller import LONG_AGO, Open, Seller
from packline.domain.feeds import FeedItem, FeedKind, FeedResult, FeedState
from packline.domain.step import StepKind
from packline.errors import Unresolved

QUICK = {"feed_seconds": "0", "listings_feed_seconds": "0", "report_seconds": "0"}


async def note(_step: str, _value: str) -> None:
    """Write nothing down."""


def item(subject: str, **payload: object) -> FeedItem:
    """Build an item of a feed."""
    return FeedItem(subject, subject, msgspec.json.encode(payload))


async def over(shop: Seller, feed_id: str) -> FeedState:
    """Look until the feed is over."""
    for _ in range(100):
        state = await shop.feeds.look("acme", feed_id, None)
        if state.is_over:
            return state
        shop.later(0.5)
        await asyncio.sleep(0)
    raise AssertionError(f"feed {feed_id} is still {state.status}")


async def told(shop: Seller, kind: FeedKind, items: list[FeedItem]) -> FeedResult:
    """Send a feed and read its report."""
    feed_id = await shop.feeds.submit("acme", kind, items, None, note)
    return await shop.feeds.result("acme", kind, await over(shop, feed_id), items, None)


async def test_quantities_are_told_and_a_sku_that_is_not_there_is_named(seller: Open):
    """JSON_LISTINGS_FEED: one good, one unknown; the good one has its quantity."""
    shop = seller()
    shop.switch(**QUICK)
    result = await told(shop, FeedKind.STOCK, [item("MUG RED/1", quantity=7), item("NOTHING", quantity=1)])
    assert [one.ok for one in result.items] == [True, False]
    assert shop.world.listings[shop.keys.seller_id, "MUG RED/1"].quantity == 7
    assert {call.operation for call in shop.calls} == {
        "createFeedDocument", "createListingsFeed", "getFeed", "getFeedDocument",
    }  # fmt: skip


async def test_a_feed_whose_answer_was_lost_is_found(seller: Open):
    """createFeed has no idempotency: the list of feeds tells."""
    shop = seller()
    shop.switch(**QUICK)
    shop.fault("timeout_after", "createFeed")
    with pytest.raises(Unresolved):
        await shop.feeds.submit("acme", FeedKind.STOCK, [item("MUG RED/1", quantity=3)], None, note)
    (found,) = await shop.feeds.find("acme", FeedKind.STOCK, LONG_AGO, None)
    assert (await over(shop, found.feed_id)).status == "DONE"
    assert await shop.feeds.find("acme", FeedKind.DOCUMENTS, LONG_AGO, None) == ()


@pytest.mark.parametrize("gzip", ["reports", "none", "all"])
async def test_documents_of_several_orders_come_in_one_pile(seller: Open, gzip: str):
    """One feed, one reference, one file that opens with a restricted token; an order that is not scheduled is named."""
    shop = seller()
    shop.switch(**QUICK, stored_gzip=gzip)
    orders = [shop.order() for _ in range(3)]
    for order_id in orders[:2]:
        shipment = await shop.shipment(order_id)
        slot = (await shop.perform(shipment, StepKind.READ_OPTIONS)).options[0].id
        await shop.perform(shipment, StepKind.GENERATE_LABELS, slot)
    wanted = ["ship_label", "invoice"]
    result = await told(shop, FeedKind.DOCUMENTS, [item(order, documents=wanted) for order in orders])
    assert [one.ok for one in result.items] == [True, True, False]
    (reference,) = result.references
    for _ in range(100):
        status, document = await shop.feeds.report("acme", reference, None)
        if document:
            break
        shop.later(0.5)
    assert status == "DONE"
    content = await shop.feeds.report_file("acme", document or "", None)
    assert content.startswith(b"%PDF-")
    assert "createRestrictedDataToken" in {call.operation for call in shop.calls}


async def test_an_order_is_cancelled_until_it_is_scheduled(seller: Open):
    """The acknowledgement feed cancels; a scheduled order is refused by itself."""
    shop = seller()
    shop.switch(**QUICK)
    free, taken = shop.order(), shop.order()
    shipment = await shop.shipment(taken)
    slot = (await shop.perform(shipment, StepKind.READ_OPTIONS)).options[0].id
    await shop.perform(shipment, StepKind.GENERATE_LABELS, slot)
    lines = {order: [line.id for line in await shop.lines(order)] for order in (free, taken)}
    items = [item(order, reason="OUT_OF_STOCK", lines=lines[order]) for order in (free, taken)]
    result = await told(shop, FeedKind.CANCEL, items)
    assert [one.ok for one in result.items] == [True, False]
    ((facts, _),) = (await shop.gateway.read_one("acme", free)).entries
    assert (facts.status, facts.cancelled_by) == ("CANCELLED", "SELLER_REJECTED")
