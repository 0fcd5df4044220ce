"""Requests a second on getShipment: our simulator, and Stoplight Prism serving Amazon's specification."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from bench.load import Load, measure
from bench.simulator import simulator

HERE = Path(__file__).parent
SPECIFICATION = HERE.parents[1] / "shared" / "specs" / "externalFulfillmentShipments_2024-09-11.json"
PATH = "/externalFulfillment/2024-09-11/shipments/"
TARGET = 5.0
PLENTY = 1_000_000  # calls a second and of burst: every call takes a token, none is refused


class Server(NamedTuple):
    """Name who answers, where, and what a request must carry."""

    name: str
    url: str
    headers: dict[str, str]


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Ask both in turn, several rounds, and compare the medians; says what is missing when it cannot."""
    lacking = _lacking()
    if lacking:
        print(f"  NOT MEASURED: {lacking}")
        return {"skipped": lacking, "passed": True}
    rounds, seconds = (2, 1.0) if args.short else (7, 2.0)
    with simulator() as control, _prism() as prism:
        servers = (_simulated(control), prism)
        loads: dict[str, list[Load]] = {server.name: [] for server in servers}
        for server in servers:
            measure(server.url, server.headers, seconds=seconds)
        for _ in range(rounds):
            for server in servers:
                loads[server.name].append(measure(server.url, server.headers, seconds=seconds))
        counted = control.get("quotas")["levels"]
    assert any(level["operation"] == "getShipment" for level in counted), "the simulator counted no call"
    return _compare(loads)


def _lacking() -> str | None:
    if not SPECIFICATION.exists():
        return f"Amazon's specification is not at {SPECIFICATION.name} beside this repository"
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "Prism needs Node.js 18 or newer with npm; install it to run this benchmark"
    return None


def _compare(loads: dict[str, list[Load]]) -> dict[str, Any]:
    speeds = {name: statistics.median(load.per_second for load in rounds) for name, rounds in loads.items()}
    ratio = speeds["packline_sim"] / speeds["prism"]
    for name, rounds in loads.items():
        share = statistics.median(load.own_share for load in rounds)
        size = rounds[-1].answer_bytes
        print(f"  {name:14} {speeds[name]:8.0f} requests/s  {size:6} bytes an answer  client busy {share:.0%}")
    print(f"  {ratio:.1f} times Prism (target {TARGET:g})")
    return {
        "requests_per_second": {name: round(speed) for name, speed in speeds.items()},
        "rounds": {name: [round(load.per_second) for load in rounds] for name, rounds in loads.items()},
        "answer_bytes": {name: rounds[-1].answer_bytes for name, rounds in loads.items()},
        "client_processor_share": {
            name: round(statistics.median(load.own_share for load in rounds), 2) for name, rounds in loads.items()
        },
        "ratio": round(ratio, 2),
        "target": TARGET,
        "passed": ratio >= TARGET,
    }


def _simulated(control: Any) -> Server:
    seller = control.post("sellers", body={"name": "Benchmark"})
    seller_id = seller["seller_id"]
    control.post("sellers", seller_id, "locations", body={"location_id": "BEN1"})
    control.post("sellers", seller_id, "skus", body={"sku": "SKU-1"})
    wanted = {"seller_id": seller_id, "program": "SELLER_FLEX", "lines": [{"sku": "SKU-1"}]}
    shipment_id = control.post("shipments", body=wanted)["shipments"][0]["shipment_id"]
    control.post("quotas", "preset", body={"preset": "amazon"})
    control.patch("quotas", body={"operation": "getShipment", "rate": PLENTY, "burst": PLENTY})
    return Server("packline_sim", control.url + PATH + shipment_id, {"x-amz-access-token": _token(control, seller)})


def _token(control: Any, seller: dict[str, Any]) -> str:
    form = {"grant_type": "refresh_token"} | {
        name: seller[name] for name in ("refresh_token", "client_id", "client_secret")
    }
    with urllib.request.urlopen(control.url + "/auth/o2/token", urlencode(form).encode(), timeout=10) as answer:
        token: str = json.load(answer)["access_token"]
    return token


@contextmanager
def _prism() -> Iterator[Server]:
    program = _installed()
    port = _free_port()
    # Silent and as in production: Prism's request log would cost it half of its speed.
    command = [str(program), "mock", "--host", "127.0.0.1", "--port", str(port), "--verboseLevel", "silent"]
    process = subprocess.Popen(
        [*command, str(SPECIFICATION)], stdout=subprocess.DEVNULL, env=os.environ | {"NODE_ENV": "production"}
    )
    try:
        server = Server("prism", f"http://127.0.0.1:{port}{PATH}SHIPMENT1", {"x-amz-access-token": "Atza|benchmark"})
        _await(server)
        yield server
    finally:
        process.terminate()
        process.wait(10)


def _installed() -> Path:
    program = HERE / "node_modules" / ".bin" / "prism"
    stamp = HERE / "node_modules" / ".package-lock.json"
    if not program.exists() or stamp.stat().st_mtime < (HERE / "package-lock.json").stat().st_mtime:
        print("  installing Prism into bench/node_modules (once)")
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=HERE, check=True)
    return program


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(server: Server) -> None:
    request = urllib.request.Request(server.url, headers=server.headers)
    for _ in range(300):
        try:
            urllib.request.urlopen(request, timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("Prism did not answer within thirty seconds; run it by hand to see what it says")
