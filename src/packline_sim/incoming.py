"""One HTTP request as it came in, and what is known of it so far."""

import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote

from packline_sim.call import MAX_BODY_BYTES
from packline_sim.directory import Match, find_operation
from packline_sim.faults import Fault
from packline_sim.refusals import Problem, Refusal
from packline_sim.world import World

_ORDER_IN_QUERY = re.compile(rb"(?:^|&)amazonOrderId=([^&]+)")
_PLACE = re.compile(rb"(?:l|returnL)ocationId=([^&\"\s]+)")
_ORDER_IN_BODY = re.compile(rb'"amazonOrderId"\s*:\s*"([^"]+)"')
MAX_UPLOAD_BYTES = 128 * 1024 * 1024
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Incoming:
    """Gather one request and what becomes of it, for the journal."""

    __slots__ = (
        "_looked", "_order_id",
        "body", "client_id", "content_type", "error_code", "fault", "had_effect", "host", "match", "method", "named",
        "path", "query", "rate", "request_id", "retry_after", "seller_id", "seq", "started", "status", "token",
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
        self.retry_after: int | None = None
        self.fault: Fault | None = None
        self.status = 0
        self.error_code: str | None = None
        self.named: str | None = None
        self.had_effect = False
        self._looked = False
        self._order_id: str | None = None

    @property
    def operation(self) -> str:
        """Name the operation, or the path that is none."""
        if self.named is not None:
            return self.named
        return self.match.operation.name if self.match else f"{self.method} {self.path}"

    @property
    def shipment_id(self) -> str | None:
        """Give the shipment, order, feed, report or SKU that the call is about.

        The path names it, else it is the only order in query or body.
        """
        if self.match is None or self.match.operation.name == "getReturn":
            return None
        if self.match.ids:
            return self.match.ids[-1] if self.path.startswith("/listings/") else self.match.ids[0]
        if not self._looked:
            named = {*_ORDER_IN_QUERY.findall(self.query), *_ORDER_IN_BODY.findall(self.body)}
            self._order_id = named.pop().decode("latin-1") if len(named) == 1 else None
            self._looked = True
        return self._order_id

    def locations(self, world: World) -> frozenset[str]:
        """Give the locations that the call names, in query or body, and that of the shipment that it is about."""
        named = {unquote(found.decode("latin-1")) for found in _PLACE.findall(self.query + b"&" + self.body)}
        shipment = world.shipments.get(self.shipment_id or "")
        if shipment is not None:
            named.add(shipment.location_id)
        return frozenset(named)


def receive_call(world: World, scope: Scope) -> Incoming:
    """Give a request its number and id."""
    world.agenda.run_due(world)
    world.call_seq += 1
    return Incoming(scope, world.call_seq, world.streams.uuid("request"))


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


async def read_upload(receive: Receive) -> bytes | None:
    """Read a document that is uploaded; None when it grows beyond MAX_UPLOAD_BYTES."""
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = bool(message.get("more_body"))
        if size > MAX_UPLOAD_BYTES:
            return None
    return b"".join(parts)
