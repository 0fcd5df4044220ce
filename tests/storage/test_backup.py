"""Backup, restore and move: everything arrives, nothing is overwritten, and readers of the feed go on."""

import stat
import zipfile

import asyncpg
import pytest

from builders import NOON
from packline.errors import ConfigError, Conflict
from packline.ports import Change
from packline.storage.backup import backup, move, restore
from packline.storage.feed import carry_on
from packline.storage.migrate import migrate
from packline.storage.shipments import Shipments
from packline.views.events import START, feed
from storage.stores import ACCOUNT, StillClock, own, store

INSERT = "insert into event (at, account_id, name, cause, data) values ($1, 'a', $2, 'y', '{}')"


def quiet(_table: str, _rows: int) -> None:
    """Hear of progress and say nothing."""


@pytest.fixture
async def elsewhere(databases):
    """Connect to another database without tables."""
    admin = await asyncpg.connect(databases.uri)
    await admin.execute("create database elsewhere")
    connection = await asyncpg.connect(databases.address("elsewhere"))
    yield connection
    await connection.close()
    await admin.execute("drop database elsewhere with (force)")
    await admin.close()


@pytest.fixture
async def source(pool, database_url):
    """Give the only connection to a database with a shipment in it."""
    await own(pool, epoch=7)
    await store(pool)
    await pool.execute("insert into parked (account_id, source, hash, body, reason, created_at)"
                       " values ('a', 's', 'h', 'b', 'r', now())")  # fmt: skip
    await pool.close()
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def count_up(connection: asyncpg.Connection) -> None:
    """Make the server's transactions run far ahead of what the other database will see."""
    await connection.execute(
        "insert into event (xid, at, account_id, name, cause, data)"
        " values ((pg_current_xact_id()::text::bigint + 1000000)::text::xid8, $1, 'a', 'far', 'y', '{}')",
        NOON,
    )


async def test_what_was_backed_up_is_restored(source, elsewhere, tmp_path):
    """Rows, bytes, sequences and epochs; the queue's own tables start afresh."""
    heard: dict[str, int] = {}
    made = await backup(source, tmp_path / "kept", NOON, heard.__setitem__)
    restored = await restore(elsewhere, tmp_path / "kept", NOON, quiet)
    assert made == restored
    assert heard == made.rows
    assert made.rows["shipment"] == made.rows["shipment_body"] == made.rows["event"] == 1
    for table in made.rows:
        counted = f'select count(*) from "{table}"'
        assert await elsewhere.fetchval(counted) == await source.fetchval(counted), table
    state = "select state from shipment"
    assert await elsewhere.fetchval(state) == await source.fetchval(state)
    assert await elsewhere.fetchval("select epoch from ownership") == 7
    await elsewhere.execute("insert into parked (account_id, source, hash, body, reason, created_at)"
                            " values ('a', 's', 'h2', 'b', 'r', now())")  # fmt: skip
    assert await elsewhere.fetchval("select max(id) from parked") == 2


async def test_a_backup_is_readable_by_its_owner_only_and_whole_or_not_there(source, tmp_path):
    """It holds buyers' addresses."""
    await backup(source, tmp_path / "kept", NOON, quiet)
    assert stat.S_IMODE((tmp_path / "kept").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


async def test_a_backup_that_fails_leaves_the_old_one(source, tmp_path):
    """The disk was full: yesterday's file is still there."""
    (tmp_path / "kept").write_text("yesterday")

    def full(_table: str, _rows: int) -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        await backup(source, tmp_path / "kept", NOON, full)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("kept", "yesterday")]


async def test_a_database_without_packline_is_not_backed_up(elsewhere, tmp_path):
    """An empty file would look like a backup."""
    with pytest.raises(ConfigError, match="no Packline"):
        await backup(elsewhere, tmp_path / "kept", NOON, quiet)
    assert not list(tmp_path.iterdir())


async def test_a_database_with_data_is_never_overwritten(source, elsewhere, tmp_path):
    """Restore fills, it does not replace."""
    await backup(source, tmp_path / "kept", NOON, quiet)
    await restore(elsewhere, tmp_path / "kept", NOON, quiet)
    with pytest.raises(Conflict, match="not empty"):
        await restore(elsewhere, tmp_path / "kept", NOON, quiet)


