"""Workers on a real database against a real simulator: from the order to the documents."""

import asyncio
from pathlib import Path

import pytest

from e2e.stage import Packer, WorkerProcess, amazon, open_account, open_shop, settings
from packline.bootstrap import open_services
from packline.running import worker_of

pytestmark = pytest.mark.e2e


async def test_orders_of_two_programs_go_all_the_way_in_one_process(database_url: str, tmp_path: Path) -> None:
    """They come in, are confirmed, packed, slotted, invoiced and labelled, and the simulator finds nothing wrong."""
    with amazon() as sim:
        shop = open_shop(sim, "Sample Seller")
        async with open_services(settings(database_url, tmp_path)) as services:
            await open_account(services, sim, shop, "off")
            for program in ("SELLER_FLEX", "EASY_SHIP"):
                shop.orders(20, program=program)
            worker = worker_of(services)
            await worker.start()
            packer = Packer(services)
            try:
                await packer.run(40, seconds=60)
            finally:
                await worker.stop()
            assert packer.refusals == []
            assert await services.pool.fetchval("select count(*) from command where outcome = 'succeeded'") == 40
            assert await services.pool.fetchval("select count(*) from ownership where worker is not null") == 0
        sim.check()


async def test_a_worker_that_is_told_to_end_gives_its_accounts_back(database_url: str, tmp_path: Path) -> None:
    """SIGTERM: calls that have left are finished, nothing stays pending, and the exit code is 0."""
    with amazon("generous") as sim:
        shop = open_shop(sim, "Sample Seller")
        chosen = settings(database_url, tmp_path)
        async with open_services(chosen) as services:
            await open_account(services, sim, shop, "generous")
            shop.orders(100, program="SELLER_FLEX")
            worker = WorkerProcess("one", chosen, tmp_path / "one.log")
            packer = Packer(services)
            async with asyncio.timeout(60):
                while await packer.finished() < 5:
                    await packer.once()
                    await asyncio.sleep(0.2)
            code = await asyncio.to_thread(worker.end)
            rows = await services.pool.fetch("select state from shipment")
            pending = [row for row in rows if b"pending" in row["state"]]
            assert code == 0, (tmp_path / "one.log").read_text()[-2000:]
            assert pending == []
            assert await services.pool.fetchval("select count(*) from ownership where worker is not null") == 0
        sim.check()
