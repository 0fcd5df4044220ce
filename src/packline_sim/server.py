"""The simulator as an ASGI application and as a running server."""

import asyncio
import socket
from collections.abc import Sequence

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from packline_sim.api import handle_api
from packline_sim.connection import droppable_protocol
from packline_sim.desk import handle_document, handle_file, handle_token
from packline_sim.directory import PREFIXES
from packline_sim.exchange import ConnectionDropped
from packline_sim.files import PREFIX
from packline_sim.incoming import Receive, Scope, Send
from packline_sim.notifications.sqs import handle_queue, is_queue_call
from packline_sim.stored_files import PREFIX as DOCUMENTS
from packline_sim.world import World

DEFAULT_PORT = 8181
TOKEN_PATH = "/auth/o2/token"  # noqa: S105 - a path


class Simulator:
    """Answer Amazon's APIs, the token endpoint and file downloads directly, and everything else by Starlette.

    The APIs do without layers of middleware, because load tests live on them.
    """

    def __init__(self, world: World, routes: Sequence[Route] = ()) -> None:
        self.world = world
        self.rest = Starlette(routes=list(routes), exception_handlers={404: _nothing_here})
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
            await handle_token(self.world, scope, receive, send)
        elif path.startswith(PREFIX):
            await handle_file(self.world, scope, receive, send)
        elif path.startswith(DOCUMENTS):
            await handle_document(self.world, scope, receive, send)
        elif is_queue_call(scope):
            await handle_queue(self.world, scope, receive, send)
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


def create_app(world: World) -> Simulator:
    """Make the ASGI application of a world, with the control API and the page."""
    from packline_sim.control.routes import routes
    from packline_sim.page.mount import page_routes

    return Simulator(world, [*page_routes(world), *routes(world)])


def _nothing_here(request: Request, _: Exception) -> Response:
    found = {
        "code": "NotFound",
        "message": f"Nothing answers {request.method} {request.url.path} here.",
        "details": "The APIs of Amazon are under /externalFulfillment, /orders, /easyShip, /feeds, /reports, /listings"
        " /notifications and /tokens, the token endpoint is POST /auth/o2/token, queues are at POST /. A page to watch"
        " and steer is at /_sim/, the control API under it (described at /_sim/openapi.json).",
    }
    return Response(msgspec.json.encode({"errors": [found]}), status_code=404, media_type="application/json")


class Server(uvicorn.Server):
    """Serve a world; callers that wait at an empty queue are answered before the server ends."""

    def __init__(self, config: uvicorn.Config, world: World) -> None:
        super().__init__(config)
        self._world = world

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let nobody wait any more, then end as servers do."""
        self._world.bells.close()
        await super().shutdown(sockets)


def server(world: World, *, host: str = "127.0.0.1", port: int = DEFAULT_PORT) -> uvicorn.Server:
    """Prepare a server; `await server.serve()` runs it in an event loop of one's own, `should_exit` ends it."""
    config = uvicorn.Config(
        create_app(world),
        host=host,
        port=port,
        http=droppable_protocol(),
        ws="none",
        loop="uvloop",
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=2,
    )
    return Server(config, world)


def run(host: str = "127.0.0.1", port: int = DEFAULT_PORT, *, world: World | None = None) -> None:
    """Serve a world until the process is interrupted."""
    server(world or World(), host=host, port=port).run()


__all__ = ["ConnectionDropped", "Simulator", "create_app", "run", "server"]
