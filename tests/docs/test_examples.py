"""The programs in examples/ do what they say, against a simulator and a whole Packline."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from docs.pages import ROOT
from docs.running import packline
from packline_sim.control.handles import Amazon, Seller

IN = "A21TJRUUN4KGV"
SECONDS = 60


class House(NamedTuple):
    """A running Packline, and the environment in which its command line and the examples work."""

    url: str
    environment: dict[str, str]

    def cli(self, *words: str) -> list[dict[str, Any]]:
        """Run a command and give what it printed."""
        command = [sys.executable, "-m", "packline", *words, "--json"]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def example(self, name: str, *words: str, **variables: str) -> str:
        """Run an example to its end and give what it printed."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "examples" / name), *words],
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def house(amazon: Amazon, seller: Seller, tmp_path: Path) -> Iterator[House]:
    """Run Packline with an account for the simulator's seller, whose shipments are confirmed by themselves."""
    _bring_to_the_present(amazon)
    environment = {
        **os.environ,
        "PACKLINE_DATA": str(tmp_path / "data"),
        "PACKLINE_POLL_NEW_S": "1",
        "PACKLINE_LOG_LEVEL": "error",
        "PACKLINE_WEBHOOK_PRIVATE_ADDRESSES": "true",
    }
    stopped = House("", environment)
    stopped.cli("account", "import", str(_accounts_file(amazon, seller, tmp_path)))
    key = stopped.cli("api-key", "create", "examples", "--role", "operator")[0]["key"]
    with packline(environment) as url:
        yield House(url, {**environment, "PACKLINE_URL": url, "PACKLINE_KEY": key})


def test_packing_over_rest_brings_the_documents(house: House, seller: Seller, tmp_path: Path) -> None:
    """After `pack_with_rest.py` every order is labelled and its documents lie in the folder."""
    orders = [seller.order("MUG-BLUE", units=1, program="SELLER_FLEX") for _ in range(2)]
    _until(lambda: {order.status for order in orders} == {"CONFIRMED"})

    _until(lambda: len(house.cli("shipment", "list", "--status", "CONFIRMED")) == 2)
    printed = house.example("pack_with_rest.py", str(tmp_path / "labels"))

    assert printed.count("succeeded") == 2
    assert {order.status for order in orders} == {"SHIPLABEL_GENERATED"}
    names = [path.name for path in (tmp_path / "labels").iterdir()]
    assert len([name for name in names if "label" in name]) == 2
    assert all(path.stat().st_size for path in (tmp_path / "labels").iterdir())


def test_following_events_goes_on_after_the_last_one(house: House, seller: Seller, tmp_path: Path) -> None:
    """A second run of `follow_events.py` starts behind the event with which the first one ended."""
    order = seller.order("MUG-BLUE", units=1, program="EASY_SHIP")
    _until(lambda: order.status == "CONFIRMED")
    cursor = str(tmp_path / "cursor")

    first = house.example("follow_events.py", "1", CURSOR_FILE=cursor)
    second = house.example("follow_events.py", "1", CURSOR_FILE=cursor)

    assert "shipment.received" in first
    assert "command.accepted" in second
    assert order.shipment_id in first


def test_the_amazon_client_works_alone(amazon: Amazon, seller: Seller) -> None:
    """`embed_amazon_client.py` confirms orders with nothing but an address and credentials."""
    order = seller.order("MUG-BLUE", units=1, program="EASY_SHIP")
    alone = House("", dict(os.environ))

    printed = alone.example(
        "embed_amazon_client.py",
        AMAZON_URL=amazon.url,
        CLIENT_ID=seller.client_id,
        CLIENT_SECRET=seller.client_secret,
        REFRESH_TOKEN=seller.refresh_token,
    )

    assert f"{order.shipment_id} CONFIRMED" in printed
    assert "processShipment 204" in printed


def test_a_webhook_is_verified(house: House, seller: Seller) -> None:
    """`verify_webhook.py` takes what Packline signed and refuses what anybody else sends."""
    port = _free_port()
    added = house.cli("webhook", "add", f"http://127.0.0.1:{port}/", "--event", "shipment.received")[0]
    command = [sys.executable, str(ROOT / "examples" / "verify_webhook.py"), str(port), "1"]
    receiver = subprocess.Popen(
        command, env={**house.environment, "WEBHOOK_SECRET": added["secret"]}, stdout=subprocess.PIPE, text=True
    )
    try:
        assert receiver.stdout is not None
        assert "listening" in receiver.stdout.readline()
        assert _posted_by_a_stranger(port) == 401
        seller.order("MUG-BLUE", units=1, program="EASY_SHIP")
        printed, _ = receiver.communicate(timeout=SECONDS)
    finally:
        receiver.kill()

    assert "shipment.received" in printed


def _bring_to_the_present(amazon: Amazon) -> None:
    """Packline lives in real time: windows of another day would be over, and orders of the past are not new."""
    amazon.clock.advance(datetime.now(UTC) - amazon.clock.now)


def _accounts_file(amazon: Amazon, seller: Seller, folder: Path) -> Path:
    account = {
        "name": "Examples",
        "seller_id": seller.seller_id,
        "region": "EU",
        "marketplaces": [IN],
        "endpoint": amazon.url,
        "token_url": amazon.token_url,
        "client_id": seller.client_id,
        "client_secret": seller.client_secret,
        "refresh_token": seller.refresh_token,
        "usage_plan": "off",
        "locations": [{"id": place, "auto_confirm": True} for place in seller.location_ids],
    }
    file = folder / "accounts.json"
    file.write_text(json.dumps({"accounts": [account]}))
    return file


def _posted_by_a_stranger(port: int) -> int:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
        return int(connection.recv(200).split()[1])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until(is_so: Any) -> None:
    for _ in range(SECONDS * 5):
        if is_so():
            return
        time.sleep(0.2)
    raise AssertionError("it did not come to that within a minute")
