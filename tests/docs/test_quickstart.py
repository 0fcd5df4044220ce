"""The quickstart's commands, run one after the other as they stand on the page."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from docs.pages import ROOT, blocks
from docs.running import packline, simulator

SHOWN = "NJBOQLZD26"
UNTIL_IN = f"for _ in $(seq 40); do packline shipment show {SHOWN} >/dev/null 2>&1 && break; sleep 1; done\n"


@pytest.mark.slow
@pytest.mark.e2e
def test_the_quickstart_works_as_it_is_written(tmp_path: Path) -> None:
    """Order, pack, print, hand over, scan, and lost answers: nothing but addresses and keys is put in."""
    environment = _environment(tmp_path)
    with simulator(environment, "quiet") as amazon:
        environment["PACKLINE_SIM_URL"] = amazon
        page = _Page(environment, tmp_path, {"http://127.0.0.1:8181": amazon})
        assert "Nothing is broken" in page.run("packline account add")
        with packline(environment) as url:
            environment["PACKLINE_URL"] = url
            page.run("packline sim shipment create", then=UNTIL_IN)
            assert "Waits to be picked up" in page.run("packline shipment pack")
            assert "shipment.handed_over" in page.run("packline shipment hand-over")
            page.run("packline sim fault add")
            key = page.shell("packline api-key create bench | awk '/^key/ {print $2}'").strip()
            page.shell("for _ in $(seq 40); do [ $(packline shipment list --status CONFIRMED --json | wc -l) = 5 ]"
                       " && break; sleep 1; done")  # fmt: skip
            page.put_in["pk_..."] = key
            assert page.run("export PACKLINE_KEY").count("succeeded") == 5

    assert len(list((tmp_path / "labels").glob("*.zpl"))) == 6


class _Page:
    def __init__(self, environment: dict[str, str], folder: Path, put_in: dict[str, str]) -> None:
        self.environment, self.folder, self.put_in = environment, folder, put_in
        self._blocks = [b.text for b in blocks("bash") if b.place.startswith("docs/quickstart.md")]

    def run(self, beginning: str, then: str = "") -> str:
        text = next(block for block in self._blocks if block.startswith(beginning))
        for shown, real in self.put_in.items():
            text = text.replace(shown, real)
        return self.shell(text + then)

    def shell(self, text: str) -> str:
        done = subprocess.run(
            ["bash", "-e", "-c", text],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
        return done.stdout


def _environment(folder: Path) -> dict[str, str]:
    (folder / "examples").symlink_to(ROOT / "examples")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PACKLINE_DATA": str(folder / ".packline"), "PACKLINE_POLL_NEW_S": "1"}
