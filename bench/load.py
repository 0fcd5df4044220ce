"""A load generator that costs little: keep-alive connections, one request under way on each, answers only counted."""

from __future__ import annotations

import asyncio
import re
import time
from typing import NamedTuple, cast
from urllib.parse import urlsplit

import uvloop

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
PATIENCE = 10  # seconds more than wanted, after which a server that answers no more is an error


class Load(NamedTuple):
    """Tell requests a second, the share of one processor that the generator itself took, and one answer's size."""

    per_second: float
    own_share: float
    answer_bytes: int


def measure(url: str, headers: dict[str, str], *, seconds: float, connections: int = 16) -> Load:
    """Ask for `url` again and again for `seconds`. Raises RuntimeError for any answer but 200."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_measure(url, headers, seconds, connections))


async def _measure(url: str, headers: dict[str, str], seconds: float, connections: int) -> Load:
    where = urlsplit(url)
    lines = [f"GET {where.path} HTTP/1.1", f"Host: {where.netloc}", *(f"{name}: {headers[name]}" for name in headers)]
    request = "\r\n".join([*lines, "", ""]).encode()
    loop = asyncio.get_running_loop()
    askers: list[_Asker] = []
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(connections):
        _, asker = await loop.create_connection(lambda: _Asker(request, loop), where.hostname or "", where.port or 80)
        askers.append(asker)
    loop.call_later(seconds, _stop, askers)
    async with asyncio.timeout(seconds + PATIENCE):
        await asyncio.gather(*(asker.finished for asker in askers))
    passed = time.perf_counter() - wall
    answered = sum(asker.answered for asker in askers)
    return Load(answered / passed, (time.process_time() - cpu) / passed, askers[0].size)


def _stop(askers: list[_Asker]) -> None:
    for asker in askers:
        asker.ended = True


class _Asker(asyncio.Protocol):
    def __init__(self, request: bytes, loop: asyncio.AbstractEventLoop) -> None:
        self.request = request
        self.finished: asyncio.Future[None] = loop.create_future()
        self.answered = 0
        self.size = 0
        self.ended = False
        self._missing = 0
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
        else:
            self._begin(self._head + data)
        if not self._missing and not self._head:
            self._next()

    def _begin(self, data: bytes) -> None:
        end = data.find(b"\r\n\r\n")
        if end < 0:
            self._head = data
            return
        self._head = b""
        length = LENGTH.search(data, 0, end + 2)
        if not data.startswith(b"HTTP/1.1 200") or length is None:
            self._fail(f"not an answer to count: {data[:200]!r}")
            return
        self.size = end + 4 + int(length[1])
        self._missing = self.size - len(data)

    def _next(self) -> None:
        self.answered += 1
        if not self.ended:
            self.transport.write(self.request)
            return
        self.transport.close()
        if not self.finished.done():
            self.finished.set_result(None)

    def _fail(self, why: str) -> None:
        self.transport.close()
        if not self.finished.done():
            self.finished.set_exception(RuntimeError(why))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.finished.done():
            self.finished.set_exception(RuntimeError(f"the server closed the connection: {exc}"))
