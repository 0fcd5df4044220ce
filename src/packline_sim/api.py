"""The way of every API call: token, quota, fault, handler, answer, journal."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from packline_sim.auth.access import authenticate, check_restricted, seller_of
from packline_sim.call import MAX_BODY_BYTES, Call, Reply, read_query
from packline_sim.directory import Match, find_operation
from packline_sim.faults import Fault
from packline_sim.journal import CallEntry
from packline_sim.refusals import (
    INTERNAL_FAILURE,
    RATE_LIMITED,
    SERVER_BUSY,
    UNAVAILABLE,
    Problem,
    Refusal,
    in_progress,
)
from packline_sim.world import World

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

TRANSPORT = "packline_sim.transport"
JSON_TYPE = (b"content-type", b"application/json")
# The rate header is modelled on 2xx, 400 and 404 only (External Fulfillment Shipments 2024-09-11).
RATED = frozenset({200, 204, 207, 400, 404})
FROM_BODY = frozenset({"operation", "shippingOptionId"})
REFUSALS = {"429": RATE_LIMITED, "500": INTERNAL_FAILURE, "503": UNAVAILABLE, "busy": SERVER_BUSY}
log = logging.getLogger("packline_sim")


class ConnectionDropped(ConnectionResetError):
    """The simulator dropped a connection on purpose, and no server was there to close it."""


class Incoming:
    """Gather one request and what becomes of it, for the journal."""

    __slots__ = (
        "body", "client_id", "content_type", "error_code", "fault", "had_effect", "host", "match", "method", "path",
        "query", "rate", "request_id", "seller_id", "seq", "started", "status", "token",
    )  # fmt: skip

    def __init__(self, scope: Scope, seq: int, request_id: str) -> None:
        self.started = time.perf_counter()
        self.seq = seq
        self.request_id = request_id
        self.method: str = scope["method"]
        self.path: str = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        self.query: bytes = scope["query_string"]
        self.body = b""
        self.content_type = ""
        self.token: str | None = None
        self.host = ""
        for name, value in scope["headers"]:
            if name == b"x-amz-access-token":
                self.token = value.decode("latin-1")
            elif name == b"content-type":
                self.content_type = value.decode("latin-1")
            elif name == b"host":
                self.host = value.decode("latin-1")
        self.match: Match | None = find_operation(self.method, self.path)
        self.seller_id: str | None = None
        self.client_id: str | None = None
        self.rate: bytes | None = None
        self.fault: Fault | None = None
        self.status = 0
        self.error_code: str | None = None
        self.had_effect = False

    @property
    def operation(self) -> str:
        """Name the operation, or the path that is none."""
        return self.match.operation.name if self.match else f"{self.method} {self.path}"

    @property
    def shipment_id(self) -> str | None:
        """Give the shipment that the path names."""
        if self.match is None or not self.match.ids or self.match.operation.name == "getReturn":
            return None
        return self.match.ids[0]


class CutShort(Exception):
    """Half of an answer was sent; the connection must end now."""


class NoAnswer(Exception):
    """A call that gets no answer: the connection is dropped after `hold_seconds` of simulated time."""

    def __init__(self, hold_seconds: float) -> None:
        super().__init__("no answer")
        self.hold_seconds = hold_seconds


async def handle_api(world: World, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one call to an API."""
    world.call_seq += 1
    incoming = Incoming(scope, world.call_seq, world.streams.uuid("request"))
    try:
        if incoming.method != "GET":
            incoming.body = await read_all(receive)
        match, call = _admit(world, incoming, _base_url(scope, incoming.host))
        if incoming.fault is None:
            reply = _execute(world, incoming, match, call)
        else:
            reply = await _execute_faulty(world, incoming, match, call, incoming.fault)
    except Refusal as refusal:
        reply = _refused(world, incoming, refusal)
    except NoAnswer as silence:
        _record(world, incoming, 0)
        await drop(world, scope, receive, silence.hold_seconds)
        return
    except Exception:
        log.exception("simulator.failure operation=%s request_id=%s", incoming.operation, incoming.request_id)
        reply = _refused(world, incoming, INTERNAL_FAILURE)
    _record(world, incoming, reply.status)
    try:
        await _send(send, incoming, reply)
    except CutShort:
        await drop(world, scope, receive, 0)


async def read_all(receive: Receive) -> bytes:
    """Read a request's body. Raises Refusal 413 when it grows too large."""
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            raise Refusal(413, Problem("RequestTooLarge", "The request size exceeded the maximum accepted size."))
    return body


async def drop(world: World, scope: Scope, receive: Receive, hold_seconds: float) -> None:
    """Hold a request without answering, then close its connection."""
    gone = asyncio.ensure_future(_disconnected(receive))
    if hold_seconds > 0:
        held = asyncio.ensure_future(world.clock.sleep(hold_seconds))
        await asyncio.wait({gone, held}, return_when=asyncio.FIRST_COMPLETED)
        held.cancel()
    transport = (scope.get("state") or {}).get(TRANSPORT)
    if transport is None:
        gone.cancel()
        raise ConnectionDropped("The simulator dropped the connection on purpose.")
    transport.abort()
    await gone


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _base_url(scope: Scope, host: str) -> str:
    # python-amazon-sp-api takes "https://" off any address, so that an http one arrives without its first character.
    address, port = scope.get("server") or ("127.0.0.1", None)
    whole = next((name for name in (f"{address}:{port}", f"localhost:{port}") if name[1:] == host), host)
    return f"{scope.get('scheme', 'http')}://{whole}"


