"""Who looks and who acts: sign-in by API key, and proof that a form was sent from a page of ours."""

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from packline.console.room import Room
from packline.domain.api_key import ApiKey, Role

COOKIE = "packline_console"
LASTS_S = 12 * 3600.0
ASK_AGAIN_S = 30.0  # a revoked key is shown the door after that at the latest
_THIS_MACHINE = ("127.0.0.1", "localhost", "[::1]")
_HEADER = "x-packline-token"
_OPEN = ("/static/", "/sign-in")
_NOTES_KEPT = 50
_ANYBODY = ApiKey("console", "console", Role.ADMIN, "", datetime.min.replace(tzinfo=UTC))


class Notice(NamedTuple):
    """What came of the last act: said once, at the top; `tone` is good, risk or late."""

    message: str
    hint: str = ""
    tone: str = ""


@dataclass
class Session:
    """A person at a browser; `token` goes into every form and comes back with it.

    `notes` are notices on their way to the page after an act: no address can make a page say something.
    """

    key: ApiKey
    secret: str
    token: str
    until: float
    asked_at: float
    notes: dict[str, Notice] = field(default_factory=dict)

    def keep(self, notice: Notice) -> str:
        """Keep a notice for the next page; give its name."""
        name = secrets.token_urlsafe(6)
        self.notes[name] = notice
        while len(self.notes) > _NOTES_KEPT:
            self.notes.pop(next(iter(self.notes)))
        return name


class Guard:
    """ASGI middleware: let signed-in people through, and forms only from our own pages.

    Without sign-in only this machine's own names are answered, so that a page elsewhere cannot reach the console by
    pointing a name of its own at this address.
    """

    def __init__(self, app: ASGIApp, room: Room) -> None:
        """Guard an app."""
        self._app, self._room = app, room
        self._sessions: dict[str, Session] = {}
        self._local = Session(_ANYBODY, "", secrets.token_urlsafe(24), float("inf"), float("inf"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through with its session, or answer it."""
        if scope["type"] != "http" or scope["path"].startswith(_OPEN):
            if scope["type"] == "http":
                scope.setdefault("state", {})["guard"] = self
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        session = await self._session(request)
        if session is None:
            await self._turn_away(request)(scope, receive, send)
            return
        scope.setdefault("state", {})["session"] = session
        await self._app(scope, receive, send)

    async def sign_in(self, secret: str) -> str | None:
        """Open a session for a good key; gives its cookie."""
        now = self._room.clock.monotonic()
        key = await self._room.keys.by_secret(secret.strip())
        if key is None or not key.is_good(self._room.clock.now()):
            return None
        self._sessions = {name: kept for name, kept in self._sessions.items() if kept.until > now}
        name = secrets.token_urlsafe(32)
        self._sessions[name] = Session(key, secret.strip(), secrets.token_urlsafe(24), now + LASTS_S, now)
        return name

    async def _session(self, request: Request) -> Session | None:
        if not self._room.sign_in:
            host = request.headers.get("host", "").rsplit(":", 1)[0].lower()
            return self._local if host in (*_THIS_MACHINE, *self._room.hosts) else None
        session = self._sessions.get(request.cookies.get(COOKIE, ""))
        now = self._room.clock.monotonic()
        if session is None or session.until < now:
            return None
        if now - session.asked_at > ASK_AGAIN_S:
            key = await self._room.keys.by_secret(session.secret)
            if key is None or not key.is_good(self._room.clock.now()):
                return None
            session.key, session.asked_at = key, now
        return session

    def _turn_away(self, request: Request) -> Response:
        if not self._room.sign_in:
            return PlainTextResponse("The console answers to this machine's own names only.", 421)
        if request.method != "GET" or request.url.path.endswith("/live") or "hx-request" in request.headers:
            return PlainTextResponse("Sign in again.", 401)
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?back={quote(back)}", 303)


def session_of(request: Request) -> Session:
    """Give the session that a request was let in with."""
    session: Session = request.state.session
    return session


def is_ours(request: Request, token: str) -> bool:
    """Tell whether a form was sent from a page that this console gave to this session."""
    elsewhere = request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
    given = token or request.headers.get(_HEADER, "")
    return not elsewhere and hmac.compare_digest(given.encode(), session_of(request).token.encode())
