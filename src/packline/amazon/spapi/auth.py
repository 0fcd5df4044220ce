"""Login with Amazon: access tokens for thousands of accounts, each refreshed once, early, and on its own.

Sources: Selling Partner API, "Connecting to the Selling Partner API" (token endpoint, grant types, one hour of life)
and "Authorization errors"; RFC 6749 section 5.2 for the error words.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from packline.amazon.spapi.clock import Clock
from packline.amazon.spapi.transport import NoAnswer, NotSent, Request, Transport
from packline.domain.location import TOKEN_URL
from packline.errors import AmazonError, Unauthorized, Unavailable

EARLY = 60.0
"""Seconds before the end of a token's life at which the next one is fetched."""
_TOO_LATE = 5.0
_LONGEST_QUIET = 30.0
_FORM = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"}

_CURES: Mapping[str, tuple[str, str]] = {
    "invalid_grant": (
        "the refresh token is not valid: the seller withdrew the authorisation, or it ended",
        "Let the seller authorise the application again and store the new refresh token.",
    ),
    "invalid_client": (
        "the client id or client secret is not valid: the secret was rotated or mistyped",
        "Copy client id and secret of the application from Seller Central's developer console.",
    ),
    "unauthorized_client": (
        "the application may not use this kind of sign-in",
        "Check that the refresh token belongs to this application.",
    ),
    "invalid_scope": (
        "the scope is not granted to the application",
        "Check the scope and the roles of the application.",
    ),
}


class Credentials(msgspec.Struct, frozen=True):
    """What an application signs in with; without a refresh token only calls that need no seller."""

    client_id: str
    client_secret: str
    refresh_token: str = ""

    def __repr__(self) -> str:
        """Show which application, never a secret."""
        return f"Credentials(client_id={self.client_id!r}, …)"


class Account(msgspec.Struct, frozen=True):
    """One authorisation of a seller in one region: where to call and what to sign in with."""

    id: str
    endpoint: str
    credentials: Credentials


class TokenAnswer(msgspec.Struct, frozen=True):
    """What the token endpoint gives."""

    access_token: str
    expires_in: float = 3600
    refresh_token: str = ""

    def __repr__(self) -> str:
        """Show how long it lives, never the token."""
        return f"TokenAnswer(expires_in={self.expires_in!r}, …)"


class _Refusal(msgspec.Struct, frozen=True):
    error: str = ""
    error_description: str = ""


class Grant:
    """The living token of one account, and what is known about its sign-in."""

    __slots__ = (
        "credentials", "expires_at", "failure", "failures", "form", "on_trial", "quiet_until", "refresh", "token",
    )  # fmt: skip

    def __init__(self, credentials: Credentials, form: dict[str, str]) -> None:
        """Start without a token."""
        self.credentials, self.form = credentials, form
        self.token, self.expires_at = "", 0.0
        self.refresh: asyncio.Task[None] | None = None
        self.failure: AmazonError | None = None
        self.failures, self.quiet_until = 0, 0.0
        self.on_trial = False


