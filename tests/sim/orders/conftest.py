"""A world with one Easy Ship seller in India, and a client that speaks for it."""

from collections.abc import Callable
from typing import Any

import pytest

from packline_sim.clock import SimClock
from packline_sim.server import Simulator
from packline_sim.world import World
from sim.core.driving import START_MS, Client
from sim.easy_ship.shop import INDIA, Shop, open_shop


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def world() -> World:
    return World(7, clock=SimClock(start_ms=START_MS, speed=0), quotas="off")


@pytest.fixture
def shop_in(world: World) -> Callable[..., Shop]:
    """Open a shop in a marketplace."""

    def make(marketplace_id: str, region: Any = "EU") -> Shop:
        return Shop(Client(Simulator(world), open_shop(world, marketplace_id, region)), marketplace_id)

    return make


@pytest.fixture
def shop(shop_in: Callable[..., Shop]) -> Shop:
    return shop_in(INDIA)
