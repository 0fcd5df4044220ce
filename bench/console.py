"""Milliseconds that the console takes for each of its pages, beside a house that holds a million shipments.

The server is `packline serve` in a process of its own, over a socket; two readers ask at once while a third keeps a
list open. The baseline is the page that asks the database nothing (the sign-in).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from bench.console_books import fill_books
from bench.console_rows import fill
from bench.database import _folder
from bench.intake import _template
from packline.amazon.spapi.clock import SystemClock
from packline.storage import embedded
from packline.storage.database import open_pool

SHIPMENTS, SHORT_SHIPMENTS = 1_000_000, 50_000
ROUNDS, SHORT_ROUNDS, READERS = 60, 15, 2
TARGET_MS = 150.0
ACCOUNT, LOCATION = "bench", "BEN1"
BASELINE = "/sign-in"
OPEN = ("pack", "print", "hand_over", "stop", "failed", "anomaly", "at_risk", "late", "confirm")
PAGES = (
    BASELINE,
    "/",
    *(f"/?next={action}" for action in OPEN),
    "/?account=bench&location=BEN1&program=seller_flex",
    "/?next=pack&after={after}",
    "/shipments",
    "/shipments?status=DELIVERED",
    "/shipments?order=402-0000000-{half:07}",
    "/shipments/{shipment}",
    "/failed",
    "/calls",
    "/calls?failed=yes",
    "/calls?account=bench&operation=createPackages",
    "/quotas",
    "/health",
    "/health/charts",
    "/accounts",
    "/bench",
    "/prints",
    "/manifests",
    "/returns",
    "/returns?stage=to_receive",
    "/returns?sku=SKU-77",
    "/returns/ret_{one:028}",
    "/stock",
    "/stock?sku=SKU-05",
    "/stock?account=bench&location=BEN1",
    "/stock/item?pool=bench&location=BEN1&sku=SKU-{one:06}",
    "/stock/rules",
    "/stock/holds",
    "/stock/refused",
    "/stock/drift",
    "/feeds",
    "/routes",
    "/routes/bench/WEB-{one}",
    "/routes/ask?account=bench&lines=SKU-{one:06}",
    "/reconciliations",
    "/reconciliations/rec_{one}",
    "/smarthub",
    "/find?q=TRKB{half:011}",
    "/palette?q=B{half:011}&here=/",
)
_ACCOUNT = """
insert into account (id, name, seller_id, region, marketplaces, endpoint, token_url, application_id)
values ($1, 'Benchmark', 'A1', 'EU', '{A21TJRUUN4KGV}', 'http://127.0.0.1:1', '', 'app')
"""
_LOCATION = "insert into location (account_id, id, timezone, programs) values ($1, $2, 'Asia/Kolkata', '{seller_flex}')"


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Fill a house and ask for every page again and again."""
    count, rounds = (SHORT_SHIPMENTS, SHORT_ROUNDS) if args.short else (SHIPMENTS, ROUNDS)
    return asyncio.run(_measured(count, rounds))


async def _measured(count: int, rounds: int) -> dict[str, Any]:
    folder = _folder()
    try:
        seconds = await _fill(folder, count)
        print(f"  {count:,} shipments stand in the database after {seconds:.0f} s")
        async with _serving(folder) as url:
            found = await _asked(url, count, rounds)
    finally:
        embedded.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)
    worst = max((page for page in found if page["page"] != BASELINE), key=lambda page: page["p95_ms"])
    for page in found:
        print(f"  {page['p95_ms']:7.1f} ms p95, {page['median_ms']:6.1f} ms median  {page['page']}")
    base = next(page for page in found if page["page"] == BASELINE)
    return {
        "shipments": count,
        "readers": READERS,
        "pages": found,
        "baseline_p95_ms": base["p95_ms"],
        "worst": worst["page"],
        "worst_p95_ms": worst["p95_ms"],
        "target_ms": TARGET_MS,
        "passed": worst["p95_ms"] <= TARGET_MS,
    }


async def _fill(folder: Path, count: int) -> float:
    began = time.perf_counter()
    now = SystemClock().now()
    body = json.dumps(json.loads(_template())["shipments"][0]).encode()
    pool = await open_pool(None, folder, now)
    await pool.execute(_ACCOUNT, ACCOUNT)
    await pool.execute(_LOCATION, ACCOUNT, LOCATION)
    await fill(pool, ACCOUNT, LOCATION, count, now, body)
    await fill_books(pool, ACCOUNT, LOCATION, now)
    async with pool.acquire() as connection:
        await connection.execute("vacuum analyze shipment", timeout=900)
    await pool.close()
    return time.perf_counter() - began


@asynccontextmanager
async def _serving(folder: Path) -> AsyncIterator[str]:
    """Run `packline serve` on that folder."""
    environment = os.environ | {"PACKLINE_DATA": str(folder), "PACKLINE_LOG_LEVEL": "error"}
    asked = ("-m", "packline", "serve", "--port", "0", "--no-worker", "--no-console-sign-in", "--json")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *asked, env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 60)
        yield str(json.loads(line)["url"])
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _asked(url: str, count: int, rounds: int) -> list[dict[str, Any]]:
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        pages = await _places(client, count)
        following = asyncio.create_task(_follow(url))
        try:
            for page in pages:  # once to warm what a process reads once
                await client.get(page)
            took: dict[str, list[float]] = {page: [] for page in pages}
            waiting = [page for _ in range(rounds) for page in pages]
            await asyncio.gather(*(_reader(client, waiting, took) for _ in range(READERS)))
        finally:
            following.cancel()
    return [_judged(page, times) for page, times in took.items()]


async def _places(client: httpx.AsyncClient, count: int) -> list[str]:
    html = (await client.get("/?next=pack")).text
    shipment = html.partition('data-href="/shipments/')[2].partition('"')[0]
    after = html.partition("after=")[2].partition('"')[0]
    return [page.format(shipment=shipment, after=after, half=count // 2, one=40) for page in PAGES]


async def _reader(client: httpx.AsyncClient, waiting: list[str], took: dict[str, list[float]]) -> None:
    while waiting:
        page = waiting.pop()
        began = time.perf_counter()
        answer = await client.get(page)
        took[page].append((time.perf_counter() - began) * 1000)
        if answer.status_code not in (200, 303):
            raise RuntimeError(f"{page} answered {answer.status_code}: {answer.text[:300]}")


async def _follow(url: str) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=None) as client, client.stream("GET", "/live") as news:
        async for _ in news.aiter_lines():
            pass


def _judged(page: str, times: list[float]) -> dict[str, Any]:
    ordered = sorted(times)
    return {
        "page": page,
        "asked": len(ordered),
        "median_ms": round(statistics.median(ordered), 2),
        "p95_ms": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 2),
        "worst_ms": round(ordered[-1], 2),
    }
