"""Shipments a second through the whole journey, everything stored, beside a bare loop that stores nothing."""

from __future__ import annotations

import argparse
import asyncio
import gc
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import uvloop

from bench.simulator import simulator
from packline.amazon import Account, Credentials, UsagePlans, connect
from packline.amazon.external_fulfillment import build
from packline.amazon.external_fulfillment.client import ExternalFulfillment
from packline.bootstrap import Services, open_services
from packline.commands.order import Order
from packline.commands.pack import Pack
from packline.config import load
from packline.domain import location
from packline.domain.shipment import Status
from packline.errors import PacklineError
from packline.running import worker_of
from packline.storage import embedded
from packline_sim.control.client import ControlClient

ACCOUNTS = 200
AT_ONCE = 256
TARGET = 0.5
IN = "A21TJRUUN4KGV"


class Seller(NamedTuple):
    """A seller of the simulator, as both loops know it."""

    id: str
    location: str
    account: Account


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Let both loops work in turn on shipments of the same kind, and compare the medians."""
    each, rounds = (10, 1) if args.short else (25, 3)
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)  # as `packline worker` does, and for both
    with simulator() as control, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        control.patch("switches", body={"documents": "shared"})  # drawing would cost more than all that is measured
        found = runner.run(_measure(control, each, rounds))
        violations = len(control.get("invariants")["violations"])
    bare, stored = (statistics.median(found[name]) for name in ("bare", "stored"))
    ratio = round(stored / bare, 2)
    print(f"  bare loop   {bare:7.0f} shipments/s")
    print(f"  packline    {stored:7.0f} shipments/s, everything stored: {ratio} of it (target {TARGET})")
    return {
        "shipments_per_second": {name: [round(value) for value in values] for name, values in found.items()},
        "accounts": ACCOUNTS,
        "shipments_each_round": ACCOUNTS * each,
        "ratio": ratio,
        "target": TARGET,
        "violations": violations,
        "passed": ratio >= TARGET and not violations,
    }


async def _measure(control: ControlClient, each: int, rounds: int) -> dict[str, list[float]]:
    sellers = [seller(control, number) for number in range(ACCOUNTS)]
    found: dict[str, list[float]] = {"bare": [], "stored": []}
    token_url = f"{control.url}/auth/o2/token"
    async with connect(plans=UsagePlans("off"), token_url=token_url) as amazon, packline(sellers, token_url) as ours:
        for _ in range(rounds):
            for name, speeds in found.items():
                made = [(one, shipment) for one in sellers for shipment in orders(control, one, each)]
                seconds = await (_bare(amazon, made) if name == "bare" else _stored(ours, len(made)))
                speeds.append(len(made) / seconds)
    return found


async def _bare(amazon: ExternalFulfillment, made: Sequence[tuple[Seller, str]]) -> float:
    packed = [(seller, shipment, await _box(amazon, seller, shipment)) for seller, shipment in made]
    queue = iter(packed)

    async def task() -> None:
        for seller, shipment, box in queue:
            account = seller.account
            await amazon.confirm_shipment(account, shipment)
            await amazon.create_packages(account, shipment, [box])
            options = await amazon.retrieve_shipping_options(account, shipment, "PKG-1")
            await amazon.generate_invoice(account, shipment)
            best = options.recommended_shipping_option or (options.shipping_options or [None])[0]
            option = best.shipping_option_id if best else None
            labels = await amazon.generate_ship_labels(account, shipment, ["PKG-1"], shipping_option_id=option)
            for label in labels.package_ship_label_list or ():
                assert label.file_data is not None
                assert label.file_data.url
                await amazon.download(label.file_data.url)

    gc.collect()
    began = time.perf_counter()
    await asyncio.gather(*(task() for _ in range(AT_ONCE)))
    return time.perf_counter() - began


async def _box(amazon: ExternalFulfillment, seller: Seller, shipment: str) -> Any:
    found = await amazon.get_shipment(seller.account, shipment)
    lines = [
        build.package_line(line.shipment_line_item_id or "", line.number_of_units or 0)
        for line in found.line_items or ()
    ]
    return build.package("PKG-1", lines, size=(30, 20, 10), weight=850)


async def _stored(ours: Services, count: int) -> float:
    pool = ours.pool
    await fill(ours, count, ACCOUNTS)
    await packed(ours)
    worker = worker_of(ours)
    gc.collect()
    began = time.perf_counter()
    await worker.start()
    await _until(pool, "select not exists (select 1 from shipment where due_at is not null)")
    seconds = time.perf_counter() - began
    await worker.stop()
    left = await pool.fetch("select id, problem from shipment where status <> 'SHIPLABEL_GENERATED'")
    assert not left, f"{len(left)} shipments did not arrive: {left[0]}"
    return seconds


async def fill(ours: Services, count: int, accounts: int) -> None:
    """Take in so many new shipments, and poll everything once, so that no poll disturbs the measurement."""
    await ours.pool.execute("delete from intake_cursor")
    await ours.pool.execute("update ownership set look_at = null")
    worker = worker_of(ours)
    await worker.start()
    await _until(ours.pool, f"select count(*) >= {count} from shipment where status = 'ACCEPTED'")
    await _until(ours.pool, f"select count(*) >= {accounts * len(Status)} from intake_cursor")
    await worker.stop()


async def packed(ours: Services) -> None:
    """Command every new shipment to its documents."""
    rows = await ours.pool.fetch("select id from shipment where status = 'ACCEPTED'")
    for start in range(0, len(rows), 1000):
        orders = [Order(row["id"], Pack()) for row in rows[start : start + 1000]]
        refused = [a for a in await ours.desk.give_many(orders) if isinstance(a, PacklineError)]
        assert not refused, refused[0]


async def _until(pool: Any, sql: str) -> None:
    for _ in range(6000):
        if await pool.fetchval(sql):
            return
        await asyncio.sleep(0.05)
    raise RuntimeError("it did not come about within five minutes")


@asynccontextmanager
async def packline(sellers: Sequence[Seller], token_url: str, usage_plan: str = "off") -> Any:
    """Open a Packline with a database of its own and an account for each seller; nothing runs yet."""
    folder = _folder()
    chosen = load({"data": folder / "data", "poll_new_s": 3600.0, "poll_rest_s": 3600.0})
    try:
        async with open_services(chosen) as services:
            for one in sellers:
                await _open(services, one, token_url, usage_plan)
            yield services
    finally:
        embedded.stop(folder / "data")
        shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="packline-bench-"))
    folder.chmod(0o755)
    return folder


async def _open(services: Services, seller: Seller, token_url: str, usage_plan: str) -> None:
    known = seller.account.credentials
    account = location.Account(
        seller.id, seller.id, seller.id, location.Region.EU, (IN,), seller.account.endpoint, token_url, "app",
        usage_plan=usage_plan,
    )  # fmt: skip
    keys = location.Credentials(known.client_id, known.client_secret, known.refresh_token)
    await services.accounts.put(account, keys)
    await services.accounts.put_location(location.Location(seller.id, seller.location))


def seller(control: ControlClient, number: int) -> Seller:
    """Let a seller open a location with plenty of stock."""
    made = control.post("sellers", body={"name": f"Seller {number}", "marketplace_ids": [IN]})
    place = control.post("sellers", made["seller_id"], "locations", body={})["location_id"]
    control.post("sellers", made["seller_id"], "skus", body={"sku": "SKU-1", "stock": 100_000})
    keys = Credentials(made["client_id"], made["client_secret"], made["refresh_token"])
    return Seller(made["seller_id"], place, Account(made["seller_id"], control.url, keys))


def orders(control: ControlClient, of: Seller, count: int) -> list[str]:
    """Let buyers order from a seller, and list the shipments that Amazon makes."""
    body = {"seller_id": of.id, "count": count, "program": "SELLER_FLEX", "lines": [{"sku": "SKU-1"}]}
    return [row["shipment_id"] for row in control.post("shipments", body=body)["shipments"]]
