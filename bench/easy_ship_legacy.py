"""One bucket for every feed, one call back every 120 s: documents take 29 an hour and inventory leaves every hour.

This is the world of the former integrations: a feed holds one order's documents, and inventory waits behind packing.
It knew no call for a single SKU; here that call is granted so rarely that quantities have to go by feeds. They are
counted in the ledger and go the whole way. The hours are measured after the burst of fifteen is used up.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

from bench.easy_ship import HOUR, Shop, measured, shop, working
from packline.commands.stock import StockDesk, StockOrder
from packline.storage.stock import Stock

PLAN = "legacy-shared-feed"
SPEED = 90.0
DOCUMENTS_AN_HOUR, STOCK_AN_HOUR = 29, 1
SKUS = 20
TELL_EVERY_S = 30.0
"""How often the stock of some SKUs changes: there is always something to tell."""
_FEEDS = "select kind, sent_at from feed_batch where sent_at is not null and feed_id is not null order by sent_at"
_RARE = {"operation": "patchListingsItem", "rate": 0.01, "burst": 5}
_PLENTY = tuple(
    {"operation": name, "rate": 20.0, "burst": 1000} for name in ("listHandoverSlots", "createScheduledPackage")
)
"""Scheduling is measured elsewhere, at the pace of real time: here only what feeds use is counted as Amazon does."""


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Let both kinds of feeds wait all the time for some hours, and count what leaves in each of them."""
    found = measured(lambda: _measure(1 if args.short else 3))
    for number, hour in enumerate(found["hours"], start=1):
        print(f"  hour {number}: {hour['documents']} feeds of documents, {hour['stock']} of inventory")
    print(f"  {sum(found['throttled'].values())} calls refused with 429 {found['throttled'] or ''}")
    enough = all(h["documents"] >= DOCUMENTS_AN_HOUR and h["stock"] >= STOCK_AN_HOUR for h in found["hours"])
    target = {"documents": DOCUMENTS_AN_HOUR, "stock": STOCK_AN_HOUR}
    return {**found, "target_an_hour": target, "passed": enough and not found["throttled"] and not found["violations"]}


async def _measure(hours: int) -> dict[str, Any]:
    orders = 45 + 30 * hours
    async with shop(SPEED, documents_per_feed=1, documents_wait_s=0.0) as ours:
        await ours.take_in(orders)
        ours.control.post("sellers", ours.seller_id, "listings", body={"count": SKUS, "prefix": "S-"})
        await ours.count_quotas(PLAN, PLAN)
        for plan in (_RARE, *_PLENTY):
            ours.control.patch("quotas", body=plan)
        await ours.pack()
        async with working(ours.ours), _changing(ours):
            await ours.until(lambda: _has_lasted(ours, hours), (hours + 3) * HOUR)
        feeds = [(row["kind"], row["sent_at"]) for row in await ours.ours.pool.fetch(_FEEDS)]
        began = _first_stock(feeds)
        return {
            "hours": [_count(feeds, began + timedelta(hours=n)) for n in range(hours)],
            "throttled": await ours.refused(),
            "told": await ours.ours.pool.fetchval("select count(*) from event where name = 'stock.published'"),
            "violations": len(ours.control.get("invariants")["violations"]),
        }


async def _has_lasted(ours: Shop, hours: int) -> bool:
    feeds = [(row["kind"], row["sent_at"]) for row in await ours.ours.pool.fetch(_FEEDS)]
    last = ours.clock.now() - timedelta(hours=hours, minutes=2)
    return any(kind == "stock" for kind, _ in feeds) and _first_stock(feeds) < last


def _first_stock(feeds: list[tuple[str, datetime]]) -> datetime:
    """Tell when the first inventory left after the burst was used up: from then on hours are counted."""
    burst_over = feeds[0][1] + timedelta(minutes=30)
    return next(
        (at for kind, at in feeds if kind == "stock" and at > burst_over),
        datetime.max.replace(tzinfo=feeds[0][1].tzinfo),
    )


def _count(feeds: list[tuple[str, datetime]], since: datetime) -> dict[str, int]:
    inside = [kind for kind, at in feeds if since <= at < since + timedelta(hours=1)]
    return {kind: inside.count(kind) for kind in ("documents", "stock")}


@contextlib.asynccontextmanager
async def _changing(ours: Shop) -> AsyncIterator[None]:
    """Let stock be counted meanwhile, one SKU after the other; the last value of each waits for its feed."""

    async def change() -> None:
        desk = StockDesk(Stock(ours.ours.pool), ours.ours.accounts, ours.clock)
        number = 0
        while True:
            number += 1
            sku = f"S-{1 + number % SKUS:06}"
            await desk.say_many([StockOrder("set", sku, number, "DEFAULT", "bench")])
            await ours.clock.sleep(TELL_EVERY_S)

    task = asyncio.create_task(change())
    try:
        yield
    finally:
        task.cancel()
