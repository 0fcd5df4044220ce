"""Processes that the pages' commands need: a simulator, and a Packline that serves."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def simulator(environment: Mapping[str, str], scenario: str) -> Iterator[str]:
    """Run a simulator with a scenario; give its address."""
    command = [sys.executable, "-m", "packline_sim", "serve", "--port", "0", "--scenario", scenario, "--json"]
    with _process(command, environment) as said:
        yield said["url"]


@contextmanager
def packline(environment: Mapping[str, str]) -> Iterator[str]:
    """Run `packline serve`; give its address."""
    with _process([sys.executable, "-m", "packline", "serve", "--port", "0", "--json"], environment) as said:
        yield said["url"]


@contextmanager
def _process(command: list[str], environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    process = subprocess.Popen(command, env=dict(environment), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(30)
