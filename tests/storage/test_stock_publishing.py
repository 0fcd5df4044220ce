"""The outbox on its way: numbers only grow, nothing in doubt is settled, an owner of yesterday writes nothing."""

from datetime import timedelta

import asyncpg

from builders import NOON
from packline.domain.inventory.ledger import Entry, Key, Kind, Movement
from packline.domain.inventory.publishing import Answer, Sending, Verdict
from packline.domain.inventory.rules import Place
from packline.ports import Ownership
from packline.storage.stock import Stock
from packline.storage.stock_publishing import StockPublishing
from storage.stores import ACCOUNT, own

OWNER = Ownership(ACCOUNT, 1)


async def count(pool: asyncpg.Pool, minute: int, **units: int) -> None:
    """Count SKUs at a minute after noon."""
    at = NOON + timedelta(minutes=minute)
    for sku, number in units.items():
        entry = Entry(f"{sku} {minute}", Key(ACCOUNT, "EXSB", sku), Kind.COUNTED, number, at)
        await Stock(pool).lay([Movement(f"{sku} {minute}", (entry,), is_timed=True)], at)


async def shop(pool: asyncpg.Pool) -> StockPublishing:
    """Open an account with a location."""
    await own(pool)
    await pool.execute("insert into location (account_id, id) values ($1, 'EXSB')", ACCOUNT)
    return StockPublishing(pool)


def taken(sending: Sending, verdict: Verdict = Verdict.TAKEN, sequence: int | None = None) -> list[Answer]:
    """Let Amazon answer everything in one way."""
    return [Answer(t.place, verdict, t, t.sequence if sequence is None else sequence) for t in sending.tellings]


async def states(pool: asyncpg.Pool) -> dict[str, tuple[str, int | None]]:
    """Read state and published number by SKU."""
    rows = await pool.fetch("select sku, state, published from stock_offer")
    return {row["sku"]: (row["state"], row["published"]) for row in rows}


async def test_zero_goes_first_then_what_falls_then_what_rises(pool: asyncpg.Pool) -> None:
    """Buyers must not be sold what is not there; more to sell can wait."""
    outbox = await shop(pool)
    await count(pool, 0, RISES=5, FALLS=5, GONE=5)
    await outbox.told(OWNER, taken(await outbox.send_next(OWNER, 10, (), NOON)), NOON)
    await count(pool, 1, RISES=9)
    await count(pool, 2, FALLS=2)
    await count(pool, 3, GONE=0)
    sending = await outbox.send_next(OWNER, 10, (), NOON)
    assert [(t.place.sku, t.quantity, t.urgency) for t in sending.tellings] == [
        ("GONE", 0, 0.0),
        ("FALLS", 2, 1.0),
        ("RISES", 9, 2.0),
    ]


async def test_a_number_in_doubt_is_told_again_even_where_it_went_back(pool: asyncpg.Pool) -> None:
    """Told 5, then 3 whose answer was lost, then 5 again: nobody knows what Amazon has, so 5 is told."""
    outbox = await shop(pool)
    await count(pool, 0, A=5)
    await outbox.told(OWNER, taken(await outbox.send_next(OWNER, 10, (), NOON)), NOON)
    assert await states(pool) == {"A": ("settled", 5)}
    await count(pool, 1, A=3)
    lost = await outbox.send_next(OWNER, 10, (), NOON)
    await count(pool, 2, A=5)
    assert await states(pool) == {"A": ("waiting", None)}
    again = await outbox.send_next(OWNER, 10, (), NOON)
    assert again.tellings[0].quantity == 5
    assert again.tellings[0].sequence > lost.tellings[0].sequence


async def test_a_stale_number_is_overtaken(pool: asyncpg.Pool) -> None:
    """Amazon has number 9e12: the next one is above it, though the clock is far below."""
    outbox = await shop(pool)
    await count(pool, 0, A=5)
    sending = await outbox.send_next(OWNER, 10, (), NOON)
    await outbox.told(OWNER, taken(sending, Verdict.STALE, 9_000_000_000_000), NOON)
    (telling,) = (await outbox.send_next(OWNER, 10, (), NOON)).tellings
    assert telling.sequence == 9_000_000_000_001


async def test_a_counter_goes_on_from_what_a_former_integrator_used(pool: asyncpg.Pool) -> None:
    """Numbers taken over by file are the last ones; without any, a counter begins at 1."""
    outbox = await shop(pool)
    await outbox.put_settings(ACCOUNT, "counter", None, None, NOON, "test")
    await outbox.know([(Place(ACCOUNT, "EXSB", "A"), 41)], NOON)
    await count(pool, 0, A=5, B=5)
    sending = await outbox.send_next(OWNER, 10, (), NOON)
    assert {t.place.sku: t.sequence for t in sending.tellings} == {"A": 42, "B": 1}


async def test_an_account_that_asks_first_sends_nothing_of_unknown_number(pool: asyncpg.Pool) -> None:
    """What never had a number is handed out to be asked for, and goes once it is known."""
    outbox = await shop(pool)
    await outbox.put_settings(ACCOUNT, "counter", True, None, NOON, "test")
    await count(pool, 0, A=5)
    sending = await outbox.send_next(OWNER, 10, (), NOON)
    place = Place(ACCOUNT, "EXSB", "A")
    assert (sending.tellings, sending.unknown) == ((), (place,))
    await outbox.know([(place, 7)], NOON)
    assert [t.sequence for t in (await outbox.send_next(OWNER, 10, (), NOON)).tellings] == [8]


async def test_an_owner_that_lost_the_account_takes_and_writes_nothing(pool: asyncpg.Pool) -> None:
    """The epoch is compared by every statement."""
    outbox = await shop(pool)
    await count(pool, 0, A=5)
    sending = await outbox.send_next(OWNER, 10, (), NOON)
    await own(pool, epoch=2)
    await outbox.told(OWNER, taken(sending), NOON)
    assert await states(pool) == {"A": ("waiting", None)}
    assert (await outbox.send_next(OWNER, 10, (), NOON)).tellings == ()
    assert await pool.fetchval("select count(*) from event where name = 'stock.published'") == 0


async def test_a_refused_number_waits_for_a_person_and_tells_what_amazon_had(pool: asyncpg.Pool) -> None:
    """It is not sent again by itself; publishing again lets it go."""
    outbox = await shop(pool)
    await count(pool, 0, A=5)
    await outbox.told(OWNER, taken(await outbox.send_next(OWNER, 10, (), NOON)), NOON)
    await count(pool, 1, A=3)
    await outbox.told(OWNER, taken(await outbox.send_next(OWNER, 10, (), NOON), Verdict.REFUSED), NOON)
    assert await states(pool) == {"A": ("refused", 5)}
    assert (await outbox.send_next(OWNER, 10, (), NOON)).tellings == ()
    assert await outbox.again(ACCOUNT) == 1
    assert len((await outbox.send_next(OWNER, 10, (), NOON)).tellings) == 1
