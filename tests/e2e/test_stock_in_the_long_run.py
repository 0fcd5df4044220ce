"""Two accounts sell the same units while buyers, packers, returns, faults and kills go on at random."""

import asyncio
import random
from collections import Counter
from pathlib import Path

import asyncpg
import pytest

from e2e.stage import IN, Packer, WorkerProcess, amazon, open_account, settings
from packline.bootstrap import Services, open_services
from packline.commands.stock import StockDesk, StockOrder
from packline.commands.stock_publishing import PublishingDesk
from packline.commands.stock_rules import set_rule
from packline.domain.inventory.rules import Rule
from packline.domain.location import Account
from packline.errors import PacklineError
from packline.storage.stock import Stock
from packline.storage.stock_check import check
from packline.storage.stock_drift import StockDrift
from packline.storage.stock_publishing import StockPublishing
from packline.storage.stock_settings import StockRules
from packline.views import stock_drift
from packline_sim.control.handles import Amazon, Order, Seller

pytestmark = pytest.mark.e2e

SECONDS, SEED = 8.0, 7
POOL, STOCK, TIGHT = "shared", 300, 3
BUFFER = 40
"""More than what buyers can take from both accounts between a sale and the number that follows it."""
_QUIET = """
select (select count(*) from shipment where due_at is not null)
    + (select count(*) from stock_offer where state <> 'settled')
    + (select count(*) from stock_reserved where units <> 0)
"""


class Market:
    """Two sellers with one shelf: SKU-0 to SKU-3 have a buffer, SCARCE has none and sells out."""

    def __init__(self, services: Services, sim: Amazon, accounts: list[tuple[Account, Seller, str]]) -> None:
        self.services, self.sim, self.accounts = services, sim, accounts
        self.desk = StockDesk(Stock(services.pool), services.accounts, services.clock)
        self.dice = random.Random(SEED)  # the run is to be the same each time
        self.sold: list[Order] = []
        self.added: Counter[str] = Counter()
        self.packer = Packer(services)
        self.skus = [f"SKU-{number}" for number in range(4)]

    async def count(self) -> None:
        """Say once what lies on the shelf."""
        for sku, units in [*((sku, STOCK) for sku in self.skus), ("SCARCE", TIGHT)]:
            self.added[sku] = units
            await self.desk.say(StockOrder("set", sku, units, "SHELF", pool=POOL))

    def buy(self) -> None:
        """Have a buyer order one or two units from one of the sellers, if Amazon lets him."""
        _, seller, place = self.dice.choice(self.accounts)
        sku = self.dice.choice([*self.skus, "SCARCE"])
        try:
            order = seller.order(sku, self.dice.randint(1, 2), program="SELLER_FLEX", location_id=place)
        except LookupError:
            return
        self.sold.append(order)

    async def receive(self) -> None:
        """Tell of goods that came in, twice, as a system does that lost the answer."""
        sku, units = self.dice.choice(self.skus), self.dice.randint(1, 5)
        reference = f"GRN-{self.dice.random()}"
        told = StockOrder("receive", sku, units, "SHELF", pool=POOL, reference=reference)
        fates = await self.desk.say_many([told, told])
        fates += await self.desk.say_many([told])
        assert not any(isinstance(fate, PacklineError) for fate in fates)
        self.added[sku] += units

    async def give_back(self) -> None:
        """Have a customer's unit come back sellable, told twice."""
        sku = self.dice.choice(self.skus)
        told = StockOrder("return", sku, 1, "SHELF", pool=POOL, reference=f"RMA-{self.dice.random()}")
        await self.desk.say_many([told, told])
        self.added[sku] += 1

    def on_the_floor(self, sku: str) -> int:
        """Reckon what must lie there: all that came, less what Amazon says was labelled."""
        gone = sum(1_000 - int(seller.stock(sku, place)["on_hand"]) for _, seller, place in self.accounts)
        return self.added[sku] - gone


async def test_the_ledger_adds_up_to_the_truth_of_a_long_random_run(database_url: str, tmp_path: Path) -> None:
    """To the unit, with kills, lost answers and repeats; numbers only grow; the buffer prevents overselling."""
    with amazon() as sim:
        chosen = settings(database_url, tmp_path, call_timeout_s=1.5)
        async with open_services(chosen) as services:
            market = await _open(services, sim)
            worker = WorkerProcess("w1", chosen, tmp_path / "worker.log")
            try:
                await _offered(market)
                await _live(market, worker)
                await _quiet(market)
                await _compare(market)
            finally:
                worker.end()
            await _judge(market)


