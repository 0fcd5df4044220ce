"""Restricted data tokens: asked for where Amazon wants one, kept for each account and operation.

No source says whether External Fulfillment 2024-09-11 needs them, so nothing is asked until an operation with personal
data is refused with a fresh access token. Source: Tokens API 2021-03-01, createRestrictedDataToken (a path may hold
`{shipmentId}`; the method PATCH is not among those that it takes).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from packline.amazon.spapi import outcome
from packline.amazon.spapi.clock import Clock
from packline.amazon.spapi.operation import Effect, Operation

CREATE_TOKEN = Operation(
    name="createRestrictedDataToken",
    method="POST",
    path="/tokens/2021-03-01/restrictedDataToken",
    effect=Effect.READ,
    api="tokens",
    success=(200,),
)
EARLY = 60.0
"""Seconds before the end of its life at which a token is replaced."""
Key = tuple[str, str]
Fetch = Callable[[bytes], Awaitable[bytes]]


class _Token(msgspec.Struct, frozen=True, rename="camel"):
    restricted_data_token: str | None = None
    expires_in: float = 3600


class _Answer(_Token, frozen=True, rename="camel"):
    payload: _Token | None = None  # as Amazon's older pages show it


_ANSWER = msgspec.json.Decoder(_Answer, strict=False)


class _Held:
    __slots__ = ("expires_at", "lock", "token")

    def __init__(self) -> None:
        self.token, self.expires_at, self.lock = "", 0.0, asyncio.Lock()


class RestrictedTokens:
    """Hold the restricted data tokens of this process."""

    def __init__(self, clock: Clock) -> None:
        """Hold none; no operation wants one until `want` says so."""
        self._clock = clock
        self._held: dict[Key, _Held] = {}

    def is_wanted(self, key: Key) -> bool:
        """Tell whether the operation is sent with a restricted token for this account."""
        return key in self._held

    def want(self, key: Key) -> None:
        """Send this operation with a restricted token from now on."""
        self._held.setdefault(key, _Held())

    def drop(self, key: Key) -> None:
        """Forget that the operation wants one: it did not help."""
        self._held.pop(key, None)

    async def token(self, key: Key, operation: Operation, fetch: Fetch) -> str:
        """Give the token that lives, asked for once however many wait.

        Raises what `fetch` raises, and Unexpected for an answer without a token.
        """
        held = self._held[key]
        if held.expires_at - self._clock.monotonic() > EARLY:
            return held.token
        async with held.lock:
            if held.expires_at - self._clock.monotonic() <= EARLY:
                answer = _read(await fetch(request(operation)))
                held.token = answer.restricted_data_token or ""
                held.expires_at = self._clock.monotonic() + answer.expires_in
        return held.token


def _read(body: bytes) -> _Token:
    why = "it holds no token"
    try:
        answer = _ANSWER.decode(body)
        found = answer if answer.restricted_data_token else answer.payload
        if found is not None and found.restricted_data_token:
            return found
    except (msgspec.DecodeError, UnicodeDecodeError) as broken:
        why = str(broken)
    raise outcome.misfit(CREATE_TOKEN.name, is_write=False, status=200, why=why)


def request(operation: Operation) -> bytes:
    """Build the body of createRestrictedDataToken for one operation, whatever ids its path will hold."""
    return msgspec.json.encode({"restrictedResources": [{"method": operation.method, "path": operation.path}]})
