"""Shipments in PostgreSQL (implements `ports.ShipmentStore`)."""

import contextlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
from msgspec.structs import replace

from packline.domain.shipment import Shipment
from packline.ports import Call, Change, Clock, Committed
from packline.storage.codec import decode_shipment, encode_shipment
from packline.storage.commit import body_hash, call_columns, described, event_columns, write

_DUE = """
select state from shipment
where account_id = $1 and due_at is not null and due_at <= $2 and not id = any($4::text[])
order by ship_by, id limit $3
"""
_INSERT = """
with c as (
    select * from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[],
        $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::timestamptz[],
        $15::timestamptz[], $16::timestamptz[], $17::timestamptz[], $18::bytea[], $19::bytea[], $20::bytea[])
    as c(n, id, account_id, amazon_id, program, epoch, location_id, marketplace_id, order_id, status, sub_status, goal,
        problem, ship_by, due_at, as_of, received_at, state, hash, body)
), own as (
    select account_id, epoch from ownership where account_id = any($21::text[]) for share
), s as (
    insert into shipment (id, account_id, amazon_id, location_id, marketplace_id, order_id, program, status, sub_status,
        goal, problem, ship_by, due_at, as_of, version, received_at, updated_at, state)
    select c.id, c.account_id, c.amazon_id, c.location_id, c.marketplace_id, c.order_id, c.program, c.status,
        c.sub_status, c.goal, c.problem, c.ship_by, c.due_at, c.as_of, 1, c.received_at, $22, c.state
    from c left join own on own.account_id = c.account_id
    where c.epoch is null or own.epoch = c.epoch
    order by c.id
    on conflict (id) do nothing
    returning id
), b as (
    insert into shipment_body (shipment_id, hash, as_of, body)
    select c.id, c.hash, c.as_of, c.body from c join s on s.id = c.id where c.body is not null
    on conflict (shipment_id) do nothing
), events as (
    insert into event (at, account_id, shipment_id, location_id, name, cause, data)
    select $22, c.account_id, c.id, c.location_id, e.name, e.cause, e.data
    from unnest($23::int[], $24::text[], $25::text[], $26::bytea[]) with ordinality as e(n, name, cause, data, place)
    join c on c.n = e.n join s on s.id = c.id order by e.place
)
select id from s
"""
_CALLS = """
insert into call (at, account_id, shipment_id, operation, attempt, status, code, ms, request_id, quota_left, request,
    response)
select * from unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::int[], $6::int[], $7::text[],
    $8::real[], $9::text[], $10::real[], $11::bytea[], $12::bytea[])
"""


DEADLOCKS_AT_MOST = 5


class Shipments:
    """Shipments, their events, documents and calls."""

    def __init__(self, pool: asyncpg.Pool, clock: Clock) -> None:
        """Use the pool of this process."""
        self._pool, self._clock = pool, clock

    async def due(self, account: str, now: datetime, limit: int, exclude: Sequence[str]) -> list[Shipment]:
        """Read shipments that wait for the driver, the most urgent ship-by first."""
        rows = await self._pool.fetch(_DUE, account, now, limit, list(exclude))
        return [decode_shipment(row["state"]) for row in rows]

    async def next_due(self, account: str) -> datetime | None:
        """Tell when the next shipment of an account is due."""
        sql = "select min(due_at) from shipment where account_id = $1 and due_at is not null"
        found: datetime | None = await self._pool.fetchval(sql, account)
        return found

    async def load(self, ids: Sequence[str]) -> dict[str, Shipment]:
        """Read shipments by id; those not there are left out."""
        rows = await self._pool.fetch("select id, state from shipment where id = any($1::text[])", list(ids))
        return {row["id"]: decode_shipment(row["state"]) for row in rows}

    async def body(self, shipment_id: str) -> bytes | None:
        """Read Amazon's last raw answer for a shipment."""
        found: bytes | None = await self._pool.fetchval(
            "select body from shipment_body where shipment_id = $1", shipment_id
        )
        return found

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
        async with self._pool.acquire() as connection, connection.transaction():
            return await write(connection, changes, calls, now=self._clock.now())

    async def insert(self, new: Sequence[Change]) -> list[bool]:
        """Insert shipments that are new, in one statement; False where another was quicker (or we are fenced)."""
        unique = {change.shipment.id: change for change in reversed(new)}
        made = [replace(change.shipment, version=1) for change in unique.values()]
        rows = await self._pool.fetch(
            _INSERT,
            *_new_columns(list(unique.values()), made),
            sorted({c.shipment.account for c in new if c.epoch is not None}),
            self._clock.now(),
            *event_columns(list(unique.values()), made),
        )
        inserted = {row["id"] for row in rows}
        return [c.shipment.id in inserted and unique[c.shipment.id] is c for c in new]

    async def log_calls(self, calls: Sequence[Call]) -> None:
        """Write calls that belong to no change."""
        if calls:
            await self._pool.execute(_CALLS, *call_columns(calls))


def _new_columns(new: Sequence[Change], made: Sequence[Shipment]) -> list[list[Any]]:
    return [
        list(range(len(new))),
        [s.id for s in made],
        [s.account for s in made],
        [s.amazon_id for s in made],
        [s.program for s in made],
        [c.epoch for c in new],
        *described(made),
        [s.ship_by for s in made],
        [c.due_at for c in new],
        [s.as_of for s in made],
        [s.received_at for s in made],
        [encode_shipment(s) for s in made],
        [body_hash(c.body) if c.body is not None else None for c in new],
        [c.body for c in new],
    ]
