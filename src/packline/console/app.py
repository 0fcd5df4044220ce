"""The console: its page modules, joined into one ASGI app."""

from functools import partial

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from packline.console import frame
from packline.console.guard import Guard
from packline.console.looks import Spoken
from packline.console.pages import MODULES
from packline.console.place import route
from packline.console.room import Room
from packline.errors import PacklineError


def create_console(room: Room) -> Starlette:
    """Make the console as an ASGI app, to be mounted at the root behind the API."""
    places = [module.PLACE for module in MODULES if hasattr(module, "PLACE")]
    frame.RAIL[:] = sorted(places, key=lambda place: place.order)
    return Starlette(
        routes=[
            *(route(room, path) for module in MODULES for path in module.PATHS),
            Mount("/static", StaticFiles(directory=frame.HERE / "static")),
        ],
        middleware=[Middleware(Written), Middleware(Spoken), Middleware(Guard, room=room)],
        exception_handlers={PacklineError: partial(frame.show_problem, room)},
    )


class Written:
    """ASGI middleware: turn away addresses with a zero byte, which no name here has and no database takes."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let an address through, or say that it is none."""
        if scope["type"] == "http" and ("\x00" in scope["path"] or b"%00" in scope["query_string"]):
            await PlainTextResponse("This is no address.", 400)(scope, receive, send)
            return
        await self._app(scope, receive, send)
