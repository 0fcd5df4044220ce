"""Signing in by the seller's identity provider: there, back, by a one-time link, and connected with one's account."""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from packline.commands.provider_sign_in import Begun, ProviderDesk, cookie_of
from packline.console import forms
from packline.console.frame import page
from packline.console.guard import COOKIE, Notice, session_of, where_of
from packline.console.place import get, post
from packline.console.room import Room
from packline.console.sign_in import entered, show_refusal
from packline.console.words import t, tell
from packline.domain.api_key import Role
from packline.domain.identity import FLOW_LIVES
from packline.domain.person import Person
from packline.errors import Invalid, NotFound, PacklineError

CALLBACK = "/sign-in/callback"
LONGEST_BACK = 1500  # a browser keeps no cookie of more than 4 KB, and this is in one
_PATH = "/sign-in"


async def leave_for(room: Room, request: Request) -> Response:
    """Send the browser to the provider."""
    back = forms.safe(request.query_params.get("back", "/"))
    back = back if len(back) <= LONGEST_BACK else "/"
    try:
        begun = await _desk(room).begin(_leads_to(room, request), back=back)
    except PacklineError as refusal:
        return await show_refusal(room, request, refusal, back)
    return _with_cookie(room, request, RedirectResponse(begun.address, 303), begun)


async def leave_with_link(room: Room, request: Request) -> Response:
    """Send the browser to the provider with a one-time link, in the place of choosing a password."""
    link = request.path_params["code"]
    try:
        begun = await _desk(room).begin(_leads_to(room, request), link=link)
    except PacklineError as refusal:
        return await show_refusal(room, request, refusal)
    return _with_cookie(room, request, RedirectResponse(begun.address, 303), begun)


async def come_back(room: Room, request: Request) -> Response:
    """Take a browser that comes back from the provider."""
    given = request.query_params
    state = given.get("state", "")
    name = cookie_of(state)
    try:
        signed_in = await _signed_in(room, request)
        done = await _desk(room).finish(
            state,
            request.cookies.get(name, ""),
            given.get("code", ""),
            error=given.get("error", ""),
            issuer=given.get("iss", ""),
            signed_in=signed_in.id if signed_in else "",
            where=where_of(request),
        )
    except PacklineError as refusal:
        answer = await show_refusal(room, request, refusal)
    else:
        leads = RedirectResponse(done.back, 303)
        answer = await entered(room, request, done.secret, done.back) if done.secret else leads
    answer.delete_cookie(name, path=_PATH)
    return answer


async def connect(room: Room, request: Request) -> Response:
    """Lead whoever is signed in to the provider, to be known by it too.

    By a form with a token and then a link: a page elsewhere could otherwise connect a login of its own choice.
    """
    await forms.take(request, Role.READER)
    person = session_of(request).person
    try:
        if person is None:
            raise Invalid(t("An API key has no login elsewhere."), hint=t("Sign in by name first."))
        desk = _desk(room)
        begun = await desk.begin(_leads_to(room, request), back="/me", person=person.id)
    except PacklineError as refusal:
        return forms.go_back(request, "/me", Notice(tell(refusal.message), tell(refusal.hint), "late"))
    content: dict[str, Any] = {"address": begun.address, "provider": desk.provider.name}
    return _with_cookie(room, request, await page(room, request, "provider_go.html", "own", content), begun)


async def disconnect(room: Room, request: Request) -> Response:
    """Forget one's own login at the provider; all browsers are signed out."""
    await forms.take(request, Role.READER)
    session = session_of(request)
    try:
        if session.person is None or not session.person.has_password:
            raise Invalid(
                t("Without a password you could not sign in any more."),
                hint=t("Ask an admin for a link to choose a password first."),
            )
        await room.people.disconnect(session.person.id, session.who, where_of(request))
    except PacklineError as refusal:
        return forms.go_back(request, "/me", Notice(tell(refusal.message), tell(refusal.hint), "late"))
    return forms.go_back(request, "/me")


async def leave_there(room: Room, request: Request) -> Response:
    """Lead somebody who signed out here to the sign-out of the provider."""
    try:
        address = await _desk(room).farewell(_home(room, request) + "/sign-in")
        if not address:
            raise NotFound(t("This provider has no address to sign out at."), hint=t("Sign out there by hand."))
    except PacklineError as refusal:
        return await show_refusal(room, request, refusal)
    return RedirectResponse(address, 303)


def _desk(room: Room) -> ProviderDesk:
    if room.elsewhere is None:
        raise NotFound(
            t("No identity provider is set up here."), hint=t("Sign in with a password; an admin can make a link.")
        )
    return room.elsewhere


def _home(room: Room, request: Request) -> str:
    return (room.start.address or str(request.base_url)).rstrip("/")


def _leads_to(room: Room, request: Request) -> str:
    """Give the address that the provider leads back to; it must be registered there."""
    return _home(room, request) + CALLBACK


async def _signed_in(room: Room, request: Request) -> Person | None:
    secret = request.cookies.get(COOKIE, "")
    found = await room.door.sessions.by_secret(secret, room.clock.now(), room.idle) if secret else None
    return found[1] if found and isinstance(found[1], Person) else None


def _with_cookie(room: Room, request: Request, answer: Response, begun: Begun) -> Response:
    secure = room.is_secure or request.url.scheme == "https"
    lasts = int(FLOW_LIVES.total_seconds())
    answer.set_cookie(
        begun.cookie, begun.value, max_age=lasts, path=_PATH, httponly=True, samesite="lax", secure=secure
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


PATHS = (
    get("/sign-in/provider", leave_for),
    get(CALLBACK, come_back),
    get("/sign-in/left", leave_there),
    get("/welcome/{code}/provider", leave_with_link),
    post("/me/provider", connect, is_recorded=False),
    post("/me/provider/disconnect", disconnect, is_recorded=False),
)
