"""A simulator on a free port, in a thread of its own, that keeps every exchange for the judge."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeVar

import msgspec
import uvicorn

from contract.specification import Exchange
from packline_sim.quotas import AMAZON, Plan
from packline_sim.records import Location, Shipment, Sku
from packline_sim.specs import Credentials, LineSpec, LocationSpec, SellerSpec, ShipmentSpec, SkuSpec

Answer = TypeVar("Answer")
Message = MutableMapping[str, Any]
Application = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]


class RunningSimulator:
    """Serve one world over HTTP; `call` runs a function inside the server's loop, so that the world has one owner."""

    def __init__(self, world: Any, application: Application) -> None:
        self.world = world
        self.exchanges: list[Exchange] = []
        self._ready = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._server = uvicorn.Server(uvicorn.Config(_recording(application, self.exchanges), log_level="warning"))
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Start the thread; calls wait at the open port until the server takes them."""
        self._thread.start()
        if not self._ready.wait(20):
            raise TimeoutError("The simulator's event loop did not start within 20 s.")

    def stop(self) -> None:
        """Stop the server and wait for its thread."""
        self._server.should_exit = True
        self._thread.join(20)

    @property
    def address(self) -> str:
        """Give the address that a client puts in the place of Amazon's."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def call(self, function: Callable[..., Answer], *arguments: Any, **options: Any) -> Answer:
        """Run a function in the server's loop and give what it returns."""

        async def run() -> Answer:
            return function(*arguments, **options)

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(20)

    def rate(self, calls_a_second: float, burst: int) -> None:
        """Give every operation this rate and burst."""
        for operation in AMAZON:
            self.call(self.world.quotas.override, operation, Plan(calls_a_second, burst))

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ready.set()
        await self._server.serve(sockets=[self._socket])


class Shop(msgspec.Struct, frozen=True):
    """Hold one seller with a location and a product, ready to be ordered from."""

    simulator: RunningSimulator
    credentials: Credentials
    location: Location
    sku: Sku

    @property
    def seller_id(self) -> str:
        """Give the seller's id."""
        return self.credentials.seller_id

    def order(self, **attributes: Any) -> Shipment:
        """Have a buyer order one unit; attributes are those of ShipmentSpec."""
        return self.orders(1, **attributes)[0]

    def orders(self, count: int, **attributes: Any) -> list[Shipment]:
        """Have buyers order `count` shipments of one unit."""
        given = {
            "location_id": self.location.location_id,
            "marketplace_id": self.location.marketplace_id,
            "lines": (LineSpec(sku=self.sku.sku),),
            **attributes,
        }
        return self.simulator.call(
            self.simulator.world.create_shipments, self.seller_id, ShipmentSpec(count=count, **given)
        )


def open_shop(simulator: RunningSimulator, *, marketplace_id: str, region: str = "EU", **location: Any) -> Shop:
    """Create a seller, a location and a product."""
    world, call = simulator.world, simulator.call
    seller = SellerSpec(name="Contract Test Seller", region=region, marketplace_ids=(marketplace_id,))
    credentials = call(world.create_seller, seller)
    place = call(world.create_location, credentials.seller_id, LocationSpec(marketplace_id=marketplace_id, **location))
    sku = call(world.create_sku, credentials.seller_id, SkuSpec(sku="MUG RED/1", title="Red mug", stock=500))
    return Shop(simulator, credentials, place, sku)


def _recording(application: Application, exchanges: list[Exchange]) -> Application:
    async def recorded(scope: Message, receive: Callable[[], Awaitable[Message]], send: Any) -> None:
        if scope["type"] != "http":
            return await application(scope, receive, send)
        request, response, start = bytearray(), bytearray(), {}
        sent: list[bool] = []

        async def heard() -> Message:
            message = await receive()
            request.extend(message.get("body", b""))
            return message

        async def said(message: Message) -> None:
            # The head waits for the body: a client that hears of an empty body goes on at once.
            if message["type"] == "http.response.start":
                start.update(message)
                return
            response.extend(message.get("body", b""))
            # Kept before the client has the last byte, so that a test that goes on sees it.
            if message["type"] == "http.response.body" and not message.get("more_body"):
                exchanges.append(_exchange(scope, bytes(request), start, bytes(response)))
            if message["type"] == "http.response.body" and not sent:
                sent.append(True)
                await send(start)
            await send(message)

        return await application(scope, heard, said)

    return recorded


def _exchange(scope: Message, request: bytes, start: Message, body: bytes) -> Exchange:
    path = scope.get("raw_path", scope["path"].encode()).decode("latin-1").partition("?")[0]
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in start.get("headers", ())}
    query = scope["query_string"].decode()
    return Exchange(scope["method"], path, query, request, start.get("status", 0), headers, body)
