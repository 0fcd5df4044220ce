"""The group commit: many changes, everything that belongs to them, one statement."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
from msgspec.structs import replace

from packline.domain.events import cause_of, public_name
from packline.domain.shipment import Shipment
from packline.ports import Call, Change, Committed
from packline.storage.codec import encode_shipment, event_data
from packline.storage.effects import NONE, Effects, effects, touches

_SQL = """
with c as (
    select * from unnest($1::int[], $2::text[], $3::text[], $4::int[], $5::bigint[], $6::text[], $7::text[], $8::text[],
        $9::text[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::bytea[],
        $15::text[])
    as c(n, id, account_id, version, epoch, status, sub_status, goal, problem, ship_by, due_at, as_of, at, state,
        location_id)
), own as (
    select account_id, epoch from ownership where account_id = any($16::text[]) for share
), s as (
    update shipment set
        version = c.version + 1, status = c.status, sub_status = c.sub_status, goal = c.goal, problem = c.problem,
        ship_by = c.ship_by, due_at = c.due_at, as_of = c.as_of, updated_at = c.at, state = c.state,
        location_id = c.location_id
    from c left join own on own.account_id = c.account_id
    where shipment.id = c.id and shipment.version = c.version and (c.epoch is null or own.epoch = c.epoch)
    returning c.n
), events as (
    insert into event (at, account_id, shipment_id, location_id, name, cause, data)
    select e.at, e.account_id, e.shipment_id, e.location_id, e.name, e.cause, e.data
    from unnest($17::int[], $18::timestamptz[], $19::text[], $20::text[], $21::text[], $22::text[], $23::text[],
        $24::bytea[]) with ordinality
        as e(n, at, account_id, shipment_id, location_id, name, cause, data, place)
    join s on s.n = e.n order by e.place
), calls as (
    insert into call (at, account_id, shipment_id, operation, attempt, status, code, ms, request_id, quota_left,
        request, response)
    select * from unnest($25::timestamptz[], $26::text[], $27::text[], $28::text[], $29::int[], $30::int[], $31::text[],
        $32::real[], $33::text[], $34::real[], $35::bytea[], $36::bytea[])
)
select c.n, s.n is not null as written, c.epoch is not null and own.epoch is distinct from c.epoch as fenced
from c left join s on s.n = c.n left join own on own.account_id = c.account_id
order by c.n
"""

_DOCUMENTS = """
insert into document (sha256, media_type, size, content, created_at)
select * from unnest($1::text[], $2::text[], $3::int[], $4::bytea[], $5::timestamptz[])
on conflict (sha256) do nothing
"""
_SHIPMENT_DOCUMENTS = """
insert into shipment_document (shipment_id, package_id, kind, sha256, name, tracking_id, void, created_at)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bool[],
    $8::timestamptz[])
