"""Easy Ship over the Seller Central APIs: from the order to each order's own documents, in one process."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from e2e.stage import IN, amazon, open_seller_central, settings
from packline.bootstrap import Services, open_services
from packline.commands.order import Order
from packline.commands.pack import Pack, PackageRequest
from packline.domain.shipment import PackageLine
from packline.domain.values import Box
from packline.errors import PacklineError
from packline.running import worker_of
from packline_sim.control.handles import Amazon

pytestmark = pytest.mark.e2e

ORDERS = 30
BOX = Box(20, 15, 10, 400)
POLAND = "A1C3SOZRARQ6R3"
_SCHEDULED = "select count(*) from shipment where status = 'SHIPLABEL_GENERATED'"
_FEEDS = "select count(*) from feed_batch where ended_at is null"
_DONE = "select count(*) from command where status = 'settled'"
_OPEN = "select id, account_id, state from shipment where status = 'ACCEPTED' and goal is null order by id"


async def _pack(services: Services) -> list[PacklineError]:
    rows = await services.pool.fetch(_OPEN)
    orders = []
    for row in rows:
        shipment = (await services.shipments.load([row["id"]]))[row["id"]]
        body = await services.shipments.body(row["id"])
        assert body is not None
        details = services.gateway.details(body, shipment.api)
        lines = tuple(PackageLine(line.id, line.units) for line in details.lines)
        orders.append(Order(row["id"], Pack((PackageRequest(BOX, lines),)), key=f"pack-{row['id']}"))
    answers = await services.desk.give_many(orders) if orders else []
    return [answer for answer in answers if isinstance(answer, PacklineError)]


async def _run(services: Services, expected: int, seconds: float) -> list[PacklineError]:
    worker = worker_of(services)
    await worker.start()
    refusals: list[PacklineError] = []
    try:
        async with asyncio.timeout(seconds):
            while await services.pool.fetchval(_DONE) < expected or await services.pool.fetchval(_FEEDS):
                refusals += await _pack(services)
                await asyncio.sleep(0.2)
    finally:
        await worker.stop()
    return refusals


async def test_orders_of_seller_central_get_their_own_documents(database_url: str, tmp_path: Path) -> None:
    """They come in by searchOrders, are scheduled, and one feed's PDF is split to a label and an invoice for each."""
    with amazon() as sim:
        _quick(sim)
        shop = sim.create_seller("Sample Seller", region="EU", marketplace_ids=[IN])
        shop.add_location()
        shop.add_sku(stock=100_000)
        sim.control.post("orders", body={"seller_id": shop.seller_id, "count": ORDERS, "marketplace_id": IN})
        sim.clock.advance(150)  # searchOrders tells of updates that are two minutes old
        async with open_services(settings(database_url, tmp_path, documents_wait_s=1.0)) as services:
            await open_seller_central(services, sim, shop, "off")
            refusals = await _run(services, ORDERS, seconds=90)
            assert refusals == []
            assert await services.pool.fetchval("select count(*) from command where outcome = 'succeeded'") == ORDERS
            kinds = await services.pool.fetch(
                "select kind, count(distinct shipment_id) as n, count(distinct sha256) as d from shipment_document"
                " where not void group by kind"
            )
            assert {row["kind"]: (row["n"], row["d"]) for row in kinds} == {
                "ship_label": (ORDERS, ORDERS),
                "invoice": (ORDERS, ORDERS),
            }
            assert await services.pool.fetchval("select count(*) from parked where resolved_at is null") == 0
            assert await services.pool.fetchval("select count(*) from feed_item") == 0
            assert await services.pool.fetchval("select count(*) from sku where listing_box is not null") == 1
            assert await services.pool.fetchval(_FEEDS) == 0
        sim.check()


async def test_a_bulk_schedule_whose_answer_was_lost_heals_itself(database_url: str, tmp_path: Path) -> None:
    """Rule: no order is scheduled twice; each is found by its package, with its tracking id; only the documents, whose
    address was in the lost answer and which this marketplace gives by no feed, are left to a person."""
    with amazon() as sim:
        _quick(sim)
        shop = sim.create_seller("Sample Seller", region="EU", marketplace_ids=[POLAND])
        shop.add_location()
        shop.add_sku(stock=100_000)
        sim.control.post("orders", body={"seller_id": shop.seller_id, "count": 6, "marketplace_id": POLAND})
        sim.clock.advance(150)
        sim.add_fault("cut", "createScheduledPackageBulk", limit=1)
        async with open_services(settings(database_url, tmp_path, call_timeout_s=2.0)) as services:
            account = await open_seller_central(services, sim, shop, "off")
            await services.accounts.put(replace(account, marketplaces=(POLAND,)))
            worker = worker_of(services)
            await worker.start()
            try:
                async with asyncio.timeout(90):
                    while await services.pool.fetchval(_SCHEDULED) < 6:
                        assert await _pack(services) == []
                        await asyncio.sleep(0.2)
            finally:
                await worker.stop()
            labels = [
                shipment.packages[0].label
                for shipment in (await services.shipments.load(await _ids(services))).values()
            ]
            assert all(label is not None and label.tracking_id for label in labels)
        counted = sim.counters()
        assert counted["getScheduledPackage", 200] >= 2
        sim.check()


async def _ids(services: Services) -> list[str]:
    return [row["id"] for row in await services.pool.fetch("select id from shipment")]


def _quick(sim: Amazon) -> None:
    """Let Amazon answer feeds as fast as it can."""
    sim.set_switches(feed_seconds="0", report_seconds="0")
