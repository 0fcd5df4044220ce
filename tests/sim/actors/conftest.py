"""A stage with one seller in India, three places to ship from, and a client that calls its APIs."""

from collections.abc import Callable
from typing import Any

import pytest

from packline_sim.clock import SimClock
from packline_sim.control.stage import Stage
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
def stage(world: World) -> Stage:
    return Stage(world)


@pytest.fixture
def credentials(world: World, stage: Stage) -> Credentials:
    made = world.create_seller(SellerSpec(name="Blue Kettle Trading", seller_id="S1"))
    for location_id in ("L1", "L2"):
        world.create_location("S1", LocationSpec(location_id=location_id, state="Karnataka"))
    world.create_sku("S1", SkuSpec(sku="KETTLE", stock=1000))
    world.create_sku("S1", SkuSpec(sku="RADIO", stock=1000, serial_required=True))
    world.create_sku("S1", SkuSpec(sku="TABLE", stock=1000, pieces=2, hazmat_required=True))
    world.switches.update({"empty_pages": "never"})
    return made


@pytest.fixture
def client(world: World, credentials: Credentials) -> Client:
    return Client(Simulator(world), credentials)


@pytest.fixture
def order(world: World, credentials: Credentials) -> Callable[..., Shipment]:
    """Make one shipment of S1; keywords are those of ShipmentSpec, `skus` its lines of `units` each."""

    def make(*skus: str, units: int = 1, **spec: Any) -> Shipment:
        spec.setdefault("lines", tuple(LineSpec(sku=sku, units=units) for sku in skus or ("KETTLE",)))
        return world.create_shipments("S1", ShipmentSpec(location_id="L1", **spec))[0]

    return make
