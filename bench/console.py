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
import re
import shutil
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from bench.console_books import FEEDER, fill_books
from bench.console_desks import fill_desks
from bench.console_pages import BASELINE, PAGES, STREAMS
from bench.console_rows import fill, fill_small
from bench.database import _folder
from bench.intake import _template
from packline.amazon.spapi.clock import SystemClock
from packline.domain.location import DEFAULT_LOCATION
from packline.storage import embedded
from packline.storage.database import open_pool

SHIPMENTS, SHORT_SHIPMENTS = 1_000_000, 50_000
ROUNDS, SHORT_ROUNDS, READERS = 60, 15, 2
TARGET_MS = 150.0
Asker = Callable[[httpx.AsyncClient, str], Awaitable[None]]
ACCOUNT, LOCATION = "bench", "BEN1"
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
    await fill_books(pool, ACCOUNT, LOCATION, now, count / SHIPMENTS)
    await pool.execute(_LOCATION, FEEDER, DEFAULT_LOCATION)
    await fill_small(pool, FEEDER, DEFAULT_LOCATION, 2 * count, now)
    await fill_desks(pool, ACCOUNT, LOCATION, now, count / SHIPMENTS)
    async with pool.acquire() as connection:
        for table in ("shipment", "event", "call", "audit", "stock_entry", "return_item"):
            await connection.execute(f"vacuum analyze {table}", timeout=900)
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
        names = await _names(client, count)
        pages = [page.format(**names) for page in PAGES]
        streams = [page.format(**names) for page in STREAMS]
        following = asyncio.create_task(_follow(url))
        try:
            for page in pages:  # once to warm what a process reads once
                await client.get(page)
            took: dict[str, list[float]] = {page: [] for page in (*pages, *streams)}
            waiting = [page for _ in range(rounds) for page in took]
            asking = {page: _first_news if page in streams else _page for page in took}
            await asyncio.gather(*(_reader(client, waiting, asking, took) for _ in range(READERS)))
        finally:
            following.cancel()
    return [_judged(page, times) for page, times in took.items()]


async def _names(client: httpx.AsyncClient, count: int) -> dict[str, Any]:
    """Find what the addresses name: something of each kind, and the second page of the longest lists."""
    pack, newest, calls = [(await client.get(page)).text for page in ("/?next=pack", "/shipments", "/calls")]
    audit, feeds = [(await client.get(page)).text for page in ("/audit", "/feeds")]
    return {
        "shipment": _between(pack, 'data-href="/shipments/', '"'),
        "old": f"shp_{count - 5:028x}",
        "after": _between(pack, "after=", '"'),
        "received": _between(newest, "after=", '"'),
        "called": _between(calls, "after=", '"'),
        "audited": _between(audit, "after=", '"'),
        "request": _request_id(calls),
        "feed": _between(feeds, 'href="/feeds/', '"'),
        "half": count // 2,
        "one": 40,
    }


def _request_id(calls: str) -> str:
    found = re.search(r"[0-9a-f]{32}", calls.partition("<tbody")[2])
    return found[0] if found else ""


def _between(text: str, before: str, behind: str) -> str:
    return text.partition(before)[2].partition(behind)[0]


async def _reader(
    client: httpx.AsyncClient, waiting: list[str], asking: Mapping[str, Asker], took: dict[str, list[float]]
) -> None:
    while waiting:
        page = waiting.pop()
        began = time.perf_counter()
        await asking[page](client, page)
        took[page].append((time.perf_counter() - began) * 1000)


async def _page(client: httpx.AsyncClient, page: str) -> None:
    answer = await client.get(page)
    wanted = (404,) if page.startswith("/find?q=nobody") else (200, 303)
    if answer.status_code not in wanted:
        raise RuntimeError(f"{page} answered {answer.status_code}: {answer.text[:300]}")


async def _first_news(client: httpx.AsyncClient, page: str) -> None:
    """Wait for the first thing that a stream tells."""
    async with client.stream("GET", page) as news:
        if news.status_code != 200:
            raise RuntimeError(f"{page} answered {news.status_code}")
        async for _ in news.aiter_lines():
            return


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
