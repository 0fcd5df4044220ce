"""HTTP/1.1 over kept connections: a fifth of the processor time of a general client, and exact about what has left.

One request at a time on a connection, parsed by llhttp (through httptools). A general client hides what matters
here: whether a request ever left, and whether it was silently sent again.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections import deque
from typing import cast
from urllib.parse import urlsplit

import httptools

from packline.amazon.spapi.transport import NoAnswer, NotSent, Request, Response, Watchdog, plain

IDLE = 4.0
"""Seconds after which a kept connection is not used again: servers close from five seconds on."""
LARGEST_BODY = 64 * 1024 * 1024
_ORIGIN = re.compile(r"(https?)://([^/?#@\s]+)", re.ASCII).match
_PRINTABLE = re.compile(r"[!-~]*").fullmatch


class Http1Transport:
    """Send over few kept connections for each origin; nothing is repeated, redirected or rewritten."""

    def __init__(
        self, *, sockets: int = 64, watchdog_interval: float = 0.25, tls: ssl.SSLContext | None = None
    ) -> None:
        """Keep at most `sockets` connections to each origin, opened when needed; `tls` replaces the usual trust."""
        self._sockets, self._tls = sockets, tls
        self._watchdog = Watchdog(watchdog_interval)
        self._origins: dict[str, _Origin] = {}

    async def send(self, request: Request) -> Response:
        """Send once. Raises NotSent when the request provably never left, NoAnswer when its answer did not come.

        What the request's guard raises passes through; then nothing has left.
        """
        found = _ORIGIN(request.url)
        if found is None:
            raise NotSent(f"{request.url!r} is no http address")
        origin = self._origins.get(found[0]) or self._origin(found[0])
        message = _message(request, origin.host, request.url[found.end() :] or "/")
        flight = self._watchdog.watch(request.timeout)
        started = flight.deadline - request.timeout
        connection: _Connection | None = None
        has_left = False
        try:
            connection = await _taken(origin)
            if request.guard is not None:
                await request.guard()
            has_left = True
            status, headers, body = await connection.ask(message)
            answered = plain(body, headers.get("content-encoding", ""))
            return Response(status, headers, answered, (origin.loop.time() - started) * 1000)
        except asyncio.CancelledError:
            if flight.expired and flight.task.uncancel() == 0:
                kind = NoAnswer if has_left else NotSent
                raise kind(f"no answer within {request.timeout:g} s") from None
            raise
        finally:
            self._watchdog.release(flight)
            if connection is not None:
                origin.give_back(connection)

    async def close(self) -> None:
        """Close every connection."""
        for origin in self._origins.values():
            origin.close()
        self._origins.clear()
        await asyncio.sleep(0)

    def _origin(self, address: str) -> _Origin:
        try:
            parts = urlsplit(address)
            secure = parts.scheme == "https"
            port = parts.port or (443 if secure else 80)
        except ValueError as wrong:
            raise NotSent(f"{address!r} is no http address") from wrong
        if secure and self._tls is None:
            self._tls = ssl.create_default_context()
        origin = _Origin(parts.hostname or "", port, parts.netloc, self._tls if secure else None, self._sockets)
        self._origins[address] = origin
        return origin


class _Origin:
    def __init__(self, name: str, port: int, host: str, tls: ssl.SSLContext | None, limit: int) -> None:
        self.name, self.port, self.host, self.tls, self.limit = name, port, host, tls, limit
        self.loop = asyncio.get_running_loop()
        self.opened = 0
        self.idle: list[_Connection] = []
        self.all: set[_Connection] = set()
        self.waiting: deque[asyncio.Future[_Connection | None]] = deque()

    async def take(self) -> _Connection:
        """Wait in line for a connection: who comes later does not overtake who waits."""
        connection = None if self.waiting else self._idle()
        if connection is not None:
            return connection
        while self.waiting or self.opened >= self.limit:
            connection = await self._turn()
            if connection is not None and connection.is_fresh():
                return connection
            if self.opened < self.limit:
                break
        return await self._open()

    def give_back(self, connection: _Connection) -> None:
        if not connection.is_reusable():
            connection.drop()
            return
        connection.idle_since = self.loop.time()
        if not self._wake(connection):
            self.idle.append(connection)

    def _idle(self) -> _Connection | None:
        while self.idle:
            connection = self.idle.pop()
            if connection.is_fresh():
                return connection
            connection.drop()
        return None

    async def _turn(self) -> _Connection | None:
        turn: asyncio.Future[_Connection | None] = self.loop.create_future()
        self.waiting.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._pass_on(turn.result())
            raise

    def _pass_on(self, connection: _Connection | None) -> None:
        if connection is None:
            self._wake()
        else:
            self.give_back(connection)

    def lost(self, connection: _Connection) -> None:
        if connection not in self.all:
            return
        self.opened -= 1
        self.all.discard(connection)
        if connection in self.idle:
            self.idle.remove(connection)
        self._wake()

    def close(self) -> None:
        for connection in list(self.all):
            connection.drop()

    async def _open(self) -> _Connection:
        self.opened += 1
        try:
            _, connection = await self.loop.create_connection(
                lambda: _Connection(self),
                self.name,
                self.port,
                ssl=self.tls,
                server_hostname=self.name if self.tls else None,
            )
            if connection.transport is None:
                raise ConnectionResetError("the connection was closed as soon as it was open")
        except BaseException:
            self.opened -= 1
            self._wake()
            raise
        self.all.add(connection)
        return connection

    def _wake(self, connection: _Connection | None = None) -> bool:
        """Let the first who waits go on, with a connection or with the room to open one."""
        while self.waiting:
            turn = self.waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return True
        return False


async def _taken(origin: _Origin) -> _Connection:
    try:
        return await origin.take()
    except (OSError, UnicodeError) as refused:
        raise NotSent(f"could not connect: {refused}") from refused


_Answer = tuple[int, dict[str, str], bytes]


class _Connection(asyncio.Protocol):
    """One kept connection; `answer` waits while a request is under way."""

    def __init__(self, origin: _Origin) -> None:
        self.origin = origin
        self.transport: asyncio.Transport | None = None
        self.answer: asyncio.Future[_Answer] | None = None
        self.parser = httptools.HttpResponseParser(self)
        self.headers: dict[str, str] = {}
        self.pieces: list[bytes] = []
        self.size = 0
        self.idle_since = 0.0
        self.keeps = False
        self.ends_with_connection = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # the loop's own, which need not be a subclass
        self.keeps = True
        self.idle_since = self.origin.loop.time()

    def is_fresh(self) -> bool:
        return self.is_reusable() and self.origin.loop.time() - self.idle_since < IDLE

    def is_reusable(self) -> bool:
        return self.keeps and self.answer is None and self.transport is not None and not self.transport.is_closing()

    async def ask(self, message: bytes) -> _Answer:
        if self.transport is None or self.transport.is_closing():
            raise NotSent("the connection closed before anything was sent")
        self.keeps = False
        self.answer = self.origin.loop.create_future()
        self.transport.write(message)
        return await self.answer

    def drop(self) -> None:
        self.keeps = False
        if self.transport is not None:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        if self.answer is None:
            self.drop()
            return
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError as garbled:
            self._fail(f"the answer is not HTTP: {garbled}")

    def connection_lost(self, exc: Exception | None) -> None:
        self.keeps = False
        if self.answer is not None and exc is None and self.ends_with_connection:
            self._finish()
        self._fail(f"the connection broke off before the answer was complete{f' ({exc})' if exc else ''}")
        self.transport = None
        self.origin.lost(self)

    def on_message_begin(self) -> None:
        self.headers, self.pieces, self.size = {}, [], 0
        self.ends_with_connection = False
        self.keeps = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self.ends_with_connection = "content-length" not in self.headers and "transfer-encoding" not in self.headers

    def on_body(self, piece: bytes) -> None:
        self.pieces.append(piece)
        self.size += len(piece)
        if self.size > LARGEST_BODY:
            self._fail("the answer is too large")

    def on_message_complete(self) -> None:
        if self.parser.get_status_code() < 200:
            return
        self.keeps = self.parser.should_keep_alive()
        self._finish()

    def _finish(self) -> None:
        answer, self.answer = self.answer, None
        if answer is not None and not answer.done():
            body = self.pieces[0] if len(self.pieces) == 1 else b"".join(self.pieces)
            answer.set_result((self.parser.get_status_code(), self.headers, body))

    def _fail(self, why: str) -> None:
        answer, self.answer = self.answer, None
        if answer is not None:
            if not answer.done():
                answer.set_exception(NoAnswer(why))
            self.drop()


def _message(request: Request, host: str, target: str) -> bytes:
    if not _PRINTABLE(target):
        raise NotSent("the address holds characters that are not percent-encoded")
    target = target.partition("#")[0]
    lines = [f"{request.method} {target if target[0] == '/' else '/' + target} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    if request.body or request.method != "GET":
        lines.append(f"Content-Length: {len(request.body)}")
    head = "\r\n".join(lines)
    if head.count("\n") != len(lines) - 1 or head.count("\r") != len(lines) - 1:
        raise NotSent("a header holds a line break")
    return head.encode("latin-1", "replace") + b"\r\n\r\n" + request.body
