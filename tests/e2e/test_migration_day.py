"""Migration day against a simulator with a former integrator: the list is red while he acts, and turns green."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from e2e.patience import until
from e2e.stage import IN, amazon, open_account, settings
from e2e.test_returns import working
from packline.bootstrap import Services, open_services
from packline.cli.migration import _found
from packline.commands.stock import StockDesk, StockOrder
from packline.domain.books.entries import Side, What
from packline.domain.endpoint import Endpoint
from packline.errors import Denied
from packline.running import judge_of
from packline.storage.stock import Stock
from packline_sim.control.handles import Amazon

pytestmark = pytest.mark.e2e
HIS_NUMBERS = 10**16
"""Far above ours, which are milliseconds since 1970 unless Amazon has higher ones."""


async def holds(services: Services, sql: str, *values: object) -> None:
    """Wait until a query gives true, while the judge looks at the flows as a process of its own would have him do."""

    async def is_so() -> bool:
        await judge_of(services).work(services.clock.now())
        return bool(await services.pool.fetchval(sql, *values))

    await until(is_so)


async def he_wrote(sim: Amazon) -> None:
    """Wait until the former integrator has written stock."""

    async def has_written() -> bool:
        return bool((await asyncio.to_thread(sim.control.get, "integrators"))["items"][0]["written"])

    await until(has_written)


async def red(services: Services, account: str) -> set[str]:
    """Name the checks that are red."""
    return {check.name for check in await _found(services, account) if not check.green}


async def compared(services: Services, account: str, rows: Any = None, what: What = What.ORDERS) -> None:
    """Reconcile, and wait for the end."""
    side = Side.AMAZON if rows is None else Side.SELLER
    asked = await services.reconcile.ask(account, what, side, rows=rows)
    over = "select coalesce(r.ended_at, d.ended_at) is not null from reconciliation r"
    await holds(services, f"{over} left join stock_drift_run d on d.id = r.drift_id where r.id = $1", asked.run)


async def test_the_list_turns_green_and_then_packline_takes_over(database_url: str, tmp_path: Path) -> None:
    """Red while he confirms; nothing of ours reaches Amazon; green when he is gone; then stock goes out above his."""
    with amazon() as sim:
        seller = sim.create_seller("Sample Seller", region="EU", marketplace_ids=[IN])
        place = seller.add_location()
        sku = seller.add_sku(stock=50)
        async with open_services(settings(database_url, tmp_path, poll_returns_s=1.0)) as services:
            account = (await open_account(services, sim, seller, "off")).id
            hook = Endpoint("whk_1", "http://127.0.0.1:1", "whsec_x", services.clock.now(), "0.0")
            await services.webhooks.add(hook)
            stock = StockDesk(Stock(services.pool), services.accounts, services.clock)
            day = await services.migrations.begin(account, "test")
            assert (day.state, day.confirms, day.holds) == ("parallel", (place,), (place,))
            assert (await services.migrations.begin(account, "test")).confirms == (place,)
            await stock.say(StockOrder("set", sku, 50, place, account))
            integrator = sim.start_integrator(seller, confirm_after_s=0.01, stock_every_s=1, first_sequence=HIS_NUMBERS)
            async with working(services):
                order = seller.order(sku, 1, program="SELLER_FLEX")
                await holds(services, "select count(*) = 1 from shipment where status = 'CONFIRMED'")
                found = await red(services, account)
                assert found & {"orders_come_accepted", "nobody_else_acts"}
                assert {"stock_agrees", "orders_agree", "system_agrees"} <= found
                assert not {"stock_held", "confirms_nothing", "numbers_taken_over", "begun"} & found
                with pytest.raises(Denied, match="red"):
                    await services.migrations.end(account, await _found(services, account))
                await he_wrote(sim)
                sim.control.delete("integrators", integrator.integrator_id)
                await services.pool.execute("update event set at = at - interval '1 hour'")
                later = seller.order(sku, 1, program="SELLER_FLEX")
                await holds(services, "select count(*) = 1 from shipment where status = 'ACCEPTED'")
                await holds(services, "select count(*) = 15 from return_cursor where status <> ''")
                before = sim.counters()
                assert before.get(("processShipment", 204), 0) == 0
                await compared(services, account)
                rows = [{"amazon_id": one.shipment_id, "status": "new"} for one in (order, later)]
                await services.pool.execute("update shipment set received_at = received_at - interval '1 hour'")
                await compared(services, account, list(enumerate(rows, 1)))
                await compared(services, account, what=What.STOCK)
                await holds(
                    services, "select bool_and(amazon is not distinct from wanted) is not false from stock_drift"
                )
                assert await red(services, account) == set()
                ended = await services.migrations.end(account, await _found(services, account), by="test")
                assert ended.state == "done"
                await holds(services, "select bool_and(published = wanted) from stock_offer")
                lowest = await services.pool.fetchval("select min(published_seq) from stock_offer")
                assert lowest > HIS_NUMBERS
                refused = "select count(*) from event where name = 'stock.refused'"
                assert await services.pool.fetchval(refused) == 0
                await holds(services, "select auto_confirm from location")
                await holds(
                    services, "select status = 'CONFIRMED' from shipment where amazon_id = $1", later.shipment_id
                )
                last = seller.order(sku, 1, program="SELLER_FLEX")
                await holds(
                    services, "select status = 'CONFIRMED' from shipment where amazon_id = $1", last.shipment_id
                )
            told = await services.pool.fetch("select name from event where name like 'migration.%' order by seq")
            assert [row["name"] for row in told] == ["migration.began", "migration.began", "migration.ended"]
