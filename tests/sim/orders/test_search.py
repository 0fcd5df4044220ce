"""searchOrders and getOrder of 2026-01-01: periods, pages, parts, personal data."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from packline_sim.clock import to_iso
from sim.easy_ship.shop import ORDERS, Shop

LONG_AGO = "2020-01-01T00:00:00Z"


def iso(shop: Shop, seconds_ago: float) -> str:
    return to_iso(shop.world.clock.now_ms() - round(seconds_ago * 1000))


async def found(shop: Shop, **query: Any) -> list[str]:
    answer = await shop.search(**query)
    assert answer.status == 200, answer.text
    return [row["orderId"] for row in answer.json()["orders"]]


async def test_a_new_order_is_found_two_minutes_later(shop: Shop):
    """A search without an upper bound looks up to two minutes ago; getOrder knows the order at once."""
    order = shop.order()
    assert await found(shop, createdAfter=LONG_AGO) == []
    assert (await shop.show(order))["orderId"] == order.order_id
    shop.wait(120)
    answer = (await shop.search(createdAfter=LONG_AGO)).json()
    assert [row["orderId"] for row in answer["orders"]] == [order.order_id]
    assert answer["createdBefore"] == to_iso(order.created_ms)
    shop.world.switches.update({"search_bound": "now"})
    late = shop.order()
    assert late.order_id in await found(shop, createdAfter=LONG_AGO)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"createdAfter": LONG_AGO, "lastUpdatedAfter": LONG_AGO},
        {"createdBefore": LONG_AGO},
        {"createdAfter": LONG_AGO, "lastUpdatedBefore": LONG_AGO},
        {"createdAfter": LONG_AGO, "createdBefore": "2019-01-01T00:00:00Z"},
        {"createdAfter": "yesterday"},
        {"createdAfter": LONG_AGO, "createdBefore": "2030-01-01T00:00:00Z"},
        {"createdAfter": LONG_AGO, "maxResultsPerPage": "0"},
        {"createdAfter": LONG_AGO, "maxResultsPerPage": "101"},
        {"createdAfter": LONG_AGO, "includedData": "EVERYTHING"},
        {"createdAfter": LONG_AGO, "fulfillmentStatuses": "Unshipped"},
        {"createdAfter": LONG_AGO, "marketplaceIds": "NOWHERE"},
        {"createdAfter": LONG_AGO, "marketplaceIds": ",".join(["A21TJRUUN4KGV"] * 51)},
        {"paginationToken": "nonsense"},
    ],
)
async def test_searches_that_make_no_sense_are_refused(shop: Shop, query: dict[str, str]):
    """Exactly one period, in the past, with known words."""
    answer = await shop.search(**query)
    assert (answer.status, answer.code) == (400, "InvalidInput"), query


async def test_an_upper_bound_is_at_least_two_minutes_old(shop: Shop):
    """Not a second younger."""
    assert (await shop.search(createdAfter=LONG_AGO, createdBefore=iso(shop, 119))).status == 400
    assert (await shop.search(createdAfter=LONG_AGO, createdBefore=iso(shop, 120))).status == 200


async def test_updates_are_found_by_their_moment_oldest_first(shop: Shop):
    """An order that changed moves to the end of the updates and keeps its place among the creations."""
    first, second, third = shop.order(), shop.order(), shop.order()
    shop.wait(600)
    await shop.scheduled(first)
    shop.wait(300)
    everything = [second.order_id, third.order_id, first.order_id]
    assert await found(shop, lastUpdatedAfter=LONG_AGO) == everything
    assert await found(shop, lastUpdatedAfter=iso(shop, 400)) == [first.order_id]
    assert await found(shop, lastUpdatedAfter=LONG_AGO, lastUpdatedBefore=iso(shop, 400)) == everything[:2]
    assert await found(shop, createdAfter=LONG_AGO) == [first.order_id, second.order_id, third.order_id]


async def test_pages_follow_each_other_without_gap_or_repeat(shop: Shop):
    """The token holds the search; it ends after a day and belongs to its seller."""
    orders = [order.order_id for order in shop.orders(7)]
    shop.wait(180)
    seen: list[str] = []
    query: dict[str, Any] = {"lastUpdatedAfter": LONG_AGO, "maxResultsPerPage": 3}
    while query:
        page = (await shop.search(**query)).json()
        seen += [row["orderId"] for row in page["orders"]]
        token = page["pagination"].get("nextToken")
        query = {"paginationToken": token} if token else {}
    assert seen == orders


async def test_an_order_that_changes_between_pages_is_met_in_the_next_search(shop: Shop):
    """It leaves this search's period, whose bound the answer repeats, and nothing else is skipped."""
    orders = shop.orders(4)
    shop.wait(180)
    page = (await shop.search(lastUpdatedAfter=LONG_AGO, maxResultsPerPage=2)).json()
    await shop.scheduled(orders[2])
    shop.wait(180)
    rest = (await shop.search(paginationToken=page["pagination"]["nextToken"])).json()
    assert [row["orderId"] for row in rest["orders"]] == [orders[3].order_id]
    assert orders[2].order_id in await found(shop, lastUpdatedAfter=rest["lastUpdatedBefore"])


