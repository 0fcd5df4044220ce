"""Three accounts sell the same units while buyers, people, carriers, faults, repeats and kills go on at random."""

import asyncio
import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from builders import NOON
from e2e.stage import WorkerProcess, amazon, settings
from e2e.stock_market import PACED_S, PLENTY, POOL, SCARCE, Market, Truth, open_market
from packline.bootstrap import open_services
from packline.commands.stock_publishing import PublishingDesk
from packline.domain.inventory.buffer import Drawn, buffer_needed
from packline.storage.stock_check import check
from packline.storage.stock_drift import StockDrift
from packline.storage.stock_publishing import StockPublishing
from packline.views import stock_drift

pytestmark = pytest.mark.e2e

SECONDS, SEED = float(os.environ.get("PACKLINE_MARKET_SECONDS", "12")), int(os.environ.get("PACKLINE_MARKET_SEED", "7"))
LATEST_S = 90.0
"""On a slow machine it takes longer until everybody was there."""
SHOWN, TIGHT = 15, 3
GAP_S = 6.0
"""The longest time from a change to Amazon's knowing of it, worker killed and calls lost included."""
_QUIET = """
select (select count(*) from shipment where due_at is not null)
    + (select count(*) from stock_offer where state <> 'settled')
    + (select count(*) from stock_reserved where units <> 0)
    + (select count(*) from inbox where handled_at is null)
"""


def buffer() -> int:
    """Give the buffer that the model asks for: in a gap, every order is for two units of one SKU, of others' sale."""
    paced = [Drawn(_at(n * PACED_S), "others", sold=2) for n in range(int(GAP_S / PACED_S) + 1)]
    return buffer_needed([*paced, Drawn(_at(0), "mine")], _at(GAP_S) - _at(0))


def _at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


async def test_the_ledger_adds_up_to_the_truth_of_a_long_random_run(database_url: str, tmp_path: Path) -> None:
    """To the unit, with kills, lost answers and repeats; numbers only grow; the buffer prevents overselling."""
    with amazon() as sim:
        chosen = settings(database_url, tmp_path, call_timeout_s=1.5, poll_returns_s=1.0)
        async with open_services(chosen) as services:
            market = await open_market(services, sim, SEED, buffer(), SHOWN + buffer(), TIGHT)
            worker = WorkerProcess("w1", chosen, tmp_path / "worker.log")
            try:
                await _offered(market)
                await _live(market, worker)
                await _quiet(market)
                await market.take_back(await asyncio.to_thread(market.send_back, 6))
                await _quiet(market)
                await _compare(market)
            finally:
                worker.end()
            await _judge(market)


async def _offered(market: Market) -> None:
    """Wait until Amazon shows what was counted, not what the simulator began with."""
    async with asyncio.timeout(60):
        while True:
            if not await market.services.pool.fetchval("select count(*) from stock_offer where state <> 'settled'"):
                break
            await asyncio.sleep(0.1)
    shown = [seller.stock("SKU-0", place)["quantity"] for _, seller, place in market.sellers]
    assert shown == [SHOWN] * 3


async def _live(market: Market, worker: WorkerProcess) -> None:
    """Let everybody act for a while, and kill the worker in the middle, more than once."""
    market.sim.add_fault("timeout_after", "batchInventory", share=0.1)
    market.sim.add_fault("500_after", "batchInventory", share=0.05)
    market.sim.add_fault("503", "batchInventory", share=0.05)
    loop = asyncio.get_running_loop()
    ends, kills = loop.time() + SECONDS, [loop.time() + SECONDS * part for part in (0.3, 0.6)]
    latest = ends + LATEST_S
    while loop.time() < ends or (loop.time() < latest and not _was_lively(market)):
        began = loop.time()
        if await market.is_behind(GAP_S / 2):
            market.acts["waited"] += 1  # a slow machine: the buffer is for a gap of GAP_S, so buyers wait
        else:
            await asyncio.to_thread(market.buy)
        await _somebody(market)
        await asyncio.to_thread(market.watch)
        if kills and loop.time() > kills[0]:
            kills.pop(0)
            worker.kill()
            worker.restart()
        await asyncio.sleep(max(0.0, began + PACED_S - loop.time()))
    market.sim.clear_faults()


def _was_lively(market: Market) -> bool:
    acts = market.acts
    in_smarthub = sum(n for what, n in acts.items() if what.startswith("smarthub"))
    sold_out = _least(market) < buffer() + SHOWN // 2
    return len(market.sold) > 40 and min(acts["cancel"], acts["pick up"]) > 0 and in_smarthub > 3 and sold_out


