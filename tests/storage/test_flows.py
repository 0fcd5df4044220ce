"""The watch over flows: what is silent is told once, and once when it is back."""

from datetime import datetime, timedelta

import asyncpg
import msgspec
import pytest

from packline.storage.flows import SETTLE, FlowWatch
from storage.stores import ACCOUNT, own

START = datetime.fromisoformat("2026-11-16T00:00:00+00:00")  # a Monday
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOW = START + timedelta(days=4, hours=12)


@pytest.fixture(autouse=True)
async def account(pool: asyncpg.Pool) -> None:
    """One account with a location whose listing was read just now, and a worker that lives."""
    await own(pool)
    await pool.execute("insert into location (account_id, id) values ($1, 'EXSB')", ACCOUNT)
    await pool.execute("insert into intake_cursor values ($1, 'EXSB', 'ACCEPTED', $2, $2)", ACCOUNT, NOW)


async def awake(pool: asyncpg.Pool, at: datetime) -> FlowWatch:
    """Have somebody look for long enough before."""
    await pool.execute("update flow_watch set looked_at = $1, awake_since = $2", at - 2 * MINUTE, at - SETTLE - MINUTE)
    await pool.execute("update ownership set taken_at = $1", at)
    return FlowWatch(pool)


async def look(pool: asyncpg.Pool, at: datetime) -> None:
    assert await (await awake(pool, at)).look(at)


async def told(pool: asyncpg.Pool) -> list[tuple[str, dict]]:
    rows = await pool.fetch("select name, data from event where name like 'flow.%' order by seq")
    return [(row["name"], msgspec.json.decode(row["data"])["event"]) for row in rows]


async def orders(pool: asyncpg.Pool, weeks: int, until: datetime) -> None:
    """Write ten orders in each hour from eight to twenty, as intake does."""
    await pool.execute(
        "insert into event (at, account_id, name, cause, data) select h + n * interval '6 minutes', $1,"
        " 'shipment.received', 'amazon', '{}' from generate_series($2::timestamptz - $4 * interval '7 days',"
        " $3::timestamptz - interval '1 hour', '1 hour') h, generate_series(0, 9) n"
        " where extract(hour from h at time zone 'UTC') between 8 and 19",
        ACCOUNT,
        START,
        until,
        weeks,
    )


async def test_a_listing_that_is_not_read_is_told_once_and_once_when_it_is_back(pool: asyncpg.Pool) -> None:
    """With what the last call said; two parts of a flow are one alarm."""
    await pool.execute("insert into intake_cursor values ($1, 'EXSB', 'CONFIRMED', $2, $2)", ACCOUNT, NOW)
    await look(pool, NOW + MINUTE)
    assert await told(pool) == []
    await pool.execute("update intake_cursor set failed_at = $1, error = 'Amazon answers 503.'", NOW + 20 * MINUTE)
    for minutes in (20, 22, 24):
        await look(pool, NOW + minutes * MINUTE)
    [(name, event)] = await told(pool)
    assert (name, event["flow"], event["cause"]) == ("flow.silent", "polling", "amazon_failing")
    assert "Amazon answers 503." in event["says"]
    assert sorted(event["parts"]) == ["EXSB ACCEPTED", "EXSB CONFIRMED"]
    await pool.execute("update intake_cursor set succeeded_at = $1", NOW + 25 * MINUTE)
    for minutes in (26, 28):
        await look(pool, NOW + minutes * MINUTE)
    assert [name for name, _ in await told(pool)] == ["flow.silent", "flow.resumed"]


async def test_orders_that_stay_away_in_a_busy_hour_are_told_and_a_night_is_not(pool: asyncpg.Pool) -> None:
    """Learnt from the events themselves, counted once however often somebody looks."""
    evening = START + timedelta(days=3, hours=20)
    await orders(pool, 4, evening)
    for at in (evening, evening + HOUR, evening + 11 * HOUR):
        await pool.execute("update intake_cursor set succeeded_at = $1", at)
        await look(pool, at)
    assert await pool.fetchval("select sum(count)::int from flow_hour") == (28 + 4) * 120
    assert await told(pool) == []
    late = evening + 16 * HOUR
    await pool.execute("update intake_cursor set succeeded_at = $1", late)
    await look(pool, late)
    [(name, event)] = await told(pool)
    assert (name, event["flow"], event["cause"]) == ("flow.silent", "orders", "no_orders")


async def test_a_cold_start_raises_nothing_of_orders(pool: asyncpg.Pool) -> None:
    """Of one week and a half nothing is learnt."""
    await orders(pool, 1, NOW - 4 * HOUR)
    await look(pool, NOW)
    assert await told(pool) == []


async def test_nothing_is_raised_while_packline_itself_comes_back(pool: asyncpg.Pool) -> None:
    """A process that starts after a night finds every listing old; it reads them first."""
    later = NOW + 8 * HOUR
    assert await FlowWatch(pool).look(later)
    assert await FlowWatch(pool).look(later) is False
    assert await told(pool) == []
    await look(pool, later + MINUTE)
    assert [name for name, _ in await told(pool)] == ["flow.silent"]


async def test_refused_credentials_and_workers_that_are_gone_are_named(pool: asyncpg.Pool) -> None:
    """What a person must do first."""
    watch = await awake(pool, NOW + HOUR)
    await pool.execute("update ownership set taken_at = $1", NOW)
    await watch.look(NOW + HOUR)
    assert (await told(pool))[-1][1]["cause"] == "no_worker"
    await pool.execute("update account set paused_reason = 'refused'")
    await pool.execute(
        "insert into event (at, account_id, name, cause, data) values ($1, $2, 'account.unauthorized', 'amazon', '{}')",
        NOW,
        ACCOUNT,
    )
    await look(pool, NOW + HOUR + 2 * MINUTE)
    assert await pool.fetchval("select cause from flow where name = 'polling'") == "credentials_refused"


async def test_queues_are_silent_where_something_waits(pool: asyncpg.Pool) -> None:
    """Stock, feeds and endpoints; a location that is held waits by intention."""
    await pool.execute(
        "insert into stock_offer (account_id, location_id, sku, channel, pool, at_location, item, wanted, wanted_seq,"
        " changed_at) values ($1, 'EXSB', 'SKU-1', '', 'p', 'EXSB', 'SKU-1', 3, 1, $2)",
        ACCOUNT,
        NOW - 3 * HOUR,
    )
    await pool.execute(
        "insert into feed_item (account_id, kind, key, subject, since) values ($1, 'k', 'a', 's', $2)",
        ACCOUNT,
        NOW - 3 * HOUR,
    )
    await pool.execute(
        "insert into webhook (id, url, secret, key_version, cursor_xid, cursor_seq, failing_since, created_at)"
        " values ('whk_1', 'http://127.0.0.1', '', 1, '0', 0, $1, $1)",
        NOW - 3 * HOUR,
    )
    await look(pool, NOW)
    assert {event["flow"] for _, event in await told(pool)} == {"stock", "documents", "webhooks"}
    await pool.execute(
        "insert into stock_hold (account_id, location_id, reason, since, by_whom) values ($1, 'EXSB', '', $2, 'ada')",
        ACCOUNT,
        NOW,
    )
    await pool.execute("delete from webhook")
    await look(pool, NOW + 2 * MINUTE)
    assert [row["name"] for row in await pool.fetch("select name from flow where silent_since is not null")] == [
        "documents"
    ]
