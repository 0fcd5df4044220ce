"""Holds that Packline places by itself while it reads what an outage hid (implements `ports.OutageStore`)."""

from datetime import datetime

import asyncpg
import msgspec

from packline.storage.together import Together
from packline.storage.wake import ring

BY = "packline"
_SINCE = f"""
select account_id, min(since) as since from stock_hold
where account_id = any($1::text[]) and by_whom = '{BY}' group by account_id
"""
_HOLD = f"""
with held as (
    insert into stock_hold (account_id, location_id, reason, since, by_whom)
    select l.account_id, l.id, $2, $3, '{BY}' from location l
    where l.account_id = $1 and exists (
        select 1 from stock_offer o where o.account_id = l.account_id and o.location_id = l.id)
    on conflict do nothing returning location_id
)
insert into event (at, account_id, location_id, name, cause, data)
select $3, $1, location_id, 'stock.held', 'packline', $4 from held
"""
# The ledger follows the events: until it has seen what the sweep found, Amazon would be told the units of before.
_BEHIND = """
select exists (select 1 from stock_cursor where account_id = $1) or exists (
    select 1 from stock_cursor g join event e on (e.xid, e.seq) > (g.xid, g.seq)
    where g.account_id = '' and e.account_id = $1 and e.shipment_id is not null and e.at <= $2)
"""
_RELEASE = f"""
with gone as (
    delete from stock_hold where account_id = $1 and by_whom = '{BY}' returning location_id
)
insert into event (at, account_id, location_id, name, cause, data)
select $2, $1, location_id, 'stock.released', 'packline', $3 from gone
"""


class Outages:
    """Hold and release the publishing of an account's locations."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool
        self._held = Together(self._read_held)

    async def held_since(self, account: str) -> datetime | None:
        """Tell since when an account's numbers wait for a sweep; None where they do not."""
        return await self._held.ask(account)

    async def hold(self, account: str, reason: str, now: datetime) -> None:
        """Hold every location that is not held already, and tell of it."""
        told = msgspec.json.encode({"event": {"type": "stock_held", "reason": reason}})
        await self._pool.execute(_HOLD, account, reason, now, told)

    async def release(self, account: str, read_at: datetime, now: datetime) -> bool:
        """Release what was held by `hold`; False while the ledger has not yet taken what was told until `read_at`.

        What happens since is not waited for: where much happens, the ledger is never quite level.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(_BEHIND, account, read_at):
                return False
            told = msgspec.json.encode({"event": {"type": "stock_released"}})
            await connection.execute(_RELEASE, account, now, told)
            await ring(connection, [account])
        return True

    async def _read_held(self, accounts: list[str]) -> dict[str, datetime]:
        return {row["account_id"]: row["since"] for row in await self._pool.fetch(_SINCE, accounts)}
