"""The alarm clock on a real PostgreSQL: rings, their loss, and jobs that another worker took over."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import asyncpg

from builders import NOON
from packline.ports import Ownership
from packline.storage.ownership import Owners
from packline.storage.wake import DONE_WITH_ALL, Alarm, Bell
from storage.stores import ACCOUNT, own, store


@contextlib.asynccontextmanager
async def hearing(
    pool: asyncpg.Pool, handler: Callable[[str], Awaitable[int]], nudge: Callable[[str], None] = lambda _: None
) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(Alarm(pool).run(handler, nudge=nudge, concurrency=50, stop=stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 10) -> None:
    for _ in range(int(seconds / 0.02)):
        if await condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come about")


async def jobs(pool: asyncpg.Pool) -> int:
    return int(await pool.fetchval("select count(*) from pgqueuer"))


async def test_a_ring_reaches_a_worker_and_its_job_ends(pool: asyncpg.Pool) -> None:
    """The handler hears the account once, however often it was rung before."""
    heard: list[str] = []

    async def handle(account: str) -> int:
        heard.append(account)
        return DONE_WITH_ALL

    for _ in range(3):
        await Bell(pool).wake([ACCOUNT, "other"])
    async with hearing(pool, handle):

        async def done() -> bool:
            return await jobs(pool) == 0

        await until(done)
    assert sorted(heard) == [ACCOUNT, "other"]


async def test_a_ring_that_is_rolled_back_is_not_heard(pool: asyncpg.Pool) -> None:
    """It belongs to the transaction that makes the work."""
    from packline.storage.wake import ring

    with contextlib.suppress(RuntimeError):
        async with pool.acquire() as connection, connection.transaction():
            await ring(connection, [ACCOUNT])
            raise RuntimeError("the work was not stored")
    assert await jobs(pool) == 0
    assert await Owners(pool).wake_seq(ACCOUNT) == 0


async def test_a_ring_after_the_last_look_of_a_handler_is_not_lost(pool: asyncpg.Pool) -> None:
    """Its job is there still, so the ring makes none; the end of that job makes a new one."""
    looked: list[int] = []

    async def handle(account: str) -> int:
        seq = await Owners(pool).wake_seq(account)
        looked.append(seq)
        if len(looked) == 1:
            await Bell(pool).wake([account])
        return seq

    await Bell(pool).wake([ACCOUNT])
    async with hearing(pool, handle):

        async def done() -> bool:
            return len(looked) == 2 and await jobs(pool) == 0

        await until(done)
    assert looked == [1, 2]


async def test_a_running_owner_hears_every_ring_at_once(pool: asyncpg.Pool) -> None:
    """No second job is made while one runs, so the ring itself is passed on."""
    release = asyncio.Event()
    nudged: list[str] = []

    async def handle(account: str) -> int:
        await release.wait()
        return DONE_WITH_ALL

    async with hearing(pool, handle, nudged.append):
        await Bell(pool).wake([ACCOUNT])

        async def running() -> bool:
            return bool(await pool.fetchval("select count(*) from pgqueuer where status = 'picked'"))

        await until(running)
        nudged.clear()
        await Bell(pool).wake([ACCOUNT])

        async def passed() -> bool:
            return nudged == [ACCOUNT]

        await until(passed, 2)
        release.set()


async def test_a_worker_that_lost_its_job_does_not_end_that_of_the_new_owner(pool: asyncpg.Pool) -> None:
    """It was frozen, another worker took the job over, and it returns normally."""
    release = asyncio.Event()

    async def handle(account: str) -> int:
        await release.wait()
        return DONE_WITH_ALL

    async with hearing(pool, handle):
        await Bell(pool).wake([ACCOUNT])

        async def running() -> bool:
            return bool(await pool.fetchval("select count(*) from pgqueuer where status = 'picked'"))

        await until(running)
        await pool.execute(
            "update pgqueuer set queue_manager_id = gen_random_uuid(), heartbeat = now() - interval '1 s'"
        )
        beat = await pool.fetchval("select heartbeat from pgqueuer")
        release.set()
        await asyncio.sleep(0.5)
        assert await jobs(pool) == 1
        assert await pool.fetchval("select heartbeat from pgqueuer") == beat


async def test_an_account_is_overdue_when_nobody_sees_to_its_work(pool: asyncpg.Pool) -> None:
    """Due shipments, polls and messages ring; a live job, a pause or a time to come do not."""
    await own(pool)
    bell = Bell(pool)
    assert await bell.overdue(NOON) == [ACCOUNT]
    await Owners(pool).release(Ownership(ACCOUNT, 1), b"", NOON + timedelta(seconds=5))
    assert await bell.overdue(NOON) == []
    assert await bell.overdue(NOON + timedelta(seconds=5)) == [ACCOUNT]
    await store(pool)
    assert await bell.overdue(NOON) == [ACCOUNT]
    await bell.wake([ACCOUNT])
    assert await bell.overdue(NOON) == []
    await pool.execute("delete from pgqueuer")
    await pool.execute("update account set paused_reason = 'revoked'")
    assert await bell.overdue(NOON) == []


async def test_each_owner_has_a_higher_epoch(pool: asyncpg.Pool) -> None:
    """And the one before it is told that the account is no longer its own."""
    await own(pool, 7)
    owners = Owners(pool)
    first = await owners.take(ACCOUNT, "one", NOON)
    assert first is not None
    assert first.epoch == 8
    second = await owners.take(ACCOUNT, "two", NOON)
    assert second is not None
    assert not await owners.still_mine(first)
    assert await owners.still_mine(second)
    await owners.release(first, b"old", NOON)
    assert await pool.fetchval("select worker from ownership") == "two"


async def test_levels_are_passed_on_only_by_an_owner_that_gave_the_account_back(pool: asyncpg.Pool) -> None:
    """One that died wrote its levels long before its last call."""
    await own(pool)
    owners = Owners(pool)
    first = await owners.take(ACCOUNT, "one", NOON)
    assert first is not None
    await owners.release(first, b"levels", NOON)
    second = await owners.take(ACCOUNT, "two", NOON)
    assert second is not None
    assert second.levels == b"levels"
    third = await owners.take(ACCOUNT, "three", NOON)
    assert third is not None
    assert third.levels == b""


async def test_a_paused_account_cannot_be_taken(pool: asyncpg.Pool) -> None:
    """Nor one that is disabled or gone."""
    await own(pool)
    await pool.execute("update account set paused_reason = 'revoked'")
    assert await Owners(pool).take(ACCOUNT, "one", NOON) is None
    assert await Owners(pool).take("nobody", "one", NOON) is None


async def test_a_ring_while_a_job_is_being_ended_makes_a_new_one(pool: asyncpg.Pool) -> None:
    """The ring waits for whoever ends the job, and looks for a job only then: what it saw before is over."""
    await Bell(pool).wake([ACCOUNT])
    async with pool.acquire() as ending:
        async with ending.transaction():
            await ending.fetch("select seq from account_wake where account_id = $1 for update", ACCOUNT)
            await ending.execute("delete from pgqueuer where dedupe_key = $1", ACCOUNT)
            ringing = asyncio.create_task(Bell(pool).wake([ACCOUNT]))

            async def waits() -> bool:
                return bool(await pool.fetchval("select count(*) from pg_locks where not granted"))

            await until(waits, seconds=60)
        await ringing
    assert await jobs(pool) == 1
    assert await Owners(pool).wake_seq(ACCOUNT) == 2


async def test_a_ring_where_a_job_waits_disturbs_no_other_worker(pool: asyncpg.Pool) -> None:
    """PgQueuer calls every worker to look for work when something is inserted, or nearly; so nothing is."""
    told: list[str] = []
    await Bell(pool).wake([ACCOUNT])
    async with pool.acquire() as listening:
        for channel in ("ch_pgqueuer", "packline_wake"):
            await listening.add_listener(channel, lambda *heard: told.append(heard[2]))
        for _ in range(3):
            await Bell(pool).wake([ACCOUNT])

        async def heard() -> bool:
            await listening.fetchval("select 1")
            return told.count("packline_wake") == 3

        await until(heard, seconds=60)
        await listening.reset()
    assert "ch_pgqueuer" not in told
    assert await jobs(pool) == 1
