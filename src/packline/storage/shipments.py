"""Shipments in PostgreSQL (implements `ports.ShipmentStore`)."""

import contextlib
from collections.abc import Sequence
from datetime import datetime

import asyncpg

from packline.domain.shipment import Shipment
from packline.ports import Call, Change, Clock, Committed
from packline.storage.codec import decode_shipment
from packline.storage.columns import FORGETTABLE, SEPARATOR, SQL_SEPARATOR
from packline.storage.commit import call_columns, called, stands_alone, write
from packline.storage.receive import receive
from packline.storage.sealed import opened
from packline.storage.secrets import Vault
from packline.storage.together import Together

_PATIENT = """
(goal is null or (goal in ('confirmed', 'packed') and stage in ('SHIPLABEL_GENERATED', 'SHIPPED', 'DELIVERED')))
"""
"""Nobody waits for them: only documents of labels that somebody else made are still to come."""
_DUE_NOW = f"""
from shipment where account_id = a.account_id and due_at is not null and due_at <= a.now
    and not id = any(string_to_array(a.aside, {SQL_SEPARATOR}))
"""
_DUE = f"""
select a.n, s.state
from unnest($1::text[], $2::timestamptz[], $3::int[], $4::text[]) with ordinality as a(account_id, now, most, aside, n)
cross join lateral (
    select * from (
        (select state, ship_by, id, false as is_patient {_DUE_NOW} and not {_PATIENT} order by ship_by, id limit a.most)
        union all
        (select state, ship_by, id, true as is_patient {_DUE_NOW} and {_PATIENT} order by ship_by, id limit a.most)
    ) two order by is_patient, ship_by, id limit a.most
) s order by a.n, s.is_patient, s.ship_by, s.id
"""
_NEXT_DUE = """
select account_id, (select min(due_at) from shipment s where s.account_id = a.account_id and due_at is not null) as at
from unnest($1::text[]) as a(account_id)
"""
_CALLS = f"""
with calls as (
    insert into call (at, account_id, shipment_id, operation, attempt, status, code, ms, request_id, quota_left,
        request, response)
    select at, account_id, shipment_id, operation, attempt, status, coalesce(code, ''), ms, coalesce(request_id, ''),
        quota_left, request, response
    from {called(1)} returning 1
)
{FORGETTABLE}
"""


DEADLOCKS_AT_MOST = 5
_Due = tuple[str, datetime, int, str]
"""Account, now, how many at most, and the ids of those that are not wanted."""


class Shipments:
    """Shipments, their events, documents and calls."""

    def __init__(self, pool: asyncpg.Pool, clock: Clock, vault: Vault | None = None) -> None:
        """Use the pool of this process; what a change brings of Amazon's raw answers is encrypted by the vault."""
        self._pool, self._clock, self._vault = pool, clock, vault
        self._dues = Together(self._read_due)
        self._nexts = Together(self._read_next)

    async def due(self, account: str, now: datetime, limit: int, exclude: Sequence[str]) -> list[Shipment]:
        """Read shipments that wait for the driver, the most urgent ship-by first."""
        return await self._dues.ask((account, now, limit, SEPARATOR.join(exclude))) or []

    async def _read_due(self, asked: list[_Due]) -> dict[_Due, list[Shipment]]:
        found: dict[_Due, list[Shipment]] = {}
        for row in await self._pool.fetch(_DUE, *(list(column) for column in zip(*asked, strict=True))):
            found.setdefault(asked[row["n"] - 1], []).append(decode_shipment(row["state"]))
        return found

    async def next_due(self, account: str) -> datetime | None:
        """Tell when the next shipment of an account is due."""
        return await self._nexts.ask(account)

    async def _read_next(self, accounts: list[str]) -> dict[str, datetime]:
        return {row["account_id"]: row["at"] for row in await self._pool.fetch(_NEXT_DUE, accounts)}

    async def load(self, ids: Sequence[str]) -> dict[str, Shipment]:
        """Read shipments by id; those not there are left out."""
        rows = await self._pool.fetch("select id, state from shipment where id = any($1::text[])", list(ids))
        return {row["id"]: decode_shipment(row["state"]) for row in rows}

    async def body(self, shipment_id: str) -> bytes | None:
        """Read Amazon's last raw answer for a shipment."""
        found: bytes | None = await self._pool.fetchval(
            "select body from shipment_body where shipment_id = $1", shipment_id
        )
        return None if found is None else opened(self._vault, found)

    async def known(self, ids: Sequence[str]) -> dict[str, tuple[datetime, bytes]]:
        """Read `as_of` and body hash of shipments by id, for the guard of intake."""
        rows = await self._pool.fetch(
            "select s.id, s.as_of, coalesce(b.hash, ''::bytea) as hash from shipment s left join shipment_body b"
            " on b.shipment_id = s.id and b.shipment_id = any($1::text[]) where s.id = any($1::text[])",
            list(ids),
        )
        return {row["id"]: (row["as_of"], row["hash"]) for row in rows}

    async def commit(self, changes: Sequence[Change], calls: Sequence[Call] = ()) -> list[Committed]:
        """Write many changes in one transaction; fates in the order of the changes.

        Where a command's transaction took the same rows in another order, one of the two is undone: ours is repeated.
        """
        for _ in range(DEADLOCKS_AT_MOST):
            with contextlib.suppress(asyncpg.DeadlockDetectedError):
                return await self._commit(changes, calls)
        return await self._commit(changes, calls)

    async def _commit(self, changes: Sequence[Change], calls: Sequence[Call]) -> list[Committed]:
        now = self._clock.now()
        async with self._pool.acquire() as connection:
            if stands_alone(changes):
                return await write(connection, changes, calls, now=now, vault=self._vault)
            async with connection.transaction():
                return await write(connection, changes, calls, now=now, vault=self._vault)

    async def insert(self, new: Sequence[Change]) -> list[bool]:
        """Insert shipments that are new, in one statement; False where another was quicker (or we are fenced)."""
        return await receive(self._pool, new, self._clock.now())

    async def log_calls(self, calls: Sequence[Call]) -> None:
        """Write calls that belong to no change; a crash of the database may lose the last second of them."""
        if calls:
            await self._pool.execute(_CALLS, *call_columns(calls))
