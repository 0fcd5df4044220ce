"""Easy Ship orders of one seller scheduled in an hour under Amazon's rates, beside the 3,600 that the rate allows."""

from __future__ import annotations

import argparse
from datetime import timedelta
from typing import Any

from bench.easy_ship import an_hour, measured, shop, working

RATE_AN_HOUR = 3600
"""createScheduledPackage, one call a second for each seller (Easy Ship 2022-03-23, usage plan)."""
TARGET = 0.98
START = timedelta(seconds=20)
"""The burst of five goes at the beginning; what is measured begins after it."""
_MOMENTS = """
select at from call where operation = 'createScheduledPackage' and status between 200 and 299 order by at
"""


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Schedule a backlog in real time and measure the steady rate: slots listed and booked, call by call."""
    found = measured(lambda: _measure(120 if args.short else 300))
    share = found["orders_an_hour"] / RATE_AN_HOUR
    print(f"  {found['orders_an_hour']:.0f} orders an hour: {share:.1%} of what the rate allows (target {TARGET:.0%})")
    print(f"  {found['throttled']} calls refused with 429")
    passed = share >= TARGET and not found["throttled"] and not found["violations"]
    return {**found, "allowed_an_hour": RATE_AN_HOUR, "share": round(share, 4), "target": TARGET, "passed": passed}


async def _measure(orders: int) -> dict[str, Any]:
    async with shop(1.0, documents_wait_s=3600.0) as ours:
        await ours.take_in(orders)
        await ours.pack()
        await ours.count_quotas("amazon", "amazon")
        async with working(ours.ours):
            left = "select not exists (select 1 from shipment where status <> 'SHIPLABEL_GENERATED')"
            await ours.until(lambda: ours.ours.pool.fetchval(left))
        moments = [row["at"] for row in await ours.ours.pool.fetch(_MOMENTS)]
        steady = [at for at in moments if at >= moments[0] + START]
        return {
            "orders": orders,
            "orders_an_hour": round(an_hour(len(steady) - 1, steady[0], steady[-1]), 1),
            "seconds_measured": round((steady[-1] - steady[0]).total_seconds(), 1),
            "throttled": sum((await ours.refused()).values()),
            "violations": len(ours.control.get("invariants")["violations"]),
        }
