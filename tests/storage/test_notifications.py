"""What comes out of queues: many in one statement, once each, and what it wakes."""

import asyncio
import os
from datetime import timedelta

import msgspec
import pytest

from builders import NOON
from packline.domain.reliance import doubt
from packline.ports.notifications import Batch, Odd, Queue, QueueKey, Subscription, Told
from packline.storage.accounts import Accounts
from packline.storage.finished import Finished
from packline.storage.intake import Intake
from packline.storage.notification_queues import NotificationQueues
from packline.storage.reliance import Tellings
from packline.storage.secrets import KEY_BYTES, Vault
from storage.stores import ACCOUNT, own

TYPE = "EXTERNAL_FULFILLMENT_SHIPMENT_STATUS_CHANGE"
QUEUE = Queue("main", "https://sqs.example/q", "arn:aws:sqs:eu-west-1:123456789012:q", "eu-west-1")


@pytest.fixture
async def queues(pool):
    """Give the store, with an account and a queue."""
    await own(pool)
    vault = Vault({1: os.urandom(KEY_BYTES)})
    store = NotificationQueues(pool, vault, Accounts(pool, vault))
    await store.put(QUEUE, QueueKey("AKIA", "s3cret"), NOON)
    return store


def told(number: int, subject: str = "", **given) -> Told:
    return Told(ACCOUNT, f"n-{number}", subject or f"S-{number}", b"{}", TYPE, **given)


async def counts(pool) -> dict[str, int]:
    rows = await pool.fetch("select outcome, sum(count)::int as count from notification_count group by 1")
    return {row["outcome"]: row["count"] for row in rows}


async def test_a_batch_is_stored_once_however_often_it_comes(queues, pool):
    """Doubles inside a batch, and the whole batch again, are counted as repeated and stored once."""
    batch = Batch(tuple(told(n % 300) for n in range(500)))
    assert await queues.keep("main", batch, NOON) == 300
    assert await queues.keep("main", batch, NOON + timedelta(minutes=1)) == 0
    assert await pool.fetchval("select count(*) from inbox") == 300
    assert await counts(pool) == {"stored": 300, "repeated": 700}
    assert await pool.fetchval("select seq from account_wake where account_id = $1", ACCOUNT) == 1


async def test_the_same_messages_received_by_many_are_stored_once(queues, pool):
    """Readers in several processes get the same messages in different order at the same time."""
    given = [told(n) for n in range(200)]
    batches = [Batch(tuple(given)), Batch(tuple(reversed(given))), Batch(tuple(given[100:] + given[:100]))]
    kept = await asyncio.gather(*(queues.keep("main", batch, NOON) for batch in batches * 2))
    assert sum(kept) == 200
    assert await pool.fetchval("select count(*) from inbox") == 200


async def test_what_is_for_a_person_is_parked_in_the_same_transaction(queues, pool):
    """It leaves the queue only when it is on somebody's list; the same bytes are there once."""
    odd = Odd("", b"{broken", "The notification is not JSON.")
    await queues.keep("main", Batch((told(1),), (odd, odd), {"ANY_OFFER_CHANGED": 3}, {TYPE: 1}), NOON)
    assert [row["reason"] for row in await pool.fetch("select reason from parked")] == [odd.reason]
    assert await counts(pool) == {"stored": 1, "parked": 2, "ignored": 3, "test": 1}


async def test_a_stranger_on_a_shared_queue_is_told_of_once(queues, pool):
    """What all of his messages say alike a person reads once; each of them is counted, and what is garbled stays."""
    strangers = [Odd("", b"%d" % n, "Seller A0NOBODY is no account here", TYPE, "A0NOBODY") for n in range(50)]
    garbled = [Odd("", b"{%d" % n, "not JSON") for n in range(2)]
    for at_once in (strangers[:30], strangers[30:], garbled):
        await queues.keep("main", Batch((), tuple(at_once)), NOON)
    rows = await pool.fetch("select reason, count(*) from parked group by 1 order by 1")
    assert [tuple(row) for row in rows] == [("Seller A0NOBODY is no account here", 1), ("not JSON", 2)]
    assert await counts(pool) == {"parked": 52}


async def test_claimed_cancellations_are_taken_first(queues, pool):
    """However deep the pile is: what must stop is read before what goes on."""
    await queues.keep("main", Batch(tuple(told(n, hint="ACCEPTED") for n in range(20))), NOON)
    await queues.keep("main", Batch((told(99, hint="CANCELLED"),)), NOON)
    taken = await Intake(pool).inbox_take(ACCOUNT, 3)
    assert [message.amazon_id for message in taken] == ["S-99", "S-0", "S-1"]


