"""The demo as a user starts it: real processes, an embedded database, every program to the carrier's hands."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("PACKLINE_")}


def test_the_demo_brings_every_order_to_its_end(tmp_path: Path):
    """Every order arrives, every label is there once, no call was throttled, and the simulator finds no violation."""
    done = subprocess.run(
        [sys.executable, "-m", "packline", "demo", "--once", "--orders", "24", "--port", "18730", "--json"],
        capture_output=True, text=True, timeout=280, check=False, cwd=tmp_path, env=ENVIRONMENT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    told = json.loads(done.stdout)
    assert told["faults"] == []
    assert (told["orders"], told["finished"]) == (24, 24)
    assert told["invariants"]["ok"]
    assert told["throttled"] == 0
    assert told["labels"] == told["documents"]["ship_label"] >= 24
    assert all(count > 0 for count in told["programs"].values())
    assert {stage["name"] for stage in told["stages"]} >= {"confirmed", "packed", "label", "shipped"}
    assert "Traceback" not in done.stderr


def test_the_live_demo_serves_and_ends_with_everything_it_started(tmp_path: Path):
    """Console and API answer while it runs, both pages are opened; an interrupt ends simulator and database too."""
    opened, script = tmp_path / "opened.txt", tmp_path / "browser.py"
    script.write_text(f"import sys\nopen({str(opened)!r}, 'a').write(sys.argv[1] + chr(10))\n")
    demo = subprocess.Popen(
        [sys.executable, "-m", "packline", "demo", "--windows", "--port", "18770", "--data", str(tmp_path / "data")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
        env=ENVIRONMENT | {"BROWSER": f"{sys.executable} {script} %s"},
    )  # fmt: skip
    try:
        page = _answer("http://127.0.0.1:18770/", demo)
        assert "SIMULATED" in page.text
        assert _answer("http://127.0.0.1:18770/v1/health", demo).json()["status"] == "ok"
        assert _answer("http://127.0.0.1:18770/openapi.json", demo).json()["openapi"].startswith("3.1")
        for _ in range(240):
            pages = opened.read_text().split() if opened.exists() else []
            if len(pages) == 2:
                break
            time.sleep(0.25)
        assert pages[0] == "http://127.0.0.1:18770/"
        assert httpx.get(pages[1], timeout=20).status_code == 200
        assert pages[1].endswith("/_sim/")
        children = _children(demo.pid)
        assert any("packline_sim" in command for command in children.values())
    finally:
        demo.send_signal(signal.SIGINT)
        out, err = demo.communicate(timeout=60)
    assert "What happened" in out
    assert "Traceback" not in err
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]


def _answer(url: str, demo: subprocess.Popen[str]) -> httpx.Response:
    for _ in range(240):
        assert demo.poll() is None
        try:
            answer = httpx.get(url, timeout=5)
            if answer.status_code == 200:
                return answer
        except httpx.TransportError:
            pass
        time.sleep(0.25)
    raise AssertionError(f"{url} did not answer")


def _children(parent: int) -> dict[int, str]:
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status, command = (entry / "status").read_text(), (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if f"\nPPid:\t{parent}\n" in status:
                found[int(entry.name)] = command.replace(b"\0", b" ").decode()
    return found
