"""Holds that Packline places by itself while it reads what happened during an outage."""

from datetime import datetime, timedelta

import asyncpg
import pytest

from builders import NOON
from packline.storage.outages import Outages
from packline.storage.stock_settings import StockRules
from storage.stores import ACCOUNT, own

LATER = NOON + timedelta(minutes=5)


@pytest.fixture(autouse=True)
async def two_locations(pool: asyncpg.Pool) -> None:
    """One location whose stock Amazon is told of, and one without."""
    await own(pool)
    await pool.execute("insert into location (account_id, id) values ($1, 'EXSB'), ($1, 'EXSC')", ACCOUNT)
    await pool.execute(
        "insert into stock_offer (account_id, location_id, sku, channel, pool, at_location, item, wanted, wanted_seq,"
        " changed_at) values ($1, 'EXSB', 'SKU-1', '', 'p', 'EXSB', 'SKU-1', 3, 1, $2)",
        ACCOUNT,
        NOON,
    )


async def held(pool: asyncpg.Pool) -> list[tuple[str, str]]:
    return [tuple(row) for row in await pool.fetch("select location_id, by_whom from stock_hold order by 1")]


async def test_locations_with_stock_are_held_and_released_with_events(pool: asyncpg.Pool) -> None:
    """Twice is once; both are told to the seller's system."""
    outages = Outages(pool)
    for _ in range(2):
        await outages.hold(ACCOUNT, "since 11:00", NOON)
    assert await held(pool) == [("EXSB", "packline")]
    assert await outages.held_since(ACCOUNT) == NOON
    assert await outages.release(ACCOUNT, LATER, LATER)
    assert await held(pool) == []
    assert await outages.held_since(ACCOUNT) is None
    names = [row["name"] for row in await pool.fetch("select name from event order by seq")]
    assert names == ["stock.held", "stock.released"]


async def test_a_persons_hold_stays(pool: asyncpg.Pool) -> None:
    """Whether it was there before, or was placed while Packline's own stood."""
    outages, rules = Outages(pool), StockRules(pool)
    await outages.hold(ACCOUNT, "since 11:00", NOON)
    assert await rules.hold(ACCOUNT, "EXSB", "count", NOON, "ada")
    assert not await rules.hold(ACCOUNT, "EXSB", "count again", NOON, "bob")
    await outages.release(ACCOUNT, LATER, LATER)
    assert await held(pool) == [("EXSB", "ada")]


async def shipped(pool: asyncpg.Pool, at: datetime) -> None:
    """Let the feed tell that a shipment has left."""
    sql = """
    insert into event (at, account_id, shipment_id, name, cause, data)
    values ($1, $2, 'shp_1', 'shipment.shipped', 'amazon', '{}')
    """
    await pool.execute(sql, at, ACCOUNT)


async def test_nothing_is_released_before_the_ledger_has_taken_the_news(pool: asyncpg.Pool) -> None:
    """A shipment's event behind the ledger's cursor could still take units."""
    outages = Outages(pool)
    await outages.hold(ACCOUNT, "since 11:00", NOON)
    await pool.execute("insert into stock_cursor (account_id, xid, seq) values ('', '0', 0)")
    await shipped(pool, NOON)
    assert not await outages.release(ACCOUNT, LATER, LATER)
    await pool.execute("update stock_cursor set xid = (select max(xid) from event), seq = (select max(seq) from event)")
    assert await outages.release(ACCOUNT, LATER, LATER)


async def test_what_happens_after_the_sweep_is_not_waited_for(pool: asyncpg.Pool) -> None:
    """Where much happens the ledger is never quite level: only what the sweep found must be in it."""
    outages = Outages(pool)
    await outages.hold(ACCOUNT, "since 11:00", NOON)
    await pool.execute("insert into stock_cursor (account_id, xid, seq) values ('', '0', 0)")
    await shipped(pool, LATER + timedelta(seconds=1))
    assert await outages.release(ACCOUNT, LATER, LATER + timedelta(minutes=1))
