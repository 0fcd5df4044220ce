"""Quantities of one Seller Central seller told to Amazon by the best mix of calls and feeds, beside calls alone.

All SKUs are counted at once, from the ledger on. A SKU is told when Amazon has it: patchListingsItem was answered, or
createFeed took the feed that it is in. Amazon's own minute or two over a feed is told apart, and is waited for in time
that is sped up on both sides; everything of Packline's runs in real time.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from functools import partial
from typing import Any, NamedTuple

from bench.easy_ship import Shop, measured, shop, working
from packline.commands.stock import StockDesk, StockOrder
from packline.storage.stock import Stock

CALLS_A_SECOND = 5.0
"""patchListingsItem (Listings Items 2021-08-01, usage plan): what telling one by one would take."""
WAITING_SPEED = 10.0
CHUNK = 2_000
_TOLD = """
select count(*) from stock_offer o where o.wanted = $1 and (o.published = o.wanted or exists (
    select 1 from feed_batch b where b.id = o.batch_id and b.feed_id is not null))
"""
_SHOWN = "select count(*) from stock_offer where wanted = $1 and published = wanted"
_FEEDS = "select items from feed_batch where kind = 'stock' and feed_id is not null order by id"


class Case(NamedTuple):
    """So many SKUs, and the seconds within which Amazon is to be told."""

    skus: int
    seconds: float


CASES = (Case(1_000, 15.0), Case(100_000, 600.0))
SHORT = (Case(1_000, 15.0), Case(5_000, 60.0))


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Count all SKUs of each case, and time until Amazon is told and until it shows them."""
    told = [measured(partial(_measure, case)) for case in (SHORT if args.short else CASES)]
    passed = all(one["told_seconds"] <= one["target_seconds"] and not one["wrong"] for one in told)
    return {"cases": told, "passed": passed and not any(one["throttled"] for one in told)}


async def _measure(case: Case) -> dict[str, Any]:
    async with shop(1.0) as ours:
        ours.control.post("sellers", ours.seller_id, "listings", body={"count": case.skus, "prefix": "S-"})
        skus = [f"S-{number:06}" for number in range(1, case.skus + 1)]
        await ours.count_quotas("amazon", "amazon")
        async with working(ours.ours):
            began, clock = time.perf_counter(), ours.clock.monotonic()
            await _count(ours, skus, 7)
            counted = time.perf_counter() - began
            await _until(ours, _TOLD, case.skus)
            told = time.perf_counter() - began
            ours.control.post("clock", "speed", body={"speed": WAITING_SPEED})
            await _until(ours, _SHOWN, case.skus)
            shown = ours.clock.monotonic() - clock
            ours.control.post("clock", "advance", body={"seconds": 10})  # calls are shown seconds after their answer
        feeds = [row["items"] for row in await ours.ours.pool.fetch(_FEEDS)]
        alone = case.skus / CALLS_A_SECOND
        calls, wrong = (await ours.calls()).get("patchListingsItem", 0), _wrong(ours, case.skus, 7)
        print(
            f"  {told:6.1f} s to tell {case.skus:,} SKUs ({counted:.1f} s of it counting; target {case.seconds:.0f} s):"
            f" {calls} calls, {len(feeds)} feeds; calls alone take {alone:,.0f} s"
        )
        print(f"  {shown:6.1f} s until Amazon shows them all")
        return {
            "skus": case.skus,
            "told_seconds": round(told, 1),
            "target_seconds": case.seconds,
            "counted_seconds": round(counted, 1),
            "shown_seconds": round(shown, 1),
            "calls": calls,
            "feeds": feeds,
            "calls_alone_seconds": alone,
            "ratio": round(alone / told, 1),
            "throttled": sum((await ours.refused()).values()),
            "wrong": wrong,
        }


async def _count(ours: Shop, skus: list[str], quantity: int) -> None:
    services = ours.ours
    desk = StockDesk(Stock(services.pool), services.accounts, services.clock)
    for first in range(0, len(skus), CHUNK):
        await desk.say_many(
            [StockOrder("set", sku, quantity, "DEFAULT", "bench") for sku in skus[first : first + CHUNK]]
        )


async def _until(ours: Shop, sql: str, count: int) -> None:
    async with asyncio.timeout(900):
        while True:
            if await ours.ours.pool.fetchval(sql, 7) == count:
                return
            await asyncio.sleep(0.1)


def _wrong(ours: Shop, count: int, quantity: int) -> int:
    """Count SKUs of which Amazon shows another number than the one that was told."""
    shown, after = 0, None
    while True:
        page = ours.control.get(
            "sellers", ours.seller_id, "listings", limit=1000, **({"after": after} if after else {})
        )
        shown += sum(row["available"] == quantity for row in page["items"] if row["sku"].startswith("S-"))
        after = page.get("next")
        if not after:
            return count - shown
