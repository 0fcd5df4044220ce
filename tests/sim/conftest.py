"""The simulator's command line, run in this process."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from packline_sim.cli import app
from packline_sim.control.handles import Amazon


@pytest.fixture
def say(amazon: Amazon, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a command line against the simulator; gives what it printed. What it refuses is raised."""
    monkeypatch.setenv("PACKLINE_SIM_URL", amazon.url)

    def saying(*words: str) -> str:
        capsys.readouterr()
        app(words, exit_on_error=False, print_error=False, result_action="return_value")
        return capsys.readouterr().out

    return saying


@pytest.fixture
def run(say: Callable[..., str]) -> Callable[..., list[dict[str, Any]]]:
    """Run a command line against the simulator; gives the rows that it printed as JSON."""
    return lambda *words: [json.loads(line) for line in say(*words, "--json").splitlines()]