def _admit(world: World, incoming: Incoming, base_url: str) -> tuple[Match, Call]:
    match = incoming.match
    if match is None:
        message = f"No operation of the simulated APIs answers {incoming.method} {incoming.path}"
        raise Refusal(404, Problem("NotFound", message))
    operation = match.operation
    token = authenticate(world, incoming.token)
    incoming.client_id, incoming.seller_id = token.client_id, token.seller_id
    seller = seller_of(world, token)
    check_restricted(world, token, operation.name, incoming.method, incoming.path)
    passes, incoming.rate = world.quotas.take(seller.seller_id, token.client_id, operation.name, world.clock.now_ms())
    if not passes:
        raise RATE_LIMITED
    if world.faults:
        incoming.fault = world.faults.strike(operation.name, seller.seller_id, incoming.shipment_id)
    refuse_unknown = world.switches["unknown_fields"] == "refuse"
    call = Call(
        world,
        seller,
        token.client_id,
        match.ids,
        query=read_query(incoming.query, operation.query, refuse_unknown=refuse_unknown) if incoming.query else {},
        body=incoming.body,
        content_type=incoming.content_type,
        base_url=base_url,
        seq=incoming.seq,
    )
    if "operation" in operation.query and "operation" not in call.query:
        _take_query_from_body(call)
    return match, call


def _take_query_from_body(call: Call) -> None:
    if call.world.switches["query_in_body"] == "refuse" or b'"operation"' not in call.body:
        return
    try:
        content = msgspec.json.decode(call.body, type=dict[str, Any])
    except msgspec.DecodeError:
        return
    found = {name: content.pop(name) for name in FROM_BODY if isinstance(content.get(name), str)}
    call.query = {**call.query, **found}
    call.body = msgspec.json.encode(content)


def _execute(world: World, incoming: Incoming, match: Match, call: Call) -> Reply:
    operation, shipment_id = match.operation, incoming.shipment_id
    if operation.is_write and shipment_id in world.busy and world.switches["concurrent_calls"] == "409":
        raise in_progress(shipment_id or "", world.busy[shipment_id or ""])
    changes = world.change_seq
    world.current_call = incoming.seq
    try:
        return operation.handler(call)
    finally:
        world.current_call = 0
        incoming.had_effect = world.change_seq != changes


async def _execute_faulty(world: World, incoming: Incoming, match: Match, call: Call, fault: Fault) -> Reply:
    kind, hold = fault.rule.kind, fault.rule.hold_seconds
    refusal = REFUSALS.get(kind)
    if refusal is not None:
        raise refusal
    if kind == "in_progress":
        raise in_progress(incoming.shipment_id or "", match.operation.name)
    if kind == "timeout_before":
        raise NoAnswer(hold)
    if kind == "slow":
        await _hold(world, incoming, match, hold)
    try:
        reply = _execute(world, incoming, match, call)
    except Refusal:
        if kind == "timeout_after":
            raise NoAnswer(hold) from None
        raise
    if kind == "timeout_after":
        raise NoAnswer(hold)
    if kind in {"500_after", "503_after"}:
        raise INTERNAL_FAILURE if kind == "500_after" else UNAVAILABLE
    return reply


async def _hold(world: World, incoming: Incoming, match: Match, seconds: float) -> None:
    shipment_id = incoming.shipment_id
    if not match.operation.is_write or shipment_id is None:
        await world.clock.sleep(seconds)
        return
    if shipment_id in world.busy and world.switches["concurrent_calls"] == "409":
        raise in_progress(shipment_id, world.busy[shipment_id])
    world.busy[shipment_id] = match.operation.name
    try:
        await world.clock.sleep(seconds)
    finally:
        world.busy.pop(shipment_id, None)


def _refused(world: World, incoming: Incoming, refusal: Refusal) -> Reply:
    incoming.error_code = refusal.code
    return Reply(refusal.status, refusal.body(world.switches))


def _record(world: World, incoming: Incoming, status: int) -> None:
    fault = incoming.fault
    world.journal.add(
        CallEntry(
            incoming.seq,
            world.clock.now_ms(),
            incoming.seller_id,
            incoming.client_id,
            incoming.operation,
            incoming.shipment_id,
            status,
            incoming.error_code,
            incoming.request_id,
            (time.perf_counter() - incoming.started) * 1000,
            incoming.had_effect,
            None if fault is None else fault.rule.kind,
        )
    )


async def _send(send: Send, incoming: Incoming, reply: Reply) -> None:
    status, body = reply
    headers = [(b"x-amzn-requestid", incoming.request_id.encode()), (b"content-length", b"%d" % len(body))]
    if incoming.rate is not None and status in RATED:
        headers.append((b"x-amzn-ratelimit-limit", incoming.rate))
    if status != 204:
        headers.append(JSON_TYPE)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if incoming.fault is not None and incoming.fault.rule.kind == "cut":
        body = body[: len(body) // 2]
        await send({"type": "http.response.body", "body": body, "more_body": True})
        raise CutShort
    await send({"type": "http.response.body", "body": body})
