"""JSON_LISTINGS_FEED: many changes in one document, each judged for itself."""

import time
from typing import Any

import msgspec
import pytest

from packline_sim.listings.feed import FEED_TYPE, MOST_MESSAGES
from packline_sim.specs import SkuSpec
from packline_sim.world import World
from sim.feeds.desk import FEEDS, REPORTS, Desk
from sim.listings.shelf import KETTLE, patch, quantity, quantity_patch, show

JSON = "application/json; charset=UTF-8"


def document(desk: Desk, messages: list[dict[str, Any]], **header: Any) -> bytes:
    return msgspec.json.encode(
        {"header": {"sellerId": desk.seller_id, "version": "2.0", **header}, "messages": messages}
    )


def message(number: int, units: Any, sku: str = KETTLE, **changes: Any) -> dict[str, Any]:
    patches = [quantity_patch(units)]
    base = {"messageId": number, "sku": sku, "operationType": "PATCH", "productType": "PRODUCT", "patches": patches}
    return {**base, **changes}


async def send(desk: Desk, messages: list[dict[str, Any]]) -> Any:
    return msgspec.json.decode(await desk.result(await desk.feed(FEED_TYPE, document(desk, messages), JSON)))


async def test_every_kind_of_message_is_done(desk: Desk) -> None:
    """PATCH, PARTIAL_UPDATE, UPDATE and DELETE; the report counts them."""
    stock = {"fulfillment_availability": [{"fulfillment_channel_code": "DEFAULT", "quantity": 3}]}
    whole = {"item_name": [{"value": "Bag"}], **stock}
    desk.world.create_sku(desk.seller_id, SkuSpec(sku="OLD"))
    plain = {"productType": "LUGGAGE", "attributes": whole}
    report = await send(
        desk,
        [
            message(1, 10),
            {"messageId": 2, "sku": KETTLE, "operationType": "PARTIAL_UPDATE", "attributes": stock},
            {"messageId": 3, "sku": "BAG", "operationType": "UPDATE", **plain},
            {"messageId": 4, "sku": "OLD", "operationType": "DELETE"},
        ],
    )
    counts = {"errors": 0, "warnings": 0, "messagesProcessed": 4, "messagesAccepted": 4, "messagesInvalid": 0}
    assert (report["summary"], report["issues"]) == (counts, [])
    assert report["header"]["sellerId"] == desk.seller_id
    assert await quantity(desk) == 3
    assert await quantity(desk, "BAG") == 3
    assert (desk.seller_id, "OLD") not in desk.world.listings


async def test_bad_messages_spoil_only_themselves(desk: Desk) -> None:
    """Unknown SKUs, wrong numbers, repeated ids, unknown operations and unreadable ones are listed by messageId."""
    wrong = [
        message(1, 5, "NONE"),
        message(2, -5),
        message(3, 7),
        message(3, 8),
        message(5, 1, operationType="GUESS"),
        message(6, 1, patches=[]),
        {"messageId": 0, "sku": KETTLE, "operationType": "DELETE"},
        {"messageId": "eight", "sku": KETTLE},
    ]
    report = await send(desk, wrong)
    assert [issue["messageId"] for issue in report["issues"]] == [1, 2, 3, 5, 6, 0, 8]
    assert report["summary"] == {
        "errors": 7, "warnings": 0, "messagesProcessed": 8, "messagesAccepted": 1, "messagesInvalid": 7,
    }  # fmt: skip
    assert await quantity(desk) == 7


@pytest.mark.parametrize("fault", ["not json", "foreign", "empty", "too many", "no header"])
async def test_documents_that_cannot_be_read_are_fatal(desk: Desk, fault: str) -> None:
    """Broken JSON, another seller's id, no messages or more than 25,000."""
    small = {"messageId": 1, "sku": KETTLE, "operationType": "DELETE"}
    content = {
        "not json": b"{",
        "foreign": document(desk, [message(1, 1)], sellerId="AOTHER"),
        "empty": document(desk, []),
        "too many": document(desk, [small] * (MOST_MESSAGES + 1)),
        "no header": b'{"messages": []}',
    }[fault]
    feed_id = await desk.feed(FEED_TYPE, content, JSON)
    assert (await desk.show(feed_id))["processingStatus"] == "FATAL"
    assert await quantity(desk) == 50


