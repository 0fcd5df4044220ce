"""The console: its page modules, joined into one ASGI app."""

from functools import partial

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

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
        middleware=[Middleware(Spoken), Middleware(Guard, room=room)],
        exception_handlers={PacklineError: partial(frame.show_problem, room)},
    )
