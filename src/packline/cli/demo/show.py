"""The demo from beginning to end: start everything, watch it, end everything."""

import asyncio
import contextlib
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from packline.amazon.spapi.clock import Clock, SystemClock
from packline.bootstrap import Services, open_services
from packline.cli.demo.clock import FastClock
from packline.cli.demo.local_amazon import LocalAmazon, free_port, local_amazon
from packline.cli.demo.report import Report, report
from packline.cli.demo.screen import Screen
from packline.cli.demo.sellers import add_sellers
from packline.cli.demo.tally import Tally
from packline.cli.demo.warehouse import Warehouse
from packline.cli.demo.windows import open_windows
from packline.cli.failures import FAILED, OK
from packline.cli.logging import log_to_stderr
from packline.commands.api_keys import create_api_key
from packline.config import Settings, load
from packline.running import Running, run

SCENARIO = "demo"
PATIENCE_S = 240.0  # after that `--once` says what is missing
CALM_S = 1.0
LOOK_S = 0.5


class Wish(NamedTuple):
    """What the user asked for."""

    once: bool
    orders: int
    speed: float
    port: int
    data: Path | None
    json: bool
    windows: bool = False


class Stage(NamedTuple):
    """Everything that runs: Amazon, Packline, the warehouse, and what was counted."""

    amazon: LocalAmazon
    services: Services
    running: Running
    warehouse: Warehouse
    tally: Tally
    accounts: dict[str, str]
    started_at: datetime


async def show(wish: Wish) -> int:
    """Run the demo; gives the exit code."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for told in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(told, stop.set)
    with _folder(wish) as folder:
        async with staged(wish, folder) as stage:
            if wish.windows:
                pages = f"{stage.running.url}/", f"{stage.amazon.url}/_sim/"
                await asyncio.to_thread(open_windows, *pages)  # a browser that has to start takes its time
            if wish.once:
                return await _once(stage, wish, stop)
            return await _live(stage, folder, stop)


@contextlib.contextmanager
def _folder(wish: Wish) -> Any:
    if wish.data:
        yield wish.data
        return
    folder = Path(tempfile.mkdtemp(prefix="packline-demo-"))
    folder.chmod(0o755)  # started by root, PostgreSQL runs as a user of its own, who must get here
    try:
        yield folder / "data"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def staged(wish: Wish, folder: Path) -> AsyncIterator[Stage]:
    """Start Amazon, Packline and the warehouse, and end them."""
    settings = _settings(wish, folder)
    log_to_stderr(settings)
    async with local_amazon(SCENARIO, wish.speed) as amazon:
        crowds = await amazon.stop_buyers()
        clock = await _clock(amazon, wish.speed)
        async with open_services(settings, clock) as services:
            accounts = await add_sellers(services, amazon)
            key = await create_api_key(services.api_keys, clock, "demo warehouse", "admin")
            async with run(services, faces=True, worker=True) as running:
                tally = Tally()
                haste = (0.2 if wish.once else 0.8) / wish.speed
                warehouse = Warehouse(running.url or "", key.secret, tally.follow, haste_s=haste)
                working = asyncio.create_task(warehouse.work())
                try:
                    await (_order(amazon, crowds, wish.orders) if wish.once else _resume(amazon, crowds))
                    yield Stage(amazon, services, running, warehouse, tally, accounts, clock.now())
                finally:
                    working.cancel()
                    await asyncio.gather(working, return_exceptions=True)


def _settings(wish: Wish, folder: Path) -> Settings:
    return load(
        {
            "data": folder,
            "port": free_port(wish.port),
            "host": "127.0.0.1",
            "console_sign_in": False,
            "api_requests_per_second": 500.0,
            "poll_new_s": 2.0,
            "poll_rest_s": 4.0,
            "webhook_private_addresses": True,
            "log_level": "error",
            "log_format": "text",
        }
    )


async def _clock(amazon: LocalAmazon, speed: float) -> Clock:
    if speed == 1.0:
        return SystemClock()
    return FastClock(datetime.fromisoformat((await amazon.get("clock"))["now"]), speed)


async def _resume(amazon: LocalAmazon, crowds: list[dict[str, Any]]) -> None:
    for crowd in crowds:
        await amazon.post(f"buyers/{crowd['buyers_id']}/resume", {})


async def _order(amazon: LocalAmazon, crowds: list[dict[str, Any]], orders: int) -> None:
    """Order so many shipments, spread so that Amazon's quotas (each seller's own) are used alike."""
    await amazon.patch("carriers", {"pickup_after_s": 10, "deliver_after_s": 8})
    left = orders - int((await amazon.get("stats"))["orders"])
    places = [(c["settings"], next(iter(c["settings"]["programs"]))) for c in crowds]
    counts = shared_out(left, [_weight(settings, program, places) for settings, program in places])
    for (settings, program), count in zip(places, counts, strict=True):
        if count:
            order = {"seller_id": settings["seller_id"], "program": program, "count": count}
            await amazon.post("shipments", order | {"location_id": next(iter(settings["locations"]))})


def shared_out(whole: int, weights: list[float]) -> list[int]:
    """Share a number out by weights; what is left over goes to those who miss the most."""
    exact = [max(0, whole) * weight / sum(weights) for weight in weights]
    counts = [int(share) for share in exact]
    for index in sorted(range(len(exact)), key=lambda i: counts[i] - exact[i])[: max(0, whole) - sum(counts)]:
        counts[index] += 1
    return counts


def _weight(settings: dict[str, Any], program: str, places: list[tuple[dict[str, Any], str]]) -> float:
    """Self Ship tells Amazon three times where the others tell it once or never, so it gets a smaller share."""
    share = {"SELF_SHIP": 1.0, "SELLER_FLEX": 2.0, "EASY_SHIP": 2.0}
    own = [share[other] for place, other in places if place["seller_id"] == settings["seller_id"]]
    return share[program] / sum(own)


async def _once(stage: Stage, wish: Wish, stop: asyncio.Event) -> int:
    expected = int((await stage.amazon.get("stats"))["orders"])
    clock = SystemClock()
    until = clock.monotonic() + PATIENCE_S
    screen = Screen(stage, expected=expected)
    with screen.live() if not wish.json else contextlib.nullcontext():
        while clock.monotonic() < until and not stop.is_set() and stage.tally.finished() < expected:
            await _beat(stage, screen, stop)
        await asyncio.sleep(CALM_S)
    made: Report = await report(stage, expected)
    made.print(as_json=wish.json)
    return OK if made.is_clean else FAILED


async def _live(stage: Stage, folder: Path, stop: asyncio.Event) -> int:
    screen = Screen(stage, data=str(folder))
    with screen.live():
        while not stop.is_set():
            await _beat(stage, screen, stop)
    made = await report(stage, None)
    made.print(as_json=False)
    return OK if made.is_clean else FAILED


async def _beat(stage: Stage, screen: Screen, stop: asyncio.Event) -> None:
    screen.update(await stage.amazon.get("stats"))
    for task in stage.running.tasks:
        if task.done():
            task.result()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), LOOK_S)