async def _open(services: Services, sim: Amazon) -> Market:
    accounts = []
    for name in ("First", "Second"):
        seller = sim.create_seller(name, region="EU", marketplace_ids=[IN])
        place = seller.add_location()
        for sku in [*(f"SKU-{number}" for number in range(4)), "SCARCE"]:
            seller.add_sku(sku, stock=1_000)
        accounts.append((await open_account(services, sim, seller, "off"), seller, place))
    rules = StockRules(services.pool)
    for account, _, place in accounts:
        shared = Rule(account.id, place, pool=POOL, at="SHELF", buffer_units=BUFFER)
        scarce = Rule(account.id, place, "SCARCE", buffer_units=0)
        for rule in (shared, scarce):
            await set_rule(rules, services.accounts, services.clock, rule, "test")
    market = Market(services, sim, accounts)
    await market.count()
    return market


async def _offered(market: Market) -> None:
    """Wait until Amazon shows what was counted, not what the simulator began with."""
    async with asyncio.timeout(20):
        while True:
            if not await market.services.pool.fetchval("select count(*) from stock_offer where state <> 'settled'"):
                break
            await asyncio.sleep(0.1)
    shown = [seller.stock("SKU-0", place)["quantity"] for _, seller, place in market.accounts]
    assert shown == [STOCK - BUFFER] * 2


async def _live(market: Market, worker: WorkerProcess) -> None:
    """Let everybody act for a while, and kill the worker in the middle, more than once."""
    market.sim.add_fault("timeout_after", "batchInventory", share=0.1)
    market.sim.add_fault("500_after", "batchInventory", share=0.05)
    market.sim.add_fault("503", "batchInventory", share=0.05)
    loop = asyncio.get_running_loop()
    ends, kills = loop.time() + SECONDS, [loop.time() + SECONDS * part for part in (0.3, 0.6)]
    while loop.time() < ends:
        await asyncio.to_thread(market.buy)
        if market.dice.random() < 0.2:
            await market.receive()
        if market.dice.random() < 0.1:
            await market.give_back()
        if market.dice.random() < 0.3:
            await market.packer.once()
        if kills and loop.time() > kills[0]:
            kills.pop(0)
            worker.kill()
            worker.restart()
        await asyncio.sleep(0.05)
    market.sim.clear_faults()


async def _quiet(market: Market) -> None:
    """Wait until all shipments have their labels and Amazon knows every number."""
    async with asyncio.timeout(60):
        while True:
            await market.packer.once()
            left = await market.services.pool.fetchval(_QUIET)
            labelled = await market.packer.finished()
            if not left and labelled == len(market.sold):
                return
            await asyncio.sleep(0.2)


async def _compare(market: Market) -> None:
    """Ask Amazon what it has: it is what it was told, everywhere."""
    services = market.services
    found = StockDrift(services.pool)
    publishing = PublishingDesk(StockPublishing(services.pool), found, market.desk, services.accounts, services.clock)
    for account, _, _ in market.accounts:
        run = await publishing.compare(account.id)
        async with asyncio.timeout(15):
            while True:
                row = await stock_drift.comparison(services.pool, run)
                if row["state"] == "done":
                    break
                await asyncio.sleep(0.1)
        assert row["done"] == 5
    assert await stock_drift.drifts(services.pool) == []


async def _judge(market: Market) -> None:
    pool = market.services.pool
    assert len(market.sold) > 20
    rows = await pool.fetch("select sku, on_hand, reserved from stock_balance where pool = $1", POOL)
    assert {row["sku"]: row["on_hand"] for row in rows} == {
        sku: market.on_the_floor(sku) for sku in [*market.skus, "SCARCE"]
    }
    assert not any(row["reserved"] for row in rows)
    assert all(row["on_hand"] >= 0 for row in rows if row["sku"] != "SCARCE")
    assert (await check(pool)) == []
    await _judge_numbers(pool)
    told = await pool.fetchval("select count(*) from event where name = 'stock.oversold'")
    oversold = any(row["on_hand"] < 0 for row in rows)
    assert not oversold or told, "what physics made oversell must be reported"
    unanswered = await pool.fetchval("select count(*) from call where operation = 'batchInventory' and status <> 207")
    assert unanswered > 0, "the run was too quiet to prove anything"
    market.sim.check()


async def _judge_numbers(pool: asyncpg.Pool) -> None:
    """Every sequence number that Amazon accepted is above the one before it."""
    rows = await pool.fetch(
        "select account_id, (convert_from(data, 'UTF8')::jsonb -> 'event' ->> 'sku') as sku,"
        " (convert_from(data, 'UTF8')::jsonb -> 'event' ->> 'sequence')::bigint as number from event"
        " where name = 'stock.published' order by event.xid, event.seq"
    )
    last: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (row["account_id"], row["sku"])
        assert row["number"] > last.get(key, -1)
        last[key] = row["number"]
    assert len(last) == 10
