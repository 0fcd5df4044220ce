"""An embedded PostgreSQL for the session and an empty, migrated database for each test."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from packline.storage import embedded, partitions
from packline.storage.database import SETTINGS
from packline.storage.migrate import migrate

TEMPLATE = "packline_template"
AFTER_A_CRASH_ONLY = ("fsync", "full_page_writes")
"""What a server does lest the machine loses its power; a process that is killed loses nothing without."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start a server of this session's own; give its connection string."""
    folder = Path(tempfile.mkdtemp(prefix="packline-pg-"))
    folder.chmod(0o755)
    yield embedded.start(folder)
    embedded.stop(folder)
    shutil.rmtree(folder, ignore_errors=True)


class _Databases:
    """Make databases from one migrated template, and drop them."""

    def __init__(self, uri: str) -> None:
        self.uri, self._made, self._has_template = uri, 0, False

    def address(self, name: str) -> str:
        return self.uri.replace("/postgres?", f"/{name}?")

    async def make(self) -> str:
        admin = await asyncpg.connect(self.uri)
        try:
            if not self._has_template:
                await self._make_template(admin)
            self._made += 1
            name = f"test_{self._made}"
            await admin.execute(f"create database {name} template {TEMPLATE}")
        finally:
            await admin.close()
        return name

    async def drop(self, name: str) -> None:
        admin = await asyncpg.connect(self.uri)
        await admin.execute(f"drop database if exists {name} with (force)")
        await admin.close()

    async def _make_template(self, admin: asyncpg.Connection) -> None:
        for setting in AFTER_A_CRASH_ONLY:
            await admin.execute(f"alter system set {setting} = off")
        await admin.execute("select pg_reload_conf()")
        await admin.execute(f"create database {TEMPLATE}")
        connection = await asyncpg.connect(self.address(TEMPLATE))
        await migrate(connection)
        await partitions.keep(connection, datetime.now(UTC))
        await connection.close()
        self._has_template = True


@pytest.fixture(scope="session")
def databases(postgres: str) -> _Databases:
    """Make databases on the session's server."""
    return _Databases(postgres)


@pytest.fixture
async def database_url(databases: _Databases) -> AsyncIterator[str]:
    """Give the address of an empty, migrated database, dropped afterwards."""
    name = await databases.make()
    yield databases.address(name)
    await databases.drop(name)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Connect to an empty, migrated database."""
    made = await asyncpg.create_pool(database_url, min_size=1, max_size=8, server_settings=SETTINGS)
    yield made
    await made.close()
