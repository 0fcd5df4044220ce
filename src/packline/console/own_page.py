"""One's own account: the password, where one is signed in, and what one did and saw last."""

from starlette.requests import Request
from starlette.responses import Response

from packline.console import forms
from packline.console.frame import page
from packline.console.guard import Notice, session_of, where_of
from packline.console.people_page import ROLES, entries_of, sessions_of
from packline.console.place import get, post
from packline.console.room import Room
from packline.console.words import t, tell
from packline.domain.api_key import Role
from packline.domain.person import OF_ROLE, SHORTEST_PASSWORD
from packline.errors import Invalid, PacklineError
from packline.views import people


async def show(room: Room, request: Request) -> Response:
    """Show who is signed in."""
    session = session_of(request)
    now = room.clock.now()
    role = session.person.role if session.person else OF_ROLE[session.key.role]
    content = {
        "own": session.person,
        "known": await people.person(room.pool, now, room.idle, session.person.id) if session.person else None,
        "provider": room.provider_name,
        "key": session.key,
        "signs_in": room.sign_in,
        "this": session.id,
        "role_says": t(ROLES[role]),
        "sessions": await sessions_of(room, session.person.id) if session.person else [],
        "entries": await entries_of(room, session.who),
        "shortest": SHORTEST_PASSWORD,
    }
    return await page(room, request, "own.html", "own", content)


async def change_password(room: Room, request: Request) -> Response:
    """Change one's own password; other browsers are signed out."""
    form = await forms.take(request, Role.READER)
    session = session_of(request)
    try:
        if session.person is None:
            raise Invalid(t("An API key has no password."), hint=t("Sign in by name to change one."))
        if form.get("password", "") != form.get("again", ""):
            raise Invalid(t("The two passwords differ."), hint=t("Type the same one twice."))
        old, password = form.get("old", ""), form.get("password", "")
        await room.people.change_password(session.person, old, password, session.id, where_of(request))
    except PacklineError as refusal:
        return forms.go_back(request, "/me", Notice(tell(refusal.message), tell(refusal.hint), "late"))
    said = Notice(t("The new password counts. All other browsers are signed out."), "", "good")
    return forms.go_back(request, "/me", said)


async def end_session(room: Room, request: Request) -> Response:
    """Sign oneself out elsewhere: in one browser, or in all others."""
    form = await forms.take(request, Role.READER)
    session = session_of(request)
    if session.person is None:
        return forms.go_back(request, "/me")
    wanted = form.get("session")
    rows = await sessions_of(room, session.person.id)
    for row in rows:
        if row["id"] == wanted or (not wanted and row["id"] != session.id):
            await room.people.sign_out(session.person.id, session.who, session=row["id"], where=where_of(request))
    return forms.go_back(request, "/me", Notice(t("Signed out there."), "", "good"))


PATHS = (
    get("/me", show),
    post("/me/password", change_password, is_recorded=False),
    post("/me/sessions", end_session, is_recorded=False),
)
