"""Signing in with an API key."""

from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from packline.console.forms import safe
from packline.console.frame import HEADERS, templates
from packline.console.guard import COOKIE, LASTS_S, Guard
from packline.console.looks import look_of
from packline.console.place import get, post
from packline.console.room import Room
from packline.console.words import t


async def show(room: Room, request: Request) -> Response:
    """Ask for an API key."""
    return _page(room, request, request.query_params.get("back", "/"), "")


async def enter(room: Room, request: Request) -> Response:
    """Open a session for a good key."""
    form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
    back = form.get("back", "/")
    guard: Guard = request.state.guard
    cookie = await guard.sign_in(form.get("key", ""))
    if cookie is None:
        return _page(room, request, back, t("This key does not exist, was revoked, or is over."))
    answer = RedirectResponse(safe(back), 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, cookie, max_age=int(LASTS_S), httponly=True, samesite="lax", secure=secure)
    return answer


def _page(room: Room, request: Request, back: str, wrong: str) -> Response:
    look = look_of(request.cookies)
    html = templates.get_template("sign_in.html").render(back=back, wrong=wrong, version=room.version, look=look)
    return HTMLResponse(html, 401 if wrong else 200, HEADERS)


PATHS = (get("/sign-in", show), post("/sign-in", enter))
