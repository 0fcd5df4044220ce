"""The server's end of a connection."""

import asyncio

import pytest

from packline_sim.connection import OnePiece

pytestmark = pytest.mark.anyio


class Wire:
    """A transport that notes what it was told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def write(self, data: bytes) -> None:
        self.told.append(data)

    def close(self) -> None:
        self.told.append("closed")

    def abort(self) -> None:
        self.told.append("aborted")

    def is_closing(self) -> bool:
        return bool(self.told)


async def test_head_and_body_leave_together() -> None:
    """What is written in one turn of the loop is one send."""
    wire = Wire()
    connection = OnePiece(wire)

    connection.write(b"head ")
    connection.write(b"body")
    assert wire.told == []
    await asyncio.sleep(0)

    assert wire.told == [b"head body"]


async def test_a_later_answer_is_sent_as_well() -> None:
    """Each turn of the loop sends for itself, and nothing is sent twice."""
    wire = Wire()
    connection = OnePiece(wire)

    for answer in (b"one", b"two"):
        connection.write(answer)
        await asyncio.sleep(0)

    assert wire.told == [b"one", b"two"]


@pytest.mark.parametrize(("end", "noted"), [("close", "closed"), ("abort", "aborted")])
async def test_what_was_written_leaves_before_the_end(end: str, noted: str) -> None:
    """A connection that ends in the same turn loses nothing: an answer cut short is cut where the fault says."""
    wire = Wire()
    connection = OnePiece(wire)

    connection.write(b"half an answer")
    getattr(connection, end)()
    await asyncio.sleep(0)

    assert wire.told == [b"half an answer", noted]


async def test_everything_else_is_the_transports_own() -> None:
    """The server may ask whatever a transport can be asked."""
    assert OnePiece(Wire()).is_closing() is False
