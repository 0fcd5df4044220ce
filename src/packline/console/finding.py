"""The field at the top: takes whatever is scanned or typed, and goes there."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from packline.console.frame import scope_of
from packline.console.place import get
from packline.console.room import Room
from packline.errors import NotFound
from packline.views import shipments


async def find(room: Room, request: Request) -> Response:
    """Go to whatever was scanned or typed: a shipment, an order, a tracking id."""
    reference = request.query_params.get("q", "").strip()
    scope = scope_of(request)
    try:
        found = await shipments.find(room.pool, reference, scope)
        return RedirectResponse(f"/shipments/{found.id}", 303)
    except NotFound:
        labeled = shipments.Filters(tracking_id=reference)
        hits = await shipments.shipments(room.pool, room.gateway, room.clock.now(), labeled, scope, limit=1)
        if not hits.items:
            raise
        return RedirectResponse(f"/shipments/{hits.items[0]['id']}", 303)


PATHS = (get("/find", find),)
