"""News for a page that is open: server-sent events, at most one a second, a sign of life in between."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
from starlette.responses import Response, StreamingResponse

from packline.console.room import Room

BEAT_S = 1.0  # a list is looked at no more often than that
QUIET_S = 15.0  # a line now and then keeps the connection open
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def event(name: str, data: Any) -> str:
    """Write one event with JSON data."""
    return f"event: {name}\ndata: {msgspec.json.encode(data).decode()}\n\n"


def stream(news: AsyncIterator[str]) -> Response:
    """Answer with a stream of events."""
    return StreamingResponse(news, media_type="text/event-stream", headers=_HEADERS)


async def changes(room: Room, look: Callable[[], Awaitable[Any]], name: str = "page") -> AsyncIterator[str]:
    """Tell a browser that its page is out of date, whenever what `look` gives is another than before."""
    known = await look()
    while True:
        await room.moved(QUIET_S)
        now = await look()
        yield event(name, str(now)) if now != known else ": here\n\n"
        known = now
        await room.clock.sleep(BEAT_S)