async def test_against_a_queued_feed_the_last_applied_wins(desk: Desk, world: World) -> None:
    """A patch that is sent later takes effect earlier than a feed that waits, and is overwritten by it."""
    world.switches.update({"listings_feed_seconds": "30-120", "listing_change_seconds": "1-5"})
    await desk.feed(FEED_TYPE, document(desk, [message(1, 10)]), JSON)
    await patch(desk, quantity_patch(99))
    world.clock.advance(6)
    assert await quantity(desk) == 99
    world.clock.advance(120)
    assert await quantity(desk) == 10


async def test_a_hundred_thousand_skus_take_four_feeds_and_seconds(desk: Desk, world: World) -> None:
    """Listing them, reading four full feeds and reporting on them costs little of the processor's time."""
    from packline_sim.listings.many import create_many

    create_many(world, desk.seller_id, 100_000, prefix="S-", quantity=1)
    world.switches.update({"listings_feed_seconds": "30-120"})
    parts = [
        document(desk, [message(1 + at, 7, f"S-{part * 25_000 + at + 1:06}") for at in range(25_000)])
        for part in range(4)
    ]
    feeds = [await desk.feed(FEED_TYPE, part, JSON) for part in parts]
    began = time.process_time()
    world.clock.advance(500)
    spent = time.process_time() - began
    for feed_id in feeds:
        assert msgspec.json.decode(await desk.result(feed_id))["summary"]["messagesAccepted"] == 25_000
    assert all(row.quantity == 7 for key, row in world.listings.items() if key[1].startswith("S-"))
    assert spent < 8


async def test_the_feed_has_a_bucket_of_its_own(desk: Desk, world: World) -> None:
    """5 in 300 s, not counted with other feeds; both or one bucket by switch; one for all in legacy-shared-feed."""
    world.quotas.use("amazon")

    async def create(feed_type: str) -> int:
        return (await desk.create(feed_type, document_id)).status

    document_id = await desk.uploaded(document(desk, [message(1, 1)]), JSON)
    assert [await create(FEED_TYPE) for _ in range(6)] == [202] * 5 + [429]
    assert [await create("POST_PRODUCT_DATA") for _ in range(16)] == [202] * 15 + [429]
    refused = await desk.create(FEED_TYPE, document_id)
    assert refused.code == "QuotaExceeded"
    world.clock.advance(60)
    assert [await create(FEED_TYPE) for _ in range(2)] == [202, 429]
    world.switches.update({"listings_feed_bucket": "both"})
    world.clock.advance(60)
    assert await create(FEED_TYPE) == 429  # createFeed's own bucket is empty
    world.switches.update({"listings_feed_bucket": "own"})
    assert await create(FEED_TYPE) == 202  # the refused call took nothing


async def test_the_legacy_preset_has_one_bucket_for_all_feeds(desk: Desk, world: World) -> None:
    """15 at once, then one every two minutes, whatever they are for."""
    world.quotas.use("legacy-shared-feed")
    document_id = await desk.uploaded(document(desk, [message(1, 1)]), JSON)
    kinds = [FEED_TYPE, "POST_PRODUCT_DATA"] * 8
    assert [(await desk.create(kind, document_id)).status for kind in kinds] == [202] * 15 + [429]
    world.clock.advance(119.9)
    assert (await desk.create(FEED_TYPE, document_id)).status == 429
    world.clock.advance(0.1)
    assert (await desk.create(FEED_TYPE, document_id)).status == 202
    assert (await desk.create("POST_PRODUCT_DATA", document_id)).status == 429


async def test_all_listings_come_as_a_report(desk: Desk, world: World) -> None:
    """GET_MERCHANT_LISTINGS_ALL_DATA has a line for each listing, with its quantity."""
    world.switches.update({"report_seconds": "0"})
    body = {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "marketplaceIds": ["A21TJRUUN4KGV"]}
    report_id = (await desk.call("POST", f"{REPORTS}/reports", body)).json()["reportId"]
    document_id = (await desk.report(report_id))["reportDocumentId"]
    shown = (await desk.call("GET", f"{REPORTS}/documents/{document_id}")).json()
    lines = (await desk.content(shown)).decode().splitlines()
    assert lines[1].split("\t")[1:4] == [KETTLE, "999.00", "50"]
    assert (await show(desk, "attributes"))["sku"] == KETTLE
    assert (await desk.call("GET", f"{FEEDS}/documents/{document_id}")).status == 404
