"""Amazon misbehaves in every way it can at once, and buyers cancel: everything still ends where it should."""

import asyncio
from pathlib import Path

import pytest

from e2e.patience import until
from e2e.stage import Packer, amazon, open_account, open_shop, settings
from packline.bootstrap import Services, open_services
from packline.running import worker_of
from packline_sim.control.handles import Amazon

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

KINDS = (
    "429", "500", "503", "500_after", "503_after", "timeout_before", "timeout_after", "cut", "busy", "in_progress",
    "reset", "reset_after", "broken", "wrong_type", "token_refused",
)  # fmt: skip
UNDER_WAY = (
    "select count(*) from shipment where due_at is not null or status not in ('SHIPLABEL_GENERATED', 'CANCELLED')"
)


async def test_every_kind_of_fault_at_once_loses_nothing_and_makes_no_label_twice(
    database_url: str, tmp_path: Path
) -> None:
    """One call in four goes wrong; every shipment ends labelled or cancelled, and the simulator finds nothing wrong."""
    with amazon("generous") as sim:
        shop = open_shop(sim, "Sample Seller")
        async with open_services(settings(database_url, tmp_path, call_timeout_s=2.0)) as services:
            await open_account(services, sim, shop, "generous")
            orders = [*shop.orders(12, program="EASY_SHIP"), *shop.orders(12, program="SELLER_FLEX")]
            for kind in KINDS:
                sim.add_fault(kind, share=0.02, hold_seconds=2.5 if kind.startswith("timeout") else 0)
            worker = worker_of(services)
            await worker.start()
            try:
                await _work(services, Packer(services), len(orders))
                for order in orders[::4]:
                    await asyncio.to_thread(order.cancel)
                sim.clear_faults()
                await _check(services, sim)
            finally:
                await worker.stop()


async def _work(services: Services, packer: Packer, expected: int) -> None:
    async with asyncio.timeout(100):
        while True:
            await packer.once()
            known = await services.pool.fetchval("select count(*) from shipment")
            if known == expected and not await services.pool.fetchval(UNDER_WAY):
                return
            await asyncio.sleep(0.2)


async def _check(services: Services, sim: Amazon) -> None:
    theirs = {row.shipment_id: row.status for row in sim.shipments()}

    async def agree() -> bool:
        return dict(await services.pool.fetch("select amazon_id, status from shipment")) == theirs

    await until(agree)
    sim.check()
    assert await services.pool.fetchval("select count(*) from command where outcome is null") == 0
    for amazon_id in theirs:
        assert all(len(package.labels) == 1 for package in sim.order(amazon_id).show().packages if package.labels)
