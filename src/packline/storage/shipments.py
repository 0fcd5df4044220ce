"""Shipments in PostgreSQL (implements `ports.ShipmentStore`)."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from msgspec.structs import replace

from packline.domain.shipment import Shipment
from packline.ports import Call, Change, Clock, Committed
from packline.storage.codec import decode_shipment, encode_shipment
from packline.storage.commit import body_hash, call_columns, event_columns, write

_DUE = """
select state from shipment
where account_id = $1 and due_at is not null and due_at <= $2 and not id = any($4::text[])
order by ship_by, id limit $3
"""
_INSERT = """
with c as (
    select * from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::text[], $10::text[], $11::text[], $12::text[], $13::timestamptz[], $14::timestamptz[], $15::timestamptz[],
        $16::timestamptz[], $17::bytea[], $18::bytea[], $19::bytea[], $20::bigint[])
    as c(n, id, account_id, amazon_id, location_id, marketplace_id, order_id, program, status, sub_status, goal,
        problem, ship_by, due_at, as_of, at, state, hash, body, epoch)
), own as (
    select account_id, epoch from ownership where account_id = any($21::text[]) for share
), s as (
    insert into shipment (id, account_id, amazon_id, location_id, marketplace_id, order_id, program, status, sub_status,
        goal, problem, ship_by, due_at, as_of, version, received_at, updated_at, state)
    select c.id, c.account_id, c.amazon_id, c.location_id, c.marketplace_id, c.order_id, c.program, c.status,
        c.sub_status, c.goal, c.problem, c.ship_by, c.due_at, c.as_of, 1, c.at, c.at, c.state
    from c left join own on own.account_id = c.account_id
    where c.epoch is null or own.epoch = c.epoch
    on conflict (id) do nothing
    returning id
), b as (
    insert into shipment_body (shipment_id, hash, as_of, body)
    select c.id, c.hash, c.as_of, c.body from c join s on s.id = c.id where c.body is not null
    on conflict (shipment_id) do nothing
), events as (
    insert into event (at, account_id, shipment_id, location_id, name, cause, data)
    select e.at, e.account_id, e.shipment_id, e.location_id, e.name, e.cause, e.data
    from unnest($22::int[], $23::timestamptz[], $24::text[], $25::text[], $26::text[], $27::text[], $28::text[],
        $29::bytea[]) with ordinality
        as e(n, at, account_id, shipment_id, location_id, name, cause, data, place)
    join s on s.id = e.shipment_id order by e.place
)
select id from s
"""
_CALLS = """
insert into call (at, account_id, shipment_id, operation, attempt, status, code, ms, request_id, quota_left, request,
    response)
select * from unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::int[], $6::int[], $7::text[],
    $8::real[], $9::text[], $10::real[], $11::bytea[], $12::bytea[])
"""


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
            "select s.id, s.as_of, coalesce(b.hash, ''::bytea) as hash from shipment s"
            " left join shipment_body b on b.shipment_id = s.id where s.id = any($1::text[])",
            list(ids),
        )
        return {row["id"]: (row["as_of"], row["hash"]) for row in rows}

    async def commit(self, changes: Sequence[Change], calls: Sequence[Call] = ()) -> list[Committed]:
        """Write many changes in one transaction; fates in the order of the changes."""
        async with self._pool.acquire() as connection, connection.transaction():
            return await write(connection, changes, calls, now=self._clock.now())

    async def insert(self, new: Sequence[Change]) -> list[bool]:
        """Insert shipments that are new, in one statement; False where another was quicker (or we are fenced)."""
        now = self._clock.now()
        made = [replace(change.shipment, version=1) for change in new]
        columns = [
            list(range(len(new))),
            [s.id for s in made],
            [s.account for s in made],
            [s.amazon_id for s in made],
            [s.location for s in made],
            [s.marketplace for s in made],
            [s.order_id for s in made],
            [s.program for s in made],
            [s.status.value for s in made],
            [s.sub_status for s in made],
            [s.goal.value if s.goal else None for s in made],
            [s.problem.code if s.problem else None for s in made],
            [s.ship_by for s in made],
            [c.due_at for c in new],
            [s.as_of for s in made],
            [now] * len(made),
            [encode_shipment(s) for s in made],
            [body_hash(c.body) if c.body is not None else None for c in new],
            [c.body for c in new],
            [c.epoch for c in new],
            sorted({c.shipment.account for c in new if c.epoch is not None}),
        ]
        rows = await self._pool.fetch(_INSERT, *columns, *event_columns(new, made, now))
        inserted = {row["id"] for row in rows}
        return [s.id in inserted for s in made]

    async def log_calls(self, calls: Sequence[Call]) -> None:
        """Write calls that belong to no change."""
        if calls:
            await self._pool.execute(_CALLS, *call_columns(calls))
