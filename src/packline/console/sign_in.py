"""Signing in by name or with an API key, signing out, and the one-time links that let people choose a password."""

from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from packline.commands.people import link_is_over
from packline.console import forms
from packline.console.frame import HEADERS, templates
from packline.console.guard import COOKIE, is_from_here, session_of, where_of
from packline.console.looks import look_of
from packline.console.place import get, post
from packline.console.room import Room
from packline.console.words import t, tell
from packline.domain.api_key import Role
from packline.domain.person import SHORTEST_PASSWORD
from packline.errors import Forbidden, Invalid, PacklineError, Unauthenticated

LONGEST = 20_000  # bytes of a form with a name and a password


async def show(room: Room, request: Request) -> Response:
    """Ask who it is."""
    return await _sign_in(room, request, {"back": request.query_params.get("back", "/")})


async def enter(room: Room, request: Request) -> Response:
    """Open a session for a name with its password, or for an API key."""
    form: dict[str, str] = {}
    try:
        form = await _form(request)
        if form.get("key"):
            cookie = await _with_key(room, request, form["key"].strip())
        else:
            cookie = await room.door.sign_in(form.get("name", ""), form.get("password", ""), where_of(request))
    except PacklineError as refusal:
        return await _sign_in(room, request, form, refusal)
    return await entered(room, request, cookie, form.get("back", "/"))


async def leave(room: Room, request: Request) -> Response:
    """End this session."""
    await forms.take(request, Role.READER)
    session = session_of(request)
    if session.id:
        await room.door.sign_out(session.id, session.who, where_of(request))
    answer = RedirectResponse("/sign-in?left=yes" if room.elsewhere else "/sign-in", 303)
    answer.delete_cookie(COOKIE)
    return answer


async def welcome(room: Room, request: Request) -> Response:
    """Ask whoever has a one-time link for a password, and the first admin for a name too."""
    return await _welcome(room, request, {})


async def begin(room: Room, request: Request) -> Response:
    """Take the password of a one-time link, and sign in with it."""
    form: dict[str, str] = {}
    code, where = request.path_params["code"], where_of(request)
    try:
        form = await _form(request)
        password = form.get("password", "")
        if password != form.get("again", ""):
            raise Invalid(t("The two passwords differ."), hint=t("Type the same one twice."))
        is_good, person = await room.people.welcome(code)
        if not is_good:
            raise link_is_over()
        if person is None:
            person = await room.people.begin(code, form.get("name", ""), form.get("full_name", ""), password, where)
        else:
            person = await room.people.choose_password(code, password, where)
        cookie = await room.door.sign_in(person.name, password, where)
    except PacklineError as refusal:
        return await _welcome(room, request, form, refusal)
    return await entered(room, request, cookie, "/")


async def _with_key(room: Room, request: Request, secret: str) -> str:
    key = await room.keys.by_secret(secret)
    if key is None or not key.is_good(room.clock.now()):
        raise Unauthenticated(t("This key does not exist, was revoked, or is over."), hint=t("Make another one."))
    return await room.door.sign_in_with_key(key, where_of(request))


async def _form(request: Request) -> dict[str, str]:
    if not is_from_here(request):
        raise Forbidden(t("This form is out of date; nothing was done."), hint=t("Load the page again."))
    body = (await request.body())[:LONGEST].decode(errors="replace")
    return {name: values[0].replace("\x00", "") for name, values in parse_qs(body).items()}


async def show_refusal(room: Room, request: Request, refusal: PacklineError, back: str = "/") -> Response:
    """Show the sign-in with what went wrong elsewhere."""
    return await _sign_in(room, request, {"back": back}, refusal)


async def entered(room: Room, request: Request, cookie: str, back: str) -> Response:
    """Give a browser its session, end the one that it had, and lead it on."""
    before = request.cookies.get(COOKIE, "")
    found = await room.door.sessions.by_secret(before, room.clock.now(), room.idle) if before else None
    if found is not None:
        await room.door.sessions.end(found[0].id, room.clock.now())
    answer = RedirectResponse(forms.safe(back), 303)
    secure = room.is_secure or request.url.scheme == "https"
    lasts = int(room.lasts.total_seconds())
    answer.set_cookie(COOKIE, cookie, max_age=lasts, httponly=True, samesite="lax", secure=secure)
    return answer


async def _sign_in(
    room: Room, request: Request, form: dict[str, str], refusal: PacklineError | None = None
) -> Response:
    content = {
        "back": form.get("back", "/"),
        "name": form.get("name", ""),
        "by_key": bool(form.get("key")),
        "is_new": not await room.people.exist(),
        "provider": room.provider_name,
        "has_left": "left" in request.query_params,
    }
    return _page(room, request, "sign_in.html", content, refusal)


async def _welcome(
    room: Room, request: Request, form: dict[str, str], refusal: PacklineError | None = None
) -> Response:
    is_good, person = await room.people.welcome(request.path_params["code"])
    content = {
        "is_good": is_good,
        "person": person,
        "name": form.get("name", ""),
        "full_name": form.get("full_name", ""),
        "shortest": SHORTEST_PASSWORD,
        "provider": room.provider_name,
        "code": request.path_params["code"],
    }
    return _page(room, request, "welcome.html", content, refusal, 200 if is_good else 404)


def _page(
    room: Room, request: Request, template: str, content: dict[str, object], refusal: PacklineError | None,
    status: int = 200,
) -> Response:  # fmt: skip
    wrong = (tell(refusal.message), tell(refusal.hint)) if refusal else None
    look = look_of(request.cookies)
    html = templates.get_template(template).render(wrong=wrong, version=room.version, look=look, **content)
    return HTMLResponse(html, refusal.http_status if refusal else status, HEADERS)


PATHS = (
    get("/sign-in", show),
    post("/sign-in", enter, is_recorded=False),
    post("/sign-out", leave, is_recorded=False),
    get("/welcome/{code}", welcome),
    post("/welcome/{code}", begin, is_recorded=False),
)
