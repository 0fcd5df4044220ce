"""Stock from what a seller says to what Amazon acknowledges, with a simulator and a worker of its own."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from e2e.stage import IN, amazon, open_account, open_seller_central, settings
from packline.bootstrap import Services, open_services
from packline.commands.stock import StockDesk, StockOrder
from packline.commands.stock_publishing import PublishingDesk
from packline.commands.stock_rules import set_rule
from packline.domain.inventory.drift import Side
from packline.domain.inventory.publishing import Telling, Verdict
from packline.domain.inventory.rules import Place, Rule
from packline.running import run, worker_of
from packline.storage.stock import Stock
from packline.storage.stock_drift import StockDrift
from packline.storage.stock_publishing import StockPublishing
from packline.storage.stock_settings import StockRules
from packline.views import stock as stock_views
from packline.views import stock_drift

pytestmark = pytest.mark.e2e


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


async def over(services: Services, left: str = "state = 'waiting'", seconds: float = 20) -> None:
    """Wait until nothing is left to tell."""
    async with asyncio.timeout(seconds):
        while True:
            if not await services.pool.fetchval(f"select count(*) from stock_offer where {left}"):
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
                await over(services)
            shown = [seller.stock(sku, place)["quantity"] for sku in skus]
            assert shown == list(range(5, 35))
            assert sim.counters()["batchInventory", 207] == 3
            numbers = await services.pool.fetch("select published_seq from stock_offer")
            assert all(row["published_seq"] > 1_600_000_000_000 for row in numbers)
            told = await services.pool.fetchval("select count(*) from event where name = 'stock.published'")
            assert told == 30
        sim.check()


async def test_a_seller_central_account_patches_its_listings(database_url: str, tmp_path: Path) -> None:
    """What is counted is told by patchListingsItem; a SKU that is not listed goes to a person's list."""
    with amazon() as sim:
        sim.set_switches(listing_change_seconds="0")
        seller = sim.create_seller("Sample Seller", region="EU", marketplace_ids=[IN])
        seller.add_location()
        skus = [seller.add_sku(stock=0) for _ in range(3)]
        async with open_services(settings(database_url, tmp_path)) as services:
            account = await open_seller_central(services, sim, seller, "off")
            orders = [StockOrder("set", sku, 7, "DEFAULT", account.id) for sku in [*skus, "NOT-LISTED"]]
            await desk(services).say_many(orders)
            async with working(services):
                await over(services)
            assert [seller.listing(sku)["available"] for sku in skus] == [7, 7, 7]
            rows = await services.pool.fetch("select sku, error from stock_offer where state = 'refused'")
            assert [row["sku"] for row in rows] == ["NOT-LISTED"]
            assert rows[0]["error"]


async def test_many_listings_are_told_by_one_feed(database_url: str, tmp_path: Path) -> None:
    """A thousand SKUs change at once: a feed takes nearly all, single calls the first; none is told by both."""
    with amazon("amazon") as sim:
        sim.set_switches(feed_seconds="0", listings_feed_seconds="0", listing_change_seconds="0")
        seller = sim.create_seller("Sample Seller", region="EU", marketplace_ids=[IN])
        seller.add_location()
        seller.list_many(1000)
        skus = [f"SKU-{number:06}" for number in range(1, 1001)]
        async with open_services(settings(database_url, tmp_path)) as services:
            account = await open_seller_central(services, sim, seller, "amazon")
            orders = [StockOrder("set", sku, 11, "DEFAULT", account.id) for sku in [*skus, "NOT-LISTED"]]
            await desk(services).say_many(orders)
            async with working(services):
                await over(services, seconds=60)
            assert [seller.listing(sku)["available"] for sku in (skus[0], skus[500], skus[999])] == [11, 11, 11]
            calls = sim.counters()
            assert calls["createFeed", 202] == 1
            assert 25 <= calls["patchListingsItem", 200] <= 110
            rows = await services.pool.fetch("select sku from stock_offer where state = 'refused'")
            assert [row["sku"] for row in rows] == ["NOT-LISTED"]
            in_feed = await services.pool.fetchval("select items from feed_batch where kind = 'stock'")
            told = await services.pool.fetchval("select count(*) from event where name = 'stock.published'")
            assert told == 1000
            assert 890 <= in_feed <= 976


