"""The long run in its short form: some dozen shipments over some simulated hours; `make soak` runs the whole week."""

import os
import sys
from pathlib import Path

import pytest

from soak.plan import SHORT
from soak.run import soak

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(1800)]


async def test_nothing_is_lost_doubled_oversold_or_silent(tmp_path: Path) -> None:
    """Amazon, Packline and a warehouse's own book agree, after kills, freezes, restarts and every kind of fault."""
    plan = SHORT._replace(seed=int(os.environ.get("PACKLINE_SEED", SHORT.seed)))
    said: list[str] = []
    report = await soak(plan, tmp_path, said.append)
    sys.stdout.write("\n".join([*said[-3:], report.text(), ""]))
    figures = report.figures
    assert report.wrong == [], f"what is known of them is in {tmp_path / 'wrong.txt'}"
    assert figures["kills"], "nothing was killed: the run proves little"
    assert figures["freezes"]
    assert figures["database restarts"] == plan.restarts
    assert figures["shipments"] >= plan.least / 2, "some of the buyers of Seller Central have not paid yet"
    assert sum(figures["faults met"].values())
    assert figures["ends"]["DELIVERED"]
