"""Acts on many shipments and their rows (implements `commands.bulk_acts.BulkStore`)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from packline.domain.bulk_act import BulkAct, BulkLine

CLAIMED = timedelta(seconds=30)
"""After that the process that took an act, or looked at its rows, is taken for dead; each chunk renews it."""
KEPT = timedelta(days=30)
_BEGIN = """
insert into bulk_act (id, name, owner, by_whom, state, began_at, claimed_until) values ($1, $2, $3, $4, $5, $6, $7)
"""
_LINES = """
insert into bulk_line (act_id, number, shipment_id, account_id, spoken, fate, says, hint, warnings)
select $1, number, shipment, account, spoken, fate, says, hint,
    coalesce(string_to_array(nullif(warnings, ''), chr(10)), '{}')
from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
    as line (number, shipment, account, spoken, fate, says, hint, warnings)
on conflict do nothing
"""
_GIVE = """
update bulk_act set state = 'giving', given_at = $2, claimed_until = null
where id = $1 and state = 'ready' returning id
"""
_CLAIM = """
update bulk_act set claimed_until = $2
where id = (
    select id from bulk_act where state = 'giving' and (claimed_until is null or claimed_until <= $1)
        and ($3::text is null or id = $3)
    order by began_at limit 1 for update skip locked
)
returning id, name, owner, by_whom, began_at, state
"""
_WAITING = """
select number, shipment_id, account_id, spoken from bulk_line where act_id = $1 and fate = 'ready'
order by number limit $2
"""
_ANSWERED = """
update bulk_line l set fate = told.fate, says = told.says, hint = told.hint, ticket = told.ticket
from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[]) as told (number, fate, says, hint, ticket)
where l.act_id = $1 and l.number = told.number and l.fate = 'ready'
"""


class BulkActs:
    """Acts: their claims, and what became of each row."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def begin(self, act: BulkAct) -> None:
        """Keep an act whose rows are looked at; those that are a month old are forgotten."""
        await self._pool.execute("delete from bulk_act where began_at < $1", act.began_at - KEPT)
        claimed = act.began_at + CLAIMED
        await self._pool.execute(_BEGIN, act.id, act.name, act.owner, act.by, act.state, act.began_at, claimed)

    async def counted(self, act_id: str, total: int, *, is_more: bool) -> None:
        """Note how many rows there are, and whether the filter fits more."""
        await self._pool.execute("update bulk_act set total = $2, is_more = $3 where id = $1", act_id, total, is_more)

    async def foreseen(self, act_id: str, lines: Sequence[BulkLine], now: datetime) -> None:
        """Keep what would happen to rows; whoever looks is alive."""
        async with self._pool.acquire() as connection, connection.transaction():
            warnings = ["\n".join(line.warnings) for line in lines]
            told = _columns(lines, "number", "shipment", "account", "spoken", "fate", "says", "hint")
            await connection.execute(_LINES, act_id, *told, warnings)
            await connection.execute("update bulk_act set claimed_until = $2 where id = $1", act_id, now + CLAIMED)

    async def ready(self, act_id: str) -> None:
        """Note that every row was looked at."""
        sql = "update bulk_act set state = 'ready', claimed_until = null where id = $1 and state = 'looking'"
        await self._pool.execute(sql, act_id)

    async def give(self, act_id: str, now: datetime) -> bool:
        """Say yes; False where that was said before, or there is nothing to say yes to."""
        return bool(await self._pool.fetchval(_GIVE, act_id, now))

    async def claim(self, now: datetime, only: str | None = None) -> BulkAct | None:
        """Take the oldest act that is being given (or only this one) and that nobody works on, for some seconds."""
        row = await self._pool.fetchrow(_CLAIM, now, now + CLAIMED, only)
        if row is None:
            return None
        return BulkAct(row["id"], row["name"], row["owner"], row["by_whom"], row["began_at"], row["state"])

    async def waiting(self, act_id: str, limit: int) -> list[BulkLine]:
        """Read rows that are still to be given."""
        rows = await self._pool.fetch(_WAITING, act_id, limit)
        return [BulkLine(row["number"], row["shipment_id"], row["account_id"], row["spoken"]) for row in rows]

    async def answered(self, act_id: str, lines: Sequence[BulkLine]) -> None:
        """Note what the desk said of rows; the claim ends."""
        async with self._pool.acquire() as connection, connection.transaction():
            told = _columns(lines, "number", "fate", "says", "hint", "ticket")
            await connection.execute(_ANSWERED, act_id, *told)
            await connection.execute("update bulk_act set claimed_until = null where id = $1", act_id)

    async def finish(self, act_id: str) -> None:
        """Note that every row was given."""
        await self._pool.execute(
            "update bulk_act set state = 'given', claimed_until = null where id = $1 and state = 'giving'", act_id
        )

    async def fail(self, act_id: str, error: str) -> None:
        """Note that it cannot go on."""
        sql = (
            "update bulk_act set state = 'failed', error = $2, claimed_until = null where id = $1 and state = 'looking'"
        )
        await self._pool.execute(sql, act_id, error)


def _columns(lines: Sequence[BulkLine], *names: str) -> list[list[Any]]:
    """Turn lines into one list for each of their fields, as `unnest` takes them."""
    return [[getattr(line, name) for line in lines] for name in names]
