"""The group commit: many changes, everything that belongs to them, one statement and one for what they bring along."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
from msgspec.structs import replace

from packline.domain.events import cause_of, is_told, public_name
from packline.domain.shipment import Shipment
from packline.domain.values import body_mark
from packline.ports import Call, Change, Committed
from packline.storage.beside import write_beside
from packline.storage.codec import encode_shipment, events_data
from packline.storage.columns import given, logged, numbers, split, texts
from packline.storage.effects import NONE, effects, touches
from packline.storage.feed_items import write_feeds
from packline.storage.sealed import seal
from packline.storage.secrets import Vault


def called(first: int) -> str:
    """Give the SQL that takes the columns of `call_columns`, from parameter `first` on, apart as rows."""
    at, account, shipment, operation, attempt, status, code, ms, request_id, quota_left, request, response = range(
        first, first + 12
    )
    return f"""unnest(${at}::timestamptz[], {split(account)}, {split(shipment)}, {split(operation)},
        {split(attempt, "int")}, {split(status, "int")}, {split(code)}, {split(ms, "real")}, {split(request_id)},
        {split(quota_left, "real")}, ${request}::bytea[], ${response}::bytea[])
        as k(at, account_id, shipment_id, operation, attempt, status, code, ms, request_id, quota_left, request,
        response)"""


_SQL = f"""
with c as (
    select given.*, (select s.ctid from shipment s where s.id = given.id) as place
    from unnest({split(1)}, {split(2)}, {split(3, "int")}, {split(4, "bigint")}, {split(5)}, {split(6)}, {split(7)},
        {split(8)}, {split(9)}, {split(10)}, {split(11)}, $12::timestamptz[], $13::timestamptz[], $14::timestamptz[],
        $15::bytea[]) with ordinality
    as given(id, account_id, version, epoch, location_id, marketplace_id, order_id, status, sub_status, goal, problem,
        ship_by, due_at, as_of, state, n)
), own as (
    select account_id, epoch from ownership where account_id = any({split(16)}) for share
), s as (
    update shipment set
        version = c.version + 1, location_id = c.location_id, marketplace_id = coalesce(c.marketplace_id, ''),
        order_id = coalesce(c.order_id, ''), status = c.status, sub_status = coalesce(c.sub_status, ''), goal = c.goal,
        problem = c.problem, ship_by = c.ship_by,
        due_at = case when greatest(c.due_at, shipment.due_at) <= $17 and shipment.due_at is not null
            and c.due_at is not null then shipment.due_at else c.due_at end,
        as_of = c.as_of, updated_at = $17, state = c.state
    from (select * from c order by id) as c left join own on own.account_id = c.account_id
    where shipment.ctid = c.place and shipment.version = c.version and (c.epoch is null or own.epoch = c.epoch)
    returning c.n, c.id, c.account_id, c.location_id
), events as (
    insert into event (at, account_id, shipment_id, location_id, name, cause, data)
    select $17, s.account_id, s.id, s.location_id, e.name, e.cause, e.data
    from unnest({split(18, "int")}, {split(19)}, {split(20)}, $21::bytea[]) with ordinality
        as e(n, name, cause, data, place) join s on s.n = e.n
    order by e.place
), calls as (
    insert into call (at, account_id, shipment_id, operation, attempt, status, code, ms, request_id, quota_left,
        request, response)
    select at, account_id, shipment_id, operation, attempt, status, coalesce(code, ''), ms, coalesce(request_id, ''),
        quota_left, request, response
    from {called(22)}
)
select c.n, c.epoch is not null and own.epoch is distinct from c.epoch as fenced
from c left join own on own.account_id = c.account_id where not exists (select from s where s.n = c.n)
"""
# In the order of ids, so that two commits that meet wait for each other in a row and not in a ring.
# By the row's place, so that even a plan made for an empty table looks only at these rows. A row that moves between the
# look and the update has another version there, and is stale.
# A due time that has passed is as good as any other: it stays, so that a shipment on its way moves in no index of it.

_BODIES = """
insert into shipment_body (shipment_id, hash, as_of, body)
select * from unnest($1::text[], $2::bytea[], $3::timestamptz[], $4::bytea[])
on conflict (shipment_id) do update set hash = excluded.hash, as_of = excluded.as_of,
    body = case when exists (select from shipment s where s.id = excluded.shipment_id and s.erased_at is not null)
        then shipment_body.body else excluded.body end
