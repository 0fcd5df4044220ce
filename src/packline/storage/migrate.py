"""Migrations: plain SQL files, forward only, each applied once, under an advisory lock."""

import hashlib
from importlib.resources import files

import asyncpg

from packline.errors import ConfigError

LOCK = 0x5041434B  # any number that nothing else in the database locks
_TABLE = """
create table if not exists migration (
    name text primary key, checksum text not null, applied_at timestamptz not null default now()
)
"""


def available() -> list[tuple[str, str]]:
    """List the migrations that ship with this version: (name, SQL), in order."""
    folder = files("packline.storage") / "migrations"
    found = [(entry.name, entry.read_text()) for entry in folder.iterdir() if entry.name.endswith(".sql")]
    return sorted(found)


async def migrate(connection: asyncpg.Connection, until: str | None = None) -> list[str]:
    """Apply what is missing (up to the migration `until`) and return its names.

    Processes that start together wait for each other. Raises ConfigError where a migration that was applied has
    changed since, or the database is newer than this version.
    """
    await connection.execute("select pg_advisory_lock($1)", LOCK)
    try:
        await connection.execute(_TABLE)
        rows = await connection.fetch("select name, checksum from migration")
        return await _apply(connection, {row["name"]: row["checksum"] for row in rows}, until)
    finally:
        await connection.execute("select pg_advisory_unlock($1)", LOCK)


async def _apply(connection: asyncpg.Connection, applied: dict[str, str], until: str | None) -> list[str]:
    shipped = available()
    _refuse_newer(set(applied) - {name for name, _ in shipped})
    shipped = [(name, sql) for name, sql in shipped if until is None or name <= until]
    done = []
    for name, sql in shipped:
        checksum = hashlib.sha256(sql.encode()).hexdigest()
        if name in applied:
            _refuse_changed(name, applied[name], checksum)
            continue
        async with connection.transaction():
            await connection.execute(sql)
            await connection.execute("insert into migration (name, checksum) values ($1, $2)", name, checksum)
        done.append(name)
    return done


def _refuse_newer(unknown: set[str]) -> None:
    if unknown:
        raise ConfigError(
            f"The database was used by a newer version of Packline (it has {', '.join(sorted(unknown))}).",
            hint="Start that version again; migrations only go forward.",
        )


def _refuse_changed(name: str, applied: str, checksum: str) -> None:
    if applied != checksum:
        raise ConfigError(
            f"Migration {name} was applied in another form than the one that ships with this version.",
            hint="Use the database with the version that made it, or start from an empty one (PACKLINE_DATA).",
        )
