"""The command line speaks to a running simulator: tables for people, JSON lines for programs, honest exit codes."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from packline_sim.cli import app
from packline_sim.control.handles import Amazon, Seller


@pytest.fixture
def run(say):
    """Run a command line against the simulator; gives what it printed for people."""
    return say


def _rows(printed: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in printed.splitlines()]


def test_a_whole_day_by_command_line(run, amazon: Amazon) -> None:
    """Seller, place, product, order, cancellation, return: every noun has its verbs."""
    seller = _rows(run("seller", "create", "Blue Goods", "--json"))[0]
    seller_id = str(seller["seller_id"])
    assert _rows(run("location", "create", seller_id, "BLR1", "--state", "Karnataka", "--json"))[0]["state"]
    run("sku", "create", seller_id, "MUG", "--stock", "20", "--at", "BLR1")
    orders = _rows(run("shipment", "create", seller_id, "--count", "2", "--line", "MUG:3", "--json"))
    assert [row["units"] for row in orders] == [3, 3]
    assert "CANCELLED" in run("shipment", "cancel", str(orders[0]["shipment_id"]), "--by", "MARKETPLACE")
    assert str(orders[1]["shipment_id"]) in run("shipment", "list", "--status", "ACCEPTED")
    assert _rows(run("sku", "stock", seller_id, "--json"))[0]["reserved"] == 3
    assert _rows(run("sku", "count", seller_id, "BLR1", "MUG", "1", "--json"))[0]["oversold"] == 2
    assert "history" in run("shipment", "show", str(orders[1]["shipment_id"]))
    assert amazon.invariants().ok


def test_buyers_and_carriers_by_command_line(run, seller: Seller, amazon: Amazon) -> None:
    """Buyers start, change pace and stop; carriers learn to work by themselves."""
    amazon.clock.freeze()
    started = _rows(run("buyers", "start", seller.seller_id, "--orders-per-minute", "30", "--json"))[0]
    run("clock", "advance", "60")
    assert _rows(run("buyers", "list", "--json"))[0]["ordered"]
    assert _rows(run("buyers", "rate", str(started["buyers_id"]), "5", "--json"))[0]["orders_per_minute"] == 5
    assert _rows(run("buyers", "stop", "--json"))[0]["buying"] is False
    assert "buyers-1" in run("buyers", "resume", "buyers-1")
    assert _rows(run("carriers", "set", "--automatic", "--pickup-after-s", "5", "--json"))[0]["settings"]
    assert "automatic: yes" in run("carriers", "show")


def test_rules_by_command_line(run, seller: Seller) -> None:
    """Quotas, switches, faults and the clock are read and changed."""
    assert _rows(run("quota", "set", "getShipment", "--rate", "9", "--burst", "9", "--json"))[0]["rate"] == 9
    assert "batchInventory" in run("quota", "preset", "amazon")
    assert "nothing to show" in run("quota", "show")
    assert _rows(run("switch", "set", "bad_token", "401", "--json"))[0]["value"] == "401"
    assert "401" in run("switch", "list")
    assert _rows(run("fault", "add", "500", "--operation", "getShipment", "--share", "0.5", "--json"))[0]["struck"] == 0
    assert _rows(run("fault", "remove", "--json"))[0]["fault_id"]
    assert _rows(run("clock", "freeze", "--json"))[0]["frozen"] is True
    assert _rows(run("clock", "speed", "4", "--json"))[0]["speed"] == 4


def test_records_by_command_line(run, seller: Seller) -> None:
    """Journal, statistics, invariants, snapshots and reset."""
    seller.order("MUG-BLUE")
    snapshot = _rows(run("snapshot", "take", "--json"))[0]
    assert "orders" in run("stats")
    assert "yes" in run("invariants")
    assert _rows(run("reset", "--seed", "4", "--json"))[0]["seed"] == 4
    run("snapshot", "restore", str(snapshot["snapshot_id"]))
    assert len(_rows(run("shipment", "list", "--json"))) == 1
    assert run("journal", "--counters", "--json") == ""
    assert "demo" in run("scenario", "list")


def test_a_refusal_is_told_and_ends_with_1(run, capsys: pytest.CaptureFixture[str]) -> None:
    """What the simulator refuses goes to standard error, with the cure."""
    with pytest.raises(SystemExit) as leaving:
        run("seller", "show", "NOBODY")
    assert leaving.value.code == 1
    assert "GET /_sim/sellers lists them" in capsys.readouterr().err


def test_no_simulator_is_told_with_a_cure(capsys: pytest.CaptureFixture[str]) -> None:
    """When nobody answers, the message says how to start one."""
    with pytest.raises(SystemExit):
        app(["health", "--url", "http://127.0.0.1:9"], result_action="return_value")
    assert "packline sim serve" in capsys.readouterr().err


def test_a_violation_is_exit_code_1(run, seller: Seller, amazon_server) -> None:
    """A pipeline can stop on a broken rule."""
    seller.order("MUG-BLUE")
    world = amazon_server.world
    next(iter(world.stock.rows.values())).reserved += 1
    with pytest.raises(SystemExit) as leaving:
        run("invariants", "--json")
    assert leaving.value.code == 1


def test_serve_says_when_it_is_ready_and_ends_on_interrupt() -> None:
    """A program that starts the simulator waits for one JSON line, and finds it answering."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "packline_sim", "serve", "--port", str(port), "--scenario", "quiet", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ}) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        with urllib.request.urlopen(f"{ready['control']}/health") as response:
            assert response.status == 200
        assert ready["sellers"] == 1
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) in (0, 130)


def test_the_command_line_starts_without_the_server() -> None:
    """Help must come at once: neither the server nor the table printer is imported before a verb needs them."""
    code = (
        "import sys; import packline_sim.cli; import packline_sim.pytest_plugin;"
        "print([name for name in ('uvicorn', 'starlette', 'rich.table', 'msgspec', 'packline') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
