"""The feed's order: a reader that follows it never misses an event, whoever commits when."""

import asyncio
import random

from builders import NOON
from packline.views.events import START, feed

INSERT = "insert into event (at, account_id, name, cause, data) values ($1, 'a', $2, 'y', '{}')"


async def test_an_event_of_a_slow_transaction_is_not_skipped(pool):
    """It has the lower number and commits later: the feed waits for it instead of stepping over it."""
    async with pool.acquire() as slow:
        async with slow.transaction():
            await slow.execute(INSERT, NOON, "slow")
            await pool.execute(INSERT, NOON, "quick")
            early = await feed(pool, START)
            assert early.events == ()
        late = await feed(pool, early.cursor)
    assert [event.name for event in late.events] == ["slow", "quick"]


async def test_a_transaction_that_began_early_and_wrote_late_is_in_order(pool):
    """The order is that of the transactions' numbers, which are given at their first write."""
    async with pool.acquire() as early, early.transaction():
        await early.fetchval("select 1")
        await pool.execute(INSERT, NOON, "first")
        first = await feed(pool, START)
        assert [event.name for event in first.events] == ["first"]
        await early.execute(INSERT, NOON, "second")
    second = await feed(pool, first.cursor)
    assert [event.name for event in second.events] == ["second"]


async def test_a_follower_sees_everything_once_while_many_write(pool):
    """Eight writers that pause inside their transactions, one follower: no gap, no double."""
    told: list[str] = []

    async def write(writer: int) -> None:
        for n in range(25):
            async with pool.acquire() as connection, connection.transaction():
                await connection.execute(INSERT, NOON, f"{writer}-{n}")
                await asyncio.sleep(random.Random(writer * 100 + n).random() / 200)

    async def follow(until: asyncio.Event) -> None:
        cursor = START
        while True:
            ended = until.is_set()
            page = await feed(pool, cursor, limit=7)
            told.extend(event.name for event in page.events)
            cursor = page.cursor
            if ended and not page.events:
                return
            await asyncio.sleep(0)

    over = asyncio.Event()
    follower = asyncio.create_task(follow(over))
    await asyncio.gather(*(write(writer) for writer in range(5)))
    over.set()
    await follower
    assert sorted(told) == sorted(f"{writer}-{n}" for writer in range(5) for n in range(25))


async def test_events_of_one_change_keep_their_order(pool):
    """Within a transaction events come as they were told."""
    async with pool.acquire() as connection, connection.transaction():
        for name in ("one", "two", "three"):
            await connection.execute(INSERT, NOON, name)
    assert [event.name for event in (await feed(pool, START)).events] == ["one", "two", "three"]