on conflict (shipment_id, package_id, kind, sha256)
do update set void = excluded.void, tracking_id = excluded.tracking_id
"""
_LABELS = """
with l as (
    select * from unnest($1::text[], $2::text[], $3::text[], $4::bool[])
    as l(shipment_id, package_id, tracking_id, void)
), voided as (
    update shipment_document d set void = true from l
    where l.void and d.shipment_id = l.shipment_id and d.package_id = l.package_id and d.tracking_id = l.tracking_id
)
insert into package_label (shipment_id, package_id, tracking_id, void) select * from l
on conflict (shipment_id, package_id, tracking_id) do update set void = excluded.void
"""
_TICKETS = """
update command set status = 'settled', outcome = t.outcome, problem = t.problem, settled_at = t.at
from unnest($1::text[], $2::text[], $3::bytea[], $4::timestamptz[]) as t(id, outcome, problem, at)
where command.id = t.id and command.status = 'pending'
"""
_BODIES = """
insert into shipment_body (shipment_id, hash, as_of, body)
select * from unnest($1::text[], $2::bytea[], $3::timestamptz[], $4::bytea[])
on conflict (shipment_id) do update set hash = excluded.hash, as_of = excluded.as_of, body = excluded.body
"""


async def write(
    connection: asyncpg.Connection, changes: Sequence[Change], calls: Sequence[Call] = (), *, now: datetime
) -> list[Committed]:
    """Write changes inside the caller's transaction; their fates in the order of the changes.

    A change is written where the row still has its version and, for an owner's change, the account still has its epoch:
    the account's ownership row is locked for share, so a take-over waits for us or we see it. Events, documents, labels
    and tickets of changes that were not written are not written either; calls always are, because they were made.
    """
    after = [replace(change.shipment, version=change.version + 1) for change in changes]
    rows = await connection.fetch(_SQL, *_arguments(changes, after, calls, now))
    fates = [_fate(row, change) for row, change in zip(rows, changes, strict=True)]
    written = [(c, s) for c, s, fate in zip(changes, after, fates, strict=True) if fate.outcome == "written"]
    await _write_beside(connection, written, now)
    return fates


def _fate(row: Any, change: Change) -> Committed:
    if row["written"]:
        return Committed("written", change.version + 1)
    return Committed("fenced" if row["fenced"] else "stale", change.version)


def _arguments(
    changes: Sequence[Change], after: list[Shipment], calls: Sequence[Call], now: datetime
) -> list[list[Any]]:
    return [
        *_change_columns(changes, after, now),
        sorted({c.shipment.account for c in changes if c.epoch is not None}),
        *event_columns(changes, after, now),
        *call_columns([*calls, *(call for change in changes for call in change.calls)]),
    ]


def _change_columns(changes: Sequence[Change], after: list[Shipment], now: datetime) -> list[list[Any]]:
    return [
        list(range(len(changes))),
        [s.id for s in after],
        [s.account for s in after],
        [c.version for c in changes],
        [c.epoch for c in changes],
        [s.status.value for s in after],
        [s.sub_status for s in after],
        [s.goal.value if s.goal else None for s in after],
        [s.problem.code if s.problem else None for s in after],
        [s.ship_by for s in after],
        [c.due_at for c in changes],
        [s.as_of for s in after],
        [now] * len(after),
        [encode_shipment(s) for s in after],
        [s.location for s in after],
    ]


def event_columns(changes: Sequence[Change], after: Sequence[Shipment], now: datetime) -> list[list[Any]]:
    """Lay out the events of changes as columns, in the order in which they were told."""
    told = [(n, s, event) for n, (c, s) in enumerate(zip(changes, after, strict=True)) for event in c.events]
    return [
        [n for n, _, _ in told],
        [now] * len(told),
        [s.account for _, s, _ in told],
        [s.id for _, s, _ in told],
        [s.location for _, s, _ in told],
        [public_name(event) for _, _, event in told],
        [cause_of(event) for _, _, event in told],
        [event_data(event, s) for _, s, event in told],
    ]


def call_columns(calls: Sequence[Call]) -> list[list[Any]]:
    """Lay out calls as columns."""
    return [
        [c.at for c in calls],
        [c.account for c in calls],
        [c.shipment for c in calls],
        [c.operation for c in calls],
        [c.attempt for c in calls],
        [c.status for c in calls],
        [c.code for c in calls],
        [c.ms for c in calls],
        [c.request_id for c in calls],
        [c.quota_left for c in calls],
        [c.request or None for c in calls],
        [c.response or None for c in calls],
    ]


async def _write_beside(connection: asyncpg.Connection, written: list[tuple[Change, Shipment]], now: datetime) -> None:
    files = {f.document.sha256: f for change, _ in written for f in change.files}
    if files:
        await connection.execute(
            _DOCUMENTS,
            list(files),
            [f.document.media_type for f in files.values()],
            [f.document.size for f in files.values()],
            [f.content for f in files.values()],
            [now] * len(files),
        )
    found = [effects(s, c.events) if touches(c.events) else NONE for c, s in written]
    await _write_effects(connection, found, now)
    await write_bodies(connection, written)


async def _write_effects(connection: asyncpg.Connection, found: list[Effects], now: datetime) -> None:
    documents = [row for e in found for row in e.documents]
    labels = [row for e in found for row in e.labels]
    tickets = [row for e in found for row in e.tickets]
    if documents:
        columns = [list(column) for column in zip(*documents, strict=True)]
        await connection.execute(_SHIPMENT_DOCUMENTS, *columns, [now] * len(documents))
    if labels:
        await connection.execute(_LABELS, *[list(column) for column in zip(*labels, strict=True)])
    if tickets:
        columns = [list(column) for column in zip(*tickets, strict=True)]
        await connection.execute(_TICKETS, *columns, [now] * len(tickets))


async def write_bodies(connection: asyncpg.Connection, written: Sequence[tuple[Change, Shipment]]) -> None:
    """Keep Amazon's raw answer where a change brings a new one."""
    bodies = {s.id: (c.body, s.as_of) for c, s in written if c.body is not None}
    if not bodies:
        return
    await connection.execute(
        _BODIES,
        list(bodies),
        [body_hash(body) for body, _ in bodies.values()],
        [as_of for _, as_of in bodies.values()],
        [body for body, _ in bodies.values()],
    )


def body_hash(body: bytes) -> bytes:
    """Hash a raw body, so that a page that was read before is recognised without decoding it."""
    return hashlib.blake2b(body, digest_size=16).digest()
