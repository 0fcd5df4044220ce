"""Many quantities by feeds, whatever happens to a feed: each SKU ends with its last value, and nobody is asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from e2e.stage import IN, amazon, open_seller_central, settings
from packline.bootstrap import Services, open_services
from packline.commands.stock import StockDesk, StockOrder
from packline.domain.location import Account
from packline.running import worker_of
from packline.storage.stock import Stock
from packline_sim.control.followed_clock import FollowedClock
from packline_sim.control.handles import Amazon, Seller

pytestmark = pytest.mark.e2e
SKUS = [f"SKU-{number:06}" for number in range(1, 801)]
SPEED = 20.0
_LEFT = "select count(*) from stock_offer where state = 'waiting'"


class Stage(NamedTuple):
    """A seller with 800 listings, and a Packline that works for it, both in the simulator's time."""

    sim: Amazon
    seller: Seller
    services: Services
    account: Account

    async def say(self, quantity: int) -> None:
        """Count every SKU."""
        desk = StockDesk(Stock(self.services.pool), self.services.accounts, self.services.clock)
        await desk.say_many([StockOrder("set", sku, quantity, "DEFAULT", self.account.id) for sku in SKUS])

    async def until(self, sql: str, wanted: int = 0, seconds: float = 150) -> None:
        """Wait until a count is so."""
        async with asyncio.timeout(seconds):
            while True:
                if await self.services.pool.fetchval(sql) == wanted:
                    return
                await asyncio.sleep(0.02)

    def shown(self) -> set[int]:
        """Tell which quantities Amazon shows."""
        return {self.seller.listing(sku)["available"] for sku in SKUS}

    async def feeds(self) -> list[tuple[str, int, str]]:
        """List the feeds of quantities once all are over: state, items, failure."""
        await self.until("select count(*) from feed_batch where state <> 'ended'")
        rows = await self.services.pool.fetch("select state, items, failure from feed_batch order by id")
        return [(row["state"], row["items"], row["failure"]) for row in rows]


@asynccontextmanager
async def stage(database_url: str, folder: Path, plan: str = "amazon", **given: object) -> AsyncIterator[Stage]:
    """Open the stage; a worker is at work."""
    with amazon(plan) as sim:
        sim.set_switches(listing_change_seconds="0", listings_feed_seconds="0")
        seller = sim.create_seller("Sample Seller", region="EU", marketplace_ids=[IN])
        seller.add_location()
        seller.list_many(len(SKUS))
        sim.clock.set_speed(SPEED)
        clock = FollowedClock(sim.url)
        following = asyncio.create_task(clock.follow())
        try:
            async with open_services(settings(database_url, folder, **given), clock) as services:
                account = await open_seller_central(services, sim, seller, plan)
                worker = worker_of(services)
                await worker.start()
                try:
                    yield Stage(sim, seller, services, account)
                finally:
                    await worker.stop()
        finally:
            following.cancel()


async def test_a_feed_of_quantities_whose_answer_was_lost_is_found(database_url: str, tmp_path: Path) -> None:
    """Rule: createFeed's answer is lost after Amazon took it; the feed is found and followed, none goes beside it."""
    async with stage(database_url, tmp_path, call_timeout_s=20.0) as on:
        on.sim.add_fault("cut", "createFeed", limit=1)
        await on.say(7)
        await on.until(_LEFT)
        assert on.shown() == {7}
        assert [state for state, _, _ in await on.feeds()] == ["ended"]
        assert await on.services.pool.fetchval("select count(*) from event where name = 'stock.published'") == 800


async def test_after_a_dead_feed_the_next_takes_half_as_many(database_url: str, tmp_path: Path) -> None:
    """Rule: a feed that Amazon lets die takes nobody's value with it; its SKUs go again, by smaller feeds and calls."""
    async with stage(database_url, tmp_path) as on:
        on.sim.add_fault("fatal", "processFeed", limit=1)
        await on.say(7)
        await on.until(_LEFT)
        assert on.shown() == {7}
        first, second, *_ = await on.feeds()
        assert (first[0], "FATAL" in first[2]) == ("ended", True)
        assert second[1] <= first[1] // 2
        assert await on.services.pool.fetchval("select count(*) from stock_offer where state = 'refused'") == 0


async def test_a_feed_that_amazon_does_not_take_leaves_its_skus_to_calls(database_url: str, tmp_path: Path) -> None:
    """Rule: where createFeed is refused, calls tell what they can meanwhile, and a feed is tried again later."""
    async with stage(database_url, tmp_path) as on:
        on.sim.add_fault("503", "createFeed", limit=1)
        await on.say(7)
        await on.until(_LEFT)
        assert on.shown() == {7}
        assert all(state == "ended" for state, _, _ in await on.feeds())


async def test_a_result_whose_address_has_expired_is_asked_for_again(database_url: str, tmp_path: Path) -> None:
    """Rule: the address of a result is good for minutes; one that came too late costs another look and nothing else."""
    async with stage(database_url, tmp_path) as on:
        on.sim.set_switches(document_url_seconds="30")
        on.sim.add_fault("slow", "downloadFile", limit=3, hold_seconds=45)
        await on.say(7)
        await on.until(_LEFT)
        assert on.shown() == {7}
        assert on.sim.counters()["downloadFile", 403] >= 2
        assert [state for state, _, _ in await on.feeds()] == ["ended"]


async def test_numbers_that_change_while_their_feed_is_under_way_follow_it(database_url: str, tmp_path: Path) -> None:
    """Rule: a SKU in a feed is told by nothing else; what changed meanwhile is told afterwards, the last value only."""
    async with stage(database_url, tmp_path) as on:
        on.sim.add_fault("stuck", "processFeed", limit=1)
        await on.say(7)
        await on.until("select count(*) from feed_batch where state = 'submitted'", 1)
        for quantity in (3, 9, 4):
            await on.say(quantity)
        in_feed = {row["subject"] for row in await on.services.pool.fetch("select subject from feed_item")}
        assert len(in_feed) > 700
        assert {on.seller.listing(sku)["available"] for sku in in_feed} == {0}
        (feed,) = on.sim.feeds(status="IN_PROGRESS")
        feed.release()
        await on.until(_LEFT)
        assert on.shown() == {4}
        await on.until("select count(*) from feed_item")