async def test_a_restore_that_fails_leaves_an_empty_database(source, elsewhere, tmp_path):
    """All or nothing: the next attempt starts from the beginning."""
    await backup(source, tmp_path / "kept", NOON, quiet)

    def stop(table: str, _rows: int) -> None:
        if table == "shipment":
            raise OSError("the connection broke")

    with pytest.raises(OSError, match="broke"):
        await restore(elsewhere, tmp_path / "kept", NOON, stop)
    assert await elsewhere.fetchval("select count(*) from account") == 0
    await restore(elsewhere, tmp_path / "kept", NOON, quiet)


@pytest.mark.parametrize("made", ["text", "zip"])
async def test_a_file_that_is_no_backup_is_refused(elsewhere, tmp_path, made):
    """Before anything is touched."""
    path = tmp_path / "kept"
    if made == "text":
        path.write_text("hello")
    else:
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("a", "b")
    with pytest.raises(ConfigError, match="no backup"):
        await restore(elsewhere, path, NOON, quiet)
    assert await elsewhere.fetchval("select to_regclass('shipment')") is None


async def test_a_database_that_is_worked_on_is_not_moved(source, elsewhere, databases, database_url):
    """What is written after the copy would be lost."""
    worker = await asyncpg.connect(database_url, server_settings={"application_name": "packline"})
    with pytest.raises(Conflict, match="in use by 1"):
        await move(source, elsewhere, NOON, quiet)
    await worker.close()
    await move(source, elsewhere, NOON, quiet)
    assert await elsewhere.fetchval("select count(*) from shipment") == 1


async def test_a_reader_of_the_feed_goes_on_after_a_move(source, elsewhere, databases):
    """On the new server transactions are numbered from a lower start; cursors stay good and nothing is skipped."""
    await count_up(source)
    await move(source, elsewhere, NOON, quiet)
    async with asyncpg.create_pool(databases.address("elsewhere"), min_size=1, max_size=3) as pool:
        before = await feed(pool, START)
        assert [event.name for event in before.events] == ["shipment.received", "far"]
        await pool.execute(INSERT, NOON, "new")
        after = await feed(pool, before.cursor)
        assert [event.name for event in after.events] == ["new"]
        async with pool.acquire() as slow, slow.transaction():
            await slow.execute(INSERT, NOON, "slow")
            await pool.execute(INSERT, NOON, "quick")
            assert (await feed(pool, after.cursor)).events == ()
        assert [e.name for e in (await feed(pool, after.cursor)).events] == ["slow", "quick"]


async def test_a_database_that_was_copied_by_hand_is_mended_at_the_next_start(pool):
    """Whoever used pg_dump gets the same."""
    async with pool.acquire() as connection:
        assert await carry_on(connection) == 0
        await count_up(connection)
        assert await carry_on(connection) > 0
        assert await carry_on(connection) == 0
        await connection.execute(INSERT, NOON, "new")
    assert [event.name for event in (await feed(pool, START)).events] == ["far", "new"]


async def test_a_moved_database_can_be_worked_on(source, elsewhere, databases):
    """Commits, versions and epochs go on where they were."""
    await move(source, elsewhere, NOON, quiet)
    async with asyncpg.create_pool(databases.address("elsewhere"), min_size=1, max_size=3) as pool:
        shipments = Shipments(pool, StillClock())
        (stored,) = (await shipments.load([await pool.fetchval("select id from shipment")])).values()
        fates = await shipments.commit([Change(stored, stored.version, epoch=7)])
        assert [fate.outcome for fate in fates] == ["written"]
        assert await pool.fetchval("select worker from ownership where account_id = $1", ACCOUNT) is None


async def test_a_backup_of_an_older_version_is_brought_to_this_one(source, elsewhere, tmp_path, monkeypatch):
    """Data first, in the form of its time; then the migrations that came since."""
    await backup(source, tmp_path / "kept", NOON, quiet)
    from packline.storage import migrate as migrations

    shipped = migrations.available()
    newer = [*shipped, ("9000_newer.sql", "alter table parked add column note text not null default 'old'")]
    monkeypatch.setattr(migrations, "available", lambda: newer)
    await restore(elsewhere, tmp_path / "kept", NOON, quiet)
    assert await elsewhere.fetchval("select note from parked") == "old"
    assert await migrate(elsewhere) == []
