"""New shipments with their bodies and events: the hot path of intake."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
from msgspec.structs import replace

from packline.domain.events import NAMES, Received, cause_of, public_name
from packline.domain.shipment import Shipment
from packline.domain.values import body_mark
from packline.ports import Change
from packline.storage.codec import encode_shipment, events_data
from packline.storage.columns import given, split, texts
from packline.storage.links import link, originals_of

_OWN = "own as (select account_id from ownership where account_id = $1 and ($2 = 0 or epoch = $2) for share)"
_MINE = "($2 = 0 or exists (select 1 from own))"
_TEXTS = [
    "id",
    "amazon_id",
    "program",
    "location_id",
    "marketplace_id",
    "order_id",
    "status",
    "sub_status",
    "goal",
    "problem",
]
_SHIPMENT = ", ".join(f"unnest({split(number)}) as {name}" for number, name in enumerate(_TEXTS, 4))
# Arrays are taken apart in the select list: in the from clause each would be written down by itself first, and a body
# that many rows are read from is copied once more for each of them.
_SHIPMENTS = f"""
    insert into shipment (id, account_id, amazon_id, program, location_id, marketplace_id, order_id, status, sub_status,
        goal, problem, ship_by, due_at, as_of, received_at, state, version, updated_at)
    select id, $1, amazon_id, program, location_id, coalesce(marketplace_id, ''), coalesce(order_id, ''), status,
        coalesce(sub_status, ''), goal, problem, ship_by, due_at, as_of, coalesce(received_at, $17[1]), state, 1, $3
    from (select {_SHIPMENT}, unnest($14::timestamptz[]) as ship_by, unnest($15::timestamptz[]) as due_at,
        unnest($16::timestamptz[]) as as_of, unnest($17::timestamptz[]) as received_at, unnest($18::bytea[]) as state
    ) n where {_MINE}"""
_BODIES = f"""
    insert into shipment_body (shipment_id, as_of, hash, body)
    select id, as_of, hash, body from (select unnest({split(4)}) as id, unnest($16::timestamptz[]) as as_of,
        unnest($19::bytea[]) as hash, unnest($20::bytea[]) as body) n"""
_EVENTS = "insert into event (at, account_id, shipment_id, location_id, name, cause, data)"
_RECEIVED = f"""
    select $3::timestamptz, $1, id, location_id, '{NAMES[Received]}', 'amazon', data
    from (select unnest({split(4)}) as id, unnest({split(7)}) as location_id, unnest($21::bytea[]) as data) r"""
_MORE = f"""
    select $3, $1, id, location_id, name, cause, data from (select unnest({split(22)}) as id,
        unnest({split(23)}) as location_id, unnest({split(24)}) as name, unnest({split(25)}) as cause,
        unnest($26::bytea[]) as data, generate_series(1, cardinality($26)) as place) m"""
_ALL = f"""
with {_OWN}, s as ({_SHIPMENTS}
), b as ({_BODIES} where body is not null and {_MINE}
), events as ({_EVENTS} {_RECEIVED} where {_MINE} union all {_MORE} where {_MINE}
)
select {_MINE}
"""
_SOME = f"""
with {_OWN}, s as ({_SHIPMENTS} order by id on conflict (id) do nothing returning id
), b as ({_BODIES} join s using (id) where body is not null on conflict (shipment_id) do nothing
), events as ({_EVENTS} {_RECEIVED} join s using (id) union all
    (select * from ({_MORE} join s using (id) order by place) m)
)
select id from s
"""


async def receive(pool: asyncpg.Pool, new: Sequence[Change], now: datetime) -> list[bool]:
    """Insert shipments that are new; False where another was quicker, or where the account has another owner.

    The first event of each is that it was received. Almost always none of them is there, so they are inserted without
    asking; only where one is, the database is asked for each.
    """
    stored: set[int] = set()
    for account, epoch in {(change.shipment.account, change.epoch) for change in new}:
        unique = {c.shipment.id: c for c in reversed(new) if (c.shipment.account, c.epoch) == (account, epoch)}
        ours = [unique[shipment_id] for shipment_id in sorted(unique)]
        plain = [change for change in ours if change.shipment.original_id is None]
        inserted = await _insert(pool, account, epoch or 0, plain, now) if plain else set[str]()
        if len(plain) < len(ours):
            linked = [change for change in ours if change.shipment.original_id is not None]
            inserted |= await _insert_linked(pool, account, epoch or 0, linked, now)
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


async def _insert_linked(pool: asyncpg.Pool, account: str, epoch: int, new: list[Change], now: datetime) -> set[str]:
    """Insert shipments that replace others, with their links; there are few of them."""
    async with pool.acquire() as connection, connection.transaction():
        originals = await originals_of(connection, [change.shipment for change in new])
        rows = await connection.fetch(_SOME, account, epoch, now, *_columns(new))
        inserted = {row["id"] for row in rows}
        await link(connection, [change.shipment for change in new if change.shipment.id in inserted], originals, now)
    return inserted


def _columns(new: list[Change]) -> list[Any]:
    made = [replace(change.shipment, version=1) for change in new]
    bodies = [change.body for change in new]
    return [
        texts([s.id for s in made]),
        texts([s.amazon_id for s in made]),
        texts([s.program for s in made]),
        texts([s.location for s in made]),
        texts([s.marketplace for s in made]),
        texts([s.order_id for s in made]),
        texts([s.status for s in made]),
        texts([s.sub_status for s in made]),
        texts([s.goal or "" for s in made]),
        texts([s.problem.code if s.problem else "" for s in made]),
        [s.ship_by for s in made],
        given([c.due_at for c in new]),
        [s.as_of for s in made],
        _once([s.received_at for s in made]),
        [encode_shipment(s) for s in made],
        [None if body is None else body_mark(body) for body in bodies],
        bodies,
        *_told(new, made),
    ]


def _told(new: list[Change], made: list[Shipment]) -> list[Any]:
    """Lay out events: the first of each shipment tells that it was received, few have more."""
    data = [events_data(change.events, s) for change, s in zip(new, made, strict=True)]
    more = [(s, event) for change, s in zip(new, made, strict=True) for event in change.events[1:]]
    return [
        [told[0] for told in data],
        texts([s.id for s, _ in more]),
        texts([s.location for s, _ in more]),
        texts([public_name(event) for _, event in more]),
        texts([cause_of(event) for _, event in more]),
        [one for told in data for one in told[1:]],
    ]


def _once(column: list[Any]) -> list[Any]:
    """A value that all rows share travels once; the statement takes it for the rows that have none."""
    return column[:1] if len(set(column)) == 1 else column
