"""What a page module says of itself: where it stands in the navigation, and the addresses that it answers."""

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from packline.console.guard import session_of, where_of
from packline.console.room import Room
from packline.domain.audit import Entry, act_of, told_as
from packline.domain.values import Value
from packline.errors import PacklineError

Handler = Callable[[Room, Request], Awaitable[Response]]


class Place(Value, frozen=True):
    """An entry of the navigation: `label` is marked for translation, `key` goes there after `g`.

    `order` puts the rail in the order of a day: 10 Work ... 90 Accounts. `only` names who sees it, where not everybody
    does: `rules` (whoever may change people) or `reads_audit`, properties of the session.
    """

    name: str
    label: str
    path: str
    key: str
    icon: str
    order: int
    only: str = ""


class Path(Value, frozen=True):
    """An address of a page, with its handler; `is_recorded` where an act is written into the audit."""

    path: str
    handler: Handler
    method: str = "GET"
    is_recorded: bool = False


def get(path: str, handler: Handler) -> Path:
    """Answer an address."""
    return Path(path, handler)


def post(path: str, handler: Handler, *, is_recorded: bool = True) -> Path:
    """Take a form; the handler checks its token by `forms.take`.

    What is recorded elsewhere (commands are their own record), or is no act at all, is not put into the audit.
    """
    return Path(path, handler, "POST", is_recorded)


def route(room: Room, path: Path) -> Route:
    """Make the route of an address."""
    handler = partial(_recorded, path) if path.is_recorded else path.handler
    return Route(path.path, partial(handler, room), methods=[path.method])


async def _recorded(path: Path, room: Room, request: Request) -> Response:
    """Write an act into the audit before it is done, and what came of it afterwards."""
    given = request.path_params
    kind, act = told_as(act_of(path.method, path.path))
    entry = Entry(
        at=room.clock.now(),
        who=session_of(request).who,
        kind=kind,
        act=act,
        subject=" ".join(str(value) for name, value in given.items() if name != "shipment"),
        shipment=given.get("shipment"),
        address=where_of(request).address,
    )
    name = await room.audit.begin(entry)
    try:
        response = await path.handler(room, request)
    except PacklineError as refusal:
        await room.audit.end(name, entry.at, refusal.reason)
        raise
    refused = getattr(request.state, "refused", "") or (
        f"{response.status_code}" if response.status_code >= 400 else ""
    )
    await room.audit.end(name, entry.at, refused or "done")
    return response
