"""Reconciliations against a simulator: what was lost is found, explained and mended."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from e2e.patience import holds
from e2e.stage import IN, amazon, open_account, open_seller_central, settings
from e2e.test_easy_ship import _pack as pack
from e2e.test_returns import working
from packline.bootstrap import Services, open_services
from packline.commands.inbox import look_at
from packline.domain.books.entries import Side, What
from packline.running import judge_of
from packline.views import reconciliations as views

pytestmark = pytest.mark.e2e
SLOW = {"poll_new_s": 3600.0, "poll_rest_s": 3600.0, "poll_returns_s": 3600.0}


async def shipments(services: Services, count: int) -> None:
    """Wait until so many shipments are in."""
    await holds(services, "select count(*) >= $1 from shipment", count)


async def over(services: Services, run: str, seconds: float = 60) -> Any:
    """Judge what is read until a reconciliation is over; give it."""
    async with asyncio.timeout(seconds):
        while True:
            row = await views.reconciliation(services.pool, run)
            if row["state"] in ("done", "failed"):
                assert row["state"] == "done", row
                return row
            await judge_of(services).work(services.clock.now())
            await asyncio.sleep(0.05)


async def found(services: Services, run: str) -> list[Any]:
    """List the differences."""
    return list((await views.differences(services.pool, run)).items)


async def test_what_amazon_has_and_we_lost_is_found_explained_and_mended(database_url: str, tmp_path: Path) -> None:
    """One lost, one that moved unseen, one that Amazon does not know: each with its repair; then nothing differs."""
    with amazon() as sim:
        seller = sim.create_seller("Sample Seller", region="EU", marketplace_ids=[IN])
        seller.add_location()
        seller.add_sku(stock=100)
        orders = [seller.order(program="SELLER_FLEX") for _ in range(4)]
        async with open_services(settings(database_url, tmp_path, **SLOW)) as services:
            account = await open_account(services, sim, seller, "off")
            await services.pool.execute("update location set auto_confirm = false")
            desk = services.reconcile
            async with working(services):
                await shipments(services, 4)
                await holds(services, "select count(*) = 10 from intake_cursor where succeeded_at is not null")
                lost, moved = orders[0].shipment_id, orders[1].shipment_id
                await services.pool.execute("delete from shipment where amazon_id = $1", lost)
                await services.pool.execute(
                    "update shipment set amazon_id = 'GONE-1' where amazon_id = $1", orders[2].shipment_id
                )
                orders[1].in_smarthub("confirm")
                asked = await desk.ask(account.id, What.ORDERS, Side.AMAZON, by="test")
                row = await over(services, asked.run)
                assert (row["missing"], row["extra"], row["different"]) == (2, 1, 1)
                items = await found(services, asked.run)
                causes = {(one["amazon_id"], one["kind"], one["cause"], one["repair"]) for one in items}
                assert (lost, "missing", "not_seen", "read") in causes
                assert (moved, "different", "not_seen", "read") in causes
                assert ("GONE-1", "extra", "unknown_at_amazon", "") in causes
                would = await desk.mend(asked.run, preview=True)
                assert {one.outcome for one in would} == {"would be done"}
                await services.pool.execute("delete from shipment where amazon_id = 'GONE-1'")
                done = await desk.mend(asked.run, by="test")
                assert {one.outcome for one in done} == {"is read again"}
                await shipments(services, 4)
                await holds(services, "select status = 'CONFIRMED' from shipment where amazon_id = $1", moved)
                again = await over(services, (await desk.ask(account.id, What.ORDERS, Side.AMAZON)).run)
                assert (again["missing"], again["extra"], again["different"], again["compared"]) == (0, 0, 0, 4)
                assert (await desk.mend(asked.run)) == []


async def test_returns_that_no_sweep_saw_are_taken_by_the_owner(database_url: str, tmp_path: Path) -> None:
    """A return that moved at Amazon while nothing was swept differs; mended, it is as Amazon said."""
    with amazon() as sim:
        seller = sim.create_seller("Sample Seller", region="EU", marketplace_ids=[IN])
        seller.add_location()
        seller.add_sku(stock=100)
        order = seller.order(seller.skus[0], 2, program="SELLER_FLEX")
        order.in_smarthub("work", until="ship")
        known = order.send_back(units=1)
        async with open_services(settings(database_url, tmp_path, **SLOW)) as services:
            account = await open_account(services, sim, seller, "off")
            desk = services.reconcile
            async with working(services):
                await holds(services, "select count(*) = 16 from return_cursor")
                fresh = order.send_back(units=1)
                sim.control.post("returns", known, "move", body={"status": "IN_TRANSIT"})
                run = (await desk.ask(account.id, What.RETURNS, Side.AMAZON, by="test")).run
                row = await over(services, run)
                assert (row["missing"], row["different"], row["extra"]) == (1, 1, 0)
                assert {one.outcome for one in await desk.mend(run, by="test")} == {"asked"}
                await holds(services, "select count(*) = 2 from reconciliation_item where outcome = 'taken'")
                rows = await services.pool.fetch("select amazon_id, status from return_item")
                assert {tuple(row) for row in rows} == {(known, "IN_TRANSIT"), (fresh, "CREATED")}
                again = await over(services, (await desk.ask(account.id, What.RETURNS, Side.AMAZON)).run)
                assert (again["missing"], again["different"], again["extra"]) == (0, 0, 0)


async def test_amazons_pending_report_is_fetched_and_compared(database_url: str, tmp_path: Path) -> None:
    """A parcel that waits for the carrier at Amazon and that we lost is missing; what we have is not extra."""
    with amazon() as sim:
        sim.set_switches(report_seconds="0", feed_seconds="0")
        sim.set_carriers(automatic=False)
        seller = sim.create_seller("Sample Seller", region="EU", marketplace_ids=[IN])
        seller.add_location()
        sku = seller.add_sku(stock=100)
        orders = seller.central_orders(2, sku=sku)
        async with open_services(settings(database_url, tmp_path)) as services:
            account = await open_seller_central(services, sim, seller, "off")
            desk = services.reconcile
            async with working(services):
                await look_at(services.intake, services.clock, account.id, [order.order_id for order in orders])
                await shipments(services, 2)
                async with asyncio.timeout(60):
                    while {order.easy_ship_status for order in orders} != {"PendingPickUp"}:
                        assert await pack(services) == []
                        await asyncio.sleep(0.2)
            lost = orders[0].order_id  # after the worker ended, so that no search brings it back
            await services.pool.execute("delete from shipment where order_id = $1", lost)
            await services.pool.execute("update intake_cursor set succeeded_at = now() + interval '1 hour'")
            async with working(services):
                run = (await desk.ask(account.id, What.ORDERS, Side.PENDING_REPORT)).run
                row = await over(services, run, 90)
                assert (row["stated"], row["missing"], row["different"], row["extra"]) == (2, 1, 0, 0)
                (one,) = await found(services, run)
                assert (one["order_id"], one["cause"], one["repair"]) == (orders[0].order_id, "not_seen", "read")
                assert (await desk.mend(run))[0].outcome == "is read again"
                await shipments(services, 2)
            assert sim.counters()["createReport", 202] == 1
