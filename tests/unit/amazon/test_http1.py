"""What the lean transport does beyond the rules that every transport keeps."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from packline.amazon.spapi import http1
from packline.amazon.spapi.http1 import Http1Transport
from packline.amazon.spapi.transport import NoAnswer, NotSent, Request
from unit.amazon.test_transport import OK, server


@pytest.fixture
async def transport():
    made = Http1Transport(sockets=1, watchdog_interval=0.01)
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("said", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", b"abc"),
        (b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", b"a"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b""),
    ],
)
async def test_every_framing_of_a_body_is_read_and_the_connection_kept(transport, said, body):
    """Rule: chunks, interim answers and empty bodies; the next call uses the same connection."""
    async with server(lambda _n, _h: said) as (base, heads):
        for _ in range(3):
            assert (await transport.send(Request("GET", base, {}))).body == body
    assert len(heads) == 3
    (origin,) = transport._origins.values()
    assert origin.opened <= 1


async def test_the_guard_is_asked_when_there_is_a_connection(transport):
    """Rule: who waits for a connection may have lost the right to send meanwhile; then nothing leaves, no connection is
    lost, and what the guard raised is raised."""
    asked: list[str] = []

    async def yes() -> None:
        asked.append("yes")

    async def no() -> None:
        asked.append("no")
        raise PermissionError("another worker owns this account now")

    async with server(lambda _n, _h: OK) as (base, heads):
        first = asyncio.create_task(transport.send(Request("GET", base + "/1", {}, guard=yes)))
        second = asyncio.create_task(transport.send(Request("GET", base + "/2", {}, guard=no)))
        await first
        with pytest.raises(PermissionError):
            await second
        await transport.send(Request("GET", base + "/3", {}))
    assert asked == ["yes", "no"]
    assert [head.split()[1] for head in heads] == [b"/1", b"/3"]


async def test_a_call_whose_guard_takes_too_long_never_left(transport):
    """Rule: the time-out counts the guard's question too, and what it stops is proven not to have been sent."""

    async def never() -> None:
        await asyncio.Event().wait()

    async with server(lambda _n, _h: OK) as (base, heads):
        with pytest.raises(NotSent, match="no answer within"):
            await transport.send(Request("GET", base, {}, timeout=0.05, guard=never))
    assert heads == []


async def test_a_body_without_length_ends_with_the_connection(transport):
    """Rule: the older way of ending a body is understood."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it")
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    for _ in range(2):
        assert (await transport.send(Request("GET", base, {}))).body == b"all of it"
    listening.close()


async def test_calls_beyond_the_sockets_wait_for_one_and_all_are_served(transport):
    """Rule: few sockets, many calls."""
    async with server(lambda _n, _h: OK) as (base, heads):
        answers = await asyncio.gather(*(transport.send(Request("GET", base, {})) for _ in range(20)))
    assert [answer.status for answer in answers] == [200] * 20
    assert len(heads) == 20


async def test_a_call_that_never_got_a_socket_was_not_sent(transport):
    """Rule: a time-out in the queue proves that nothing left; the one on the wire has no answer."""
    async with server(lambda _n, _h: b"") as (base, heads):
        first = asyncio.create_task(transport.send(Request("POST", base, {}, b"1", timeout=0.2)))
        await asyncio.sleep(0.05)
        with pytest.raises(NotSent):
            await transport.send(Request("POST", base, {}, b"2", timeout=0.05))
        with pytest.raises(NoAnswer):
            await first
    assert len(heads) == 1


async def test_a_cancelled_call_frees_its_socket(transport):
    """Rule: the answer of a cancelled call is never read as the next one's."""
    async with server(lambda number, _h: b"" if number == 1 else OK) as (base, _heads):
        task = asyncio.create_task(transport.send(Request("GET", base, {})))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await transport.send(Request("GET", base, {}, timeout=2))).body == b"ok"


async def test_a_connection_that_was_idle_too_long_is_not_used_again(transport, monkeypatch):
    """Rule: a server may close an idle connection at any moment; a write is not risked on one."""
    async with server(lambda _n, _h: OK) as (base, _heads):
        await transport.send(Request("GET", base, {}))
        (origin,) = transport._origins.values()
        (before,) = origin.all
        monkeypatch.setattr(http1, "IDLE", 0.0)
        await transport.send(Request("GET", base, {}))
        assert before not in origin.all


async def test_words_that_nobody_asked_for_end_the_connection(transport):
    """Rule: an answer without a request is never taken for the next answer."""
    stray = OK + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
    async with server(lambda number, _h: stray if number == 1 else OK) as (base, _heads):
        first = await transport.send(Request("GET", base, {}))
        second = await transport.send(Request("GET", base, {}))
    assert (first.body, second.body) == (b"ok", b"ok")


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("/a b", {}),
        ("/é", {}),
        ("/", {"x-amz-access-token": "a\r\nHost: elsewhere"}),
        ("/", {"x-amz-access-token": "a\nb"}),
    ],
)
async def test_what_would_break_the_request_apart_is_never_sent(transport, url, headers):
    """Rule: no raw characters in the address, no line breaks in headers."""
    async with server(lambda _n, _h: OK) as (base, heads):
        with pytest.raises(NotSent):
            await transport.send(Request("GET", base + url, headers))
    assert heads == []


@pytest.mark.parametrize("url", ["ftp://a/", "nonsense", "http://127.0.0.1:notaport/", ""])
async def test_an_address_that_is_none_is_not_sent(transport, url):
    """Rule: only http and https, only real ports."""
    with pytest.raises(NotSent):
        await transport.send(Request("GET", url, {}))


async def test_the_certificate_of_the_server_is_checked(tmp_path: Path):
    """Rule: https works with a trusted certificate and nothing is sent to a server without one."""
    certificate, key = _certificate(tmp_path)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate, key)
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(OK)
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=serving)
    base = f"https://localhost:{listening.sockets[0].getsockname()[1]}"
    trusting = Http1Transport(tls=ssl.create_default_context(cafile=str(certificate)))
    doubting = Http1Transport()
    assert (await trusting.send(Request("GET", base, {}))).body == b"ok"
    with pytest.raises(NotSent, match="certificate"):
        await doubting.send(Request("GET", base, {}))
    assert len(heads) == 1
    await trusting.close()
    await doubting.close()
    listening.close()


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private
