"""The inbox, the cursors and the list of what could not be read."""

import asyncio
from datetime import timedelta

import pytest

from builders import NOON
from packline.ports import Cursor
from packline.storage.intake import Intake
from storage.stores import ACCOUNT, own

LATER = NOON + timedelta(hours=1)


@pytest.fixture
async def intake(pool):
    """Give the store, with an account to put things for."""
    await own(pool)
    return Intake(pool)


async def put(intake, dedupe: str, amazon_id: str = "S-1") -> bool:
    return await intake.inbox_put(ACCOUNT, "sqs", dedupe, amazon_id, b"{}", NOON)


async def test_a_message_that_comes_twice_is_kept_once(intake):
    """Queues deliver at least once; the day on which the double comes does not matter."""
    assert await put(intake, "m-1")
    assert not await put(intake, "m-1")
    assert not await intake.inbox_put(ACCOUNT, "sqs", "m-1", "S-1", b"{}", NOON + timedelta(days=2))
    assert len(await intake.inbox_take(ACCOUNT, 10)) == 1


async def test_doubles_that_arrive_together_are_kept_once(intake):
    """Two receivers of the same queue: one stores, one is told that it was there."""
    assert sorted(await asyncio.gather(*(put(intake, "m-1") for _ in range(4)))) == [False, False, False, True]


async def test_a_message_rings_its_account(intake, pool):
    """It is stored and rung for in one transaction."""
    await put(intake, "m-1")
    assert await pool.fetchval("select seq from account_wake where account_id = $1", ACCOUNT) == 1
    assert await pool.fetchval("select count(*) from pgqueuer where dedupe_key = $1", ACCOUNT) == 1


async def test_messages_wait_in_order_until_they_are_done(intake):
    """What was taken and not done comes again: a crash between the two loses nothing."""
    for n in range(3):
        await put(intake, f"m-{n}", f"S-{n}")
    taken = await intake.inbox_take(ACCOUNT, 2)
    assert [message.amazon_id for message in taken] == ["S-0", "S-1"]
    assert await intake.inbox_take(ACCOUNT, 2) == taken
    await intake.inbox_done([message.id for message in taken], LATER)
    assert [message.amazon_id for message in await intake.inbox_take(ACCOUNT, 10)] == ["S-2"]


async def test_an_account_takes_only_its_own_messages(intake, pool):
    """The work of one account is done by its owner."""
    await own(pool, account="other")
    await put(intake, "m-1")
    assert await intake.inbox_take("other", 10) == []


async def test_the_same_unreadable_bytes_are_parked_once(intake, pool):
    """A sweep meets them every half minute."""
    for minutes in range(3):
        await intake.park(ACCOUNT, "getShipments", b"{broken", "no id", NOON + timedelta(minutes=minutes))
    await intake.park(ACCOUNT, "getShipments", b"{other", "no id", NOON)
    rows = await pool.fetch("select body, reason, created_at from parked order by id")
    assert [(row["body"], row["created_at"]) for row in rows] == [(b"{broken", NOON), (b"{other", NOON)]


async def test_what_a_person_resolved_stays_resolved(intake, pool):
    """The same bytes again are no news."""
    await intake.park(ACCOUNT, "getShipments", b"{broken", "no id", NOON)
    await pool.execute("update parked set resolved_at = $1", LATER)
    await intake.park(ACCOUNT, "getShipments", b"{broken", "no id", LATER)
    assert await pool.fetchval("select resolved_at from parked") == LATER


async def test_a_cursor_comes_back_as_it_was_saved(intake):
    """One for each status and location; the last word counts."""
    first = Cursor(ACCOUNT, "", "ACCEPTED", NOON, succeeded_at=NOON)
    other = Cursor(ACCOUNT, "EXSB", "ACCEPTED", None, failed_at=NOON, error="500")
    later = Cursor(ACCOUNT, "", "ACCEPTED", LATER, succeeded_at=LATER)
    for cursor in (first, other, later):
        await intake.begin_cursor(cursor)
        assert await intake.save_cursor(cursor)
    assert sorted(await intake.cursors(ACCOUNT), key=lambda c: c.location) == [later, other]
    assert await intake.cursors("other") == []
