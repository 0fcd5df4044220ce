"""The server's end of a connection: it can be dropped without an answer, and an answer leaves in one piece."""

import asyncio
from typing import Any

from packline_sim.exchange import TRANSPORT


class OnePiece:
    """A transport that sends what is written in one turn of the event loop at once.

    The server writes head and body of an answer apart. Sent apart they cost two system calls here and wake the caller
    twice, which is a third of the time of a small answer.
    """

    __slots__ = ("_loop", "_parts", "_transport")

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._parts: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send with whatever else is written before the event loop goes on."""
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)

    def close(self) -> None:
        """Send what is left, then close."""
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        """Send what is left, as it would have left by now, then drop the connection."""
        self._flush()
        self._transport.abort()

    def _flush(self) -> None:
        if self._parts:
            data = b"".join(self._parts)
            self._parts.clear()
            self._transport.write(data)


def droppable_protocol() -> Any:
    """Give the server's protocol class; it lends each request its connection, so that a fault can drop it."""
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as Protocol
    except ModuleNotFoundError:
        from uvicorn.protocols.http.h11_impl import H11Protocol as Protocol  # type: ignore[assignment]  # a twin

    class DroppableProtocol(Protocol):
        """Lend each request its connection."""

        def connection_made(self, transport: Any) -> None:
            whole = OnePiece(transport)
            super().connection_made(whole)  # type: ignore[arg-type]  # a transport in all that is used
            self.app_state = {**self.app_state, TRANSPORT: whole}

    return DroppableProtocol
