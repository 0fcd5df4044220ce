"""A simulator for the contract tests; every exchange of every test is held against Amazon's specifications."""

import os
import warnings
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

from contract import requests_judge
from contract.easy_ship_seller import Open, Seller
from contract.simulator import RunningSimulator, Shop, open_shop
from contract.specification import ABSENT, complaints, is_present

INDIA, UAE, GERMANY = "A21TJRUUN4KGV", "A2VIGQ35RCS4UG", "A1PA6795UKMFR9"


@pytest.fixture(scope="session")
def served() -> Iterator[RunningSimulator]:
    """Serve one world for the whole run."""
    from packline_sim.clock import SimClock, to_ms
    from packline_sim.server import create_app
    from packline_sim.world import World

    monday_morning = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
    world = World(seed=2024, clock=SimClock(start_ms=to_ms(monday_morning)))
    simulator = RunningSimulator(world, create_app(world))
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def simulator(served: RunningSimulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningSimulator]:
    """Give the simulator with rates that no test reaches, and judge what went over the wire when the test is done."""
    for name in [name for name in os.environ if name.startswith(("SP_API_", "LWA_", "AWS_"))]:
        monkeypatch.delenv(name)
    served.rate(5_000, 5_000)
    served.call(served.world.switches.reset)
    served.call(served.world.switches.update, {"empty_pages": "never"})
    served.exchanges.clear()
    yield served
    if not is_present():
        warnings.warn(ABSENT, stacklevel=1)
        return
    found = [complaint for exchange in served.exchanges for complaint in complaints(exchange)]
    assert not found, "\n".join(found)


@pytest.fixture
def shop(simulator: RunningSimulator) -> Shop:
    """Open an Indian shop."""
    return open_shop(simulator, marketplace_id=INDIA)


@pytest.fixture
async def seller(simulator: RunningSimulator) -> AsyncIterator[Open]:
    """Open sellers of Seller Central; what Packline asked and what it heard is judged when the test is done."""
    opened: list[Seller] = []

    def open_one(marketplace: str = INDIA, orders_api: str = "2026-01-01", region: str = "EU") -> Seller:
        opened.append(Seller(simulator, marketplace, orders_api, region))
        return opened[-1]

    yield open_one
    for one in opened:
        await one.close()
    if requests_judge.is_present():
        found = [complaint for exchange in simulator.exchanges for complaint in requests_judge.complaints(exchange)]
        assert not found, "\n".join(found)
