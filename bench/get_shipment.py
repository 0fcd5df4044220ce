"""Typed getShipment calls a second: Packline's client, python-amazon-sp-api (threads and async), Amazon's own SDK."""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import uvloop

from bench.simulator import simulator
from packline.amazon import Account, Credentials, UsagePlans, connect

TASKS = 32
THREADS = 8
TARGETS = {"python-amazon-sp-api": 5.0, "amzn-sp-api": 30.0}


class Seller(NamedTuple):
    """Who calls, where, and for which shipment."""

    url: str
    client_id: str
    client_secret: str
    refresh_token: str
    shipment_id: str


class Speed(NamedTuple):
    """Calls a second and microseconds of this process's processor time for each."""

    per_second: float
    cpu_us: float


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure all four in turn, several rounds, and compare the medians."""
    rounds, scale = (2, 0.2) if args.short else (5, 1.0)
    clients: dict[str, tuple[Callable[[Seller, int], Speed], int]] = {
        "packline": (_packline, 10_000),
        "python-amazon-sp-api async": (_peer_async, 1_500),
        "python-amazon-sp-api threads": (_peer_threads, 3_000),
        "amzn-sp-api": (_amazons_sdk, 100),
    }
    speeds: dict[str, list[Speed]] = {name: [] for name in clients}
    with simulator() as control:
        seller = _seller(control)
        for _ in range(rounds):
            for name, (measure, calls) in clients.items():
                gc.collect()
                speeds[name].append(measure(seller, int(calls * scale)))
    return _compare(speeds)


def _compare(speeds: dict[str, list[Speed]]) -> dict[str, Any]:
    medians = {name: statistics.median(speed.per_second for speed in rounds) for name, rounds in speeds.items()}
    best = {peer: max(value for name, value in medians.items() if name.startswith(peer)) for peer in TARGETS}
    ratios = {peer: round(medians["packline"] / best[peer], 2) for peer in TARGETS}
    for name, rounds in speeds.items():
        cpu = statistics.median(speed.cpu_us for speed in rounds)
        print(f"  {name:30} {medians[name]:8.0f} calls/s  {cpu:7.0f} us of processor time a call")
    for peer, ratio in ratios.items():
        print(f"  {ratio:.1f} times {peer} (target {TARGETS[peer]:g})")
    return {
        "calls_per_second": {name: round(value) for name, value in medians.items()},
        "cpu_us_per_call": {
            name: round(statistics.median(speed.cpu_us for speed in rounds)) for name, rounds in speeds.items()
        },
        "ratios": ratios,
        "targets": TARGETS,
        "passed": all(ratios[peer] >= target for peer, target in TARGETS.items()),
    }


def _seller(control: Any) -> Seller:
    seller = control.post("sellers", body={"name": "Benchmark"})
    seller_id = seller["seller_id"]
    control.post("sellers", seller_id, "locations", body={"location_id": "BEN1"})
    control.post("sellers", seller_id, "skus", body={"sku": "SKU-1"})
    made = control.post(
        "shipments", body={"seller_id": seller_id, "program": "SELLER_FLEX", "lines": [{"sku": "SKU-1"}]}
    )
    shipment_id = made["shipments"][0]["shipment_id"]
    return Seller(control.url, seller["client_id"], seller["client_secret"], seller["refresh_token"], shipment_id)


def _timed(calls: int, work: Callable[[], object]) -> Speed:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    spent = time.process_time() - cpu
    return Speed(calls / (time.perf_counter() - wall), spent / calls * 1e6)


async def _timed_tasks(calls: int, call: Callable[[], Any]) -> Speed:
    async def task() -> None:
        for _ in range(calls // TASKS):
            await call()

    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(task() for _ in range(TASKS)))
    spent, done = time.process_time() - cpu, calls // TASKS * TASKS
    return Speed(done / (time.perf_counter() - wall), spent / done * 1e6)


def _packline(seller: Seller, calls: int) -> Speed:
    account = Account(
        "benchmark", seller.url, Credentials(seller.client_id, seller.client_secret, seller.refresh_token)
    )

    async def measure() -> Speed:
        async with connect(plans=UsagePlans("off"), token_url=seller.url + "/auth/o2/token", sockets=TASKS) as amazon:
            shipment = await amazon.get_shipment(account, seller.shipment_id)
            assert shipment.id == seller.shipment_id
            assert shipment.line_items
            return await _timed_tasks(calls, lambda: amazon.get_shipment(account, seller.shipment_id))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(measure())


def _pointed_at(client: Any, seller: Seller) -> Any:
    client.endpoint = seller.url
    client._auth.scheme, client._auth.host = "http://", seller.url.removeprefix("http://")
    return client


def _keys(seller: Seller) -> dict[str, str]:
    return {
        "refresh_token": seller.refresh_token,
        "lwa_app_id": seller.client_id,
        "lwa_client_secret": seller.client_secret,
    }


def _peer_threads(seller: Seller, calls: int) -> Speed:
    from sp_api.api import ExternalFulfillmentShippingV20240911 as Shipping
    from sp_api.base import Marketplaces

    clients = [_pointed_at(Shipping(Marketplaces.IN, credentials=_keys(seller)), seller) for _ in range(THREADS)]

    def thread(client: Any) -> None:
        for _ in range(calls // THREADS):
            assert client.get_shipment(seller.shipment_id).payload["id"] == seller.shipment_id

    clients[0].get_shipment(seller.shipment_id)
    with ThreadPoolExecutor(THREADS) as pool:
        return _timed(calls, lambda: list(pool.map(thread, clients)))


def _peer_async(seller: Seller, calls: int) -> Speed:
    from sp_api.asyncio.api import ExternalFulfillmentShippingV20240911 as Shipping
    from sp_api.base import Marketplaces

    async def measure() -> Speed:
        client = _pointed_at(Shipping(Marketplaces.IN, credentials=_keys(seller)), seller)
        assert (await client.get_shipment(seller.shipment_id)).payload["id"] == seller.shipment_id
        return await _timed_tasks(calls, lambda: client.get_shipment(seller.shipment_id))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(measure())


def _amazons_sdk(seller: Seller, calls: int) -> Speed:
    from spapi import SPAPIClient, SPAPIConfig
    from spapi.api.external_fulfillment_shipments_v2024_09_11.shipment_retrieval_api import ShipmentRetrievalApi

    # It adds a log handler for every object that it decodes and grows slower with each; start it fresh, one thread.
    for leaking in (logging.getLogger(), logging.getLogger("spapi"), logging.getLogger("urllib3")):
        leaking.handlers.clear()
    logging.disable(logging.INFO)
    config = SPAPIConfig(seller.client_id, seller.client_secret, seller.refresh_token)
    client = SPAPIClient(config, oauth_endpoint=seller.url + "/auth/o2/token", endpoint=seller.url)
    api = ShipmentRetrievalApi(client.api_client)
    assert api.get_shipment(seller.shipment_id).id == seller.shipment_id
    return _timed(calls, lambda: [api.get_shipment(seller.shipment_id) for _ in range(calls)])
