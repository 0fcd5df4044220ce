"""A transport that answers from a script and remembers what was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs

from packline.amazon.spapi.transport import Request, Response

Reply = Response | Exception | Callable[[Request], Response]


def answer(status: int = 200, body: bytes = b"{}", **headers: str) -> Response:
    """Build an answer; header names with underscores for dashes."""
    return Response(status, {name.replace("_", "-").lower(): value for name, value in headers.items()}, body, 1.0)


def refusal(status: int, code: str, message: str = "no") -> Response:
    """Build an error answer as Amazon does."""
    return answer(status, f'{{"errors":[{{"code":"{code}","message":"{message}"}}]}}'.encode())


class ScriptedTransport:
    """Sign-ins get token-1, token-2, ... or what `sign_ins` says; every other call gets the next of `replies`."""

    def __init__(self, *replies: Reply, sign_ins: list[Reply] | None = None) -> None:
        self.replies = list(replies)
        self.sign_ins = sign_ins
        self.sign_in_forms: list[Mapping[str, list[str]]] = []
        self.calls: list[Request] = []
        self.hold: asyncio.Event | None = None

    async def send(self, request: Request) -> Response:
        if request.url.endswith("/auth/o2/token"):
            return await self._sign_in(request)
        if request.guard is not None:
            await request.guard()
        self.calls.append(request)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return _give(reply, request)

    async def _sign_in(self, request: Request) -> Response:
        self.sign_in_forms.append(parse_qs(request.body.decode()))
        number = len(self.sign_in_forms)
        if self.hold is not None:
            await self.hold.wait()
        if self.sign_ins:
            return _give(self.sign_ins.pop(0), request)
        return answer(200, f'{{"access_token":"token-{number}","expires_in":3600,"token_type":"bearer"}}'.encode())


def _give(reply: Reply, request: Request) -> Response:
    if isinstance(reply, Exception):
        raise reply
    return reply if isinstance(reply, Response) else reply(request)
