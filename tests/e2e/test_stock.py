"""Stock from what a seller says to what Amazon acknowledges, with a simulator and a worker of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from e2e.stage import IN, amazon, open_account, settings
from packline.bootstrap import Services, open_services
from packline.commands.stock import StockDesk, StockOrder
from packline.running import worker_of
from packline.storage.stock import Stock

pytestmark = pytest.mark.e2e

UNSETTLED = "select count(*) from stock_offer where state <> 'settled'"


def desk(services: Services) -> StockDesk:
    """Make the desk at which stock is said."""
    return StockDesk(Stock(services.pool), services.accounts, services.clock)


@asynccontextmanager
async def working(services: Services) -> AsyncIterator[None]:
    """Run a worker in this process."""
    worker = worker_of(services)
    await worker.start()
    try:
        yield
    finally:
        await worker.stop()


async def settle(services: Services, seconds: float = 20) -> None:
    """Wait until Amazon has acknowledged everything."""
    async with asyncio.timeout(seconds):
        while True:
            if not await services.pool.fetchval(UNSETTLED):
                return
            await asyncio.sleep(0.02)


async def test_what_is_counted_is_acknowledged_by_amazon(database_url: str, tmp_path: Path) -> None:
    """Thirty SKUs are counted at once; Amazon shows each number, in batches of ten, with a sequence number."""
    with amazon() as sim:
        seller = sim.create_seller("Sample Seller", region="EU", marketplace_ids=[IN])
        place = seller.add_location()
        skus = [seller.add_sku(stock=0) for _ in range(30)]
        async with open_services(settings(database_url, tmp_path)) as services:
            account = await open_account(services, sim, seller, "off")
            orders = [StockOrder("set", sku, n, place, account.id) for n, sku in enumerate(skus, 5)]
            await desk(services).say_many(orders)
            async with working(services):
                await settle(services)
            shown = [seller.stock(sku, place)["quantity"] for sku in skus]
            assert shown == list(range(5, 35))
            assert sim.counters()["batchInventory", 207] == 3
            numbers = await services.pool.fetch("select published_seq from stock_offer")
            assert all(row["published_seq"] > 1_600_000_000_000 for row in numbers)
            told = await services.pool.fetchval("select count(*) from event where name = 'stock.published'")
            assert told == 30
        sim.check()
