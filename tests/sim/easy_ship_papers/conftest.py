"""A seller in India with two products, one of which needs serial numbers, and an office that asks for papers."""

from collections.abc import Callable

import pytest

from packline_sim.clock import SimClock
from packline_sim.world import World
from sim.core.driving import START_MS
from sim.easy_ship_papers.office import INDIA, Office


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def world() -> World:
    made = World(7, clock=SimClock(start_ms=START_MS, speed=0), quotas="off")
    made.switches.update({"feed_seconds": "0", "report_seconds": "0", "serial_numbers": "at_least_one"})
    return made


@pytest.fixture
def office_in(world: World) -> Callable[..., Office]:
    """Open an office in a marketplace."""
    return lambda marketplace_id, region="EU": Office.open(world, marketplace_id, region)


@pytest.fixture
def office(office_in: Callable[..., Office]) -> Office:
    return office_in(INDIA)
