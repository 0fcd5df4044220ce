"""A backlog under Amazon's rates: how much of what the tightest bucket allows is used, and how much is refused."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

import uvloop

from bench.journey import fill, orders, packed, packline, seller
from bench.simulator import simulator
from packline.bootstrap import Services
from packline.running import worker_of
from packline_sim.control.client import ControlClient

ACCOUNTS = 10
RATE, BURST = 1.0, 2
"""Of every write operation of External Fulfillment Shipments ("Usage Plans and Rate Limits"; the burst is inferred)."""
TARGET = 0.98
_USE = """
select account_id, operation, count(*) as calls, extract(epoch from max(at) - min(at)) as seconds
from call where status between 200 and 299 and operation = any($1::text[]) group by 1, 2
"""
_WRITES = ["processShipment", "createPackages", "retrieveShippingOptions", "generateInvoice", "generateShipLabels"]


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Work off a backlog for a while, and compare each account's calls with what its buckets allow."""
    each = 120 if args.short else 300
    with simulator() as control, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        uses, refused = runner.run(_measure(control, each))
    worst, best = min(uses), max(uses)
    print(f"  {worst:.1%} to {best:.1%} of the tightest bucket, account by account (target {TARGET:.0%})")
    print(f"  {refused} calls refused with 429")
    return {
        "accounts": ACCOUNTS,
        "shipments_each": each,
        "share_of_tightest_bucket": {"worst": round(worst, 4), "best": round(best, 4)},
        "throttled": refused,
        "target": TARGET,
        "passed": worst >= TARGET and refused == 0,
    }


async def _measure(control: ControlClient, each: int) -> tuple[list[float], int]:
    sellers = [seller(control, number) for number in range(ACCOUNTS)]
    async with packline(sellers, f"{control.url}/auth/o2/token", usage_plan="off") as ours:
        for one in sellers:
            orders(control, one, each)
        await fill(ours, ACCOUNTS * each, ACCOUNTS)
        await packed(ours)
        control.post("quotas", "preset", body={"preset": "amazon"})
        await ours.pool.execute("update account set usage_plan = 'amazon'")
        await ours.pool.execute("delete from call")
        return await _work_off(ours)


async def _work_off(ours: Services) -> tuple[list[float], int]:
    for account in await ours.accounts.accounts():
        ours.gateway.forget(account.id)
    worker = worker_of(ours)
    await worker.start()
    while await ours.pool.fetchval("select exists (select 1 from shipment where due_at is not null)"):  # noqa: ASYNC110  the store rings nobody here
        await asyncio.sleep(0.5)
    await worker.stop()
    rows = await ours.pool.fetch(_USE, _WRITES)
    refused = int(await ours.pool.fetchval("select count(*) from call where status = 429"))
    return _shares(rows), refused


def _shares(rows: list[Any]) -> list[float]:
    """Each account's busiest bucket: calls after the first, over what its rate allows in that time.

    The burst counts as allowed only where it could be used: the first call of an operation finds it full, so one call
    more than the rate gives is possible.
    """
    shares: dict[str, float] = {}
    for row in rows:
        allowed = RATE * float(row["seconds"]) + BURST - 1
        shares[row["account_id"]] = max(shares.get(row["account_id"], 0.0), (row["calls"] - 1) / allowed)
    return list(shares.values())
