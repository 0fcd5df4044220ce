"""A world with one seller in India, and a client for it."""

from collections.abc import Callable
from typing import Any

import pytest

from packline_sim.clock import SimClock
from packline_sim.records import Shipment
from packline_sim.server import Simulator
from packline_sim.specs import Credentials, LineSpec, LocationSpec, SellerSpec, ShipmentSpec, SkuSpec
from packline_sim.world import World
from sim.core.driving import START_MS, Client


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def world() -> World:
    return World(7, clock=SimClock(start_ms=START_MS, speed=0), quotas="off")


@pytest.fixture
def credentials(world: World) -> Credentials:
    """A seller in India with location LOC1 and SKU KETTLE, 50 in stock."""
    made = world.create_seller(SellerSpec(name="Blue Kettle Trading"))
    world.create_location(made.seller_id, LocationSpec(location_id="LOC1", state="Karnataka"))
    world.create_sku(made.seller_id, SkuSpec(sku="KETTLE", title="Blue kettle, 1.5 l", stock=50))
    world.switches.update({"empty_pages": "never"})
    return made


@pytest.fixture
def client(world: World, credentials: Credentials) -> Client:
    return Client(Simulator(world), credentials)


@pytest.fixture
def order(world: World, credentials: Credentials) -> Callable[..., Shipment]:
    """Make one shipment; keywords are those of ShipmentSpec, `units` the units of KETTLE."""

    def make(units: int = 1, **spec: Any) -> Shipment:
        spec.setdefault("lines", (LineSpec(sku="KETTLE", units=units),))
        return world.create_shipments(credentials.seller_id, ShipmentSpec(**spec))[0]

    return make
