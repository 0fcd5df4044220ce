"""Who looks and who acts: sign-in by name or API key, and proof that a form was sent from a page of ours."""

import asyncio
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from packline.commands.sign_in import Where
from packline.console.room import Room
from packline.domain.api_key import ApiKey, Role
from packline.domain.person import LOOKS, LOOKS_OF_KEYS, READS_AUDIT, ROLES, Look, Person

COOKIE = "packline_console"
ASK_AGAIN_S = 5.0  # somebody who is signed out elsewhere is shown the door after that at the latest
SEEN_EVERY_S = 60.0
_THIS_MACHINE = ("127.0.0.1", "localhost", "[::1]")
_HEADER = "x-packline-token"
_OPEN = ("/static/", "/sign-in", "/welcome/")
_NOTES_KEPT = 50
_KNOWN_AT_MOST = 5000
_ANYBODY = ApiKey("console", "console", Role.ADMIN, "", datetime.min.replace(tzinfo=UTC))


class Notice(NamedTuple):
    """What came of the last act: said once, at the top; `tone` is good, risk or late."""

    message: str
    hint: str = ""
    tone: str = ""


@dataclass
class Session:
    """A person at a browser; `token` goes into every form and comes back with it.

    `key` holds what whoever is signed in may do, for a person made of the role. `notes` are notices on their way to the
    page after an act: no address can make a page say something.
    """

    key: ApiKey
    token: str
    id: str = ""
    person: Person | None = None
    asked_at: float = 0.0
    seen_at: float = float("-inf")
    notes: dict[str, Notice] = field(default_factory=dict)

    @property
    def who(self) -> str:
        """Name whoever is signed in, as commands, events and the audit do."""
        return self.person.who if self.person else f"console: {self.key.name}"

    @property
    def looks(self) -> frozenset[Look]:
        """Give the personal data that may be shown."""
        return LOOKS[self.person.role] if self.person else LOOKS_OF_KEYS[self.key.role]

    @property
    def reads_audit(self) -> bool:
        """Tell whether the audit may be read."""
        return self.person.role in READS_AUDIT if self.person else self.key.role >= Role.OPERATOR

    @property
    def rules(self) -> bool:
        """Tell whether people may be changed: an admin without limits."""
        return self.key.role >= Role.ADMIN and self.key.accounts is None and self.key.locations is None

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
        self._known: dict[str, Session] = {}
        self._local = Session(_ANYBODY, secrets.token_urlsafe(24))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through with its session, or answer it."""
        if scope["type"] != "http" or scope["path"].startswith(_OPEN):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        session = await self._session(request)
        if session is None:
            await self._turn_away(request)(scope, receive, send)
            return
        scope.setdefault("state", {})["session"] = session
        if self._room.sign_in and scope["path"].endswith("/live"):
            receive, send = self._while_signed_in(request, receive, send)
        await self._app(scope, receive, send)

    async def _session(self, request: Request) -> Session | None:
        if not self._room.sign_in:
            host = request.headers.get("host", "").rsplit(":", 1)[0].lower()
            return self._local if host in (*_THIS_MACHINE, *self._room.hosts) else None
        secret = request.cookies.get(COOKIE, "")
        session = await self._known_session(secret) if secret else None
        if session is not None and _is_act(request):
            moment = self._room.clock.monotonic()
            if moment - session.seen_at > SEEN_EVERY_S:
                session.seen_at = moment
                await self._room.door.sessions.seen(session.id, self._room.clock.now())
        return session

    async def _known_session(self, secret: str) -> Session | None:
        moment = self._room.clock.monotonic()
        session = self._known.get(secret)
        if session is not None and moment - session.asked_at <= ASK_AGAIN_S:
            return session
        door = self._room.door
        found = await door.sessions.by_secret(secret, self._room.clock.now(), door.idle)
        if found is None:
            self._known.pop(secret, None)
            return None
        made = _made(found[0].id, found[1], secret, moment)
        if session:
            made.notes, made.seen_at = session.notes, session.seen_at
        if len(self._known) >= _KNOWN_AT_MOST:
            self._known.pop(next(iter(self._known)))
        self._known[secret] = made
        return made

    def _while_signed_in(self, request: Request, receive: Receive, send: Send) -> tuple[Receive, Send]:
        """Cut a stream off soon after its session has ended: the app is told that the browser has gone."""
        ended, asked_at = asyncio.Event(), self._room.clock.monotonic()

        async def sending(message: Message) -> None:
            nonlocal asked_at
            if ended.is_set():
                return
            if self._room.clock.monotonic() - asked_at > ASK_AGAIN_S:
                asked_at = self._room.clock.monotonic()
                if await self._known_session(request.cookies.get(COOKIE, "")) is None:
                    ended.set()
                    message = {"type": "http.response.body", "body": b"", "more_body": False}
            await send(message)

        async def receiving() -> Message:
            told, over = asyncio.ensure_future(receive()), asyncio.ensure_future(ended.wait())
            try:
                await asyncio.wait({told, over}, return_when=asyncio.FIRST_COMPLETED)
                return {"type": "http.disconnect"} if ended.is_set() else told.result()
            finally:
                for task in (told, over):
                    task.cancel()

        return receiving, sending

    def _turn_away(self, request: Request) -> Response:
        if not self._room.sign_in:
            return PlainTextResponse("The console answers to this machine's own names only.", 421)
        if request.method != "GET" or request.url.path.endswith("/live") or "hx-request" in request.headers:
            shown = urlsplit(request.headers.get("hx-current-url", ""))
            return PlainTextResponse("Sign in again.", 401, {"HX-Redirect": _door(shown.path or "/", shown.query)})
        return RedirectResponse(_door(request.url.path, request.url.query), 303)


def _door(path: str, query: str) -> str:
    """Give the address of the sign-in, which leads back here."""
    back = f"{path}?{query}" if query else path
    return f"/sign-in?back={quote(back)}"


def where_of(request: Request) -> Where:
    """Tell what is known of the browser of a request."""
    return Where(request.headers.get("user-agent", ""), request.client.host if request.client else "")


def session_of(request: Request) -> Session:
    """Give the session that a request was let in with."""
    session: Session = request.state.session
    return session


def is_ours(request: Request, token: str) -> bool:
    """Tell whether a form was sent from a page that this console gave to this session."""
    given = token or request.headers.get(_HEADER, "")
    return is_from_here(request) and hmac.compare_digest(given.encode(), session_of(request).token.encode())


def is_from_here(request: Request) -> bool:
    """Tell whether a browser says that a form was on a page of this console (Fetch Metadata)."""
    return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


def _is_act(request: Request) -> bool:
    """What a page does by itself while nobody is there keeps no session alive."""
    by_itself = request.url.path.endswith("/live") or "hx-request" in request.headers
    return request.method != "GET" or not by_itself


def _made(name: str, owner: Person | ApiKey, secret: str, moment: float) -> Session:
    token = hashlib.blake2b(b"form", key=secret.encode()[:64], digest_size=18).hexdigest()
    if isinstance(owner, ApiKey):
        return Session(owner, token, name, None, moment)
    key = ApiKey(owner.id, owner.name, ROLES[owner.role], "", owner.created_at, owner.accounts, owner.locations)
    return Session(key, token, name, owner, moment)
