"""The typed client: what is asked and what comes back, for each operation."""

from __future__ import annotations

import pytest

from builders import BOX, NOON
from packline.amazon.seller_central.client import SellerCentral
from packline.amazon.spapi.auth import AccessTokens, Account, Credentials
from packline.amazon.spapi.client import SpApi
from packline.amazon.spapi.lanes import Lanes
from packline.amazon.spapi.usage_plans import PRESETS, UsagePlans
from packline.errors import Unexpected, Unresolved
from unit.amazon.driven_clock import DrivenClock
from unit.amazon.scripted_transport import Reply, ScriptedTransport, answer
from unit.amazon.seller_central.seller import asked, package, told

ACCOUNT = Account("a", "http://amazon.test", Credentials("client", "secret", "refresh"))
EASY, FEEDS, REPORTS = "/easyShip/2022-03-23", "/feeds/2021-06-30", "/reports/2021-06-30"


def client(*replies: Reply) -> tuple[SellerCentral, ScriptedTransport]:
    transport, clock = ScriptedTransport(*replies), DrivenClock()
    tokens = AccessTokens(transport, clock, token_url="http://amazon.test/auth/o2/token")
    return SellerCentral(SpApi(transport, tokens, Lanes(UsagePlans("off"), clock), clock)), transport


CALLS = [
    (
        "GET",
        (
            "/orders/2026-01-01/orders?lastUpdatedAfter=2026-11-21T12%3A00%3A00.000Z&marketplaceIds=A%2CB"
            "&fulfilledBy=MERCHANT&includedData=PACKAGES&maxResultsPerPage=5&paginationToken=t%2B"
        ),
        lambda sc: sc.search_orders(
            ACCOUNT, NOON, marketplaces=("A", "B"), included=("PACKAGES",), page_size=5, token="t+"
        ),
    ),
    ("GET", "/orders/2026-01-01/orders/O-1", lambda sc: sc.get_order(ACCOUNT, "O-1")),
    ("GET", "/orders/v0/orders?MarketplaceIds=A", lambda sc: sc.get_orders_v0(ACCOUNT, {"MarketplaceIds": "A"})),
    ("GET", "/orders/v0/orders/O-1", lambda sc: sc.get_order_v0(ACCOUNT, "O-1")),
    ("GET", "/orders/v0/orders/O-1/orderItems?NextToken=n", lambda sc: sc.get_order_items(ACCOUNT, "O-1", token="n")),
    ("POST", f"{EASY}/timeSlot", lambda sc: sc.list_handover_slots(ACCOUNT, "M", "O-1", BOX)),
    ("POST", f"{EASY}/package", lambda sc: sc.create_scheduled_package(ACCOUNT, "M", "O-1", {})),
    (
        "GET",
        f"{EASY}/package?amazonOrderId=O-1&marketplaceId=M",
        lambda sc: sc.get_scheduled_package(ACCOUNT, "M", "O-1"),
    ),
    ("PATCH", f"{EASY}/package", lambda sc: sc.update_scheduled_packages(ACCOUNT, "M", [("O-1", "S")])),
    ("POST", f"{EASY}/packages/bulk", lambda sc: sc.create_scheduled_package_bulk(ACCOUNT, "M", [("O-1", None)])),
    (
        "GET",
        f"{FEEDS}/feeds?feedTypes=T&createdSince=2026-11-21T12%3A00%3A00.000Z&pageSize=100",
        lambda sc: sc.get_feeds(ACCOUNT, "T", NOON),
    ),
    ("GET", f"{FEEDS}/feeds?nextToken=n", lambda sc: sc.get_feeds(ACCOUNT, "T", NOON, token="n")),
    ("GET", f"{REPORTS}/reports/R", lambda sc: sc.get_report(ACCOUNT, "R")),
    ("POST", "/tokens/2021-03-01/restrictedDataToken", lambda sc: sc.restricted_token(ACCOUNT, "GET", "/x")),
    (
        "PATCH",
        "/listings/2021-08-01/items/A1/MUG%20RED%2F1?marketplaceIds=M",
        lambda sc: sc.patch_quantity(ACCOUNT, "A1", "MUG RED/1", "M", 7),
    ),
    (
        "GET",
        "/listings/2021-08-01/items/A1/S?marketplaceIds=M&includedData=fulfillmentAvailability",
        lambda sc: sc.get_quantity(ACCOUNT, "A1", "S", "M"),
    ),
]


