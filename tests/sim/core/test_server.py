"""The simulator behind a real port."""

import http.client
import threading
from collections.abc import Iterator

import pytest
import uvicorn

from packline_sim.clock import SimClock
from packline_sim.faults import FaultRule
from packline_sim.server import server
from packline_sim.specs import LocationSpec, SellerSpec, ShipmentSpec, SkuSpec
from packline_sim.world import World
from sim.core.driving import BASE


class Running:
    """A served world with one shipment, and plain HTTP to it."""

    def __init__(self, world: World, port: int) -> None:
        self.world = world
        self.port = port
        seller = world.create_seller(SellerSpec(name="Blue Kettle Trading"))
        world.create_location(seller.seller_id, LocationSpec())
        world.create_sku(seller.seller_id, SkuSpec())
        (self.shipment,) = world.create_shipments(seller.seller_id, ShipmentSpec())
        token = world.credentials.issue(seller.client_id, seller_id=seller.seller_id)
        self.headers = {"x-amz-access-token": token.value}
        self.path = f"{BASE}/shipments/{self.shipment.shipment_id}"

    def request(self, method: str, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, headers=self.headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


@pytest.fixture
def running() -> Iterator[Running]:
    world = World(3, clock=SimClock(), quotas="off")
    running = server(world, port=0)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    yield Running(world, _port(running))
    running.should_exit = True
    thread.join(10)


def _port(running: uvicorn.Server) -> int:
    for _ in range(1000):
        if running.started:
            port: int = running.servers[0].sockets[0].getsockname()[1]
            return port
        threading.Event().wait(0.01)
    raise AssertionError("The server did not start within 10 s.")


def test_a_dropped_connection_gives_no_answer(running: Running) -> None:
    """A time-out fault with nothing to hold closes the connection at once, before or after the effect."""
    assert running.request("GET", running.path)[0] == 200
    running.world.faults.add(FaultRule(kind="timeout_before", limit=1))
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        running.request("POST", f"{running.path}?operation=CONFIRM")
    assert running.shipment.status == "ACCEPTED"
    running.world.faults.clear()
    running.world.faults.add(FaultRule(kind="timeout_after", limit=1))
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        running.request("POST", f"{running.path}?operation=CONFIRM")
    assert running.shipment.status == "CONFIRMED"
    assert running.request("GET", running.path)[0] == 200


def test_a_cut_answer_ends_in_the_middle(running: Running) -> None:
    """The cut fault sends half of the body and closes."""
    running.world.faults.add(FaultRule(kind="cut", limit=1))
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        running.request("GET", running.path)


def test_a_held_call_waits_on_the_simulators_clock(running: Running) -> None:
    """A slow call of an hour is over at once when the clock runs fast."""
    running.world.clock.set_speed(100_000)
    running.world.faults.add(FaultRule(kind="slow", hold_seconds=1800, limit=1))
    assert running.request("GET", running.path)[0] == 200
