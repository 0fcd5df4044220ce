"""Open the database: a server of one's own by address, else the embedded one."""

import asyncio
from datetime import datetime
from pathlib import Path

import asyncpg

from packline.errors import ConfigError
from packline.storage import embedded, partitions
from packline.storage.feed import carry_on
from packline.storage.migrate import migrate

OLDEST_SERVER = 150000
SETTINGS = {
    "jit": "off",
    "application_name": "packline",
    "timezone": "UTC",
    "synchronous_commit": "on",
    # A plan that was made while a table was small is kept: without this, it reads the whole table when that is large.
    "enable_seqscan": "off",
    # A worker that is frozen inside a transaction holds its account's lock: without this, nobody could take over.
    "idle_in_transaction_session_timeout": "2s",
}
AWAY: tuple[type[Exception], ...] = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InterfaceError,
    # What a statement meets that is sent between the server's last word and the end of its connection.
    asyncpg.InternalClientError,
)
"""What a statement raises where the server stops, starts or sent its session away: the same is asked again later."""


def is_away(error: BaseException) -> bool:
    """Tell whether the database was away; what is wrong with a value or a setting does not pass by itself."""
    return isinstance(error, AWAY) and not isinstance(error, ValueError)


UPKEEP = {"application_name": "packline-db", "idle_in_transaction_session_timeout": "0"}


async def open_pool(url: str | None, data_dir: Path, now: datetime, *, size: int = 12) -> asyncpg.Pool:
    """Connect, migrate and prepare partitions; `url` None starts (or attaches to) the embedded server.

    Nothing is dropped here: how long things are kept is a setting of those who run. Raises ConfigError where the server
    cannot be reached or is older than PostgreSQL 15.
    """
    address = url or await asyncio.to_thread(embedded.start, data_dir)
    try:
        pool = await asyncpg.create_pool(
            address, min_size=1, max_size=size, server_settings=SETTINGS, reset=_leave_as_it_is
        )
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise _unreachable(error) from error
    try:
        async with pool.acquire() as connection:
            await _prepare(connection, now)
    except BaseException:
        pool.terminate()
        raise
    return pool


async def connect(url: str | None, data_dir: Path) -> asyncpg.Connection:
    """Open one connection for upkeep, which counts as no Packline at work; nothing is migrated.

    Raises ConfigError where the server cannot be reached.
    """
    address = url or await asyncio.to_thread(embedded.start, data_dir)
    try:
        return await asyncpg.connect(address, server_settings=SETTINGS | UPKEEP)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise _unreachable(error) from error


def _unreachable(error: BaseException) -> ConfigError:
    return ConfigError(
        f"The database cannot be reached: {error}",
        hint="Check PACKLINE_DATABASE_URL; without it Packline brings a PostgreSQL of its own.",
    )


async def _leave_as_it_is(_connection: asyncpg.Connection) -> None:
    """Save a round trip for every use of a connection: nobody here changes its session."""


async def _prepare(connection: asyncpg.Connection, now: datetime) -> None:
    version = int(await connection.fetchval("show server_version_num"))
    if version < OLDEST_SERVER:
        raise ConfigError(
            f"PostgreSQL {version // 10000} is too old; Packline needs 15 or newer.",
            hint="Upgrade the server, or leave PACKLINE_DATABASE_URL empty to use the embedded one.",
        )
    await migrate(connection)
    await carry_on(connection)
    await partitions.keep(connection, now, retention={})
