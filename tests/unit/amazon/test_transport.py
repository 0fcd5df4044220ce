"""The transport over real sockets: nothing rewritten, nothing repeated, every failure told apart."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from packline.amazon.spapi.http1 import Http1Transport
from packline.amazon.spapi.transport import AiohttpTransport, NoAnswer, NotSent, Request

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nx-amzn-RequestId: r1\r\n\r\nok"


@asynccontextmanager
async def server(reply: Callable[[int, bytes], bytes | None]) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Serve raw bytes; `reply` gets the number of the request and its head, None closes without an answer."""
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _head(reader):
            heads.append(head)
            said = reply(len(heads), head)
            if said is None:
                break
            writer.write(said)
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", heads
    finally:
        listening.close()


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


@pytest.fixture(params=[Http1Transport, AiohttpTransport])
async def transport(request):
    """Each rule holds for either transport."""
    made = request.param(watchdog_interval=0.01)
    yield made
    await made.close()


async def test_the_address_travels_exactly_as_given(transport):
    """Rule: percent-encoding is ours alone; nothing decodes or encodes it again."""
    async with server(lambda _n, _h: OK) as (base, heads):
        answer = await transport.send(Request("GET", base + "/a%2Fb/%C3%A9?x=a%2Bb%20c&y=%3D", {}))
    assert heads[0].startswith(b"GET /a%2Fb/%C3%A9?x=a%2Bb%20c&y=%3D HTTP/1.1")
    assert (answer.status, answer.body, answer.headers["x-amzn-requestid"]) == (200, b"ok", "r1")
    assert answer.ms > 0


async def test_nobody_listening_is_not_sent(transport):
    """Rule: a refused connection and an unknown host prove that nothing left."""
    async with server(lambda _n, _h: OK) as (base, _):
        pass
    with pytest.raises(NotSent):
        await transport.send(Request("POST", base, {}))
    with pytest.raises(NotSent):
        await transport.send(Request("POST", "http://nowhere.invalid/", {}))


@pytest.mark.parametrize(
    "reply",
    [None, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", b"HTTP/1.1 2", b"nonsense\r\n\r\n"],
)
async def test_an_answer_that_breaks_off_is_no_answer(transport, reply):
    """Rule: a closed, truncated or garbled answer says nothing about the effect."""

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _head(_reader)
        if reply:
            writer.write(reply)
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    with pytest.raises(NoAnswer):
        await transport.send(Request("POST", base, {}, b"{}"))
    listening.close()


async def test_silence_ends_at_the_time_out_and_spares_the_caller(transport):
    """Rule: the watchdog ends the call, not the task that made it."""
    async with server(lambda _n, _h: b"") as (base, _):
        with pytest.raises(NoAnswer, match="no answer within"):
            await transport.send(Request("GET", base, {}, timeout=0.05))
        await asyncio.sleep(0)
        assert asyncio.current_task().cancelling() == 0


async def test_a_caller_that_is_cancelled_stays_cancelled(transport):
    """Rule: a cancellation from outside is never taken for a time-out."""
    async with server(lambda _n, _h: b"") as (base, _):
        task = asyncio.create_task(transport.send(Request("GET", base, {}, timeout=5)))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.mark.parametrize("method", ["PUT", "POST", "GET"])
async def test_nothing_is_ever_sent_twice_by_itself(transport, method):
    """Rule: a kept connection that closes under a call is no answer; a repeated PUT would make a second label."""
    async with server(lambda number, _h: OK if number == 1 else None) as (base, heads):
        await transport.send(Request(method, base, {}))
        with pytest.raises(NoAnswer):
            await transport.send(Request(method, base, {}))
        assert len(heads) == 2


async def test_redirects_are_answers_not_orders(transport):
    """Rule: a token is never carried to another address."""
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"
    async with server(lambda _n, _h: moved) as (base, _):
        assert (await transport.send(Request("GET", base, {}))).status == 302


async def test_compressed_bodies_are_unpacked_and_broken_ones_are_no_answer(transport):
    """Rule: what arrives compressed although nobody asked is read all the same; half of it is not read."""
    packed = gzip.compress(b"hello" * 100)

    def reply(number: int, _head: bytes) -> bytes:
        body = packed if number == 1 else packed[:20]
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body

    async with server(reply) as (base, heads):
        assert (await transport.send(Request("GET", base, {}))).body == b"hello" * 100
        with pytest.raises(NoAnswer):
            await transport.send(Request("GET", base, {}))
    assert b"ccept-" not in heads[0].replace(b"Accept: */*", b"")


async def test_a_proxy_is_used_where_one_is_named():
    """Rule: behind a proxy the general transport asks the proxy for the whole address."""
    async with server(lambda _n, _h: OK) as (base, heads):
        transport = AiohttpTransport(proxy=base)
        assert (await transport.send(Request("GET", "http://amazon.test/x", {}))).body == b"ok"
        await transport.close()
    assert heads[0].startswith(b"GET http://amazon.test/x HTTP/1.1")


async def test_who_waits_for_a_connection_is_not_overtaken():
    """Rule: connections are given in the order of asking; a caller that asks again at once queues behind the rest."""
    transport, order = Http1Transport(sockets=1), []

    async def caller(name: str, calls: int) -> None:
        for _ in range(calls):
            await transport.send(Request("GET", base + "/" + name, {}))
            order.append(name)

    async with server(lambda _n, _h: OK) as (base, _):
        await asyncio.gather(caller("busy", 20), caller("patient", 1))
    await transport.close()
    assert order.index("patient") <= 2