async def test_what_amazon_refuses_or_has_newer_holds_nobody_up(database_url: str, tmp_path: Path) -> None:
    """An unknown SKU goes to a person's list, a stale number is overtaken, a held location tells nothing."""
    with amazon() as sim:
        seller = sim.create_seller("Sample Seller", region="EU", marketplace_ids=[IN])
        place, held = seller.add_location(), seller.add_location()
        skus = [seller.add_sku(stock=0) for _ in range(12)]
        async with open_services(settings(database_url, tmp_path)) as services:
            account = await open_account(services, sim, seller, "off")
            await services.pool.execute(
                "insert into stock_publishing (account_id, numbering, updated_at) values ($1, 'counter', now())",
                account.id,
            )
            await StockRules(services.pool).hold(account.id, held, "count", services.clock.now(), "test")
            orders = [StockOrder("set", sku, 9, place, account.id) for sku in [*skus, "UNKNOWN"]]
            orders += [StockOrder("set", skus[0], 4, held, account.id)]
            async with working(services):
                await desk(services).say_many(orders)
                await over(services, "state = 'waiting' and wanted <> 4")
                assert [seller.stock(sku, place)["quantity"] for sku in skus] == [9] * 12
                refused = await services.pool.fetch("select sku, error from stock_offer where state = 'refused'")
                assert [row["sku"] for row in refused] == ["UNKNOWN"]
                assert "INVALID_SKU" in refused[0]["error"]
                assert seller.stock(skus[0], held)["quantity"] == 0
                # counters begin at 1, and the simulator publishes 0 first: nothing was stale until somebody else tells
                await services.pool.execute("update stock_sequence set last = 0")
                await desk(services).say_many([StockOrder("set", sku, 5, place, account.id) for sku in skus])
                await over(services, "state = 'waiting' and wanted <> 4")
                assert [seller.stock(sku, place)["quantity"] for sku in skus] == [5] * 12
                await StockRules(services.pool).release(account.id, held, services.clock.now())
                await over(services)
                assert seller.stock(skus[0], held)["quantity"] == 4


async def test_calls_that_fail_after_their_effect_are_told_again(database_url: str, tmp_path: Path) -> None:
    """Every third call ends without an answer, before or after its effect: the last numbers arrive all the same."""
    with amazon() as sim:
        seller = sim.create_seller("Sample Seller", region="EU", marketplace_ids=[IN])
        place = seller.add_location()
        skus = [seller.add_sku(stock=0) for _ in range(40)]
        async with open_services(settings(database_url, tmp_path, call_timeout_s=1.0)) as services:
            account = await open_account(services, sim, seller, "off")
            async with working(services):
                sim.add_fault("timeout_after", "batchInventory", share=0.3)
                sim.add_fault("500", "batchInventory", share=0.1)
                for quantity in (8, 3, 8):
                    await desk(services).say_many([StockOrder("set", sku, quantity, place, account.id) for sku in skus])
                    await asyncio.sleep(0.3)
                sim.clear_faults()
                await over(services)
            assert {seller.stock(sku, place)["quantity"] for sku in skus} == {8}
        sim.check()


async def test_drift_is_found_with_its_cause_and_mended_by_a_side(database_url: str, tmp_path: Path) -> None:
    """Another program's number, and a count of the seller's that differs, are found, told and mended by a side."""
    with amazon() as sim:
        seller = sim.create_seller("Sample Seller", region="EU", marketplace_ids=[IN])
        place = seller.add_location()
        skus = [seller.add_sku(stock=0) for _ in range(25)]
        async with open_services(settings(database_url, tmp_path)) as services:
            account = await open_account(services, sim, seller, "off")
            outbox, found = StockPublishing(services.pool), StockDrift(services.pool)
            publishing = PublishingDesk(outbox, found, desk(services), services.accounts, services.clock)
            async with working(services):
                await desk(services).say_many([StockOrder("set", sku, 6, place, account.id) for sku in skus])
                await over(services)
                await _tell_past_us(services, account.id, place, skus[:2])
                comparison = await publishing.compare(account.id, seller={f"{place} {skus[5]}": 4})
                await _compared(services, comparison)
                drifts = await stock_drift.drifts(services.pool)
                assert {(row["sku"], row["cause"], row["amazon"]) for row in drifts} == {
                    (skus[0], "another_program", 77),
                    (skus[1], "another_program", 77),
                    (skus[5], "seller_counts_otherwise", 6),
                }
                assert await services.pool.fetchval("select count(*) from event where name = 'stock.drifted'") == 3
                assert (await publishing.mend(account.id, Side.PACKLINE, sku=skus[0])).mended == 1
                assert (await publishing.mend(account.id, Side.AMAZON, sku=skus[1])).mended == 1
                assert (await publishing.mend(account.id, Side.SELLER, sku=skus[5])).mended == 1
                await over(services)
                comparison = await publishing.compare(account.id)
                await _compared(services, comparison)
                assert await stock_drift.drifts(services.pool) == []
            assert [seller.stock(sku, place)["quantity"] for sku in (*skus[:2], skus[5])] == [6, 77, 4]