class AccessTokens:
    """Hand out access tokens, one refresh in flight for each account."""

    def __init__(
        self,
        transport: Transport,
        clock: Clock,
        *,
        token_url: str = TOKEN_URL,
        at_once: int = 32,
        timeout: float = 15.0,
    ) -> None:
        """Sign in at `token_url`, at most `at_once` accounts at the same time."""
        self._transport, self._clock, self._url, self._timeout = transport, clock, token_url, timeout
        self._grants: dict[tuple[str, str], Grant] = {}
        self._gate = asyncio.Semaphore(at_once)

    def grant(self, account: Account, scope: str = "") -> Grant:
        """Find the grant of an account; new credentials start a new one."""
        grant = self._grants.get((account.id, scope))
        if grant is None or (grant.credentials is not account.credentials and grant.credentials != account.credentials):
            grant = Grant(account.credentials, _form(account.credentials, scope))
            self._grants[(account.id, scope)] = grant
        return grant

    def ready(self, grant: Grant) -> str:
        """Give the token if it has long to live, else an empty string; never blocks."""
        return grant.token if grant.expires_at - self._clock.monotonic() > EARLY else ""

    async def token(self, grant: Grant) -> str:
        """Give a token that lives; fetch one if needed.

        Raises Unauthorized, with the cure, when Amazon refuses the credentials; Unavailable when it cannot be
        reached. Either is remembered for a while, so that a broken account costs nobody else anything.
        """
        now = self._clock.monotonic()
        left = grant.expires_at - now
        if left > EARLY:
            return grant.token
        if grant.refresh is None and (grant.failure is None or now >= grant.quiet_until):
            grant.refresh = asyncio.ensure_future(self._refresh(grant))
        if left > _TOO_LATE:
            return grant.token
        if grant.refresh is not None:
            await asyncio.shield(grant.refresh)
        if grant.failure is not None:
            raise _again(grant.failure)
        return grant.token

    def refused(self, grant: Grant, token: str) -> bool:
        """Take note that Amazon refused a token; tell whether one more try with a new one makes sense.

        A new token that is refused as well is not expired: the account lacks a right, and asking on would only
        add a sign-in to every refused call.
        """
        if grant.token != token:
            return True
        if grant.on_trial and self._clock.monotonic() < grant.quiet_until:
            return False
        grant.token, grant.expires_at, grant.on_trial = "", 0.0, True
        grant.quiet_until = self._clock.monotonic() + _LONGEST_QUIET
        return True

    def forget(self, account_id: str) -> None:
        """Drop what is held of an account that this process no longer owns."""
        for key in [key for key in self._grants if key[0] == account_id]:
            del self._grants[key]

    async def exchange(self, credentials: Credentials, code: str, redirect_uri: str = "") -> TokenAnswer:
        """Turn the code of a seller's consent (lives five minutes, once) into a refresh token."""
        form = {"grant_type": "authorization_code", "code": code, "client_id": credentials.client_id}
        form["client_secret"] = credentials.client_secret
        return await self._ask(form | ({"redirect_uri": redirect_uri} if redirect_uri else {}))

    async def _refresh(self, grant: Grant) -> None:
        try:
            async with self._gate:
                answer = await self._ask(grant.form)
            grant.token, grant.expires_at = answer.access_token, self._clock.monotonic() + answer.expires_in
            grant.failure, grant.failures = None, 0
        except AmazonError as failure:
            grant.failure, grant.failures = failure, grant.failures + 1
            pause = (
                _LONGEST_QUIET if isinstance(failure, Unauthorized) else min(_LONGEST_QUIET, 2.0**grant.failures / 2)
            )
            grant.quiet_until = self._clock.monotonic() + pause
        finally:
            grant.refresh = None

    async def _ask(self, form: Mapping[str, str]) -> TokenAnswer:
        request = Request("POST", self._url, _FORM, urlencode(form).encode(), self._timeout)
        try:
            response = await self._transport.send(request)
        except (NotSent, NoAnswer) as silence:
            raise Unavailable(f"Login with Amazon could not be reached: {silence}", operation="signIn") from silence
        if response.status != 200:
            raise _refusal(response.status, response.body)
        try:
            return msgspec.json.decode(response.body, type=TokenAnswer, strict=False)
        except msgspec.DecodeError as misfit:
            raise Unavailable("Login with Amazon gave no token", operation="signIn", status=200) from misfit


def _form(credentials: Credentials, scope: str) -> dict[str, str]:
    client = {"client_id": credentials.client_id, "client_secret": credentials.client_secret}
    if scope:
        return {"grant_type": "client_credentials", "scope": scope, **client}
    return {"grant_type": "refresh_token", "refresh_token": credentials.refresh_token, **client}


def _refusal(status: int, body: bytes) -> AmazonError:
    try:
        said = msgspec.json.decode(body, type=_Refusal)
    except msgspec.DecodeError:
        said = _Refusal()
    if said.error in _CURES:
        why, cure = _CURES[said.error]
        return Unauthorized(
            f"Sign-in refused: {why}", operation="signIn", status=status, amazon_code=said.error, hint=cure
        )
    if status in {400, 401, 403}:
        return Unauthorized(f"Sign-in refused: {said.error}", operation="signIn", status=status, amazon_code=said.error)
    return Unavailable(
        f"Login with Amazon answered {status}", operation="signIn", status=status, amazon_code=said.error
    )


def _again(failure: AmazonError) -> AmazonError:
    return type(failure)(
        failure.message,
        operation=failure.operation,
        status=failure.status,
        amazon_code=failure.amazon_code,
        hint=failure.hint,
    )
