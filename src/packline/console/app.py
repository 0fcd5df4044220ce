"""The console's routes."""

from collections.abc import AsyncIterator
from functools import partial
from urllib.parse import parse_qs, urlencode

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from packline.commands.confirm import Confirm
from packline.commands.deliver import Deliver
from packline.commands.hand_over import HandOver
from packline.commands.order import Order
from packline.commands.out_for_delivery import OutForDelivery
from packline.commands.pack import Pack
from packline.commands.reject import Reject
from packline.commands.relabel import Relabel
from packline.commands.reschedule import Reschedule
from packline.commands.retry import Retry
from packline.console import listings, shipment_page, work
from packline.console.guard import COOKIE, LASTS_S, Guard, is_ours, session_of
from packline.console.pages import HERE, Notice, page, templates
from packline.console.room import Room
from packline.domain.api_key import Role
from packline.domain.values import Value
from packline.errors import NotFound, PacklineError
from packline.views import documents, shipments
from packline.views.paging import Scope

REQUESTS: dict[str, type[Value]] = {
    "confirm": Confirm,
    "pack": Pack,
    "hand_over": HandOver,
    "out_for_delivery": OutForDelivery,
    "deliver": Deliver,
    "relabel": Relabel,
    "reschedule": Reschedule,
    "retry": Retry,
}
_STREAM = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def create_console(room: Room) -> Starlette:
    """Make the console as an ASGI app, to be mounted at the root behind the API."""
    pages = (
        ("/", show_work),
        ("/live", follow_work),
        ("/shipments", show_shipments),
        ("/shipments/{shipment}", show_shipment),
        ("/shipments/{shipment}/live", follow_shipment),
        ("/shipments/{shipment}/documents/{document}", show_document),
        ("/accounts", show_accounts),
        ("/calls", show_calls),
        ("/quotas", show_quotas),
        ("/find", find),
        ("/sign-in", show_sign_in),
    )
    routes = [
        *(Route(path, partial(does, room)) for path, does in pages),
        Route("/sign-in", partial(sign_in, room), methods=["POST"]),
        Route("/shipments/{shipment}/{kind}", partial(act, room), methods=["POST"]),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard, room=room)],
        exception_handlers={PacklineError: partial(show_problem, room)},
    )


async def show_work(room: Room, request: Request) -> Response:
    """Show what waits for whom."""
    choice = work.Choice.of(request.query_params)
    content = await work.content(room, choice, _scope(request), session_of(request).token)
    return await page(room, request, "work.html", "work", content)


async def show_shipments(room: Room, request: Request) -> Response:
    """Show every shipment, the newest first."""
    choice = work.Choice.of({**request.query_params, "next": "any"})
    content = await work.content(room, choice, _scope(request), session_of(request).token)
    return await page(room, request, "work.html", "shipments", content)


async def follow_work(room: Room, request: Request) -> Response:
    """Keep a list up."""
    choice = work.Choice.of(request.query_params)
    return _stream(work.news(room, choice, _scope(request), session_of(request).token))


async def show_shipment(room: Room, request: Request) -> Response:
    """Show one shipment."""
    token = session_of(request).token
    content = await shipment_page.content(room, request.path_params["shipment"], _scope(request), token)
    return await page(room, request, "shipment.html", "shipments", content)


async def follow_shipment(room: Room, request: Request) -> Response:
    """Keep one shipment's page up."""
    return _stream(shipment_page.news(room, request.path_params["shipment"], _scope(request)))


async def show_document(room: Room, request: Request) -> Response:
    """Hand out a document under its name."""
    found = await shipments.find(room.pool, request.path_params["shipment"], _scope(request))
    kept = await documents.content(room.pool, found.id, request.path_params["document"])
    headers = {"Content-Disposition": f'inline; filename="{kept.name}"', "X-Content-Type-Options": "nosniff"}
    return Response(kept.content, media_type=kept.media_type, headers=headers)


async def show_accounts(room: Room, request: Request) -> Response:
    """Show accounts."""
    return await page(room, request, "table.html", "accounts", await listings.account_page(room, _scope(request)))


