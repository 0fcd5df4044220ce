"""Opening the database: prepared for today, and never at the cost of what is kept."""

from datetime import timedelta

import asyncpg
import pytest

from builders import NOON
from packline.errors import ConfigError
from packline.storage import database
from packline.storage.database import connect, is_away, open_pool

OLD = "insert into event (at, account_id, name, cause, data) values ($1, 'a', 'old', 'y', '{}')"


async def test_opening_drops_nothing_however_old(database_url, tmp_path):
    """How long things are kept is a setting of those who run; a look from the command line must not decide it."""
    past = NOON - timedelta(days=400)
    first = await open_pool(database_url, tmp_path, past)
    await first.execute(OLD, past)
    await first.close()
    second = await open_pool(database_url, tmp_path, NOON)
    assert await second.fetchval("select tableoid::regclass::text from event") == f"event_{past:%Y%m%d}"
    assert await second.fetchval("select to_regclass($1) is not null", f"event_{NOON:%Y%m%d}")
    await second.close()


async def test_every_connection_has_the_settings_that_storage_counts_on(database_url, tmp_path):
    """A commit is on disk when it is told, whatever the server's own default says."""
    pool = await open_pool(database_url, tmp_path, NOON)
    for setting, value in {"synchronous_commit": "on", "jit": "off", "TimeZone": "UTC"}.items():
        assert await pool.fetchval("select current_setting($1)", setting) == value
    await pool.close()


async def test_a_server_that_is_too_old_is_refused(database_url, tmp_path, monkeypatch):
    """And the connections are given back."""
    monkeypatch.setattr(database, "OLDEST_SERVER", 990000)
    with pytest.raises(ConfigError, match="too old"):
        await open_pool(database_url, tmp_path, NOON)
    connection = await asyncpg.connect(database_url)
    left = "select count(*) from pg_stat_activity where application_name = 'packline' and datname = current_database()"
    for _ in range(100):
        if await connection.fetchval(left) == 0:
            break
        await connection.execute("select pg_sleep(0.05)")
    assert await connection.fetchval(left) == 0
    await connection.close()


@pytest.mark.parametrize("open_it", [lambda url, folder: open_pool(url, folder, NOON), connect])
@pytest.mark.parametrize("address", ["postgresql://nobody@127.0.0.1:1/none", "not an address"])
async def test_a_database_that_cannot_be_reached_is_said_so(tmp_path, address, open_it):
    """With the setting to correct, not with a stack of calls."""
    with pytest.raises(ConfigError, match="cannot be reached") as refusal:
        await open_it(address, tmp_path)
    assert "PACKLINE_DATABASE_URL" in refusal.value.hint


async def test_a_value_that_cannot_be_sent_is_no_absence_of_the_database(pool: asyncpg.Pool) -> None:
    """Only what passes by itself counts as away: else one bad value would hold up its whole account."""
    with pytest.raises(asyncpg.DataError) as refused:
        await pool.fetchval("select $1::int", "three")
    assert not is_away(refused.value)
    assert is_away(asyncpg.CannotConnectNowError("the database system is starting up"))
    assert is_away(asyncpg.InternalClientError("another operation is in progress"))
    await pool.close()
    with pytest.raises(asyncpg.InterfaceError) as closed:
        await pool.fetchval("select 1")
    assert is_away(closed.value)
