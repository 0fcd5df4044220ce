"""A simulator in a process of its own, for the time of a benchmark."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from packline_sim.control.client import ControlClient, SimulatorError


@contextmanager
def simulator(*, quotas: str = "off") -> Iterator[ControlClient]:
    """Start one on a free port of this machine and stop it afterwards; gives its control client."""
    port = _free_port()
    code = f"from packline_sim.server import run; run(port={port})"
    process = subprocess.Popen([sys.executable, "-c", code])
    try:
        control = ControlClient(f"http://127.0.0.1:{port}")
        _await(control)
        control.post("quotas", "preset", body={"preset": quotas})
        yield control
        control.close()
    finally:
        process.terminate()
        process.wait(10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(control: ControlClient) -> None:
    for _ in range(100):
        try:
            control.get("clock")
        except SimulatorError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the simulator did not start within ten seconds")
