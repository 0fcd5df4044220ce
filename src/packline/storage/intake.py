"""Cursors, the inbox and what could not be read (implements `ports.IntakeStore`)."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from packline.domain.values import body_hash
from packline.ports import Cursor, Message
from packline.storage.columns import FORGETTABLE
from packline.storage.sealed import kept
from packline.storage.secrets import Vault
from packline.storage.together import Together
from packline.storage.wake import ring

_BEGIN = """
insert into intake_cursor (account_id, location_id, status, after, succeeded_at, failed_at, error)
values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing
"""
_SAVE = f"""
with saved as (
    update intake_cursor set after = $4, succeeded_at = $5, failed_at = $6, error = $7
    where account_id = $1 and location_id = $2 and status = $3 returning 1
)
select exists (select from saved), ({FORGETTABLE})
"""
_PARK = """
insert into parked (account_id, source, hash, body, reason, created_at, size, head, is_open)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (account_id, source, hash) do nothing
"""
HEAD = 8
"""First bytes of a parked record that are kept beside it: they say what kind of file it is."""
_INBOX = """
insert into inbox (account_id, source, dedupe, amazon_id, body, received_at) values ($1, $2, $3, $4, $5, $6)
"""
_SEEN = "insert into inbox_seen (account_id, dedupe, received_at) values ($1, $2, $3) on conflict do nothing"
_WAITING = "account_id = $1 and handled_at is null and kind = 'order'"
_TOLD = "id, amazon_id, received_at, hint, told_at"
_TAKE = f"""
with urgent as (select {_TOLD} from inbox where {_WAITING} and hint = 'CANCELLED' order by id limit $2),
    oldest as (select {_TOLD} from inbox where {_WAITING} order by id limit $2)
select {_TOLD} from (
    select *, 0 as place from urgent union all
    select *, 1 as place from oldest where id not in (select id from urgent)
) as m order by place, id limit $2
"""
_WHO = """
select account_id from unnest($1::text[]) as a(account_id) where exists (
    select from inbox i where i.account_id = a.account_id and i.handled_at is null and i.kind = 'order')
"""
_DONE = f"""
with done as (update inbox set handled_at = $2 where id = any($1::bigint[]) and handled_at is null returning 1)
{FORGETTABLE}
"""


class Intake:
    """How far each flow has read, what waits to be handled, and what a person must look at."""

    def __init__(self, pool: asyncpg.Pool, vault: Vault | None = None) -> None:
        """Use the pool of this process, and the vault that parked records are encrypted with."""
        self._pool, self._vault = pool, vault
        self._cursors = Together(self._read_cursors)
        self._waiting = Together(self._read_waiting)

    async def cursors(self, account: str) -> list[Cursor]:
        """Read all cursors of an account."""
        return await self._cursors.ask(account) or []

    async def _read_cursors(self, accounts: list[str]) -> dict[str, list[Cursor]]:
        found: dict[str, list[Cursor]] = {}
        for row in await self._pool.fetch("select * from intake_cursor where account_id = any($1::text[])", accounts):
            found.setdefault(row["account_id"], []).append(_cursor(row))
        return found

    async def begin_cursor(self, cursor: Cursor) -> None:
        """Store a cursor before its first look, so that `save_cursor` can tell whether it was forgotten meanwhile."""
        await self._pool.execute(_BEGIN, *_values(cursor))

    async def save_cursor(self, cursor: Cursor) -> bool:
        """Write a begun cursor; False where it was forgotten meanwhile: its flow must look back again."""
        is_there: bool = await self._pool.fetchval(_SAVE, *_values(cursor))
        return is_there

    async def park(self, account: str, source: str, body: bytes, reason: str, now: datetime) -> None:
        """Keep an unreadable record with its bytes on a person's list; the same bytes are kept once."""
        held, is_open = kept(self._vault, body), self._vault is None
        given = (body_hash(body), held, reason, now, len(body), body[:HEAD], is_open)
        await self._pool.execute(_PARK, account, source, *given)

    async def inbox_take(self, account: str, limit: int) -> list[Message]:
        """Read unhandled messages of an account that name orders: those that claim a cancellation, then the oldest."""
        if not await self._waiting.ask(account):
            return []
        return [Message(**row) for row in await self._pool.fetch(_TAKE, account, limit)]

    async def _read_waiting(self, accounts: list[str]) -> dict[str, bool]:
        return {row["account_id"]: True for row in await self._pool.fetch(_WHO, accounts)}

    async def inbox_done(self, ids: Sequence[int], now: datetime) -> None:
        """Mark messages handled, after what they tell of is stored; where a crash forgets that, they are read again."""
        await self._pool.execute(_DONE, list(ids), now)

    async def inbox_put(
        self, account: str, source: str, dedupe: str, amazon_id: str, body: bytes, now: datetime
    ) -> bool:
        """Store a message before it is acknowledged and ring its account; False where it was there already."""
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.execute(_SEEN, account, dedupe, now) == "INSERT 0 0":
                return False
            await connection.execute(_INBOX, account, source, dedupe, amazon_id, body, now)
            await ring(connection, [account])
        return True


def _cursor(row: asyncpg.Record) -> Cursor:
    return Cursor(
        account=row["account_id"],
        location=row["location_id"],
        status=row["status"],
        after=row["after"],
        succeeded_at=row["succeeded_at"],
        failed_at=row["failed_at"],
        error=row["error"],
    )


def _values(cursor: Cursor) -> tuple[object, ...]:
    looks = (cursor.succeeded_at, cursor.failed_at, cursor.error)
    return (cursor.account, cursor.location, cursor.status, cursor.after, *looks)