"""
# What was erased after the delivery does not come back with a later look at Amazon.


async def write(
    connection: asyncpg.Connection,
    changes: Sequence[Change],
    calls: Sequence[Call] = (),
    *,
    now: datetime,
    vault: Vault | None = None,
) -> list[Committed]:
    """Write changes inside the caller's transaction; their fates in the order of the changes.

    A change is written where the row still has its version and, for an owner's change, the account still has its epoch:
    the account's ownership row is locked for share, so a take-over waits for us or we see it. Events, documents, labels
    and tickets of changes that were not written are not written either; calls always are, because they were made.
    """
    after = [replace(change.shipment, version=change.version + 1) for change in changes]
    left = {row["n"]: row["fenced"] for row in await connection.fetch(_SQL, *_arguments(changes, after, calls, now))}
    fates = [_fate(left.get(n), change) for n, change in enumerate(changes, 1)]
    written = [(c, s) for c, s, fate in zip(changes, after, fates, strict=True) if fate.outcome == "written"]
    files = {file.document.sha256: file for change, _ in written for file in change.files}
    found = [effects(s, c.events) if touches(s, c.events) else NONE for c, s in written]
    await write_beside(connection, found, files, now)
    await write_feeds(connection, [row for e in found for row in e.feeds], now)
    await write_bodies(connection, written, vault)
    return fates


def stands_alone(changes: Sequence[Change]) -> bool:
    """Tell whether changes bring nothing along: they are one statement, which needs no transaction around it."""
    return not any(c.files or c.body is not None or touches(c.shipment, c.events) for c in changes)


def _fate(fenced: bool | None, change: Change) -> Committed:
    if fenced is None:
        return Committed("written", change.version + 1)
    return Committed("fenced" if fenced else "stale", change.version)


def _arguments(changes: Sequence[Change], after: list[Shipment], calls: Sequence[Call], now: datetime) -> list[Any]:
    return [
        *_change_columns(changes, after),
        texts(sorted({c.shipment.account for c in changes if c.epoch is not None})),
        now,
        *_event_columns(changes, after),
        *call_columns([*calls, *(call for change in changes for call in change.calls)]),
    ]


def _change_columns(changes: Sequence[Change], after: list[Shipment]) -> list[Any]:
    return [
        texts([s.id for s in after]),
        texts([s.account for s in after]),
        numbers([c.version for c in changes]),
        numbers([c.epoch for c in changes]),
        texts([s.location for s in after]),
        texts([s.marketplace for s in after]),
        texts([s.order_id for s in after]),
        texts([s.status for s in after]),
        texts([s.sub_status for s in after]),
        texts([s.goal or "" for s in after]),
        texts([s.problem.code if s.problem else "" for s in after]),
        [s.ship_by for s in after],
        [c.due_at for c in changes],
        [s.as_of for s in after],
        [encode_shipment(s) for s in after],
    ]


def _event_columns(changes: Sequence[Change], after: Sequence[Shipment]) -> list[Any]:
    """Lay out events as columns (place of the change, name, cause, data), in the order in which they were told."""
    told = [[event for event in change.events if is_told(event)] for change in changes]
    return [
        numbers([n for n, events in enumerate(told, 1) for _ in events]),
        texts([public_name(event) for events in told for event in events]),
        texts([cause_of(event) for events in told for event in events]),
        [data for events, s in zip(told, after, strict=True) for data in events_data(events, s)],
    ]


def call_columns(calls: Sequence[Call]) -> list[Any]:
    """Lay out calls as columns."""
    return [
        [c.at for c in calls],
        texts([c.account for c in calls]),
        texts([c.shipment or "" for c in calls]),
        texts([c.operation for c in calls]),
        numbers([c.attempt for c in calls]),
        numbers([c.status for c in calls]),
        logged([c.code for c in calls]),
        numbers([c.ms for c in calls]),
        logged([c.request_id for c in calls]),
        numbers([c.quota_left for c in calls]),
        given([c.request or None for c in calls]),
        given([c.response or None for c in calls]),
    ]


async def write_bodies(
    connection: asyncpg.Connection, written: Sequence[tuple[Change, Shipment]], vault: Vault | None
) -> None:
    """Keep Amazon's raw answer where a change brings a new one, encrypted where there is a vault."""
    bodies = {s.id: (c.body, s.as_of) for c, s in written if c.body is not None}
    if not bodies:
        return
    await connection.execute(
        _BODIES,
        list(bodies),
        [body_mark(body) for body, _ in bodies.values()],
        [as_of for _, as_of in bodies.values()],
        [seal(vault, body) if vault else body for body, _ in bodies.values()],
    )
