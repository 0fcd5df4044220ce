"""The control surfaces reach the making of papers."""

import json

import pytest

from packline_sim.cli import app
from packline_sim.control.handles import Amazon


@pytest.mark.parametrize("operation", ["makeEasyShipDocument", "processFeed"])
def test_papers_fail_by_command_line(
    amazon: Amazon, operation: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`fault add fatal` takes the work that it strikes, and says so."""
    monkeypatch.setenv("PACKLINE_SIM_URL", amazon.url)
    words = ("fault", "add", "fatal", "--operation", operation, "--limit", "1", "--json")
    app(words, exit_on_error=False, print_error=False, result_action="return_value")
    row = json.loads(capsys.readouterr().out)
    assert (row["kind"], row["operations"], row["limit"]) == ("fatal", [operation], 1)