async def test_a_page_token_is_good_for_a_day_and_for_its_seller(shop: Shop, shop_in):
    """A token of yesterday is refused, as is another seller's."""
    shop.orders(2)
    shop.wait(180)
    token = (await shop.search(createdAfter=LONG_AGO, maxResultsPerPage=1)).json()["pagination"]["nextToken"]
    foreign = await shop_in("A21TJRUUN4KGV").search(paginationToken=token)
    assert (foreign.status, foreign.code) == (400, "InvalidInput")
    shop.wait(86_399)
    assert (await shop.search(paginationToken=token)).status == 200
    shop.wait(1)
    old = await shop.search(paginationToken=token)
    assert (old.status, old.code) == (400, "InvalidInput")


async def test_filters_leave_what_they_name(shop: Shop):
    """By status, marketplace and who fulfils."""
    waiting, pending = shop.order(), shop.order(status="Pending")
    shop.wait(180)
    assert await found(shop, createdAfter=LONG_AGO, fulfillmentStatuses="UNSHIPPED,SHIPPED") == [waiting.order_id]
    assert await found(shop, createdAfter=LONG_AGO, fulfillmentStatuses="PENDING") == [pending.order_id]
    assert await found(shop, createdAfter=LONG_AGO, marketplaceIds="A2VIGQ35RCS4UG") == []
    assert await found(shop, createdAfter=LONG_AGO, fulfilledBy="AMAZON") == []
    assert len(await found(shop, createdAfter=LONG_AGO, fulfilledBy="MERCHANT,AMAZON")) == 2


async def test_only_the_parts_that_were_asked_for_are_given(shop: Shop):
    """Ids, times, programs and products always; everything else by includedData."""
    order = shop.order(cash_on_delivery=True, gift=True, serial_required=True, label_after_hours=2, prime=True)
    plain = await shop.show(order)
    assert set(plain) == {
        "orderId",
        "orderAliases",
        "createdTime",
        "lastUpdatedTime",
        "programs",
        "salesChannel",
        "orderItems",
    }
    assert set(plain["orderItems"][0]) == {"orderItemId", "quantityOrdered", "product"}
    full = await shop.show(
        order, "BUYER", "RECIPIENT", "PROCEEDS", "FULFILLMENT", "TAX", "PAYMENT", "FULFILLMENT_ORDERS"
    )
    item = full["orderItems"][0]["fulfillment"]
    assert item["packing"]["serialNumberRequirement"] == {"requirementType": "REQUIRED"}
    assert item["shipping"]["shippingConstraints"] == {"cashOnDelivery": "MANDATORY"}
    assert full["fulfillment"]["labelPrintingWindow"]["earliestDateTime"] == to_iso(order.created_ms + 7_200_000)
    assert full["tax"]["taxInvoicing"]["invoiceStatus"] == "NOT_FOUND"
    assert full["payment"]["paymentExecutions"][0]["paymentMethod"] == "COD"
    assert full["fulfillmentOrders"][0]["fulfillmentOrderId"]
    assert full["recipient"]["deliveryAddress"]["addressLine1"] == order.place.line


async def test_without_the_role_personal_data_is_left_out(shop: Shop):
    """City and postal code stay, the buyer and the street go."""
    order = shop.order()
    shop.world.switches.update({"order_personal_data": "withheld"})
    shown = await shop.show(order, "BUYER", "RECIPIENT")
    assert shown["buyer"] == {}
    assert set(shown["recipient"]["deliveryAddress"]) == {"city", "stateOrRegion", "postalCode", "countryCode"}


async def test_orders_of_others_and_nonsense_are_not_found(shop: Shop, shop_in):
    """404 for ids that could exist, 400 for what is no id."""
    foreign = shop_in("A21TJRUUN4KGV").order()
    answer = await shop.call("GET", f"{ORDERS}/{foreign.order_id}")
    assert (answer.status, answer.code) == (404, "ResourceNotFound")
    assert (await shop.call("GET", f"{ORDERS}/nonsense")).status == 400


async def test_five_thousand_orders_are_made_listed_and_scheduled_fast(shop: Shop):
    """A day's orders of one seller cost seconds, not minutes, of this machine."""
    began = time.perf_counter()
    orders = shop.orders(5000)
    made = time.perf_counter()
    shop.wait(180)
    query: dict[str, Any] = {"lastUpdatedAfter": LONG_AGO, "includedData": "FULFILLMENT,PACKAGES,RECIPIENT,PROCEEDS"}
    count = 0
    while query:
        page = (await shop.search(**query)).json()
        count += len(page["orders"])
        token = page["pagination"].get("nextToken")
        query = {"paginationToken": token, "includedData": query["includedData"]} if token else {}
    listed = time.perf_counter()
    for order in orders[:500]:
        assert (await shop.schedule(order)).status == 200
    scheduled = time.perf_counter()
    assert count == 5000
    assert made - began < 10
    assert listed - made < 20
    assert scheduled - listed < 30


async def test_a_search_of_the_future_is_empty(shop: Shop):
    """A watermark that is ahead of the bound finds nothing and is given back."""
    ahead = (datetime.fromisoformat(iso(shop, 0)) + timedelta(minutes=5)).isoformat()
    answer = (await shop.search(lastUpdatedAfter=ahead)).json()
    assert answer["orders"] == []
    assert datetime.fromisoformat(answer["lastUpdatedBefore"]) == datetime.fromisoformat(ahead)
