"""What every answer passes through: faults, refusals, journal, wire, and the connection when there is none."""

import asyncio
import logging
import socket
import struct
import time
from collections.abc import Awaitable

from packline_sim.call import Reply
from packline_sim.faults import Fault
from packline_sim.incoming import Incoming, Receive, Scope, Send
from packline_sim.journal import CallEntry
from packline_sim.refusals import INTERNAL_FAILURE, INTERNAL_SERVER_ERROR, SERVER_BUSY, UNAVAILABLE, Refusal, throttled
from packline_sim.world import World

TRANSPORT = "packline_sim.transport"
# The rate header is modelled on 2xx, 400 and 404 only (External Fulfillment Shipments 2024-09-11).
RATED = frozenset({200, 201, 202, 204, 207, 400, 404})
BEFORE = {"500": INTERNAL_FAILURE, "503": UNAVAILABLE, "busy": SERVER_BUSY}
PAGE = b"<!DOCTYPE html><html><head><title>Amazon</title></head><body><h1>Something went wrong</h1></body></html>"
AFTER = {"500_after": INTERNAL_FAILURE, "503_after": UNAVAILABLE}
log = logging.getLogger("packline_sim")


class ConnectionDropped(ConnectionResetError):
    """The simulator dropped a connection on purpose, and no server was there to close it."""


class CutShort(Exception):
    """Half of an answer was sent; the connection must end now."""


class NoAnswer(Exception):
    """A call that gets no answer: the connection is dropped, or reset, after `hold_seconds` of simulated time."""

    def __init__(self, hold_seconds: float, *, reset: bool = False) -> None:
        super().__init__("no answer")
        self.hold_seconds = hold_seconds
        self.reset = reset


async def serve(
    world: World, scope: Scope, receive: Receive, send: Send, incoming: Incoming, work: Awaitable[Reply]
) -> None:
    """Do the work of a call, answer it whatever becomes of it, and write the journal."""
    try:
        reply = await work
    except Refusal as refusal:
        reply = _refused(world, incoming, refusal)
    except NoAnswer as silence:
        _record(world, incoming, 0)
        await _drop(world, scope, receive, silence.hold_seconds, reset=silence.reset)
        return
    except Exception:
        log.exception("simulator.failure operation=%s request_id=%s", incoming.operation, incoming.request_id)
        reply = _refused(world, incoming, INTERNAL_FAILURE)
    reply = _spoiled(incoming, reply)
    _record(world, incoming, reply.status)
    try:
        await _send(send, incoming, reply)
    except CutShort:
        await _drop(world, scope, receive, 0)


def fail_before(fault: Fault, path: str) -> None:
    """Let a fault strike before the effect. Raises Refusal or NoAnswer, if that is its kind."""
    refusal = throttled(path) if fault.rule.kind == "429" else BEFORE.get(fault.rule.kind)
    if refusal is not None:
        raise refusal
    if fault.rule.kind == "timeout_before":
        raise NoAnswer(fault.rule.hold_seconds)
    if fault.rule.kind == "reset":
        raise NoAnswer(fault.rule.hold_seconds, reset=True)


def fail_after(fault: Fault) -> None:
    """Let a fault strike after the effect. Raises Refusal or NoAnswer, if that is its kind."""
    refusal = AFTER.get(fault.rule.kind)
    if refusal is not None:
        raise refusal
    silence = silence_of(fault)
    if silence is not None:
        raise silence


def silence_of(fault: Fault) -> NoAnswer | None:
    """Give the silence after the effect, if that is the fault's kind; a refusal gets lost in it too."""
    if fault.rule.kind in {"timeout_after", "reset_after"}:
        return NoAnswer(fault.rule.hold_seconds, reset=fault.rule.kind == "reset_after")
    return None


def _spoiled(incoming: Incoming, reply: Reply) -> Reply:
    kind = None if incoming.fault is None else incoming.fault.rule.kind
    status = 200 if reply.status == 204 else reply.status
    if kind == "broken":
        return reply._replace(status=status, body=reply.body[: len(reply.body) // 2] or b"{")
    if kind == "wrong_type":
        return Reply(status, PAGE, b"text/html; charset=UTF-8")
    return reply


async def _drop(world: World, scope: Scope, receive: Receive, hold_seconds: float, *, reset: bool = False) -> None:
    gone = asyncio.ensure_future(_disconnected(receive))
    if hold_seconds > 0:
        held = asyncio.ensure_future(world.clock.sleep(hold_seconds))
        await asyncio.wait({gone, held}, return_when=asyncio.FIRST_COMPLETED)
        held.cancel()
    transport = (scope.get("state") or {}).get(TRANSPORT)
    if transport is None:
        gone.cancel()
        raise ConnectionDropped("The simulator dropped the connection on purpose.")
    if reset:
        # Closing with nothing to linger for sends a reset instead of an orderly end.
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await gone


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _refused(world: World, incoming: Incoming, refusal: Refusal) -> Reply:
    if refusal is INTERNAL_FAILURE and incoming.path.startswith("/easyShip/"):
        refusal = INTERNAL_SERVER_ERROR
    incoming.error_code = refusal.code
    return Reply(refusal.status, refusal.body(world.switches, incoming.path))


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
    status, body, content_type, extra = reply
    headers = [(b"x-amzn-requestid", incoming.request_id.encode()), (b"content-length", b"%d" % len(body)), *extra]
    if incoming.rate is not None and status in RATED:
        headers.append((b"x-amzn-ratelimit-limit", incoming.rate))
    if incoming.retry_after is not None:
        headers.append((b"retry-after", b"%d" % incoming.retry_after))
    if status != 204:
        headers.append((b"content-type", content_type))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if incoming.fault is not None and incoming.fault.rule.kind == "cut":
        body = body[: len(body) // 2]
        await send({"type": "http.response.body", "body": body, "more_body": True})
        raise CutShort
    await send({"type": "http.response.body", "body": body})
