"""Partitions: made ahead, dropped by age, and nothing is lost where one is missing."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from packline.storage import partitions
from packline.storage.partitions import RETENTION, keep

NOON = datetime(2031, 3, 10, 12, tzinfo=UTC)
"""Far from the days that the template database was prepared for."""
INSERT = "insert into event (at, account_id, name, cause, data) values ($1, 'a', 'x', 'y', '')"


async def partition_of(pool, at: datetime) -> str:
    return await pool.fetchval("select tableoid::regclass::text from event where at = $1", at)


async def test_days_ahead_are_made_and_made_once(pool):
    """Yesterday, today and three more days of each large table; a month of the ledger of stock and of the audit."""
    async with pool.acquire() as connection:
        made, _ = await keep(connection, NOON)
        assert {name for name in made if name.startswith("event")} == {f"event_203103{day:02}" for day in range(9, 14)}
        assert len(made) == 5 * len(RETENTION) + 2
        assert (await keep(connection, NOON))[0] == []


async def test_what_is_too_old_is_dropped_with_its_day(pool):
    """Retention is DROP, and the default partition is swept too."""
    old, young = NOON - timedelta(days=31), NOON - timedelta(days=29)
    async with pool.acquire() as connection:
        await keep(connection, old)
        await pool.execute(INSERT, old)
        await pool.execute(INSERT, old - timedelta(days=9))
        await pool.execute(INSERT, young)
        _, dropped = await keep(connection, NOON)
    assert "event_20310207" in dropped
    assert [row["at"] for row in await pool.fetch("select at from event")] == [young]


async def test_a_row_whose_day_is_missing_waits_in_the_default_partition_and_moves(pool):
    """A server that slept for a week loses no event."""
    await pool.execute(INSERT, NOON)
    assert await partition_of(pool, NOON) == "event_default"
    async with pool.acquire() as connection:
        await keep(connection, NOON)
    assert await partition_of(pool, NOON) == "event_20310310"
    assert await pool.fetchval("select count(*) from event") == 1


async def test_days_begin_at_midnight_utc_whatever_the_session_says(pool):
    """The bounds of a day do not follow the time zone of who makes it."""
    async with pool.acquire() as connection:
        await connection.execute("set timezone = 'Asia/Kolkata'")
        await keep(connection, NOON)
    await pool.execute(INSERT, datetime(2031, 3, 10, 0, 0, tzinfo=UTC))
    assert await partition_of(pool, datetime(2031, 3, 10, 0, 0, tzinfo=UTC)) == "event_20310310"


async def test_two_processes_may_keep_partitions_at_once(pool):
    """One makes them, the other finds them made."""

    async def once() -> int:
        async with pool.acquire() as connection:
            return len((await keep(connection, NOON))[0])

    assert sorted(await asyncio.gather(once(), once())) == [0, 5 * len(RETENTION) + 2]


async def test_writers_go_on_while_partitions_are_made(pool):
    """Rows of the very day that is being made go to the default partition and all arrive."""
    stop = asyncio.Event()

    async def write() -> int:
        written = 0
        while not stop.is_set():
            await pool.execute(INSERT, NOON + timedelta(microseconds=written))
            written += 1
        return written

    writers = [asyncio.create_task(write()) for _ in range(3)]
    async with pool.acquire() as connection:
        await asyncio.sleep(0.05)
        made, _ = await keep(connection, NOON)
    stop.set()
    written = sum(await asyncio.gather(*writers))
    assert "event_20310310" in made
    assert await pool.fetchval("select count(*) from event") == written
    assert await pool.fetchval("select count(*) from event_default") == 0


@pytest.fixture
def impatient(monkeypatch):
    """Wait for readers only a moment."""
    monkeypatch.setattr(partitions, "PATIENCE", "100ms")


async def test_a_long_reader_postpones_a_drop_and_hinders_nobody(pool, impatient):
    """A backup that reads for an hour must not stop the world behind a DROP that waits for it."""
    async with pool.acquire() as connection:
        await keep(connection, NOON - timedelta(days=31))
        async with pool.acquire() as reader, reader.transaction():
            await reader.execute("set local idle_in_transaction_session_timeout = 0")
            await reader.fetch("select 1 from event")
            _, dropped = await keep(connection, NOON)
            assert not [name for name in dropped if name.startswith("event")]
        _, dropped = await keep(connection, NOON)
    assert "event_20310207" in dropped


async def test_messages_seen_are_forgotten_with_the_inbox(pool):
    """The list that refuses doubles does not grow for ever."""
    for days in (15, 13):
        await pool.execute("insert into inbox_seen values ('a', $1, $2)", f"m-{days}", NOON - timedelta(days=days))
    async with pool.acquire() as connection:
        await keep(connection, NOON)
    assert [row["dedupe"] for row in await pool.fetch("select dedupe from inbox_seen")] == ["m-13"]
