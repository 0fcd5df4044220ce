"""Many orders in one call, where the marketplace has it."""

import io
import zipfile
from collections.abc import Callable

import pytest

from sim.core.driving import Answer
from sim.easy_ship.shop import Shop
from sim.feeds.desk import target

NETHERLANDS = "A1805IZSGTT6HS"


@pytest.fixture
def dutch(shop_in: Callable[..., Shop]) -> Shop:
    return shop_in(NETHERLANDS)


async def fetched(shop: Shop, url: str) -> Answer:
    return await shop.client.send("GET", target(url), b"", {})


async def test_a_bulk_call_schedules_in_the_earliest_slot_and_packs_the_labels(dutch: Shop):
    """Without a wish Amazon takes the first window and a container of its own choice."""
    orders = dutch.orders(3)
    answer = await dutch.bulk(*orders, label_format="ZPL")
    assert answer.status == 200, answer.text
    body = answer.json()
    assert len(body["scheduledPackages"]) == 3
    assert body["rejectedOrders"] == []
    package = body["scheduledPackages"][0]
    assert package["packageDimensions"]["identifier"] == "NL_SuggestedContainerDimension"
    assert package["packageTimeSlot"]["handoverMethod"] == "DROPOFF"
    archive = zipfile.ZipFile(io.BytesIO((await fetched(dutch, body["printableDocumentsUrl"])).body))
    names = archive.namelist()
    assert {f"{order.order_id}/label.zpl" for order in orders} <= set(names)
    assert {order.easy_ship_status for order in orders} == {"PendingDropOff"}
    assert (await dutch.package(orders[0])).json()["scheduledPackageId"] == package["scheduledPackageId"]


async def test_orders_that_cannot_be_scheduled_are_listed_with_their_error(dutch: Shop):
    """The call succeeds all the same; twice the same order is refused the second time."""
    good, gone = dutch.order(), dutch.order(status="Pending")
    body = (await dutch.bulk(good, gone, good)).json()
    assert [row["error"]["code"] for row in body["rejectedOrders"]] == [
        "InvalidOrderState",
        "ScheduledPackageAlreadyExists",
    ]
    assert len(body["scheduledPackages"]) == 1


async def test_when_every_order_is_refused_there_is_no_address(dutch: Shop):
    """Nothing was scheduled, so there is nothing to print."""
    body = (await dutch.bulk(dutch.order(status="Pending"))).json()
    assert body["scheduledPackages"] == []
    assert "printableDocumentsUrl" not in body


async def test_the_archive_is_gone_after_five_minutes(dutch: Shop):
    """The address is short-lived and cannot be asked for again."""
    url = (await dutch.bulk(dutch.order())).json()["printableDocumentsUrl"]
    dutch.world.clock.advance(299)
    assert (await fetched(dutch, url)).status == 200
    dutch.world.clock.advance(1)
    assert (await fetched(dutch, url)).status == 403


async def test_more_orders_than_the_limit_are_refused_as_a_whole(dutch: Shop):
    """101 orders in one call are invalid input, and none is scheduled."""
    orders = dutch.orders(101)
    answer = await dutch.bulk(*orders)
    assert (answer.status, answer.code) == (400, "InvalidInput")
    assert not any(order.packages for order in orders)


async def test_where_bulk_is_not_offered_it_is_invalid_input(shop: Shop):
    """India answers that the operation is not supported for the marketplace."""
    answer = await shop.bulk(shop.order())
    assert (answer.status, answer.code) == (400, "InvalidInput")
    assert "not supported for the current marketplace" in answer.text


async def test_the_netherlands_list_no_slots(dutch: Shop):
    """Marketplaces with bulk have nothing else."""
    answer = await dutch.slots(dutch.order())
    assert (answer.status, answer.code) == (404, "RegionNotSupported")
