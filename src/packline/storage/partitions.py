"""Partitions of the large tables: a day each, made ahead, dropped by retention."""

from datetime import date, datetime, timedelta

import asyncpg

AHEAD = 3
RETENTION = {"event": timedelta(days=30), "call": timedelta(days=30), "inbox": timedelta(days=14)}
_LOCK = 0x50415254


async def keep(
    connection: asyncpg.Connection, now: datetime, retention: dict[str, timedelta] = RETENTION
) -> tuple[list[str], list[str]]:
    """Make the partitions of today and the next days, drop those beyond retention; return (made, dropped).

    Rows for which a day was made too late stay in the default partition: nothing is lost, only its drop is a DELETE.
    """
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
        present = await _present(connection)
        made = [await _make(connection, table, day) for table, day in _wanted(now, present)]
        dropped = [await _drop(connection, name) for name in _expired(now, present, retention)]
        for table, age in retention.items():
            await connection.execute(f"delete from {table}_default where {_COLUMN[table]} < $1", now - age)
        await connection.execute("delete from inbox_seen where received_at < $1", now - retention["inbox"])
    return made, dropped


_COLUMN = {"event": "at", "call": "at", "inbox": "received_at"}


async def _present(connection: asyncpg.Connection) -> set[str]:
    rows = await connection.fetch(
        "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid"
        " join pg_class p on p.oid = i.inhparent where p.relname = any($1::text[])",
        list(RETENTION),
    )
    return {row["relname"] for row in rows}


def _wanted(now: datetime, present: set[str]) -> list[tuple[str, date]]:
    days = [now.date() + timedelta(days=n) for n in range(-1, AHEAD + 1)]
    return [(table, day) for table in RETENTION for day in days if _name(table, day) not in present]


def _expired(now: datetime, present: set[str], retention: dict[str, timedelta]) -> list[str]:
    expired = []
    for table, age in retention.items():
        oldest = _name(table, (now - age).date())
        expired += [n for n in present if n.startswith(f"{table}_2") and n < oldest]
    return expired


def _name(table: str, day: date) -> str:
    return f"{table}_{day:%Y%m%d}"


async def _make(connection: asyncpg.Connection, table: str, day: date) -> str:
    """A row that is already in the default partition would forbid the new one, so such rows move over."""
    name, until = _name(table, day), day + timedelta(days=1)
    column = _COLUMN[table]
    bounds = f"{column} >= '{day}' and {column} < '{until}'"
    await connection.execute(f"create table {name} (like {table} including defaults)")
    moved = f"with gone as (delete from {table}_default where {bounds} returning *)"
    await connection.execute(f"{moved} insert into {name} select * from gone")
    await connection.execute(f"alter table {table} attach partition {name} for values from ('{day}') to ('{until}')")
    return name


async def _drop(connection: asyncpg.Connection, name: str) -> str:
    await connection.execute(f"drop table {name}")
    return name
