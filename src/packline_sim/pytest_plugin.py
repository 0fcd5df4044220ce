"""Fixtures that give any project an Amazon seller to test against."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from packline_sim.control.handles import Amazon, AmazonClock, Seller
    from packline_sim.control.running import RunningSimulator

# A Monday, 10:00 in India, so that pickup windows are open in every marketplace.
START = "2026-01-05T04:30:00Z"
SETTINGS = {"seed": 1, "start": START, "speed": 1.0, "quotas": "off"}


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker that settles how `amazon` starts."""
    config.addinivalue_line(
        "markers", "amazon(seed=1, start=..., speed=1.0, quotas='off', scenario=None): how the simulated Amazon starts"
    )


@pytest.fixture(scope="session")
def amazon_server() -> "Iterator[RunningSimulator]":
    """Run one simulator for the whole session, in a thread, on a free port of 127.0.0.1."""
    from packline_sim.control.running import RunningSimulator

    with RunningSimulator() as running:
        yield running


@pytest.fixture
def amazon(amazon_server: "RunningSimulator", request: pytest.FixtureRequest) -> "Iterator[Amazon]":
    """Give an empty Amazon: same seed, same time, no quotas, unless `@pytest.mark.amazon(...)` says otherwise."""
    from packline_sim.control.handles import Amazon

    given: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("amazon"))):
        given |= marker.kwargs
    scenario = given.pop("scenario", None)
    settings = SETTINGS | given
    handle = Amazon(amazon_server.url)
    handle.control.post("reset", body=settings)
    if scenario is not None:
        handle.play(str(scenario), seed=given.get("seed"), speed=given.get("speed"))
    yield handle
    handle.control.close()


@pytest.fixture
def amazon_clock(amazon: "Amazon") -> "AmazonClock":
    """Give the simulator's clock, frozen: only `advance` moves it."""
    amazon.clock.freeze()
    return amazon.clock


@pytest.fixture
def seller(amazon: "Amazon") -> "Seller":
    """Give a seller in India who can sell: one location, two products, 100 units of each."""
    made = amazon.create_seller("Sample Seller", region="EU", marketplace_ids=["A21TJRUUN4KGV"])
    made.add_location("BLR1", city="Bengaluru", state="Karnataka")
    made.add_sku("MUG-BLUE", title="Stoneware mug, blue", price="399.00", weight_g=420, hsn_code="6912")
    made.add_sku("LAMP-CANE", title="Cane table lamp", price="1899.00", weight_g=1400, hsn_code="9405")
    return made
