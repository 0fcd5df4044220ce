"""News for a page that is open: server-sent events, at most one a second, a sign of life in between."""

from collections.abc import AsyncIterator, Awaitable, Callable
from hashlib import blake2b
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from packline.console.room import Room

BEAT_S = 1.0  # a list is looked at no more often than that
QUIET_S = 15.0  # a line now and then keeps the connection open
_HERE = ": here\n\n"
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def event(name: str, data: Any) -> str:
    """Write one event with JSON data."""
    return f"event: {name}\ndata: {msgspec.json.encode(data).decode()}\n\n"


def stream(news: AsyncIterator[str]) -> Response:
    """Answer with a stream of events."""
    return StreamingResponse(news, media_type="text/event-stream", headers=_HEADERS)


def follows(path: str, known: Any) -> str:
    """Give the address of a page's news; `known` is what the page was made of, as `look` of `changes` gives it."""
    return f"{path}{'&' if '?' in path else '?'}seen={_mark(known)}"


async def changes(room: Room, look: Callable[[], Awaitable[Any]], request: Request) -> AsyncIterator[str]:
    """Tell a browser that its page is out of date, whenever what `look` gives is another than before.

    What happened between the page and its stream, or while the stream was broken, is told at once: the address says
    what the page was made of (`follows`).
    """
    known = _mark(await look())
    yield event("page", known) if request.query_params.get("seen", known) != known else _HERE
    while True:
        await room.moved(QUIET_S)
        now = _mark(await look())
        yield event("page", now) if now != known else _HERE
        known = now
        await room.clock.sleep(BEAT_S)


def _mark(known: Any) -> str:
    return blake2b(repr(known).encode(), digest_size=6).hexdigest()
