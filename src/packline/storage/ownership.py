"""Who works for which account (implements `ports.OwnershipStore`)."""

from datetime import datetime

import asyncpg

from packline.ports import Ownership
from packline.storage.together import Together

_TAKE = """
insert into ownership as o (account_id, epoch, worker, taken_at)
select id, 1, $2, $3 from account where id = $1 and enabled and paused_reason is null
on conflict (account_id) do update set
    epoch = o.epoch + 1, worker = excluded.worker, taken_at = excluded.taken_at,
    levels = case when o.worker is null then o.levels end -- a worker that died left nothing that is true
returning o.epoch, o.levels
"""
_TAKE_MANY = """
with free as (
    select o.account_id, w.worker, w.now from unnest($1::text[], $2::text[], $3::timestamptz[])
        as w(account_id, worker, now) join ownership o using (account_id) join account a on a.id = o.account_id
    where a.enabled and a.paused_reason is null order by o.account_id for no key update of o skip locked
)
update ownership o set epoch = o.epoch + 1, worker = f.worker, taken_at = f.now,
    levels = case when o.worker is null then o.levels end
from free f where o.account_id = f.account_id
returning o.account_id, o.epoch, o.levels
"""
_RELEASE = """
update ownership o set worker = null, levels = given.levels, look_at = given.look_at
from unnest($1::text[], $2::bigint[], $3::bytea[], $4::timestamptz[]) as given(account_id, epoch, levels, look_at)
where o.account_id = given.account_id and o.epoch = given.epoch
"""

_Taking = tuple[str, str, datetime]
"""Account, worker, now."""
_Release = tuple[str, int, bytes, datetime | None]
"""Account, epoch, levels of its quotas, when to look again."""


class Owners:
    """Ownership rows; the epoch on them is compared by every write of a worker."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool
        self._takes = Together(self._take_many)
        self._releases = Together(self._release_many)
        self._epochs = Together(self._read_epochs)
        self._wakes = Together(self._read_wakes)

    async def take(self, account: str, worker: str, now: datetime) -> Ownership | None:
        """Become the owner: raise the epoch. Writes of the owner before us that are under way are waited for.

        Accounts that nobody holds are taken together; one that is held, or was never owned, is waited for alone.
        """
        row = await self._takes.ask((account, worker, now)) or await self._pool.fetchrow(_TAKE, account, worker, now)
        return Ownership(account, row["epoch"], row["levels"] or b"") if row else None

    async def _take_many(self, asked: list[_Taking]) -> dict[_Taking, asyncpg.Record]:
        rows = await self._pool.fetch(_TAKE_MANY, *(list(column) for column in zip(*asked, strict=True)))
        taken = {row["account_id"]: row for row in rows}
        return {one: taken.pop(one[0]) for one in asked if one[0] in taken}

    async def still_mine(self, ownership: Ownership) -> bool:
        """Tell whether the epoch is still ours."""
        return await self._epochs.ask(ownership.account) == ownership.epoch

    async def _read_epochs(self, accounts: list[str]) -> dict[str, int]:
        sql = "select account_id, epoch from ownership where account_id = any($1::text[])"
        return {row["account_id"]: row["epoch"] for row in await self._pool.fetch(sql, accounts)}

    async def release(self, ownership: Ownership, levels: bytes, look_at: datetime | None = None) -> None:
        """Give the account back; nothing happens where another worker has it already."""
        await self._releases.ask((ownership.account, ownership.epoch, levels, look_at))

    async def _release_many(self, given: list[_Release]) -> dict[_Release, None]:
        await self._pool.execute(_RELEASE, *(list(column) for column in zip(*given, strict=True)))
        return {}

    async def wake_seq(self, account: str) -> int:
        """Read the number that every piece of new work raises."""
        return await self._wakes.ask(account) or 0

    async def _read_wakes(self, accounts: list[str]) -> dict[str, int]:
        sql = "select account_id, seq from account_wake where account_id = any($1::text[])"
        return {row["account_id"]: row["seq"] for row in await self._pool.fetch(sql, accounts)}
