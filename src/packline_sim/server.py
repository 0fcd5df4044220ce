"""The simulator as an ASGI application and as a running server."""

import asyncio
import importlib
import logging
import time
from collections.abc import Sequence
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from packline_sim.api import TRANSPORT, ConnectionDropped, Incoming, Receive, Scope, Send, handle_api, read_all
from packline_sim.auth.tokens import answer_token_request
from packline_sim.directory import PREFIXES
from packline_sim.files import CONTENT_TYPES, PREFIX, File, find_label
from packline_sim.journal import CallEntry
from packline_sim.refusals import Refusal
from packline_sim.world import World

DEFAULT_PORT = 8181
TOKEN_PATH = "/auth/o2/token"  # noqa: S105 - a path
log = logging.getLogger("packline_sim")


class Simulator:
    """Answer Amazon's APIs, the token endpoint and file downloads directly, and everything else by Starlette.

    The APIs do without layers of middleware, because load tests live on them.
    """

    def __init__(self, world: World, routes: Sequence[Route] = ()) -> None:
        self.world = world
        self.rest = Starlette(routes=list(routes))
        self._ringing: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        path = scope.get("path", "")
        if path.startswith(PREFIXES):
            await handle_api(self.world, scope, receive, send)
        elif path == TOKEN_PATH and scope["method"] == "POST":
            await self._token(scope, receive, send)
        elif path.startswith(PREFIX):
            await self._file(scope, send)
        else:
            await self.rest(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._ringing = asyncio.create_task(self.world.clock.run())
                await send({"type": "lifespan.startup.complete"})
            else:
                if self._ringing is not None:
                    self._ringing.cancel()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _token(self, scope: Scope, receive: Receive, send: Send) -> None:
        incoming = self._incoming(scope)
        try:
            answer = answer_token_request(self.world, incoming.content_type, await read_all(receive))
        except Refusal as refusal:
            await _respond(send, refusal.status, b"application/json", refusal.body(self.world.switches), incoming)
            return
        self._record(incoming, "requestAccessToken", answer.status, answer.client_id, answer.seller_id, answer.error)
        await _respond(send, answer.status, b"application/json", answer.body, incoming)

    async def _file(self, scope: Scope, send: Send) -> None:
        incoming = self._incoming(scope)
        found = find_label(self.world, incoming.path, incoming.query.decode("latin-1"))
        if isinstance(found, File):
            file = found
        else:
            found.downloads += 1
            file = File(200, CONTENT_TYPES[found.format], self.world.paper.label(found))
        self._record(incoming, "downloadFile", file.status, None, None, None)
        await _respond(send, file.status, file.content_type.encode(), file.content, incoming)

    def _incoming(self, scope: Scope) -> Incoming:
        self.world.call_seq += 1
        return Incoming(scope, self.world.call_seq, self.world.streams.uuid("request"))

    def _record(
        self,
        incoming: Incoming,
        operation: str,
        status: int,
        client_id: str | None,
        seller_id: str | None,
        error: str | None,
    ) -> None:
        self.world.journal.add(
            CallEntry(
                seq=incoming.seq,
                at_ms=self.world.clock.now_ms(),
                seller_id=seller_id,
                client_id=client_id,
                operation=operation,
                shipment_id=None,
                status=status,
                error_code=error,
                request_id=incoming.request_id,
                ms=(time.perf_counter() - incoming.started) * 1000,
                had_effect=False,
                fault=None,
            )
        )


def create_app(world: World) -> Simulator:
    """Make the ASGI application of a world, with the control API if that part is installed."""
    return Simulator(world, control_routes(world))


def control_routes(world: World) -> list[Route]:
    """Give the routes of the control API."""
    try:
        control = importlib.import_module("packline_sim.control.routes")
    except ModuleNotFoundError as missing:
        if missing.name != "packline_sim.control.routes":
            raise
        return []
    routes: list[Route] = control.routes(world)
    return routes


def server(world: World, *, host: str = "127.0.0.1", port: int = DEFAULT_PORT) -> uvicorn.Server:
    """Prepare a server; `await server.serve()` runs it in an event loop of one's own, `should_exit` ends it."""
    config = uvicorn.Config(
        create_app(world),
        host=host,
        port=port,
        http=_droppable_protocol(),
        ws="none",
        loop="uvloop",
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(config)


def run(host: str = "127.0.0.1", port: int = DEFAULT_PORT, *, world: World | None = None) -> None:
    """Serve a world until the process is interrupted."""
    server(world or World(), host=host, port=port).run()


def _droppable_protocol() -> Any:
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as Protocol
    except ModuleNotFoundError:
        from uvicorn.protocols.http.h11_impl import H11Protocol as Protocol  # type: ignore[assignment]

    class DroppableProtocol(Protocol):
        """Lend each request its connection, so that a fault can drop it without an answer."""

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self.app_state = {**self.app_state, TRANSPORT: transport}

    return DroppableProtocol


async def _respond(send: Send, status: int, content_type: bytes, body: bytes, incoming: Incoming) -> None:
    headers = [
        (b"content-type", content_type),
        (b"content-length", b"%d" % len(body)),
        (b"x-amzn-requestid", incoming.request_id.encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


__all__ = ["ConnectionDropped", "Simulator", "create_app", "run", "server"]
