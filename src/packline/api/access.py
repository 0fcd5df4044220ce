"""Who asks: API keys, their roles and scopes, and their share of requests."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from fastapi import Depends, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from packline.api.problems import answer
from packline.api.services import Services
from packline.domain.api_key import ApiKey, Role
from packline.errors import Forbidden, NotFound, PacklineError, TooManyRequests, Unauthenticated
from packline.views import paging

REMEMBERED = 5.0  # seconds; a revoked key is refused after that at the latest
LARGEST_BODY = 16 << 20  # bytes; a thousand packs with serial numbers stay below
LARGEST_FILE = 51 << 20  # bytes; 50 MB of documents and the frame of a form
FILES_AT = ("/v1/imports/documents", "/v1/imports/document_drops")
_OPEN = ("/v1/health", "/v1/errors/")
_NOBODY = ApiKey("local", "local", Role.ADMIN, "", datetime(2026, 1, 1, tzinfo=UTC))


class Share:
    """A token bucket for one key."""

    __slots__ = ("_at", "_burst", "_level", "_rate")

    def __init__(self, rate: float, burst: int, now: float) -> None:
        self._rate, self._burst, self._level, self._at = rate, burst, float(burst), now

    def take(self, now: float) -> bool:
        """Take one request; False where none is left."""
        self._level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now
        if self._level < 1:
            return False
        self._level -= 1
        return True

    def headers(self) -> dict[str, str]:
        """Show the policy and what is left (RateLimit header fields for HTTP, IETF httpapi draft)."""
        window = max(1, round(self._burst / self._rate))
        wait = max(0, round((self._burst - self._level) / self._rate))
        return {
            "RateLimit-Policy": f'"key";q={self._burst};w={window}',
            "RateLimit": f'"key";r={int(self._level)};t={wait}',
        }


class Access:
    """ASGI middleware: know the key of each request under /v1, and count it."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        """Guard an app."""
        self._app, self._services = app, services
        self._known: dict[str, tuple[float, ApiKey]] = {}
        self._shares: dict[str, Share] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through with its key, or answer 401 or 429."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith("/v1/") or path.startswith(_OPEN):
            await self._app(scope, receive, send)
            return
        try:
            key = await self._key(Headers(scope=scope))
            share = self._share(key)
        except PacklineError as refusal:
            headers = {"WWW-Authenticate": 'Bearer realm="packline"'} if refusal.http_status == 401 else {}
            await answer(refusal, headers)(scope, receive, send)
            return
        if not share.take(self._services.clock.monotonic()):
            refused = TooManyRequests("This key has used up its share of requests.")
            await answer(refused, {"Retry-After": "1", **share.headers()})(scope, receive, send)
            return
        scope.setdefault("state", {})["key"] = key
        most = LARGEST_FILE if path in FILES_AT else LARGEST_BODY
        await self._app(scope, _bounded(receive, most), _with_headers(send, share.headers()))

    async def _key(self, headers: Headers) -> ApiKey:
        secret = _secret(headers)
        if secret is None:
            if self._services.settings.require_keys:
                raise Unauthenticated("The request carries no API key.")
            return _NOBODY
        moment = self._services.clock.monotonic()
        until, key = self._known.get(secret, (0.0, None))
        if key is None or until < moment:
            key = await self._read(secret)
            self._forget_old(moment)
            self._known[secret] = (moment + REMEMBERED, key)
        return key

    async def _read(self, secret: str) -> ApiKey:
        key = await self._services.api_keys.by_secret(secret)
        now = self._services.clock.now()
        if key is None or not key.is_good(now):
            raise Unauthenticated("This API key does not exist, was revoked, or is over.")
        if key.last_used_at is None or now - key.last_used_at > timedelta(minutes=1):
            await self._services.api_keys.used(key.id, now)
        return key

    def _forget_old(self, moment: float) -> None:
        if len(self._known) > 1000:
            self._known = {secret: kept for secret, kept in self._known.items() if kept[0] > moment}

    def _share(self, key: ApiKey) -> Share:
        share = self._shares.get(key.id)
        if share is None:
            settings = self._services.settings
            share = Share(settings.requests_per_second, settings.burst, self._services.clock.monotonic())
            self._shares[key.id] = share
        return share


def services_of(request: Request) -> Services:
    """Give the services of the app that serves a request."""
    return cast("Services", request.app.state.services)


def key_of(request: Request) -> ApiKey:
    """Give the key that a request was let in with."""
    return cast("ApiKey", request.state.key)


def scope_of(request: Request) -> paging.Scope:
    """Give what the key of a request may see."""
    key = key_of(request)
    return paging.Scope(key.accounts, key.locations)


def needs(role: Role) -> Any:
    """Make the dependency that lets only keys of a role (or a higher one) in."""

    async def check(request: Request) -> None:
        key = key_of(request)
        if key.role < role:
            raise Forbidden(f"This needs a key of role {role.word}; yours is {key.role.word}.")

    return Depends(check)


def refuse_other_account(request: Request, account_id: str) -> None:
    """Raise NotFound for an account that is outside the key's scope."""
    if not scope_of(request).sees(account_id):
        raise NotFound(f"There is no account {account_id}.")


def refuse_bound_key(request: Request) -> None:
    """Raise Forbidden for a key that is bound to accounts or locations where the whole house is meant."""
    key = key_of(request)
    if key.accounts is not None or key.locations is not None:
        raise Forbidden("This concerns all accounts; the key is bound to some of them.")


def _secret(headers: Headers) -> str | None:
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and secret:
        return secret.strip()
    return headers.get("x-api-key")


def _bounded(receive: Receive, most: int) -> Receive:
    """Read no more of a body than any request can need; raises the answer 413 inside the app."""
    read = 0

    async def receiving() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > most:
            raise HTTPException(413, f"The body is larger than {most >> 20} MB.", {"Connection": "close"})
        return message

    return receiving


def _with_headers(send: Send, extra: dict[str, str]) -> Callable[[Message], Awaitable[None]]:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in extra.items():
                headers[name] = value
        await send(message)

    return sending
