"""The tables that hold a seller's data, as the database itself lists them."""

import asyncpg

NOT_DATA = ("migration", "flow_watch", "pgqueuer", "pgqueuer_log", "pgqueuer_schedules", "pgqueuer_statistics")
"""What a database makes for itself: the record of migrations, how far it has counted its own transactions, and an
alarm clock that rings again by itself."""
_TABLES = """
select c.relname as name, array_agg(a.attname order by a.attnum) as columns,
    array(select distinct f.confrelid::regclass::text from pg_constraint f where f.conrelid = c.oid and f.contype = 'f')
    as parents
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    and a.attgenerated = ''
where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = current_schema()::regnamespace
    and not c.relname = any($1::text[])
group by c.oid, c.relname order by c.relname
"""
_SEQUENCES = """
select sequencename as name, last_value from pg_sequences
where schemaname = current_schema() and last_value is not null and sequencename not like 'pgqueuer%'
"""
_OTHERS = """
select count(*) from pg_stat_activity
where datname = current_database() and application_name = 'packline' and pid <> pg_backend_pid()
"""


async def tables(connection: asyncpg.Connection) -> dict[str, list[str]]:
    """List tables with their columns, those that others refer to first."""
    rows = {row["name"]: row for row in await connection.fetch(_TABLES, list(NOT_DATA))}
    ordered: dict[str, list[str]] = {}
    while rows:
        for name in [n for n, row in rows.items() if not set(row["parents"]) & (rows.keys() - {n})]:
            ordered[name] = list(rows.pop(name)["columns"])
    return ordered


async def sequences(connection: asyncpg.Connection) -> dict[str, int]:
    """Tell how far sequences have counted; those that were never used are left out."""
    return {row["name"]: row["last_value"] for row in await connection.fetch(_SEQUENCES)}


async def is_in_use(connection: asyncpg.Connection, names: list[str]) -> bool:
    """Tell whether any of these tables has a row."""
    for name in names:
        if await connection.fetchval(f'select exists (select 1 from "{name}")'):
            return True
    return False


async def others(connection: asyncpg.Connection) -> int:
    """Count other connections of Packline to this database."""
    return int(await connection.fetchval(_OTHERS))


async def empty_queue(connection: asyncpg.Connection) -> None:
    """Forget rings and workers of elsewhere: every account is looked at as if it had just been added."""
    await connection.execute("delete from pgqueuer")
    await connection.execute("update ownership set worker = null, look_at = null")
