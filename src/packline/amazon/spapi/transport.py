"""The wire: one method that sends a request and tells apart what never left from what got no answer."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import aiohttp
import msgspec
from yarl import URL

TIMEOUT = 30.0
_LARGEST_BODY = 64 * 1024 * 1024
Guard = Callable[[], Awaitable[None]]
"""Passes while a call may leave, and raises what stops it."""


class Request(msgspec.Struct, frozen=True, gc=False):
    """One HTTP request; `url` is sent exactly as given, already percent-encoded.

    `guard` is asked as the last thing before it leaves, after the wait for a connection: an earlier answer may be old.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""
    timeout: float = TIMEOUT
    guard: Guard | None = None


class Response(msgspec.Struct, frozen=True, gc=False):
    """One HTTP answer: status, headers (found by lower-case name), plain body, milliseconds from start to end."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    ms: float


class NotSent(Exception):
    """The request provably never left: no address, or nobody listened there."""


class NoAnswer(Exception):
    """The request may have arrived, but its answer did not: time-out, reset, or cut short."""


class Transport(Protocol):
    """Anything that can send a request."""

    async def send(self, request: Request) -> Response:
        """Ask the request's guard, then send once, never again by itself.

        Raises NotSent or NoAnswer; what the guard raises passes through, and nothing has left.
        """


class _Flight:
    __slots__ = ("deadline", "expired", "task")

    def __init__(self, task: asyncio.Task[object], deadline: float) -> None:
        self.task, self.deadline, self.expired = task, deadline, False


class Watchdog:
    """End calls that take too long: one timer for all of them, instead of one for each."""

    def __init__(self, interval: float = 0.25) -> None:
        """Look every `interval` seconds, and only while something is in flight."""
        self._interval = interval
        self._flights: set[_Flight] = set()
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, timeout: float) -> _Flight:
        """Start watching the running task."""
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  a coroutine that runs has a task
        flight = _Flight(task, loop.time() + timeout)
        self._flights.add(flight)
        if self._timer is None:
            self._timer = loop.call_later(self._interval, self._look)
        return flight

    def release(self, flight: _Flight) -> None:
        """Stop watching."""
        self._flights.discard(flight)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for flight in [flight for flight in self._flights if flight.deadline <= now]:
            flight.expired = True
            self._flights.discard(flight)
            flight.task.cancel("time-out")
        self._timer = loop.call_later(self._interval, self._look) if self._flights else None


class AiohttpTransport:
    """Send over aiohttp, for where a proxy stands between; nothing is repeated, redirected or rewritten unasked.

    It does not tell when there is a connection, so a request's guard is asked before the wait for one.
    """

    def __init__(self, *, sockets: int = 64, watchdog_interval: float = 0.25, proxy: str | None = None) -> None:
        """Keep at most `sockets` connections, through `proxy` if given; the session opens with the first call."""
        self._sockets, self._proxy = sockets, proxy
        self._watchdog = Watchdog(watchdog_interval)
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: Request) -> Response:
        """Send once. Raises NotSent or NoAnswer, each with the reason in words."""
        session = self._session or self._open()
        if request.guard is not None:
            await request.guard()
        flight = self._watchdog.watch(request.timeout)
        started = flight.deadline - request.timeout
        try:
            async with session.request(
                request.method,
                URL(request.url, encoded=True),
                data=request.body or None,
                headers=request.headers,
                allow_redirects=False,
            ) as answer:
                body = plain(await answer.read(), answer.headers.get("Content-Encoding", ""))
            ms = (asyncio.get_running_loop().time() - started) * 1000
            return Response(answer.status, answer.headers, body, ms)
        except asyncio.CancelledError:
            if flight.expired and flight.task.uncancel() == 0:
                raise NoAnswer(f"no answer within {request.timeout:g} s") from None
            raise
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as refused:
            raise NotSent(f"could not connect: {refused}") from refused
        except (aiohttp.ClientError, OSError) as broken:
            raise NoAnswer(f"the answer broke off: {type(broken).__name__} {broken}".strip()) from broken
        finally:
            self._watchdog.release(flight)

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        session = self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._sockets, ttl_dns_cache=60, keepalive_timeout=20),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=10),
            auto_decompress=False,
            proxy=self._proxy,
            skip_auto_headers=("Accept-Encoding", "User-Agent"),
        )
        # aiohttp repeats PUT by itself when a kept connection turns out to be closed: a second ship label.
        session._retry_connection = False  # noqa: SLF001  there is no public switch
        return session


def plain(body: bytes, encoding: str) -> bytes:
    """Unpack a body that came compressed although nobody asked. Raises NoAnswer when it is cut short."""
    if not encoding or encoding == "identity" or not body:
        return body
    if encoding not in {"gzip", "deflate"}:
        raise NoAnswer(f"the answer is packed as {encoding}, which nobody asked for")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        unpacked = unpacker.decompress(body, _LARGEST_BODY)
    except zlib.error as broken:
        raise NoAnswer(f"the packed answer is broken: {broken}") from broken
    if not unpacker.eof:
        raise NoAnswer("the packed answer is cut short or too large")
    return unpacked
