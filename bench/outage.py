"""After an hour's outage: seconds until every status of 10,000 shipments was read, beside what the quota needs."""

from __future__ import annotations

import argparse
import asyncio
import time
from datetime import datetime
from typing import Any, NamedTuple

import uvloop

from bench.journey import Seller, fill, orders, packline, seller
from bench.simulator import simulator
from packline.amazon import UsagePlans, connect
from packline.bootstrap import Services
from packline.domain.inventory.ledger import SELLABLE, Entry, Key, Kind, Movement
from packline.domain.shipment import Status
from packline.driver.pace import Pace
from packline.running import keeper_of, worker_of
from packline.storage.stock import Stock
from packline_sim.control.client import ControlClient

RATE, BURST = 2.0, 4
"""Of getShipments ("Usage Plans and Rate Limits"; the burst is inferred)."""
TARGET = 1.1
PARTS = (("ship", 0.3), ("label", 0.3), ("pack", 0.2), ("confirm", 0.1))
"""How far people in SmartHub took which part of the shipments meanwhile; the rest waits as it was."""
AT_ONCE = 500
_AWAY = "update intake_cursor set succeeded_at = succeeded_at - interval '1 hour'"
_UNTIL_NOW = "update intake_cursor set after = $1"
"""As if the last look had been long before: what was read then is not read again because windows overlap."""
_READ = "select count(*) filter (where succeeded_at >= $1) = count(*) from intake_cursor"
_HELD = "select exists (select 1 from stock_hold)"
_CALLS = """
select count(*) as calls, count(*) filter (where status = 429) as refused from call where operation = 'getShipments'
"""


class Swept(NamedTuple):
    """Seconds until all was read, and until stock was told again; calls, those refused, and shipments that differ."""

    seconds: float
    released: float
    calls: int
    refused: int
    wrong: int
    taken: int


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Let people work in SmartHub while Packline is away, then let it come back under Amazon's rates."""
    count = 2_000 if args.short else 10_000
    with simulator() as control, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        control.patch("switches", body={"documents": "shared"})
        swept, pages = runner.run(_measure(control, count))
    floor = (pages - BURST) / RATE
    ratio = round(swept.seconds / floor, 3)
    print(
        f"  {swept.seconds:6.1f} s until every status was read; the quota alone needs {floor:.1f} s for {pages} pages"
    )
    print(f"  {ratio:6.2f} of it (target {TARGET}); {swept.calls} calls, {swept.refused} of them refused")
    print(f"  {swept.released:6.1f} s until stock was told again; {swept.wrong} shipments differ from Amazon's")
    return {
        "shipments": count,
        "seconds": round(swept.seconds, 2),
        "floor_seconds": round(floor, 2),
        "pages": pages,
        "calls": swept.calls,
        "throttled": swept.refused,
        "stock_held_seconds": round(swept.released, 2),
        "units_taken": swept.taken,
        "differ": swept.wrong,
        "ratio": ratio,
        "target": TARGET,
        "passed": ratio <= TARGET and not swept.wrong and not swept.refused and swept.released < swept.seconds + 10,
    }


async def _measure(control: ControlClient, count: int) -> tuple[Swept, int]:
    one = seller(control, 0)
    async with packline([one], f"{control.url}/auth/o2/token", usage_plan="off") as ours:
        for _ in range(count // AT_ONCE):
            await asyncio.to_thread(orders, control, one, AT_ONCE)
        await _count_stock(ours, one, 2 * count)
        await fill(ours, count, 1)
        stop = asyncio.Event()
        keeping = asyncio.create_task(keeper_of(ours).run(stop))
        since = ours.clock.now()
        await ours.pool.execute(_UNTIL_NOW, since + Pace().overlap)
        await asyncio.to_thread(_work_elsewhere, control, one, count)
        pages = await _pages(control, one, since)
        await _come_back(ours, control)
        swept = await _sweep(ours, control, one)
        stop.set()
        await keeping
    return swept, pages


async def _count_stock(ours: Services, one: Seller, units: int) -> None:
    now = ours.clock.now()
    entry = Entry("count", Key(one.id, one.location, "SKU-1"), Kind.COUNTED, units, now, condition=SELLABLE)
    await Stock(ours.pool).lay([Movement("count", (entry,))], now)


def _work_elsewhere(control: ControlClient, one: Seller, count: int) -> None:
    for until, share in PARTS:
        left = int(count * share)
        while left > 0:
            body = {"until": until, "scan": False, "seller_id": one.id, "limit": min(AT_ONCE, left)}
            body["shipment_ids"] = _accepted(control, one, min(AT_ONCE, left))
            done = control.post("smarthub", "work", body=body)
            assert not done["refused"], done["refused"][0]
            left -= AT_ONCE


def _accepted(control: ControlClient, one: Seller, count: int) -> list[str]:
    page = control.get("shipments", seller_id=one.id, status="ACCEPTED", limit=count)
    return [row["shipment_id"] for row in page["items"]]


def _statuses(control: ControlClient, one: Seller) -> dict[str, str]:
    found: dict[str, str] = {}
    asked: dict[str, Any] = {"seller_id": one.id, "limit": 1000}
    while True:
        page = control.get("shipments", **asked)
        found |= {row["shipment_id"]: row["status"] for row in page["items"]}
        if not page.get("next"):
            return found
        asked["after"] = page["next"]


async def _pages(control: ControlClient, one: Seller, since: datetime) -> int:
    """Count the pages that anybody must read: a bare loop asks for each status until Amazon gives no token."""
    pages = 0
    async with connect(plans=UsagePlans("off"), token_url=f"{control.url}/auth/o2/token") as amazon:
        for status in Status:
            token, is_first = None, True
            while token or is_first:
                page = await amazon.get_shipments(one.account, status.value, updated_after=since, token=token)
                token, is_first, pages = page.next_token, False, pages + 1
    return pages


async def _come_back(ours: Services, control: ControlClient) -> None:
    control.post("quotas", "preset", body={"preset": "amazon"})
    await ours.pool.execute("update account set usage_plan = 'amazon'")
    for account in await ours.accounts.accounts():
        ours.gateway.forget(account.id)
    await ours.pool.execute(_AWAY)
    await ours.pool.execute("update ownership set look_at = null")
    await ours.pool.execute("delete from call")


async def _sweep(ours: Services, control: ControlClient, one: Seller) -> Swept:
    worker, began, at = worker_of(ours), time.perf_counter(), ours.clock.now()
    await worker.start()
    async with asyncio.timeout(1800):
        while not await ours.pool.fetchval(_READ, at):  # noqa: ASYNC110  the store rings nobody here
            await asyncio.sleep(0.05)
        seconds = time.perf_counter() - began
        while await ours.pool.fetchval(_HELD):  # noqa: ASYNC110  as above
            await asyncio.sleep(0.05)
        released = time.perf_counter() - began
    await worker.stop()
    calls = await ours.pool.fetchrow(_CALLS)
    here = {row["amazon_id"]: row["status"] for row in await ours.pool.fetch("select amazon_id, status from shipment")}
    there = await asyncio.to_thread(_statuses, control, one)
    wrong = sum(here.get(key) != status for key, status in there.items())
    taken = await ours.pool.fetchval("select sum(units)::int from stock_entry where kind in ('smarthub', 'labelled')")
    return Swept(seconds, released, calls["calls"], calls["refused"], wrong, taken or 0)