async def show_calls(room: Room, request: Request) -> Response:
    """Show the call log."""
    content = await listings.call_page(room, _scope(request), dict(request.query_params))
    return await page(room, request, "table.html", "calls", content)


async def show_quotas(room: Room, request: Request) -> Response:
    """Show the lanes."""
    return await page(room, request, "table.html", "quotas", await listings.quota_page(room, _scope(request)))


async def find(room: Room, request: Request) -> Response:
    """Go to whatever was scanned or typed: a shipment, an order, a tracking id."""
    reference = request.query_params.get("q", "").strip()
    try:
        found = await shipments.find(room.pool, reference, _scope(request))
        return RedirectResponse(f"/shipments/{found.id}", 303)
    except NotFound:
        labeled = shipments.Filters(tracking_id=reference)
        now = room.clock.now()
        hits = await shipments.shipments(room.pool, room.gateway, now, labeled, _scope(request), limit=1)
        if not hits.items:
            raise
        return RedirectResponse(f"/shipments/{hits.items[0]['id']}", 303)


async def act(room: Room, request: Request) -> Response:
    """Give a command for one shipment, and go back with what came of it."""
    form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
    shipment, kind = request.path_params["shipment"], request.path_params["kind"]
    back = form.get("back", f"/shipments/{shipment}")
    back = back if back.startswith("/") and not back.startswith("//") else "/"
    notice = await _given(room, request, form, shipment, kind)
    said = {"said": notice.message, "hint": notice.hint, "tone": notice.tone}
    joint = "&" if "?" in back else "?"
    return RedirectResponse(back + joint + urlencode(said) if notice.message else back, 303)


async def show_sign_in(room: Room, request: Request) -> Response:
    """Ask for an API key."""
    return _sign_in_page(room, request.query_params.get("back", "/"), "")


async def sign_in(room: Room, request: Request) -> Response:
    """Open a session for a good key."""
    form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
    back = form.get("back", "/")
    guard: Guard = request.state.guard
    cookie = await guard.sign_in(form.get("key", ""))
    if cookie is None:
        return _sign_in_page(room, back, "This key does not exist, was revoked, or is over.")
    answer = RedirectResponse(back if back.startswith("/") and not back.startswith("//") else "/", 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, cookie, max_age=int(LASTS_S), httponly=True, samesite="lax", secure=secure)
    return answer


async def show_problem(room: Room, request: Request, error: Exception) -> Response:
    """Say what happened, why, and what to do."""
    assert isinstance(error, PacklineError)  # noqa: S101  the handler is registered for these only
    content = {"title": "This did not work", "lead": error.message, "rows": [], "columns": (), "more": ""}
    return await page(room, request, "table.html", "", {**content, "empty": error.hint}, error.http_status)


async def _given(room: Room, request: Request, form: dict[str, str], shipment: str, kind: str) -> Notice:
    session = session_of(request)
    if not is_ours(request, form.get("token", "")):
        return Notice("This form is out of date; nothing was done.", "Try again from this page.", "bad")
    if session.key.role < (Role.OPERATOR if kind == "retry" else Role.PACKER):
        return Notice(f"Your key may only look; its role is {session.key.role.word}.", "", "bad")
    asked = Reject(form.get("reason", "OUT_OF_STOCK")) if kind == "reject" else None
    if asked is None and kind not in REQUESTS:
        return Notice(f"There is no command {kind}.", "", "bad")
    try:
        found = await shipments.find(room.pool, shipment, _scope(request))
        ticket = await room.desk.give(Order(found.id, asked or REQUESTS[kind](), by=f"console: {session.key.name}"))
    except PacklineError as refusal:
        return Notice(refusal.message, refusal.hint, "bad")
    return Notice("; ".join(ticket.warnings))


def _sign_in_page(room: Room, back: str, wrong: str) -> Response:
    html = templates.get_template("sign_in.html").render(back=back, wrong=wrong, version=room.version)
    return HTMLResponse(html, 401 if wrong else 200)


def _stream(news: AsyncIterator[str]) -> Response:
    return StreamingResponse(news, media_type="text/event-stream", headers=_STREAM)


def _scope(request: Request) -> Scope:
    key = session_of(request).key
    return Scope(key.accounts, key.locations)
