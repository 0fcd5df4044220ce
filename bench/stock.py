"""Stock: seconds until Amazon has acknowledged what changed, beside what quota and batch size allow; and one change
from the API to Amazon's acknowledgement on an idle system.

The floor is counted from a bucket that was just emptied, as it is for who publishes all day: the calls less those
that Amazon's bucket holds, over the rate.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import shutil
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import uvloop

from bench.simulator import simulator
from packline.amazon.spapi.http1 import Http1Transport
from packline.amazon.spapi.lanes import JITTER
from packline.amazon.spapi.transport import Request
from packline.bootstrap import Services, open_services
from packline.commands.api_keys import create_api_key
from packline.commands.stock import StockDesk, StockOrder
from packline.config import load
from packline.domain import location
from packline.running import run as run_parts
from packline.storage import embedded
from packline.storage.stock import Stock
from packline_sim.control.client import ControlClient

ACCOUNT = "bench"
IN = "A21TJRUUN4KGV"
TARGET = 1.2
TARGET_MS = 250.0
WARM_UP = 10
"""Single changes before those that are measured: connections are opened, code is loaded."""
FORMER_S = 1000 / 6
"""What a thousand SKUs took the former integration: six calls a second, one SKU each."""
CHUNK = 200
"""Changes said at once."""
_ALL = "select not exists (select 1 from stock_offer where state <> 'settled')"
_ONE = "select state = 'settled' and published = $2 from stock_offer where sku = $1"
_IDLE = "select not exists (select 1 from pgqueuer) and not exists (select 1 from ownership where worker is not null)"


class Case(NamedTuple):
    """How many SKUs change, under which usage plan, and what that plan grants."""

    name: str
    skus: int
    plan: str
    rate: float
    burst: int
    batch: int

    def floor(self, tokens: float) -> float:
        """Give the seconds that the calls need from a bucket that holds `tokens`."""
        return (math.ceil(self.skus / self.batch) - tokens) / self.rate


FULL = (
    Case("1,000 SKUs", 1_000, "amazon", 50, 100, 10),
    Case("10,000 SKUs", 10_000, "amazon", 50, 100, 10),
    Case("1,000 SKUs, one by one", 1_000, "legacy-inventory", 6, 6, 1),
)
SHORT = (
    Case("1,000 SKUs", 1_000, "amazon", 50, 100, 10),
    Case("2,000 SKUs", 2_000, "amazon", 50, 100, 10),
    Case("60 SKUs, one by one", 60, "legacy-inventory", 6, 6, 1),
)


class Shop(NamedTuple):
    """A seller of the simulator, with the SKUs that it sells at one place."""

    facts: dict[str, Any]
    place: str
    skus: tuple[str, ...]


class Ours(NamedTuple):
    """Packline under measurement: its services, and the address and key of its API."""

    services: Services
    url: str
    key: str


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Change many SKUs at once under each plan, then single ones on an idle system."""
    cases, single = (SHORT, 60) if args.short else (FULL, 400)
    with simulator(quotas="amazon") as control, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_measure(control, cases, single))


async def _measure(control: ControlClient, cases: Sequence[Case], single: int) -> dict[str, Any]:
    shop = _shop(control, max(case.skus for case in cases))
    found: dict[str, Any] = {"cases": {}, "target": TARGET, "target_ms": TARGET_MS}
    async with _packline(shop, control.url) as ours:
        await _say(ours.services, shop, max(case.skus for case in cases), 5)  # every SKU is known beforehand
        await _acknowledged(ours.services)
        for number, case in enumerate(cases):
            found["cases"][case.name] = await _case(control, ours, shop, case, 100 + number)
        await _single(ours, shop, WARM_UP)
        found["single_ms"] = await _single(ours, shop, single)
    ratios = [case["ratio"] for case in found["cases"].values()]
    refused = sum(case["throttled"] for case in found["cases"].values())
    found["passed"] = max(ratios) <= TARGET and found["single_ms"]["p99"] <= TARGET_MS and refused == 0
    return found


async def _case(control: ControlClient, ours: Ours, shop: Shop, case: Case, quantity: int) -> dict[str, Any]:
    """Change all SKUs of a case from an emptied bucket and time it to the last acknowledgement."""
    services = ours.services
    floor = case.floor(await _use(control, ours, case))
    await services.pool.execute("delete from call")
    began = time.perf_counter()
    await _say(services, shop, case.skus, quantity)
    await _acknowledged(services)
    seconds = time.perf_counter() - began
    calls = await services.pool.fetchval("select count(*) from call where operation = 'batchInventory'")
    refused = await services.pool.fetchval("select count(*) from call where status = 429")
    ratio = round(seconds / floor, 3)
    wrong = _wrong(control, shop, case.skus, quantity)
    print(f"  {seconds:7.2f} s for {case.name}; {floor:.2f} s by quota and batch size, {ratio} of it ({calls} calls)")
    return {
        "seconds": round(seconds, 2),
        "floor_seconds": round(floor, 2),
        "ratio": ratio,
        "calls": calls,
        "throttled": refused + wrong,
        "former_seconds": round(case.skus * FORMER_S / 1000, 1),
    }


