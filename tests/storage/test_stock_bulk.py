"""Supply in bulk: thousands at once end in the same rows as a few at a time, whatever is among them."""

import asyncio
import random
from typing import Any

import asyncpg
import pytest

from builders import NOON, at
from packline.domain.inventory.book import Fate
from packline.domain.inventory.ledger import Entry, Key, Kind, Movement
from packline.storage.stock import Stock
from packline.storage.stock_bulk import gathered
from packline.storage.stock_check import check
from packline.storage.stock_write import MANY
from storage.stores import own

BULK, SMALL = "bulk", "small"
_ENTRIES = """
select cause, location, sku, kind, units, on_hand, reserved, at from stock_entry where pool = $1 order by cause
"""
_BALANCES = """
select sku, on_hand, reserved, counted_at, opened_at, last_at from stock_balance where pool = $1 order by sku
"""


@pytest.fixture
async def ledger(pool: asyncpg.Pool) -> Stock:
    """Have two accounts with a location and a pool of their own."""
    for account in (BULK, SMALL):
        await own(pool, account=account)
        await pool.execute("insert into location (account_id, id) values ($1, 'EXSB')", account)
    return Stock(pool)


def told(pool: str, cause: str, kind: Kind, sku: int, units: int, minutes: float, *, is_fact: bool = False) -> Movement:
    """Build a movement of one entry."""
    key = Key(pool, "EXSB", f"SKU-{sku}")
    entry = Entry(f"{cause} {key.sku}", key, kind, units, at(minutes), account=pool, place="EXSB", merchant_sku=key.sku)
    return Movement(f"{pool} {entry.cause}", (entry,), is_timed=True, is_fact=is_fact)


async def both(ledger: Stock, batch: list[tuple[Any, ...]], minutes: float) -> list[list[tuple[str, int, int, str]]]:
    """Lay a batch as one for one pool, and a few at a time for the other; give what came of each."""
    one = await ledger.lay([told(BULK, *each) for each in batch], at(minutes))
    other: list[Fate] = []
    for first in range(0, len(batch), MANY // 4):
        other += await ledger.lay([told(SMALL, *each) for each in batch[first : first + MANY // 4]], at(minutes))
    return [[(f.outcome, f.before, f.after, f.reason.replace(SMALL, BULK)) for f in fates] for fates in (one, other)]


async def rows(pool: asyncpg.Pool, of: str) -> list[list[tuple[Any, ...]]]:
    """Read all that is kept of a pool."""
    offers = "select sku, wanted, state from stock_offer where account_id = $1 order by sku"
    return [[tuple(row) for row in await pool.fetch(sql, of)] for sql in (_ENTRIES, _BALANCES, offers)]


@pytest.mark.parametrize("seed", range(6))
async def test_one_large_batch_writes_what_many_small_ones_write(pool, ledger, seed):
    """Counts of new SKUs, receipts, corrections, returns: entries, balances, offers and answers are the same."""
    dice, count = random.Random(seed), MANY + 60
    batches = [
        [(f"count {seed}", Kind.COUNTED, n, dice.randint(0, 5), 1) for n in range(count)],
        [(f"in {n}", Kind.RECEIVED, dice.randrange(2 * count), dice.randint(1, 9), 2 + n / 1e3) for n in range(count)],
        [
            (f"adjust {n}", Kind.ADJUSTED, dice.randrange(20), dice.choice((-1, 1, 2)), 3 + n / 1e3)
            for n in range(count)
        ],
        [(f"count {n}", Kind.COUNTED, n, dice.randint(0, 5), 4) for n in range(count)],
        [(f"back {n}", Kind.RETURNED, dice.randrange(count), 1, 5 + dice.random()) for n in range(count)],
    ]
    for minute, batch in enumerate(batches):
        assert gathered([told(BULK, *each) for each in batch]) is not None
        one, other = await both(ledger, batch, minute)
        assert one == other
        again, others = await both(ledger, batch, minute)
        assert again == others
        laid = [n for n, (outcome, *_) in enumerate(one) if outcome != "refused"]
        assert {again[n][0] for n in laid} == {"known"}
    assert await rows(pool, BULK) == await rows(pool, SMALL)
    assert await check(pool) == []


@pytest.mark.parametrize("seed", range(6))
async def test_what_is_no_plain_supply_is_left_to_the_book(pool, ledger, seed):
    """Units sold before, told late, too few, doubled, facts, all mixed: the same rows, whichever way it went."""
    dice, count = random.Random(100 + seed), MANY + 40
    sold = [(f"sold {n}", Kind.SOLD, n, 1, 1) for n in range(0, count, 7)]
    mixed = [
        (
            f"mixed {n}",
            dice.choice((Kind.ADJUSTED, Kind.RECEIVED)),
            dice.randrange(30),
            dice.randint(1, 3),
            dice.uniform(0, 9),
        )
        for n in range(count)
    ]
    short = [(f"short {n}", Kind.ADJUSTED, dice.randrange(30), -dice.randint(1, 9), 20 + n / 1e3) for n in range(count)]
    late = [(f"late {n}", Kind.COUNTED, n, 2, 5) for n in range(count)]
    for minute, batch in enumerate([sold, mixed, short, late, [*mixed[:count], *mixed[:9]]]):
        one, other = await both(ledger, batch, minute)
        assert one == other
    assert await rows(pool, BULK) == await rows(pool, SMALL)
    assert {one.what for one in await check(pool)} == {"open shipments"}  # these sales have no shipments


async def test_two_large_batches_at_once_lose_nothing(pool, ledger):
    """Writers of the same keys in opposite orders wait for each other, or begin again."""
    skus = list(range(MANY + 50))
    await ledger.lay([told(BULK, "first", Kind.COUNTED, n, 1, 0) for n in skus], NOON)

    async def write(n: int) -> None:
        turned = skus if n % 2 else skus[::-1]
        await ledger.lay([told(BULK, f"writer {n}", Kind.RECEIVED, sku, 1, 1 + n) for sku in turned], NOON)

    await asyncio.gather(*(write(n) for n in range(6)))
    assert {row["on_hand"] for row in await pool.fetch("select on_hand from stock_balance")} == {7}
    assert await check(pool) == []