def _least(market: Market) -> int:
    """Give the least margin that a SKU with a buffer ever had."""
    return min((market.least.get(sku, SHOWN + buffer()) for sku in PLENTY), default=0)


async def _somebody(market: Market) -> None:
    for share, act in ((0.25, market.work_in_smarthub), (0.1, market.change_a_mind), (0.5, market.pick_up)):
        if market.dice.random() < share:
            await asyncio.to_thread(act)
    for share, tell in ((0.2, market.receive), (0.1, market.break_one), (0.2, market.packer.once)):
        if market.dice.random() < share:
            await tell()


async def _quiet(market: Market) -> None:
    """Wait until nothing is under way, and Packline has every shipment where Amazon has it."""
    pool, left = market.services.pool, None
    try:
        async with asyncio.timeout(120):
            while True:
                await market.packer.once()
                await market.end_in_smarthub()
                theirs = {row.shipment_id: row.status for row in await asyncio.to_thread(market.sim.shipments)}
                ours = {
                    row["amazon_id"]: row["status"]
                    for row in await pool.fetch("select amazon_id, status from shipment")
                }
                left = {key: (ours.get(key), status) for key, status in theirs.items() if ours.get(key) != status}
                if not left and not await pool.fetchval(_QUIET) and set(theirs.values()) <= _ENDS:
                    return
                await asyncio.sleep(0.3)
    except TimeoutError:
        raise AssertionError(f"never quiet: {left}, {await pool.fetchval(_QUIET)}") from None


_ENDS = {"SHIPLABEL_GENERATED", "SHIPPED", "DELIVERED", "CANCELLED"}


async def _compare(market: Market) -> None:
    """Ask Amazon what it has: it is what it was told, everywhere."""
    services = market.services
    found = StockDrift(services.pool)
    publishing = PublishingDesk(StockPublishing(services.pool), found, market.desk, services.accounts, services.clock)
    for account, _, _ in market.sellers:
        run = await publishing.compare(account.id)
        async with asyncio.timeout(60):
            while True:
                row = await stock_drift.comparison(services.pool, run)
                if row["state"] == "done":
                    break
                await asyncio.sleep(0.1)
        assert (row["done"], row["total"]) == (5, 5)
    assert await stock_drift.drifts(services.pool) == []


async def _judge(market: Market) -> None:
    pool, truth = market.services.pool, await asyncio.to_thread(market.truth)
    rows = await pool.fetch("select * from stock_balance where pool = $1", POOL)
    assert {row["sku"]: Truth(row["on_hand"], row["labelled"], row["unsellable"]) for row in rows} == truth
    assert not any(row["reserved"] or row["picked"] for row in rows)
    assert await check(pool) == []
    assert 0 <= _least(market) < buffer() + SHOWN // 2, "what has its buffer must sell out, and never be oversold"
    await _judge_report(market)
    _judge_numbers(market)
    await _judge_company(market)


async def _judge_report(market: Market) -> None:
    """What is sold and not there is reported with its number; nothing is reported of what has its buffer."""
    told = await market.services.pool.fetch(
        "select convert_from(data, 'UTF8')::jsonb -> 'event' ->> 'sku' as sku,"
        " (convert_from(data, 'UTF8')::jsonb -> 'event' ->> 'units')::int as units from event"
        " where name in ('stock.oversold', 'stock.recovered') order by event.xid, event.seq"
    )
    assert {row["sku"] for row in told} <= {SCARCE}
    missing = -min(0, market.margins()[SCARCE])
    assert (told[-1]["units"] if told else 0) == missing


def _judge_numbers(market: Market) -> None:
    """The simulator saw only growing sequence numbers, and all its other rules hold."""
    report = market.sim.invariants()
    assert [row for row in report.violations if row.rule == "sequences_grow"] == []
    market.sim.check()


async def _judge_company(market: Market) -> None:
    """Everybody was there: else the run proves little."""
    counted = market.acts
    assert len(market.sold) > 40
    assert min(counted["cancel"], counted["pick up"]) > 0, counted
    assert sum(n for what, n in counted.items() if what.startswith("smarthub")) > 3, counted
    pool = market.services.pool
    kinds = {row["kind"] for row in await pool.fetch("select distinct kind from stock_entry")}
    assert {"received", "sold", "picked", "labelled", "smarthub", "shipped", "returned", "adjusted"} <= kinds
    unanswered = await pool.fetchval("select count(*) from call where operation = 'batchInventory' and status <> 207")
    assert unanswered > 0
    assert market.sim.notifications.counts().received > 0
