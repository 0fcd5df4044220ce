"""Partitions of the large tables: a day each (the ledger of stock: a month), made ahead, dropped by retention."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta

import asyncpg
import structlog

AHEAD = 3
MOST_DAYS = 100
RETENTION = {"event": timedelta(days=30), "call": timedelta(days=30), "inbox": timedelta(days=14)}
PATIENCE = "800ms"
"""How long a change of partitions waits for others, who wait behind it; it gives up before a deadlock is looked for."""
_LOCK = 0x50415254
_COLUMN = {"event": "at", "call": "at", "inbox": "received_at", "stock_entry": "recorded_at", "audit": "at"}
_MONTHLY = ("stock_entry", "audit")  # kept for long: fewer and larger ones

log = structlog.get_logger(__name__)


async def keep(
    connection: asyncpg.Connection, now: datetime, retention: Mapping[str, timedelta] = RETENTION
) -> tuple[list[str], list[str]]:
    """Make the partitions of today and the next days, drop those beyond retention; return (made, dropped).

    A table that `retention` does not name keeps everything. Where a long reader is in the way, a partition waits for
    the next time: until then its rows go to the default partition and move over later, so nothing is lost. Processes
    that come together wait for each other.
    """
    await connection.execute("select pg_advisory_lock($1)", _LOCK)
    try:
        present = await _present(connection)
        made = [_name(t, d) for t, d in _wanted(now, present) if await _try(connection, _make, t, d)]
        dropped = [n for n in _expired(now, present, retention) if await _try(connection, _drop, n)]
        await _sweep(connection, now, retention)
    finally:
        await connection.execute("select pg_advisory_unlock($1)", _LOCK)
    return made, dropped


async def make_past(connection: asyncpg.Connection, now: datetime, since: datetime) -> None:
    """Make the days that rows of `since` and a retention before it belong to, for a database that is being filled."""
    present = await _present(connection)
    for table, age in RETENTION.items():
        first = (since - age).date()
        days = [first + timedelta(days=n) for n in range((now.date() - first).days + 1)]
        for day in days[-MOST_DAYS:]:
            if _name(table, day) not in present:
                await _make(connection, table, day)


async def _try(connection: asyncpg.Connection, change: Callable[..., Awaitable[None]], *what: object) -> bool:
    try:
        async with connection.transaction():
            await connection.execute(f"set local lock_timeout = '{PATIENCE}'")
            await change(connection, *what)
    except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError) as error:
        log.warning("partition.postponed", what=[str(part) for part in what], error=str(error))
        return False
    return True


async def _present(connection: asyncpg.Connection) -> set[str]:
    rows = await connection.fetch(
        "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = any"
        "(array(select to_regclass(t)::oid from unnest($1::text[]) as t))",
        list(_COLUMN),
    )
    return {row["relname"] for row in rows}


def _wanted(now: datetime, present: set[str]) -> list[tuple[str, date]]:
    days = [now.date() + timedelta(days=n) for n in range(-1, AHEAD + 1)]
    wanted = dict.fromkeys((table, _first(table, day)) for table in _COLUMN for day in days)
    return [(table, day) for table, day in wanted if _name(table, day) not in present]


def _first(table: str, day: date) -> date:
    return day.replace(day=1) if table in _MONTHLY else day


def _end(table: str, day: date) -> date:
    """Give the day after a partition's last one."""
    return (day + timedelta(days=31)).replace(day=1) if table in _MONTHLY else day + timedelta(days=1)


def _expired(now: datetime, present: set[str], retention: Mapping[str, timedelta]) -> list[str]:
    expired = []
    for table, age in retention.items():
        oldest = _name(table, (now - age).date())
        expired += sorted(n for n in present if n.startswith(f"{table}_2") and n < oldest)
    return expired


def _name(table: str, day: date) -> str:
    return f"{table}_{day:%Y%m}" if table in _MONTHLY else f"{table}_{day:%Y%m%d}"


async def _make(connection: asyncpg.Connection, table: str, day: date) -> None:
    """A row that is already in the default partition would forbid the new one, so such rows move over.

    Nobody may add another one meanwhile, hence the lock on the parent: a writer that waited for the default partition
    itself would be refused. Bounds carry their zone: a session's own must not move them.
    """
    name, column = _name(table, day), _COLUMN[table]
    since, until = f"{day} 00:00+00", f"{_end(table, day)} 00:00+00"
    await connection.execute(f"lock table only {table} in share row exclusive mode")
    await connection.execute(f"create table {name} (like {table} including defaults including storage)")
    moved = f"delete from {table}_default where {column} >= '{since}' and {column} < '{until}' returning *"
    await connection.execute(f"with gone as ({moved}) insert into {name} select * from gone")
    await connection.execute(f"alter table {table} attach partition {name} for values from ('{since}') to ('{until}')")


async def _drop(connection: asyncpg.Connection, name: str) -> None:
    await connection.execute(f"drop table {name}")


async def _sweep(connection: asyncpg.Connection, now: datetime, retention: Mapping[str, timedelta]) -> None:
    for table, age in retention.items():
        await connection.execute(f"delete from {table}_default where {_COLUMN[table]} < $1", now - age)
    if "inbox" in retention:
        await connection.execute("delete from inbox_seen where received_at < $1", now - retention["inbox"])
