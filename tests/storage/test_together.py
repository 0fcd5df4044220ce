"""What many accounts ask at the same time is one statement, and no answer is older than its question."""

import asyncio

import pytest

from packline.storage.together import Together

pytestmark = pytest.mark.anyio


class Book:
    """A table of one column that counts how often it is read."""

    def __init__(self) -> None:
        self.rows = {"a": 1, "b": 2}
        self.reads: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def read(self, asked: list[str]) -> dict[str, int]:
        self.reads.append(asked)
        found = {key: self.rows[key] for key in asked if key in self.rows}
        await self.gate.wait()
        if "broken" in asked:
            raise OSError("the database is away")
        return found


async def test_questions_of_one_moment_are_one_read() -> None:
    """Those who ask in the same turn of the loop share a statement; what is not there is None."""
    book = Book()
    together = Together(book.read)

    assert await asyncio.gather(*(together.ask(key) for key in ("a", "b", "a", "c"))) == [1, 2, 1, None]

    assert book.reads == [["a", "b", "c"]]


async def test_an_answer_is_never_older_than_its_question() -> None:
    """Who asks while a statement runs is answered by the next one."""
    book = Book()
    together = Together(book.read)
    book.gate.clear()
    early = asyncio.create_task(together.ask("a"))
    await asyncio.sleep(0.01)
    book.rows["a"] = 7
    late = asyncio.create_task(together.ask("a"))
    await asyncio.sleep(0)
    book.gate.set()

    assert [await early, await late] == [1, 7]


async def test_a_failure_reaches_all_who_asked_and_nobody_else() -> None:
    """What the database raised is raised to every waiter; the next question is asked anew."""
    book = Book()
    together = Together(book.read)

    failed = await asyncio.gather(together.ask("a"), together.ask("broken"), return_exceptions=True)

    assert all(isinstance(error, OSError) for error in failed)
    assert await together.ask("a") == 1


async def test_one_who_gives_up_takes_no_answer_from_the_others() -> None:
    """A waiter that is cancelled leaves the statement to those who wait with it."""
    book = Book()
    together = Together(book.read)
    book.gate.clear()
    gone, stays = asyncio.create_task(together.ask("a")), asyncio.create_task(together.ask("a"))
    await asyncio.sleep(0.01)
    gone.cancel()
    book.gate.set()

    assert await stays == 1
    assert gone.cancelled() or isinstance(
        (await asyncio.gather(gone, return_exceptions=True))[0], asyncio.CancelledError
    )
