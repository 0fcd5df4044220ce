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
from packline.storage.codec import encode_shipment, events_data
from packline.storage.effects import NONE, Effects, effects, touches
from packline.storage.feed_items import write_feeds

_SQL = """
with c as (
    select * from unnest($1::int[], $2::text[], $3::text[], $4::int[], $5::bigint[], $6::text[], $7::text[], $8::text[],
        $9::text[], $10::text[], $11::text[], $12::text[], $13::timestamptz[], $14::timestamptz[], $15::timestamptz[],
        $16::bytea[])
    as c(n, id, account_id, version, epoch, location_id, marketplace_id, order_id, status, sub_status, goal, problem,
        ship_by, due_at, as_of, state)
), own as (
    select account_id, epoch from ownership where account_id = any($17::text[]) for share
), s as (
    update shipment set
        version = c.version + 1, location_id = c.location_id, marketplace_id = c.marketplace_id, order_id = c.order_id,
        status = c.status, sub_status = c.sub_status, goal = c.goal, problem = c.problem, ship_by = c.ship_by,
        due_at = case when greatest(c.due_at, shipment.due_at) <= $18 and shipment.due_at is not null
            and c.due_at is not null then shipment.due_at else c.due_at end,
        as_of = c.as_of, updated_at = $18, state = c.state
    from (select * from c order by id) as c left join own on own.account_id = c.account_id
    where shipment.id = any($2) and shipment.id = c.id and shipment.version = c.version
        and (c.epoch is null or own.epoch = c.epoch)
    returning c.n, c.id, c.account_id, c.location_id
), events as (
    insert into event (at, account_id, shipment_id, location_id, name, cause, data)
    select $18, s.account_id, s.id, s.location_id, e.name, e.cause, e.data
    from unnest($19::int[], $20::text[], $21::text[], $22::bytea[]) with ordinality as e(n, name, cause, data, place)
    join s on s.n = e.n order by e.place
), calls as (
    insert into call (at, account_id, shipment_id, operation, attempt, status, code, ms, request_id, quota_left,
        request, response)
    select * from unnest($23::timestamptz[], $24::text[], $25::text[], $26::text[], $27::int[], $28::int[], $29::text[],
        $30::real[], $31::text[], $32::real[], $33::bytea[], $34::bytea[])
)
select s.n is not null as written, c.epoch is not null and own.epoch is distinct from c.epoch as fenced
from c left join s on s.n = c.n left join own on own.account_id = c.account_id
order by c.n
"""
# In the order of ids, so that two commits that meet wait for each other in a row and not in a ring.
# `any($2)` says the same twice, so that even a plan made for an empty table looks only at these rows.
# A due time that has passed is as good as any other: it stays, so that a shipment on its way moves in no index of it.

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


def _arguments(changes: Sequence[Change], after: list[Shipment], calls: Sequence[Call], now: datetime) -> list[Any]:
    return [
        *_change_columns(changes, after),
        sorted({c.shipment.account for c in changes if c.epoch is not None}),
        now,
        *event_columns(changes, after),
        *call_columns([*calls, *(call for change in changes for call in change.calls)]),
    ]


def _change_columns(changes: Sequence[Change], after: list[Shipment]) -> list[list[Any]]:
    return [
        list(range(len(changes))),
        [s.id for s in after],
        [s.account for s in after],
        [c.version for c in changes],
        [c.epoch for c in changes],
        *described(after),
        [s.ship_by for s in after],
        [c.due_at for c in changes],
        [s.as_of for s in after],
        [encode_shipment(s) for s in after],
    ]


def described(shipments: Sequence[Shipment]) -> list[list[Any]]:
    """Lay out what lists are filtered by as columns: location, marketplace, order, status, goal, problem."""
    return [
        [s.location for s in shipments],
        [s.marketplace for s in shipments],
        [s.order_id for s in shipments],
        [s.status.value for s in shipments],
        [s.sub_status for s in shipments],
        [s.goal.value if s.goal else None for s in shipments],
        [s.problem.code if s.problem else None for s in shipments],
    ]


def event_columns(changes: Sequence[Change], after: Sequence[Shipment]) -> list[list[Any]]:
    """Lay out events as columns (place of the change, name, cause, data), in the order in which they were told."""
    places: list[int] = []
    names: list[str] = []
    causes: list[str] = []
    data: list[bytes] = []
    for n, (change, shipment) in enumerate(zip(changes, after, strict=True)):
        for event in change.events:
            places.append(n)
            names.append(public_name(event))
            causes.append(cause_of(event))
        data += events_data(change.events, shipment)
    return [places, names, causes, data]


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
    found_files = {f.document.sha256: f for change, _ in written for f in change.files}
    files = dict(sorted(found_files.items()))
    if files:
        await connection.execute(
            _DOCUMENTS,
            list(files),
            [f.document.media_type for f in files.values()],
            [f.document.size for f in files.values()],
            [f.content for f in files.values()],
            [now] * len(files),
        )
    found = [effects(s, c.events) if touches(s, c.events) else NONE for c, s in written]
    await _write_effects(connection, found, now)
    await write_bodies(connection, written)


async def _write_effects(connection: asyncpg.Connection, found: list[Effects], now: datetime) -> None:
    documents = list({(r.shipment, r.package, r.kind, r.sha256): r for e in found for r in e.documents}.values())
    labels = [row for e in found for row in e.labels]
    tickets = [row for e in found for row in e.tickets]
    if documents:
        columns = [list(column) for column in zip(*documents, strict=True)]
        await connection.execute(_SHIPMENT_DOCUMENTS, *columns, [now] * len(documents))
    if labels:
        await connection.execute(_LABELS, *[list(column) for column in zip(*labels, strict=True)])
    await write_feeds(connection, [row for e in found for row in e.feeds], now)
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
    return hashlib.sha256(body).digest()[:16]
