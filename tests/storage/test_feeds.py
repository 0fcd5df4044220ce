"""What waits for feeds, over the database: planned once, by the owner only, halved after each dead feed."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest
from msgspec.structs import replace

from builders import NOON
from packline.domain.feeds import FeedKind
from packline.ports import Ownership
from packline.ports.feeds import Batch, Repeat
from packline.storage.effects import FeedRow
from packline.storage.feed_items import write_feeds
from packline.storage.feeds import Feeds
from storage.stores import ACCOUNT, own

OWNER, INDIA = Ownership(ACCOUNT, 1), "A21TJRUUN4KGV"
PAYLOAD = b'{"marketplace":"A21TJRUUN4KGV","tracking_id":"1"}'


@pytest.fixture
async def feeds(pool: asyncpg.Pool) -> Feeds:
    """Own the account at epoch 1."""
    await own(pool)
    return Feeds(pool)


async def want(pool: asyncpg.Pool, *keys: str, payload: bytes | None = PAYLOAD) -> None:
    """Let shipments wish for documents, or take their wish back."""
    rows = [FeedRow(ACCOUNT, "documents", key, f"O-{key}", payload, None) for key in keys]
    async with pool.acquire() as connection:
        await write_feeds(connection, rows, NOON)


async def plan(feeds: Feeds, limit: int = 100, owner: Ownership = OWNER, minutes: float = 1) -> Batch | None:
    return await feeds.plan(owner, FeedKind.DOCUMENTS, INDIA, limit, NOON + timedelta(minutes=minutes))


async def keys_of(feeds: Feeds, batch: Batch | None) -> list[str]:
    assert batch is not None
    return [waiting.item.key for waiting in await feeds.items(batch)]


async def test_an_item_is_in_one_feed_only(pool: asyncpg.Pool, feeds: Feeds) -> None:
    """However many plan at the same moment, each item is taken once."""
    await want(pool, *(f"s{n:02d}" for n in range(30)))

    planned = await asyncio.gather(*(plan(feeds, limit=10) for _ in range(6)))

    taken = [key for batch in planned if batch for key in await keys_of(feeds, batch)]
    assert len(taken) == len(set(taken))
    while batch := await plan(feeds, limit=10):
        taken += await keys_of(feeds, batch)
    assert sorted(taken) == [f"s{n:02d}" for n in range(30)]


async def test_a_worker_that_lost_the_account_writes_nothing(pool: asyncpg.Pool, feeds: Feeds) -> None:
    """It plans no feed, saves no progress and settles no item."""
    await want(pool, "s1", "s2")
    batch = await plan(feeds, limit=1)
    assert batch is not None
    await own(pool, epoch=2)

    assert await plan(feeds) is None
    assert not await feeds.save(OWNER, replace(batch, state="submitted", feed_id="F"), NOON)
    assert not await feeds.settle(OWNER, replace(batch, state="ended"), ["s1"], (), NOON)
    (kept,) = await feeds.open(ACCOUNT)
    assert (kept.state, kept.feed_id, await keys_of(feeds, kept)) == ("planned", None, ["s1"])


async def test_a_wish_that_is_taken_back_is_in_no_feed(pool: asyncpg.Pool, feeds: Feeds) -> None:
    """Waiting or under way: it is gone; a new wish begins anew."""
    await want(pool, "s1", "s2")
    batch = await plan(feeds)
    assert batch is not None
    await want(pool, "s1", payload=None)
    await want(pool, "s2")

    assert await keys_of(feeds, batch) == []
    assert await keys_of(feeds, await plan(feeds)) == ["s2"]


async def test_items_of_dead_feeds_go_in_smaller_ones(pool: asyncpg.Pool, feeds: Feeds) -> None:
    """Equal attempts together, half as many each time, and never with fresh ones: a bad one is soon alone."""
    await want(pool, *(f"s{n}" for n in range(8)))
    await settle_badly(feeds, await plan(feeds, limit=8))
    await want(pool, "fresh")

    first = await plan(feeds, limit=8)
    second = await plan(feeds, limit=8)
    third = await plan(feeds, limit=8)

    sizes = [await keys_of(feeds, batch) for batch in (first, second, third)]
    assert sorted(map(len, sizes)) == [1, 4, 4]
    assert ["fresh"] in sizes
    again = first if len(sizes[0]) == 4 else second
    await settle_badly(feeds, again)
    assert len(await keys_of(feeds, await plan(feeds, limit=8))) == 2


async def test_a_pause_is_kept_and_told(pool: asyncpg.Pool, feeds: Feeds) -> None:
    """An item that goes again waits its pause, and it is known until when."""
    await want(pool, "s1")
    batch = await plan(feeds)
    assert batch is not None
    later = NOON + timedelta(minutes=10)
    ended = replace(batch, state="ended")
    assert await feeds.settle(OWNER, ended, (), [Repeat("s1", "610013", later)], NOON)

    assert await feeds.waiting(ACCOUNT, NOON) == ([], later)
    assert await plan(feeds, minutes=9) is None
    assert await keys_of(feeds, await plan(feeds, minutes=11)) == ["s1"]


async def test_what_was_given_up_stays_until_it_is_revived(pool: asyncpg.Pool, feeds: Feeds) -> None:
    """A failed item is in no feed; a retry forgets its attempts."""
    await want(pool, "s1")
    batch = await plan(feeds)
    assert batch is not None
    await feeds.settle(OWNER, replace(batch, state="ended"), (), [Repeat("s1", "no", None)], NOON)

    assert await plan(feeds) is None
    assert await feeds.revive(ACCOUNT, "documents", ["s1"], NOON) == 1
    assert await keys_of(feeds, await plan(feeds)) == ["s1"]


async def settle_badly(feeds: Feeds, batch: Batch | None) -> None:
    """Let a feed die as a whole."""
    again = [Repeat(key, "FATAL", NOON) for key in await keys_of(feeds, batch)]
    assert batch is not None
    assert await feeds.settle(OWNER, replace(batch, state="ended"), (), again, NOON)
