"""A thousand order lines allocated over two hundred locations, beside the naive way: take the one that adds most."""

from __future__ import annotations

import argparse
import random
import statistics
import time
from typing import Any

from packline.domain.routing.allocate import allocate
from packline.domain.routing.distance import Point, great_circle
from packline.domain.routing.order import Demand, Site

LINES = 1000
SITES = 200
TARGET_MS = 50.0
HOME = Point(12.97, 77.59)
CASES = {
    "every location has everything": (1.0, 1),
    "a location has half of the SKUs": (0.5, 1),
    "a location has a tenth of the SKUs": (0.1, 1),
    "a location has one SKU in fifty": (0.02, 1),
    "half of the SKUs, in numbers that need several locations": (0.5, 30),
    "a fifth of the SKUs, in numbers that need several locations": (0.2, 30),
    "every SKU, in numbers that need several locations": (1.0, 30),
}
"""What it is called: the share of SKUs that a location has, and the most units of a line (and of a stock)."""


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Allocate each case some times; the slowest case's median is judged."""
    rounds = 5 if args.short else 25
    found = {name: _case(name, *shape, rounds) for name, shape in CASES.items()}
    worst = max(case["ms"] for case in found.values())
    fewer = all(case["parcels"] <= case["naive_parcels"] for case in found.values())
    print(f"  {worst:8.1f} ms for the slowest case (target {TARGET_MS:g})")
    return {"cases": found, "ms": worst, "target_ms": TARGET_MS, "passed": worst <= TARGET_MS and fewer}


def _case(name: str, density: float, units: int, rounds: int) -> dict[str, Any]:
    lines, sites = _order(density, units)
    times, naive = [], []
    for _ in range(rounds):
        began = time.perf_counter()
        allocation = allocate(lines, sites, HOME)
        times.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        others = _naive(lines, sites)
        naive.append((time.perf_counter() - began) * 1000)
    ms, beside = statistics.median(times), statistics.median(naive)
    parcels = len(allocation.parcels)
    print(f"  {ms:8.1f} ms, {parcels:3} parcels; naive {beside:8.1f} ms, {others:3} parcels: {name}")
    return {
        "ms": round(ms, 1),
        "slowest_ms": round(max(times), 1),
        "parcels": parcels,
        "is_proven": allocation.is_proven,
        "naive_ms": round(beside, 1),
        "naive_parcels": others,
    }


def _order(density: float, units: int) -> tuple[list[Demand], list[Site]]:
    chance = random.Random(7)
    skus = [f"SKU-{n}" for n in range(LINES)]
    lines = [Demand(f"line-{n}", sku, chance.randint(1, units)) for n, sku in enumerate(skus)]
    sites = [
        Site(
            f"LOC-{n:03}",
            {sku: chance.randint(1, units) for sku in skus if chance.random() < density},
            Point(chance.uniform(8, 30), chance.uniform(70, 90)),
        )
        for n in range(SITES)
    ]
    return lines, sites


def _naive(lines: list[Demand], sites: list[Site]) -> int:
    """Take the location that can ship most of what is missing, the nearest of equals, until nothing can be shipped."""
    missing = {line.sku: line.units for line in lines}
    rest, parcels = list(sites), 0
    while missing and rest:
        gains = [
            (sum(min(units, s.stock.get(sku, 0)) for sku, units in missing.items()), -_metres(s), n)
            for n, s in enumerate(rest)
        ]
        gain, _, place = max(gains)
        if not gain:
            break
        stock = rest.pop(place).stock
        missing = {sku: units - stock.get(sku, 0) for sku, units in missing.items() if units > stock.get(sku, 0)}
        parcels += 1
    return parcels


def _metres(site: Site) -> int:
    return great_circle(site.point, HOME) if site.point else 0
