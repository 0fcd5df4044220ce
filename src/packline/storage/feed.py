"""The feed's order across servers: a database that came from elsewhere counts transactions on from where it was."""

import asyncpg

# Transactions are numbered by the server, and events are ordered by these numbers. On another server they start low
# again: new events would sort before old ones, and the feed would wait for a horizon that is far away. So the numbers
# of a database that was moved are raised by a constant, in the default of `event.xid` and in `feed_horizon()`.
_REACHED = """
select greatest(
    coalesce((select max(xid) from event), '0'), coalesce((select max(cursor_xid) from webhook), '0'),
    coalesce((select max(xid) from stock_cursor), '0'), $1::text::xid8
)::text::bigint
"""
_SHIFT = "select feed_horizon()::text::bigint - pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_NEXT = "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint"


async def reached(connection: asyncpg.Connection) -> int:
    """Tell the number that no event which the connection can see has reached."""
    return int(await connection.fetchval(_SHIFT)) + int(await connection.fetchval(_NEXT))


async def carry_on(connection: asyncpg.Connection, known: int = 0) -> int:
    """Raise the numbers of new events above all that are stored and above `known`; return by how much (0: no need).

    Called at every start: it finds out by itself that the database was copied to another server.
    """
    if await connection.fetchval(_REACHED, str(known)) < await reached(connection):
        return 0
    async with connection.transaction():
        await connection.execute("lock table event, webhook, stock_cursor in access exclusive mode")
        highest, now_at = int(await connection.fetchval(_REACHED, str(known))), await reached(connection)
        if highest < now_at:
            return 0
        shift = highest + 1 - int(await connection.fetchval(_NEXT))
        await connection.execute(_raised("feed_xid", "volatile", "pg_current_xact_id()", shift))
        await connection.execute(
            _raised("feed_horizon", "stable parallel safe", "pg_snapshot_xmin(pg_current_snapshot())", shift)
        )
        await connection.execute("alter table event alter column xid set default feed_xid()")
        return shift


def _raised(name: str, kind: str, number: str, shift: int) -> str:
    return (
        f"create or replace function {name}() returns xid8 language sql {kind} as"
        f" $$ select (({number}::text::bigint + {int(shift)})::text)::xid8 $$"
    )
