"""A world with one seller in India whose reports are made at once, and a desk that speaks for the seller."""

import pytest

from packline_sim.clock import SimClock
from packline_sim.server import Simulator
from packline_sim.specs import SellerSpec
from packline_sim.world import World
from sim.core.driving import START_MS, Client
from sim.feeds.desk import Desk


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def world() -> World:
    made = World(7, clock=SimClock(start_ms=START_MS, speed=0), quotas="off")
    made.switches.update({"report_seconds": "0"})
    return made


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(Client(Simulator(world), world.create_seller(SellerSpec(name="Blue Kettle Trading"))))