@pytest.mark.parametrize(("method", "address", "call"), CALLS)
async def test_each_operation_is_asked_as_the_model_has_it(method, address, call):
    """Rule: method, path, query and their encoding; an empty success reads as an empty answer."""
    amazon, transport = client(answer(200, b""))
    await call(amazon)
    (request,) = transport.calls
    assert (request.method, request.url) == (method, "http://amazon.test" + address)
    assert ("Content-Type" in request.headers) == bool(request.body)


async def test_a_feed_goes_from_its_address_to_its_report():
    """Rule: ids and addresses come back typed, numbers as text and text as numbers."""
    made = told({"feedDocumentId": "D", "url": "http://files.test/put"}, 201)
    done = told({"feedId": "7", "processingStatus": "DONE", "resultFeedDocumentId": "R"})
    where = told({"url": "http://files.test/get", "compressionAlgorithm": "GZIP"})
    amazon, transport = client(made, answer(200), told({"feedId": 7}, 202), done, where, where, answer(200, b"<r/>"))
    address = await amazon.create_feed_document(ACCOUNT, "text/xml")
    await amazon.upload(address.url, b"<x/>", "text/xml")
    feed = await amazon.create_feed(ACCOUNT, "T", ["M"], address.feed_document_id)
    assert feed.feed_id == 7
    read = await amazon.get_feed(ACCOUNT, "7")
    found = await amazon.get_feed_document(ACCOUNT, read.result_feed_document_id or "")
    assert found.compression_algorithm == "GZIP"
    await amazon.get_report_document(ACCOUNT, "X", restricted_token="Atz.sprdt|1")
    assert transport.calls[-1].headers["x-amz-access-token"] == "Atz.sprdt|1"
    assert await amazon.download(found.url) == b"<r/>"


async def test_a_quantity_is_merged_and_nothing_else_of_the_listing_changes():
    """Rule: replace would wipe lead time and restock date."""
    amazon, transport = client(told({"sku": "S", "status": "ACCEPTED", "issues": [{"severity": "WARNING"}]}))
    submission = await amazon.patch_quantity(ACCOUNT, "A1", "S", "M", 7, product_type="LUGGAGE")
    (patch,) = asked(transport)["patches"]
    assert (patch["op"], patch["path"]) == ("merge", "/attributes/fulfillment_availability")
    assert asked(transport)["productType"] == "LUGGAGE"
    assert submission.status == "ACCEPTED"


async def test_a_broken_success_is_unexpected_for_a_read_and_unresolved_for_a_write():
    """Rule: an order may be scheduled although its answer cannot be read."""
    amazon, _ = client(answer(200, b'{"packageStatus":5'))
    with pytest.raises(Unresolved):
        await amazon.create_scheduled_package(ACCOUNT, "M", "O-1", {})
    with pytest.raises(Unexpected):
        await amazon.get_scheduled_package(ACCOUNT, "M", "O-1")


async def test_what_amazon_would_not_take_is_never_sent():
    """Rule: limits of the model are kept before a call."""
    amazon, transport = client(told(package()))
    with pytest.raises(ValueError, match="500"):
        await amazon.update_scheduled_packages(ACCOUNT, "M", [("O", "S")] * 501)
    with pytest.raises(ValueError, match="100"):
        await amazon.create_scheduled_package_bulk(ACCOUNT, "M", [("O", None)] * 101)
    assert transport.calls == []


def test_every_operation_has_its_documented_rate():
    """Rule: the quotas are Amazon's; the legacy plan has one bucket of 15 feeds, one every two minutes."""
    from packline.amazon.seller_central.operations import OPERATIONS

    for preset in PRESETS.values():
        assert OPERATIONS.keys() <= preset.keys()
    rates = {name: round(PRESETS["amazon"][name].rate * 3600) for name in ("searchOrders", "createFeed", "getOrderV0")}
    assert rates == {"searchOrders": 20, "createFeed": 30, "getOrderV0": 1800}
    assert PRESETS["legacy-shared-feed"]["createFeed"].rate * 120 == 1
