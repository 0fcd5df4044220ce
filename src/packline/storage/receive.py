"""New shipments with their bodies and events: the hot path of intake."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
from msgspec.structs import replace

from packline.ports import Change
from packline.storage.codec import encode_shipment
from packline.storage.commit import body_hash, described, event_columns

_OWN = "own as (select account_id from ownership where account_id = $1 and ($2 = 0 or epoch = $2) for share)"
_MINE = "($2 = 0 or exists (select 1 from own))"
_COLUMNS = """id, account_id, amazon_id, program, location_id, marketplace_id, order_id, status, sub_status, goal,
    problem, ship_by, due_at, as_of, received_at, state, version, updated_at"""
_VALUES = """
    select id, $1, amazon_id, coalesce(program, $6[1]), coalesce(location_id, $7[1]), coalesce(marketplace_id, $8[1]),
        order_id, coalesce(status, $10[1]), coalesce(sub_status, $11[1]), goal, problem, ship_by, due_at, as_of,
        coalesce(received_at, $17[1]), state, 1, $3
    from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
        $12::text[], $13::text[], $14::timestamptz[], $15::timestamptz[], $16::timestamptz[], $17::timestamptz[],
        $18::bytea[]) as c(id, amazon_id, program, location_id, marketplace_id, order_id, status, sub_status, goal,
        problem, ship_by, due_at, as_of, received_at, state)"""
_ALL = f"""
with {_OWN}, s as (
    insert into shipment ({_COLUMNS}) {_VALUES} where {_MINE}
), b as (
    insert into shipment_body (shipment_id, as_of, hash, body)
    select * from unnest($19::text[], $20::timestamptz[], $21::bytea[], $22::bytea[]) where {_MINE}
), events as (
    insert into event (at, account_id, shipment_id, location_id, name, cause, data)
    select $3, $1, e.id, e.location_id, e.name, e.cause, e.data
    from unnest($23::text[], $24::text[], $25::text[], $26::text[], $27::bytea[])
        as e(id, location_id, name, cause, data)
    where {_MINE}
)
select {_MINE}
"""
_SOME = f"""
with {_OWN}, s as (
    insert into shipment ({_COLUMNS}) {_VALUES} where {_MINE} order by id on conflict (id) do nothing returning id
), b as (
    insert into shipment_body (shipment_id, as_of, hash, body)
    select b.* from unnest($19::text[], $20::timestamptz[], $21::bytea[], $22::bytea[]) as b(id, as_of, hash, body)
    join s on s.id = b.id on conflict (shipment_id) do nothing
), events as (
    insert into event (at, account_id, shipment_id, location_id, name, cause, data)
    select $3, $1, e.id, e.location_id, e.name, e.cause, e.data
    from unnest($23::text[], $24::text[], $25::text[], $26::text[], $27::bytea[]) with ordinality
        as e(id, location_id, name, cause, data, place)
    join s on s.id = e.id order by e.place
)
select id from s
"""


async def receive(pool: asyncpg.Pool, new: Sequence[Change], now: datetime) -> list[bool]:
    """Insert shipments that are new; False where another was quicker, or where the account has another owner.

    Almost always none of them is there, so they are inserted without asking; only where one is, the database is asked
    for each.
    """
    stored: set[int] = set()
    for account, epoch in {(change.shipment.account, change.epoch) for change in new}:
        unique = {c.shipment.id: c for c in reversed(new) if (c.shipment.account, c.epoch) == (account, epoch)}
        ours = [unique[shipment_id] for shipment_id in sorted(unique)]
        inserted = await _insert(pool, account, epoch or 0, ours, now)
        stored |= {id(change) for change in ours if change.shipment.id in inserted}
    return [id(change) in stored for change in new]


async def _insert(pool: asyncpg.Pool, account: str, epoch: int, new: list[Change], now: datetime) -> set[str]:
    columns = [account, epoch, now, *_columns(new)]
    try:
        if await pool.fetchval(_ALL, *columns):
            return {change.shipment.id for change in new}
        return set()
    except (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError):
        return {row["id"] for row in await pool.fetch(_SOME, *columns)}


def _columns(new: list[Change]) -> list[list[Any]]:
    made = [replace(change.shipment, version=1) for change in new]
    location, marketplace, order, status, sub_status, goal, problem = described(made)
    bodies = [(s, c.body) for s, c in zip(made, new, strict=True) if c.body is not None]
    places, *told = event_columns(new, made)
    return [
        [s.id for s in made],
        [s.amazon_id for s in made],
        _once([s.program for s in made]),
        _once(location),
        _once(marketplace),
        order,
        _once(status),
        _once(sub_status),
        _given(goal),
        _given(problem),
        [s.ship_by for s in made],
        _given([c.due_at for c in new]),
        [s.as_of for s in made],
        _once([s.received_at for s in made]),
        [encode_shipment(s) for s in made],
        [s.id for s, _ in bodies],
        [s.as_of for s, _ in bodies],
        [body_hash(body) for _, body in bodies],
        [body for _, body in bodies],
        [made[n].id for n in places],
        [made[n].location for n in places],
        *told,
    ]


def _once(column: list[Any]) -> list[Any]:
    """A value that all rows share travels once; the statement takes it for the rows that have none."""
    return column[:1] if len(set(column)) == 1 else column


def _given(column: list[Any]) -> list[Any]:
    """A column that no row has a value for does not travel."""
    return column if any(value is not None for value in column) else []
