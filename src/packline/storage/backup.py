"""Back up, restore and move a database: one consistent snapshot of Packline's own tables in one file."""

import contextlib
import os
import tempfile
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

import asyncpg
import msgspec

from packline.domain.values import Value
from packline.errors import ConfigError, Conflict
from packline.storage import partitions
from packline.storage.feed import carry_on, reached
from packline.storage.migrate import migrate
from packline.storage.tables import empty_queue, is_in_use, others, sequences, tables

MANIFEST = "manifest.json"
FORMAT = 1
CHUNK = 1 << 18

Progress = Callable[[str, int], None]
"""Hears each table's name and how many rows of it were copied."""


class Manifest(Value, frozen=True):
    """What a backup holds: rows by table, columns by table, and how far sequences and transactions had counted."""

    format: int
    made_at: datetime
    migrations: dict[str, str]
    columns: dict[str, list[str]]
    rows: dict[str, int]
    sequences: dict[str, int]
    reached: int


async def backup(source: asyncpg.Connection, path: Path, now: datetime, progress: Progress) -> Manifest:
    """Write everything to one file, mode 0600, while others go on working; the key file is not in it.

    The file is there only when it is whole. Raises ConfigError for a database without Packline's tables and OSError
    where the file cannot be written.
    """
    if await source.fetchval("select to_regclass('migration')") is None:
        raise ConfigError("There is no Packline in this database yet.", hint="Check --data and PACKLINE_DATABASE_URL.")
    part = path.with_name(f".{path.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
            async with source.transaction(isolation="repeatable_read", readonly=True):
                manifest = await _read_all(source, made, now, progress)
            made.writestr(MANIFEST, msgspec.json.encode(manifest))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return manifest


async def restore(target: asyncpg.Connection, path: Path, now: datetime, progress: Progress) -> Manifest:
    """Fill an empty database from a backup, all or nothing, then bring it to this version.

    Raises ConfigError for a file that is no backup or of a newer version, Conflict where the database is not empty or
    a Packline works on it.
    """
    with _opened(path) as (kept, manifest):
        await _prepare(target, manifest)
        async with target.transaction():
            await _write_all(target, kept, manifest, now, progress)
    await migrate(target)
    await carry_on(target, manifest.reached)
    return manifest


async def move(source: asyncpg.Connection, target: asyncpg.Connection, now: datetime, progress: Progress) -> Manifest:
    """Copy everything to an empty database; the source stays as it is, and must not be worked on afterwards.

    Raises Conflict where a Packline still works on the source, and whatever `restore` raises.
    """
    await _refuse_company(source, "The database that is moved")
    with tempfile.TemporaryDirectory(prefix="packline-move-") as folder:
        path = Path(folder) / "move"
        await backup(source, path, now, lambda _table, _rows: None)
        return await restore(target, path, now, progress)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    try:
        kept = zipfile.ZipFile(path)
        manifest = msgspec.json.decode(kept.read(MANIFEST), type=Manifest)
    except (OSError, zipfile.BadZipFile, KeyError, msgspec.DecodeError) as error:
        raise ConfigError(
            f"{path} is no backup that can be read: {error}", hint="Give a file that `packline db backup` made."
        ) from error
    with kept:
        yield kept, manifest


async def _read_all(source: asyncpg.Connection, made: zipfile.ZipFile, now: datetime, progress: Progress) -> Manifest:
    columns, rows = await tables(source), {}
    migrations = {row["name"]: row["checksum"] for row in await source.fetch("select name, checksum from migration")}
    for table, names in columns.items():
        with made.open(table, "w", force_zip64=True) as file:
            rows[table] = await _copy_out(source, table, names, file)
        progress(table, rows[table])
    numbers = await sequences(source)
    return Manifest(FORMAT, now, migrations, columns, rows, numbers, await reached(source))


async def _copy_out(source: asyncpg.Connection, table: str, columns: list[str], file: IO[bytes]) -> int:
    async def write(data: bytes) -> None:
        file.write(data)

    listed = ", ".join(f'"{name}"' for name in columns)
    done = await source.copy_from_query(f'select {listed} from "{table}"', output=write, format="binary")
    return int(done.split()[-1])


async def _prepare(target: asyncpg.Connection, manifest: Manifest) -> None:
    if manifest.format != FORMAT or not manifest.migrations:
        raise ConfigError("The backup is of another version.", hint="Restore it with the Packline that made it.")
    await _refuse_company(target, "The database to fill")
    await migrate(target, until=max(manifest.migrations))
    applied = {row["name"]: row["checksum"] for row in await target.fetch("select name, checksum from migration")}
    if applied != manifest.migrations:
        raise ConfigError(
            "The backup and the database were made by different versions of Packline.",
            hint="Restore into an empty database with the version that made the backup, or a newer one.",
        )
    if await is_in_use(target, list(manifest.columns)):
        raise Conflict("The database to fill is not empty.", hint="Create a new one; nothing is ever overwritten.")


async def _write_all(
    target: asyncpg.Connection, kept: zipfile.ZipFile, manifest: Manifest, now: datetime, progress: Progress
) -> None:
    await partitions.make_past(target, now, manifest.made_at)
    for table, columns in manifest.columns.items():
        with kept.open(table) as file:
            await target.copy_to_table(table, source=_chunks(file), columns=columns, format="binary")
        progress(table, manifest.rows[table])
    for name, value in manifest.sequences.items():
        await target.execute("select setval($1::text::regclass, $2)", name, value)
    await empty_queue(target)


async def _chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    while data := file.read(CHUNK):
        yield data


async def _refuse_company(connection: asyncpg.Connection, which: str) -> None:
    if count := await others(connection):
        raise Conflict(f"{which} is in use by {count} connections of Packline.", hint="Stop every serve and worker.")