async def test_drift_of_a_seller_central_account_is_found_and_mended(database_url: str, tmp_path: Path) -> None:
    """A listing that somebody changed at Seller Central is found by reading listings, and told again."""
    with amazon() as sim:
        sim.set_switches(listing_change_seconds="0")
        seller = sim.create_seller("Sample Seller", region="EU", marketplace_ids=[IN])
        seller.add_location()
        skus = [seller.add_sku(stock=0) for _ in range(3)]
        async with open_services(settings(database_url, tmp_path)) as services:
            account = await open_seller_central(services, sim, seller, "off")
            outbox, found = StockPublishing(services.pool), StockDrift(services.pool)
            publishing = PublishingDesk(outbox, found, desk(services), services.accounts, services.clock)
            async with working(services):
                await desk(services).say_many([StockOrder("set", sku, 7, "DEFAULT", account.id) for sku in skus])
                await over(services)
                seller.set_listing(skus[1], 70)
                await _compared(services, await publishing.compare(account.id))
                drifts = await stock_drift.drifts(services.pool)
                assert [(row["sku"], row["wanted"], row["amazon"]) for row in drifts] == [(skus[1], 7, 70)]
                assert drifts[0]["cause"]
                assert (await publishing.mend(account.id, Side.PACKLINE)).mended == 1
                await over(services)
                assert seller.listing(skus[1])["available"] == 7
                await _compared(services, await publishing.compare(account.id))
                assert await stock_drift.drifts(services.pool) == []


async def test_a_sale_in_the_gap_is_reported_until_it_is_mended(database_url: str, tmp_path: Path) -> None:
    """The last unit is shown by two accounts and sold by both before either is told: said in numbers, by whom."""
    with amazon() as sim:
        async with open_services(settings(database_url, tmp_path)) as services:
            rules = StockRules(services.pool)
            shops = []
            for name in ("First", "Second"):
                seller = sim.create_seller(name, region="EU", marketplace_ids=[IN])
                place = seller.add_location()
                seller.add_sku("LAST", stock=0)
                account = await open_account(services, sim, seller, "off")
                rule = Rule(account.id, place, pool="common", at="SHELF")
                await set_rule(rules, services.accounts, services.clock, rule, "test")
                shops.append((seller, place))
            await desk(services).say(StockOrder("set", "LAST", 1, "SHELF", pool="common"))
            async with run(services, faces=False, worker=True):
                await over(services)
            assert [seller.stock("LAST", place)["sellable"] for seller, place in shops] == [1, 1]
            for seller, place in shops:  # nobody works: this is the gap
                seller.order("LAST", program="SELLER_FLEX", location_id=place)
            async with run(services, faces=False, worker=True):
                told = await _news(services, "stock.oversold")
                assert (told["pool"], told["sku"], told["units"], told["on_hand"]) == ("common", "LAST", 1, 1)
                await over(services)
                assert [seller.stock("LAST", place)["sellable"] for seller, place in shops] == [0, 0]
                shown = (await stock_views.stock(services.pool, sku="LAST")).items
                assert [(row["reserved"], row["oversold"]) for row in shown] == [(2, 1)]
                await desk(services).say(StockOrder("receive", "LAST", 1, "SHELF", pool="common"))
                assert (await _news(services, "stock.recovered"))["units"] == 0


async def _news(services: Services, name: str, seconds: float = 15) -> dict[str, Any]:
    """Wait for an event; give what it says."""
    async with asyncio.timeout(seconds):
        while True:
            data = await services.pool.fetchval(
                "select data from event where name = $1 order by seq desc limit 1", name
            )
            if data:
                told: dict[str, Any] = json.loads(data)["event"]
                return told
            await asyncio.sleep(0.02)


async def _tell_past_us(services: Services, account: str, place: str, skus: list[str]) -> None:
    """Tell Amazon 77 with a number above ours, as another program does."""
    far = 9_000_000_000_000
    told = [Telling(Place(account, place, sku), 77, far) for sku in skus]
    answers = await services.inventory.tell(account, told, None)
    assert {answer.verdict for answer in answers} == {Verdict.TAKEN}


async def _compared(services: Services, run: str, seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while True:
            if (await stock_drift.comparison(services.pool, run))["state"] == "done":
                return
            await asyncio.sleep(0.02)
