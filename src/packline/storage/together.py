"""What many accounts ask at the same time is one statement: the accounts of a worker drain side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import Generic, TypeVar

Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")


class Together(Generic[Question, Answer]):
    """Gather questions while a statement runs, and ask the database for all of them with the next one.

    An answer is never older than its question: the statement that answers begins after the question came.
    """

    def __init__(self, read: Callable[[list[Question]], Awaitable[Mapping[Question, Answer]]]) -> None:
        """Answer with `read`, which is given each question once; what it leaves out has no answer (None)."""
        self._read = read
        self._waiting: dict[Question, asyncio.Future[Answer | None]] = {}
        self._reader: asyncio.Task[None] | None = None

    async def ask(self, question: Question) -> Answer | None:
        """Ask with whoever asks now. Raises what the database raised."""
        future = self._waiting.get(question)
        if future is None or future.cancelled():
            future = self._waiting[question] = asyncio.get_running_loop().create_future()
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._run())
        return await asyncio.shield(future)  # another one may wait for the same answer

    async def _run(self) -> None:
        await asyncio.sleep(0)  # those who are about to ask in this turn of the loop come along
        while self._waiting:
            asked, self._waiting = self._waiting, {}
            try:
                answers = await self._read(list(asked))
            except BaseException as error:  # the waiters must hear of it, whatever it is
                for future in asked.values():
                    _fail(future, error)
                if not isinstance(error, Exception):
                    raise
                continue
            for question, future in asked.items():
                if not future.done():
                    future.set_result(answers.get(question))


def _fail(future: "asyncio.Future[Answer | None]", error: BaseException) -> None:
    if future.done():
        return
    future.set_exception(error if isinstance(error, Exception) else asyncio.CancelledError())
    future.exception()  # heard of, even where nobody waits any more
