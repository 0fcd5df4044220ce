"""What a page module says of itself: where it stands in the navigation, and the addresses that it answers."""

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from packline.console.room import Room
from packline.domain.values import Value

Handler = Callable[[Room, Request], Awaitable[Response]]


class Place(Value, frozen=True):
    """An entry of the navigation: `label` is marked for translation, `key` goes there after `g`.

    `order` puts the rail in the order of a day: 10 Work ... 90 Accounts.
    """

    name: str
    label: str
    path: str
    key: str
    icon: str
    order: int


class Path(Value, frozen=True):
    """An address of a page, with its handler."""

    path: str
    handler: Handler
    method: str = "GET"


def get(path: str, handler: Handler) -> Path:
    """Answer an address."""
    return Path(path, handler)


def post(path: str, handler: Handler) -> Path:
    """Take a form; the handler checks its token by `forms.take`."""
    return Path(path, handler, "POST")


def route(room: Room, path: Path) -> Route:
    """Make the route of an address."""
    return Route(path.path, partial(path.handler, room), methods=[path.method])
