"""A world whose time stands still, with one seller whose connector subscribed to everything."""

import pytest

from packline_sim.clock import SimClock
from packline_sim.server import Simulator
from packline_sim.world import World
from sim.core.driving import START_MS
from sim.notifications.reader import Reader


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def world() -> World:
    return World(7, clock=SimClock(start_ms=START_MS, speed=0), quotas="off")


@pytest.fixture
def reader(world: World) -> Reader:
    """Give a subscriber to everything whose notifications arrive once, at once and in order."""
    made = Reader(Simulator(world))
    made.travel(twice=0, late=0, out_of_order=0)
    return made
