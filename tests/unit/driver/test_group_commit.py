"""Group commit: what one change makes the store refuse stays with it, and a store that is away is asked once."""

import asyncio
from typing import Any

from fakes import FakeClock
from packline.driver.group_commit import Committer
from packline.ports import Committed


class Store:
    """Refuses every commit that holds the change 3, or all while it is away."""

    def __init__(self) -> None:
        self.away = False
        self.asked: list[list[Any]] = []

    async def commit(self, changes: list[Any]) -> list[Committed]:
        self.asked.append(changes)
        if self.away:
            raise RuntimeError("the database system is shutting down")
        if 3 in changes:
            raise ValueError("3 cannot be written")
        return [Committed("written", 1) for _ in changes]


async def _written(store: Store) -> list[Any]:
    clock = FakeClock()
    committer = Committer(store, clock, is_away=lambda error: isinstance(error, RuntimeError))  # type: ignore[arg-type]
    changes: list[Any] = [1, 2, 3, 4]
    writing = asyncio.gather(*(committer.write(change) for change in changes), return_exceptions=True)
    return list(await clock.during(writing))


async def test_a_change_that_cannot_be_written_hinders_no_other() -> None:
    """The batch is cut until the culprit is alone."""
    fates = await _written(Store())
    assert [type(fate) for fate in fates] == [Committed, Committed, ValueError, Committed]


async def test_a_store_that_is_away_is_not_asked_for_each_change() -> None:
    """No part of the batch would fare better: each would only try another connection."""
    store = Store()
    store.away = True
    fates = await _written(store)
    assert [type(fate) for fate in fates] == [RuntimeError] * 4
    assert len(store.asked) == 1
