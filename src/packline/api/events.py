"""`/v1/events`: the feed in order of commitment, by long poll and as server-sent events."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Header, Query, Request
from starlette.responses import StreamingResponse

from packline.api.access import needs, scope_of, services_of
from packline.api.answers import Json
from packline.api.pages import EventPage
from packline.api.parameters import Word
from packline.api.services import Services
from packline.domain.api_key import Role
from packline.oms.payload import payload
from packline.views import events
from packline.views.paging import Scope

router = APIRouter(prefix="/events", tags=["events"], dependencies=[needs(Role.READER)])
Cursor = Annotated[
    str | None,
    Query(
        description="`next` of the page before; `start` for all that is kept (the default), `now` for what comes.",
        max_length=60,
    ),
]
Types = Annotated[
    list[str] | None, Query(alias="type", description="Only these; a name may end in `*`.", max_length=100)
]
LONGEST_WAIT = 60
HEARTBEAT = 15.0  # seconds between comments that keep a quiet stream open
BATCH = 200


@router.get("", response_model=EventPage)
async def list_events(
    request: Request,
    after: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait for the first event.")] = 0,
    types: Types = None,
    shipment: Word = None,
) -> Any:
    """Read events after a cursor; nothing is skipped, and one shipment's events keep their order."""
    services, scope = services_of(request), scope_of(request)
    cursor = await _cursor(services, after)
    until = services.clock.monotonic() + wait
    while True:
        page = await events.feed(services.pool, cursor, scope=scope, names=types or (), shipment=shipment, limit=limit)
        left = until - services.clock.monotonic()
        if page.events or left <= 0 or services.pulse.is_closed:
            return Json({"items": [payload(event) for event in page.events], "next": page.cursor})
        cursor = page.cursor
        await services.pulse.wait(left)


@router.get(
    "/stream",
    response_class=StreamingResponse,
    responses={200: {"description": "Server-sent events; `id` is the cursor.", "content": {"text/event-stream": {}}}},
)
async def stream_events(
    request: Request,
    after: Cursor = None,
    types: Types = None,
    shipment: Word = None,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=60)] = None,
) -> StreamingResponse:
    """Follow events as they come; a client that comes back goes on where it was (`Last-Event-ID`)."""
    services = services_of(request)
    cursor = await _cursor(services, last_event_id or after or "now")
    events.parse(cursor)
    stream = _stream(request, services, cursor, scope_of(request), types or [], shipment)
    return StreamingResponse(stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


async def _cursor(services: Services, after: str | None) -> str:
    if after in (None, "start"):
        return events.START
    return await events.newest(services.pool) if after == "now" else str(after)


async def _stream(
    request: Request, services: Services, cursor: str, scope: Scope, names: list[str], shipment: str | None
) -> AsyncIterator[bytes]:
    yield b": following\n\n"
    while not services.pulse.is_closed and not await request.is_disconnected():
        page = await events.feed(services.pool, cursor, scope=scope, names=names, shipment=shipment, limit=BATCH)
        for event in page.events:
            body = msgspec.json.encode(payload(event))
            yield b"id: %b\nevent: %b\ndata: %b\n\n" % (event.cursor.encode(), event.name.encode(), body)
        cursor = page.cursor
        if not page.events:
            quiet_since = services.clock.monotonic()
            await services.pulse.wait(HEARTBEAT)
            if services.clock.monotonic() - quiet_since >= HEARTBEAT:
                yield b": quiet\n\n"
