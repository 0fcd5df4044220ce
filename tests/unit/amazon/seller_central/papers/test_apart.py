"""Papers are read in a process of their own."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest

from packline.amazon.seller_central.papers import PaperError, mentions, split
from packline.amazon.seller_central.papers.apart import PaperRoom, room, split_apart
from packline.amazon.seller_central.papers.printing import Leaf, join
from unit.amazon.seller_central.papers.corpus import Press, invoice, labels, sales


def pile(count: int = 3) -> tuple[bytes, list]:
    """Draw labels and invoices of some orders."""
    press, orders = Press(), sales(count)
    for order in orders:
        labels(order, press)
        invoice(press, order)
    return press.pdf(), [order.expected for order in orders]


@pytest.fixture
async def desk() -> AsyncIterator[PaperRoom]:
    """A reading process that is ended after the test."""
    made = PaperRoom()
    yield made
    await made.close()


def worker(desk: PaperRoom) -> int:
    """Tell the process id of the reader."""
    assert desk._process is not None
    return desk._process.pid


async def test_the_answer_is_the_same_as_in_this_process(desk: PaperRoom) -> None:
    """Splitting, reading and printing apart give what the plain functions give."""
    content, expected = pile()
    done = await desk.split(content, expected)
    assert done == split(content, expected)
    assert await desk.mentions(content) == mentions(content)
    made = [Leaf(found.file.content) for found in done.found]
    assert await desk.join(made) == join(made)


async def test_the_process_is_kept_and_ended(desk: PaperRoom) -> None:
    """One process reads all documents; after closing it is gone, and a new document begins a new one."""
    content, expected = pile(1)
    await asyncio.gather(*(desk.split(content, expected) for _ in range(3)))
    first = worker(desk)
    await desk.split(content, expected)
    assert worker(desk) == first
    await desk.close()
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    await desk.split(content, expected)
    assert worker(desk) != first


async def test_a_document_that_cannot_be_read_says_why(desk: PaperRoom) -> None:
    """A PaperError comes across with its message, its cure and its reason."""
    with pytest.raises(PaperError, match="neither PDF nor ZPL") as caught:
        await desk.split(b"no paper", [])
    assert caught.value.reason == "paper_unknown"
    assert caught.value.hint


async def test_a_crash_fails_the_document_alone(desk: PaperRoom) -> None:
    """A reader that dies takes its document with it and no other, whether it waits or comes later."""
    content, expected = pile(200)
    running = asyncio.create_task(desk.split(content, expected))
    waiting = asyncio.create_task(desk.split(*pile(1)))
    while desk._process is None:  # noqa: ASYNC110 - it begins within milliseconds
        await asyncio.sleep(0.01)
    os.kill(worker(desk), signal.SIGKILL)
    with pytest.raises(PaperError, match="signal 9") as caught:
        await running
    assert caught.value.reason == "paper_crashed"
    assert len((await waiting).found) == 2


async def test_a_reader_that_died_between_documents_is_replaced(desk: PaperRoom) -> None:
    """A reader that the system killed while it had nothing to do is no document's fault."""
    content, expected = pile(1)
    await desk.split(content, expected)
    assert desk._process is not None
    os.kill(worker(desk), signal.SIGKILL)
    await desk._process.wait()
    assert len((await desk.split(content, expected)).found) == 2


async def test_a_document_that_takes_too_long_is_given_up() -> None:
    """The time that one document may take is limited; the next one is read."""
    desk = PaperRoom(seconds=0.001)
    content, expected = pile(1)
    with pytest.raises(PaperError) as caught:
        await desk.split(content, expected)
    assert caught.value.reason == "paper_too_slow"
    desk._seconds = 60
    assert len((await desk.split(content, expected)).found) == 2
    await desk.close()


async def test_who_leaves_takes_nothing_along(desk: PaperRoom) -> None:
    """A cancelled split does not leave half an answer to the next."""
    content, expected = pile(100)
    leaving = asyncio.create_task(desk.split(content, expected))
    await asyncio.sleep(0.05)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert len((await desk.split(*pile(2))).found) == 4


async def test_one_reader_serves_the_whole_process() -> None:
    """`split_apart` uses one reader, and the reader knows none of Packline's settings."""
    content, expected = pile(1)
    await asyncio.gather(split_apart(content, expected), split_apart(content, expected))
    reader = worker(room())
    await split_apart(content, expected)
    assert worker(room()) == reader
    await room().close()


def test_the_reader_gets_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that reads strangers' files is given no secret."""
    from packline.amazon.seller_central.papers import apart

    monkeypatch.setenv("PACKLINE_MASTER_KEY", "x")
    assert not [name for name in apart._environment() if name.startswith("PACKLINE_")]
    assert "PATH" in apart._environment()
