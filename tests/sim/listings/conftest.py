"""A world with one seller in India who lists a kettle, 50 in stock; changes take effect at once unless told."""

import pytest

from packline_sim.clock import SimClock
from packline_sim.server import Simulator
from packline_sim.specs import SellerSpec, SkuSpec
from packline_sim.world import World
from sim.core.driving import START_MS, Client
from sim.feeds.desk import Desk


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def world() -> World:
    made = World(7, clock=SimClock(start_ms=START_MS, speed=0), quotas="off")
    made.switches.update({"stored_gzip": "none", "listing_change_seconds": "0", "listings_feed_seconds": "0"})
    return made


@pytest.fixture
def desk(world: World) -> Desk:
    credentials = world.create_seller(SellerSpec(name="Blue Kettle Trading"))
    world.create_sku(credentials.seller_id, SkuSpec(sku="KETTLE 1/5", title="Blue kettle, 1.5 l", stock=50))
    return Desk(Client(Simulator(world), credentials))
