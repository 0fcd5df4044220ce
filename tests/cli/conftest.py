"""The command line, run in this process against a database of the test."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from packline.cli import app
from packline.cli.failures import run


class Said(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Read the JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def say(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Any]:
    """Run a command; the loop goes on, as the command brings its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PACKLINE_DATABASE_URL", database_url)
    monkeypatch.setenv("PACKLINE_KEY_FILE", str(tmp_path / "key"))

    async def command(*tokens: str) -> Said:
        code = await asyncio.to_thread(run, app, tokens)
        return Said(code, *capsys.readouterr())

    return command
