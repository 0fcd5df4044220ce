"""From a notification in Amazon's queue to the webhook at the seller's system: milliseconds, at 200 a second."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import uvloop

from bench.simulator import simulator
from packline.bootstrap import Services, open_services
from packline.commands.webhooks import add_webhook
from packline.config import load
from packline.domain.location import Account, Credentials, Location, Region
from packline.ports.notifications import Queue, QueueKey
from packline.running import run as running
from packline.storage import embedded
from packline_sim.control.client import ControlClient

RATE = 200
AT_ONCE = 10
"""Orders that the simulator is asked for in one go."""
ACCOUNTS = 10
TARGET_MS = 500
IN = "A21TJRUUN4KGV"
EVENT = "shipment.received"
LATE_S = 30


class SellerSystem:
    """A seller's own system: takes webhooks, and notes when each shipment came."""

    def __init__(self) -> None:
        self.came: dict[str, float] = {}
        self.url = ""

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen on a free port of this machine."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with server:
            yield

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
                body = msgspec.json.decode(await reader.readexactly(length))
                self.came.setdefault(body["data"]["shipment"]["amazon_id"], time.perf_counter())
                writer.write(b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Let buyers order at the rate, and time each order until the seller's system has it."""
    seconds = 5 if args.short else 60
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)  # as `packline worker` does
    folder = Path(tempfile.mkdtemp(prefix="packline-bench-"))
    folder.chmod(0o755)
    try:
        with simulator() as control, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            control.patch(
                "notifications", "delivery", body=dict.fromkeys(("lost", "twice", "late", "out_of_order"), 0.0)
            )
            ordered, came = runner.run(_measure(control, folder, seconds))
    finally:
        embedded.stop(folder / "data")
        shutil.rmtree(folder, ignore_errors=True)
    return _judge(ordered, came, seconds)


def _judge(ordered: dict[str, float], came: dict[str, float], seconds: int) -> dict[str, Any]:
    took = sorted((came[one] - at) * 1000 for one, at in ordered.items() if one in came)
    missing = len(ordered) - len(took)
    p50, p99 = (round(took[len(took) * part // 100], 1) if took else 0.0 for part in (50, 99))
    print(f"  {len(ordered) / seconds:6.0f} notifications a second; half of them at the seller's within {p50:.0f} ms")
    print(f"  {p99:6.0f} ms for 99 % (target {TARGET_MS}), {took[-1] if took else 0:.0f} at most; {missing} missing")
    return {
        "per_second": round(len(ordered) / seconds),
        "p50_ms": p50,
        "p99_ms": p99,
        "longest_ms": round(took[-1], 1) if took else None,
        "missing": missing,
        "target_ms": TARGET_MS,
        "passed": missing == 0 and p99 < TARGET_MS,
    }


async def _measure(control: ControlClient, folder: Path, seconds: int) -> tuple[dict[str, float], dict[str, float]]:
    system = SellerSystem()
    chosen = load(
        {
            "data": folder / "data", "port": 0, "webhook_private_addresses": True, "poll_new_s": 3600.0,
            "poll_rest_s": 3600.0, "log_level": "warning",
        }
    )  # fmt: skip
    async with system.listening(), open_services(chosen) as services:
        sellers = await _open(services, control)
        await add_webhook(services.webhooks, services.clock, system.url, events=(EVENT,), allow_private=True)
        async with running(services, faces=True, worker=True):
            await _polled(services)
            await asyncio.to_thread(_order, control, sellers, 1)  # connections are made, plans are known
            await asyncio.sleep(1)
            ordered = await asyncio.to_thread(_order, control, sellers, seconds)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LATE_S):
                    while not ordered.keys() <= system.came.keys():  # noqa: ASYNC110  nobody rings here
                        await asyncio.sleep(0.1)
    return ordered, system.came


async def _open(services: Services, control: ControlClient) -> list[str]:
    made = control.post("queues", body={"name": "bench"})
    await services.notices.put_queue(
        Queue("bench", control.url + made["path"], made["arn"], "", control.url), QueueKey("any", "any")
    )
    sellers = []
    for number in range(ACCOUNTS):
        seller = control.post("sellers", body={"name": f"Benchmark {number}"})
        sellers.append(seller["seller_id"])
        control.post("sellers", seller["seller_id"], "locations", body={"location_id": f"BEN{number}"})
        control.post("sellers", seller["seller_id"], "skus", body={"sku": "SKU-1", "stock": 1_000_000})
        account = Account(
            f"bench-{number}", seller["name"], seller["seller_id"], Region.EU, (IN,), control.url,
            f"{control.url}/auth/o2/token", "app", usage_plan="off",
        )  # fmt: skip
        await services.accounts.put(
            account, Credentials(*(seller[n] for n in ("client_id", "client_secret", "refresh_token")))
        )
        await services.accounts.put_location(Location(account.id, f"BEN{number}"))
        await services.notices.set_up(account.id)
    return sellers


async def _polled(services: Services) -> None:
    sql = "select count(*) filter (where succeeded_at is not null) >= $1 from intake_cursor"
    async with asyncio.timeout(LATE_S):
        while not await services.pool.fetchval(sql, ACCOUNTS * 10):  # noqa: ASYNC110  the store rings nobody here
            await asyncio.sleep(0.1)


def _order(control: ControlClient, sellers: list[str], seconds: int) -> dict[str, float]:
    """Order at the rate for so long; gives when each shipment's order was about to be made."""
    ordered: dict[str, float] = {}
    began = time.perf_counter()
    for number in range(RATE * seconds // AT_ONCE):
        wait = began + number * AT_ONCE / RATE - time.perf_counter()
        time.sleep(max(0.0, wait))
        body = {
            "seller_id": sellers[number % len(sellers)], "program": "SELLER_FLEX", "lines": [{"sku": "SKU-1"}],
            "count": AT_ONCE,
        }  # fmt: skip
        at = time.perf_counter()
        for shipment in control.post("shipments", body=body)["shipments"]:
            ordered[shipment["shipment_id"]] = at
    return ordered
