"""Papers read in a process of their own, so that neither a large document nor a hostile one holds Packline up."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from typing import TypeVar
from weakref import WeakKeyDictionary

import msgspec

from packline.amazon.seller_central.papers import child
from packline.amazon.seller_central.papers.mentions import Mentions
from packline.amazon.seller_central.papers.printing import Form, Joined, Leaf, Paper
from packline.amazon.seller_central.papers.records import Expected, PaperError, Split

SECONDS_AT_MOST = 180.0
"""For one document; 5,000 labels with invoices take about 10 s."""
_END_WITHIN = 2.0
_CHUNK = 1 << 20
Told = TypeVar("Told", child.Apart, child.Named, child.Printed)


class PaperRoom:
    """One reading process, begun with the first document and ended with `close`; documents are read one after another.

    A document that ends the process, or takes longer than `seconds`, fails alone: the next one gets a new process.
    """

    def __init__(self, *, seconds: float = SECONDS_AT_MOST) -> None:
        """Begin nothing yet."""
        self._seconds = seconds
        self._turn = asyncio.Lock()
        self._process: Process | None = None
        self._whole = True
        self._answers = msgspec.msgpack.Decoder[child.Answer](child.Answer)

    async def split(self, content: bytes, expected: Sequence[Expected]) -> Split:
        """Take a pile apart, as `papers.split` does.

        Raises:
            PaperError: also where reading ended the process (`paper_crashed`) or took too long (`paper_too_slow`).

        """
        told = await self._ask(child.SplitThis(content, tuple(expected)), child.Apart)
        return told.split

    async def mentions(self, content: bytes) -> Mentions:
        """Tell which orders a pile names, as `papers.mentions` does; raises like `split`."""
        told = await self._ask(child.ReadThis(content), child.Named)
        return told.mentions

    async def join(
        self, leaves: Sequence[Leaf], form: Form = Form.PDF, paper: Paper = Paper.LABEL, *, reverse: bool = False
    ) -> Joined:
        """Join documents for a printer, as `papers.printing.join` does; raises like `split`."""
        told = await self._ask(child.JoinThis(tuple(leaves), form, paper, reverse), child.Printed)
        return told.joined

    async def close(self) -> None:
        """End the process: it is asked by closing its input, and killed where it does not listen."""
        async with self._turn:
            process, self._process = self._process, None
            if process is None or process.stdin is None:
                return
            process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), _END_WITHIN)
            except TimeoutError:
                await _kill(process)

    async def _ask(self, question: child.Question, kind: type[Told]) -> Told:
        async with self._turn:
            process = await self._ready()
            try:
                async with asyncio.timeout(self._seconds):
                    told = await self._exchange(process, msgspec.msgpack.encode(question))
            except TimeoutError as error:
                raise _too_slow(self._seconds) from error
            except (asyncio.IncompleteReadError, ConnectionError) as error:
                raise _crashed(await process.wait()) from error
            finally:
                if not self._whole:  # half an answer is in the pipe: the process is of no use any more
                    self._process = None
                    await _kill(process)
        if isinstance(told, kind):
            return told
        if isinstance(told, child.Refused):
            raise PaperError(told.message, hint=told.hint, reason=told.reason)
        raise TypeError(f"{type(question).__name__} was answered with {type(told).__name__}")

    async def _ready(self) -> Process:
        self._whole = False
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", child.__name__, stdin=PIPE, stdout=PIPE, limit=_CHUNK, env=_environment()
            )
        return self._process

    async def _exchange(self, process: Process, question: bytes) -> child.Answer:
        asked, answers = process.stdin, process.stdout
        assert asked is not None  # noqa: S101 - both are pipes
        assert answers is not None  # noqa: S101 - both are pipes
        asked.write(child.LENGTH.pack(len(question)))
        asked.write(question)
        await asked.drain()
        (length,) = child.LENGTH.unpack(await answers.readexactly(child.LENGTH.size))
        told: child.Answer = self._answers.decode(await answers.readexactly(length))
        self._whole = True
        return told


def _environment() -> dict[str, str]:
    """Give the process what Python needs and none of Packline's settings: it reads strangers' files."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PACKLINE_")}


async def _kill(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


def _too_slow(seconds: float) -> PaperError:
    return PaperError(
        f"Reading the document took longer than {seconds:.0f} seconds and was given up.",
        hint="Send it in several parts; if a small one takes as long, it is broken.",
        reason="paper_too_slow",
    )


def _crashed(code: int) -> PaperError:
    ended = f"signal {-code}" if code < 0 else f"exit code {code}"
    return PaperError(
        f"Reading the document ended the process that reads documents ({ended}); nothing of it was kept.",
        hint="Open it with a viewer and save it again as PDF; other documents are not affected.",
        reason="paper_crashed",
    )


_rooms: WeakKeyDictionary[asyncio.AbstractEventLoop, PaperRoom] = WeakKeyDictionary()


async def split_apart(content: bytes, expected: Sequence[Expected]) -> Split:
    """Take a pile apart in this process's one reading process; see PaperRoom.split."""
    return await room().split(content, expected)


def room() -> PaperRoom:
    """Give the reading process of the running event loop; whoever ends the loop closes it first."""
    return _rooms.setdefault(asyncio.get_running_loop(), PaperRoom())
