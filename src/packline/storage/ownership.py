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
_RELEASE = """
update ownership set worker = null, levels = $3, look_at = $4 where account_id = $1 and epoch = $2
"""


class Owners:
    """Ownership rows; the epoch on them is compared by every write of a worker."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool
        self._epochs = Together(self._read_epochs)
        self._wakes = Together(self._read_wakes)

    async def take(self, account: str, worker: str, now: datetime) -> Ownership | None:
        """Become the owner: raise the epoch. Writes of the owner before us that are under way are waited for."""
        row = await self._pool.fetchrow(_TAKE, account, worker, now)
        return Ownership(account, row["epoch"], row["levels"] or b"") if row else None

    async def still_mine(self, ownership: Ownership) -> bool:
        """Tell whether the epoch is still ours."""
        return await self._epochs.ask(ownership.account) == ownership.epoch

    async def _read_epochs(self, accounts: list[str]) -> dict[str, int]:
        sql = "select account_id, epoch from ownership where account_id = any($1::text[])"
        return {row["account_id"]: row["epoch"] for row in await self._pool.fetch(sql, accounts)}

    async def release(self, ownership: Ownership, levels: bytes, look_at: datetime | None = None) -> None:
        """Give the account back; nothing happens where another worker has it already."""
        await self._pool.execute(_RELEASE, ownership.account, ownership.epoch, levels, look_at)

    async def wake_seq(self, account: str) -> int:
        """Read the number that every piece of new work raises."""
        return await self._wakes.ask(account) or 0

    async def _read_wakes(self, accounts: list[str]) -> dict[str, int]:
        sql = "select account_id, seq from account_wake where account_id = any($1::text[])"
        return {row["account_id"]: row["seq"] for row in await self._pool.fetch(sql, accounts)}