async def _single(ours: Ours, shop: Shop, count: int) -> dict[str, float]:
    """Set one SKU by the API, wait until Amazon has acknowledged it, let the system fall idle, and again."""
    transport, took = Http1Transport(), []
    headers = {"Authorization": f"Bearer {ours.key}", "Content-Type": "application/json"}
    for number in range(count):
        sku, quantity = shop.skus[number % len(shop.skus)], 1_000 + number
        told = {"account": ACCOUNT, "location": shop.place, "sku": sku, "quantity": quantity}
        began = time.perf_counter()
        url = f"{ours.url}/v1/stock/set"
        answer = await transport.send(Request("POST", url, headers, json.dumps(told).encode(), 10.0))
        assert answer.status == 200, answer.body
        await _until(ours.services, _ONE, sku, quantity, pause=0.002)
        took.append((time.perf_counter() - began) * 1000)
        await _until(ours.services, _IDLE, pause=0.01)
    await transport.close()
    took.sort()
    p50, p99 = statistics.median(took), took[max(0, math.ceil(len(took) * 0.99) - 1)]
    if count > WARM_UP:
        print(f"  {p50:7.1f} ms from the API to Amazon's answer, idle; p99 {p99:.1f} ms (at most {TARGET_MS:.0f})")
    return {"p50": round(p50, 1), "p99": round(p99, 1), "changes": count}


async def _say(services: Services, shop: Shop, count: int, quantity: int) -> None:
    desk = StockDesk(Stock(services.pool), services.accounts, services.clock)
    for first in range(0, count, CHUNK):
        skus = shop.skus[first : min(count, first + CHUNK)]
        await desk.say_many([StockOrder("set", sku, quantity, shop.place, ACCOUNT) for sku in skus])


async def _acknowledged(services: Services) -> None:
    await _until(services, _ALL, pause=0.02)


async def _until(services: Services, sql: str, *values: Any, pause: float) -> None:
    async with asyncio.timeout(600):
        while True:
            if await services.pool.fetchval(sql, *values):
                return
            await asyncio.sleep(pause)


async def _use(control: ControlClient, ours: Ours, case: Case) -> float:
    """Let Amazon and Packline use the plan of a case, from a bucket that was emptied a moment ago.

    Gives the calls that Amazon's bucket holds; Packline does not know of them, as after another process used it up.
    """
    await _until(ours.services, _IDLE, pause=0.01)
    plan = {"operation": "batchInventory", "rate": case.rate}
    control.patch("quotas", body={**plan, "burst": 1})
    control.get("quotas")  # the bucket is cut to its new size when it is next looked at
    await ours.services.pool.execute("update account set usage_plan = $1", case.plan)
    await ours.services.pool.execute("update ownership set levels = null")
    ours.services.gateway.forget(ACCOUNT)
    control.patch("quotas", body={**plan, "burst": case.burst})
    await asyncio.sleep(JITTER)  # what a lane takes calls to overtake one another by
    levels = control.get("quotas")["levels"]
    return float(next(row["tokens"] for row in levels if row["operation"] == "batchInventory"))


def _wrong(control: ControlClient, shop: Shop, count: int, quantity: int) -> int:
    """Count SKUs of which Amazon shows another number than the last one that was told."""
    rows = control.get("sellers", shop.facts["seller_id"], "stock", location_id=shop.place)["items"]
    shown = {row["sku"]: row["quantity"] for row in rows}
    return sum(shown.get(sku) != quantity for sku in shop.skus[:count])


def _shop(control: ControlClient, count: int) -> Shop:
    facts = control.post("sellers", body={"name": "Seller", "marketplace_ids": [IN]})
    seller = facts["seller_id"]
    place = control.post("sellers", seller, "locations", body={})["location_id"]
    skus = tuple(f"SKU-{number}" for number in range(count))
    for sku in skus:
        control.post("sellers", seller, "skus", body={"sku": sku, "stock": 0})
    return Shop(facts, place, skus)


@asynccontextmanager
async def _packline(shop: Shop, amazon: str) -> AsyncIterator[Ours]:
    """Run the whole of Packline, the API too, on a database of its own."""
    folder = _folder()
    chosen = load({"data": folder / "data", "poll_new_s": 3600.0, "poll_rest_s": 3600.0, "port": 0})
    try:
        async with open_services(chosen) as services:
            facts = shop.facts
            await services.accounts.put(
                location.Account(
                    ACCOUNT, ACCOUNT, facts["seller_id"], location.Region.EU, (IN,), amazon, f"{amazon}/auth/o2/token",
                    "app",
                ),
                location.Credentials(facts["client_id"], facts["client_secret"], facts["refresh_token"]),
            )  # fmt: skip
            await services.accounts.put_location(location.Location(ACCOUNT, shop.place))
            made = await create_api_key(services.api_keys, services.clock, "bench", "packer")
            async with run_parts(services, faces=True, worker=True) as running:
                yield Ours(services, running.url or "", made.secret)
    finally:
        embedded.stop(folder / "data")
        shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="packline-bench-"))
    folder.chmod(0o755)
    return folder