async def test_the_key_of_a_queue_is_encrypted_and_stays(queues, pool):
    """Writing the queue again without a key leaves it; another queue's row cannot be opened with it."""
    await queues.put(QUEUE, None, NOON)
    assert await queues.key("main") == QueueKey("AKIA", "s3cret")
    sealed = await pool.fetchval("select credentials from notification_queue")
    assert b"s3cret" not in sealed
    assert "s3cret" not in repr(await queues.key("main"))


async def subscribed(queues) -> None:
    await queues.subscribed(Subscription(ACCOUNT, TYPE, "main", "d-1", "s-1"), NOON)
    await queues.looked("main", NOON)


async def test_what_polling_finds_is_told_or_missed_a_minute_later(queues, pool):
    """A notification may come a little later than the look; one that never comes is missed, once."""
    await subscribed(queues)
    tellings = Tellings(pool)
    at = NOON + timedelta(seconds=30)
    await tellings.note_found(ACCOUNT, [("S-1", at), ("S-2", at), ("S-2", at)], at)
    assert await tellings.judge(ACCOUNT, at - timedelta(seconds=1), at) == []
    await queues.keep("main", Batch((told(1, "S-1"),)), at + timedelta(seconds=20))
    late = at + timedelta(seconds=60)
    assert await tellings.judge(ACCOUNT, at, late) == ["S-2"]
    assert await tellings.judge(ACCOUNT, late, late) == []
    rows = await pool.fetch("select account_id, data from event where name = 'notification.missed'")
    events = [(row["account_id"], msgspec.json.decode(row["data"])["event"]) for row in rows]
    assert events == [(ACCOUNT, {"type": "notification_missed", "count": 1, "shipments": ["S-2"]})]
    telling = await tellings.telling(ACCOUNT)
    assert (telling.missed_at, telling.missed_id, telling.told_at) == (late, "S-2", at + timedelta(seconds=20))
    assert "S-2" in doubt(telling, late)


async def test_what_is_older_than_the_setup_proves_nothing(queues, pool):
    """The first look back finds a week of orders that no subscription could have told."""
    await subscribed(queues)
    tellings = Tellings(pool)
    await tellings.note_found(ACCOUNT, [("S-1", NOON - timedelta(days=1))], NOON)
    assert await pool.fetchval("select count(*) from notification_doubt") == 0


async def test_without_subscriptions_nothing_is_relied_on(queues, pool):
    """The account of a seller who has none, and one that nobody knows."""
    assert doubt(await Tellings(pool).telling(ACCOUNT), NOON) == "no notifications are set up"
    assert not (await Tellings(pool).telling("nobody")).is_subscribed


async def test_a_finished_feed_is_looked_at_at_once(queues, pool):
    """By the feed's id or a report's; the message is done when the batch is over, or after some seconds."""
    for feed, reports in (("7001", []), ("7002", ["r-1"])):
        await pool.execute(
            "insert into feed_batch (account_id, kind, marketplace_id, state, items, feed_id, reports, created_at,"
            " next_at) values ($1, 'documents', '', 'submitted', 1, $2, $3, $4, $5)",
            ACCOUNT, feed, reports, NOON, NOON + timedelta(hours=1),
        )  # fmt: skip
    batch = Batch((told(1, "7001", kind="feed"), told(2, "r-1", kind="report"), told(3, "7999", kind="feed")))
    await queues.keep("main", batch, NOON)
    assert await Intake(pool).inbox_take(ACCOUNT, 10) == []
    finished = Finished(pool)
    assert await finished.wake(ACCOUNT, NOON) == (2, 3)
    assert await pool.fetchval("select count(*) from feed_batch where next_at = $1", NOON) == 2
    await pool.execute("update feed_batch set ended_at = $1 where feed_id = '7001'", NOON)
    assert await finished.wake(ACCOUNT, NOON + timedelta(seconds=2)) == (0, 2)
    assert await finished.wake(ACCOUNT, NOON + timedelta(seconds=10)) == (0, 0)


async def test_a_removed_queue_takes_its_subscriptions_along(queues, pool):
    """Nobody relies on a queue that is not read."""
    await subscribed(queues)
    await queues.remove("main")
    assert await queues.subscriptions(ACCOUNT) == []
