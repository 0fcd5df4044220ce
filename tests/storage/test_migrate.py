"""Migrations: once each, whoever starts, forward only."""

import asyncio

import asyncpg
import pytest

from packline.errors import ConfigError
from packline.storage.migrate import available, migrate


@pytest.fixture
async def empty(databases):
    """Give the address of a database without a single table."""
    admin = await asyncpg.connect(databases.uri)
    await admin.execute("create database bare_of_tables")
    yield databases.address("bare_of_tables")
    await admin.execute("drop database bare_of_tables with (force)")
    await admin.close()


async def apply(address: str) -> list[str]:
    connection = await asyncpg.connect(address)
    try:
        return await migrate(connection)
    finally:
        await connection.close()


async def test_everything_is_applied_in_order_and_only_once(empty):
    """A second start has nothing to do."""
    assert await apply(empty) == [name for name, _ in available()]
    assert await apply(empty) == []


async def test_processes_that_start_together_migrate_once(empty):
    """Five workers on an empty database: one of them does the work, the others wait for it."""
    done = await asyncio.gather(*(apply(empty) for _ in range(5)))
    assert sorted(map(len, done)) == [0, 0, 0, 0, len(available())]


async def test_a_migration_that_changed_since_is_refused(pool):
    """Nobody knows what such a database looks like."""
    first = available()[0][0]
    async with pool.acquire() as connection:
        await connection.execute("update migration set checksum = 'other' where name = $1", first)
        with pytest.raises(ConfigError, match=first):
            await migrate(connection)


async def test_a_database_of_a_newer_version_is_refused(pool):
    """An old program must not write into tables that it does not know."""
    async with pool.acquire() as connection:
        await connection.execute("insert into migration (name, checksum) values ('9999_future.sql', 'x')")
        with pytest.raises(ConfigError, match="newer version") as refusal:
            await migrate(connection)
    assert "9999_future.sql" in str(refusal.value)


async def test_a_migration_that_fails_leaves_nothing_behind(empty, monkeypatch):
    """Each file is one transaction; those before it stay."""
    broken = [("0001_good.sql", "create table good (n int)"), ("0002_bad.sql", "create table bad (n int); select 1/0")]
    monkeypatch.setattr("packline.storage.migrate.available", lambda: broken)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await apply(empty)
    connection = await asyncpg.connect(empty)
    assert await connection.fetchval("select to_regclass('good') is not null and to_regclass('bad') is null")
    assert await connection.fetch("select name from migration") == [("0001_good.sql",)]
    await connection.close()
