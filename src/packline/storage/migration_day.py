"""Migration day in PostgreSQL (implements `commands.migration_day.Days`)."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

from packline.domain.migration_day import PARALLEL, Day

_DAY = "select state, began_at, confirms, holds, ended_at, by_whom from migration_day where account_id = $1"
_BEGIN = """
insert into migration_day as m (account_id, state, began_at, confirms, holds, by_whom)
values ($1, 'parallel', $2, $3, $4, $5)
on conflict (account_id) do update set state = 'parallel', ended_at = null,
    began_at = case when m.state = 'parallel' then m.began_at else excluded.began_at end,
    confirms = case when m.state = 'parallel'
        then array(select distinct unnest(m.confirms || excluded.confirms) order by 1) else excluded.confirms end,
    holds = case when m.state = 'parallel'
        then array(select distinct unnest(m.holds || excluded.holds) order by 1) else excluded.holds end,
    by_whom = excluded.by_whom
"""
_EVENT = "insert into event (at, account_id, name, cause, data) values ($1, $2, $3, 'command', $4)"


class Days:
    """Migrations by account."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def day(self, account: str) -> Day | None:
        """Read an account's migration."""
        row = await self._pool.fetchrow(_DAY, account)
        if row is None:
            return None
        confirms, holds = tuple(row["confirms"]), tuple(row["holds"])
        return Day(account, row["state"], row["began_at"], confirms, holds, row["ended_at"], row["by_whom"])

    async def begin(self, day: Day) -> None:
        """Note that both run side by side; what must be restored is added to what was noted before."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_BEGIN, day.account, day.began_at, list(day.confirms), list(day.holds), day.by)
            data = msgspec.json.encode({"event": {"type": "migration_began", "state": PARALLEL, "by": day.by}})
            await connection.execute(_EVENT, day.began_at, day.account, "migration.began", data)

    async def end(self, account: str, now: datetime, by: str, red: tuple[str, ...]) -> None:
        """Note that the former integrator is gone; `red` are checks that somebody passed over."""
        async with self._pool.acquire() as connection, connection.transaction():
            sql = "update migration_day set state = 'done', ended_at = $2, by_whom = $3 where account_id = $1"
            await connection.execute(sql, account, now, by)
            data = msgspec.json.encode({"event": {"type": "migration_ended", "by": by, "red": red}})
            await connection.execute(_EVENT, now, account, "migration.ended", data)

    async def waiting(self, account: str, locations: Sequence[str]) -> list[str]:
        """Name shipments at locations that nobody confirmed and nobody asked anything of."""
        rows = await self._pool.fetch(
            "select id from shipment s where account_id = $1 and location_id = any($2::text[]) and goal is null"
            " and (status = 'ACCEPTED' or (status = 'CREATED'"
            " and exists (select 1 from account a where a.id = $1 and a.stock_on = 'listings'))) order by ship_by, id",
            account,
            list(locations),
        )
        return [row["id"] for row in rows]
