"""Rows of a large house, made by the database itself: shipments in every state, with calls, events, labels and tickets.

A shipment's stored state is msgpack. One of each kind is encoded here and cut at its ids and times, which have a fixed
width; the database puts the pieces of each row together, so that a million rows are made in a minute.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import asyncpg
import msgspec
from msgspec.structs import replace

from packline.domain import events as ev
from packline.domain.apply import receive
from packline.domain.reports import Facts
from packline.domain.shipment import Goal, Label, Package, PackageLine, Problem, Shipment, Status
from packline.domain.values import Box
from packline.storage import partitions

ID, AMAZON, ORDER = "shp_" + "x" * 28, "Q" * 12, "402-7777777-7777777"
SHIP_BY, RECEIVED = datetime(2031, 3, 3, 3, 3, 3, tzinfo=UTC), datetime(2031, 4, 4, 4, 4, 4, tzinfo=UTC)
REJECTABLE = ("ACCEPTED", "CONFIRMED", "PACKAGE_CREATED")
BATCH, FEW = 50_000, 40
_EXPRESSIONS = {
    ID.encode(): "convert_to(id, 'UTF8')",
    AMAZON.encode(): "convert_to(amazon_id, 'UTF8')",
    ORDER.encode(): "convert_to(order_id, 'UTF8')",
    int(SHIP_BY.timestamp()).to_bytes(4, "big"): "int4send(extract(epoch from ship_by)::int)",
    int(RECEIVED.timestamp()).to_bytes(4, "big"): "int4send(extract(epoch from received_at)::int)",
}
_ROWS = """
insert into shipment (id, account_id, amazon_id, location_id, marketplace_id, order_id, program, status, sub_status,
    goal, problem, ship_by, due_at, as_of, version, received_at, updated_at, state)
select id, '{account}', amazon_id, '{location}', 'A21TJRUUN4KGV', order_id, '{program}', '{status}', '', {goal},
    {problem}, ship_by, null, received_at, 1, received_at, received_at, {state}
from (
    select 'shp_' || lpad(to_hex(n), 28, '0') as id, 'B' || lpad(n::text, 11, '0') as amazon_id,
        '402-' || lpad((n / 10000000)::text, 7, '0') || '-' || lpad((n % 10000000)::text, 7, '0') as order_id,
        date_trunc('second', $3::timestamptz - random() * $4::interval) as received_at,
        date_trunc('second', $5::timestamptz + (random() - $6::float8) * $7::interval) as ship_by
    from generate_series($1::bigint, $2::bigint) as n
) as made
"""
_CALLS = """
insert into call (at, account_id, shipment_id, operation, attempt, status, code, ms, request_id, quota_left)
select received_at + interval '30 seconds' * k, account_id, id,
    (array['processShipment', 'createPackages', 'retrieveShippingOptions', 'generateShipLabels'])[k], 1,
    case when random() < 0.02 then 429 else 200 end, '', 80 * random(), md5(id || k), 1
from shipment, generate_series(1, 4) as k where id >= $1 and id <= $2 and received_at > $3::timestamptz
"""
_EVENTS = """
insert into event (at, account_id, shipment_id, location_id, name, cause, data)
select received_at + interval '40 seconds' * k, account_id, id, location_id,
    (array['shipment.received', 'shipment.confirmed', 'shipment.packed', 'shipment.labeled'])[k], 'command', $4
from shipment, generate_series(1, 4) as k where id >= $1 and id <= $2 and received_at > $3::timestamptz
"""
_LABELS = """
insert into package_label (shipment_id, package_id, tracking_id, prints)
select id, 'PKG-1', 'TRK' || amazon_id, (random() * 2)::int from shipment
where status in ('SHIPLABEL_GENERATED', 'SHIPPED', 'DELIVERED') and id >= $1 and id <= $2
    or status = 'CANCELLED' and random() < 0.2 and id >= $1 and id <= $2
"""
_TICKETS = """
insert into command (id, shipment_id, account_id, kind, goal, status, outcome, requested_by, created_at, settled_at)
select 'cmd_' || substr(id, 5), id, account_id, 'pack', 'labeled', 'settled', 'succeeded', 'bench', received_at,
    received_at + interval '1 minute' from shipment where id >= $1 and id <= $2 and received_at > $3::timestamptz
"""
_BODIES = """
insert into shipment_body (shipment_id, hash, as_of, body)
select id, decode(md5(id), 'hex'), as_of, $1 from shipment
where stage not in ('DELIVERED', 'SHIPPED', 'CANCELLED')
"""


class Kind(NamedTuple):
    """Shipments of one kind: their share of the house, how long ago they came, and when they must leave."""

    name: str
    shipment: Shipment
    share: float
    came_within: timedelta
    leaves_in: timedelta


def kinds(account: str, location: str, program: str = "seller_flex") -> tuple[Kind, ...]:
    """List the kinds; shares add up to one."""
    made = _maker(account, location, program)
    packed = (Package("PKG-1", Box(30, 20, 10, 850), (PackageLine("L1", 1),), label=_label()),)
    refused = Problem(
        "refused_by_amazon", "Amazon refused createPackages: InvalidInput: weight is missing", "Look.", RECEIVED
    )
    no_label = Problem("label_failed", "Amazon made no label for package PKG-1: too heavy", "Correct it.", RECEIVED)
    odd = Problem(
        "impossible_move", "Amazon shows CONFIRMED after SHIPPED; no journey leads there.", "Compare.", RECEIVED
    )
    soon, old = timedelta(hours=8), timedelta(days=60)
    return (
        Kind("confirm", made(Status.ACCEPTED), 0.004, soon, timedelta(days=1)),
        Kind("pack", made(Status.CONFIRMED, goal=Goal.CONFIRMED), 0.012, soon, timedelta(days=1)),
        Kind("hand over", made(Status.SHIPLABEL_GENERATED, packages=packed), 0.008, soon, timedelta(days=1)),
        Kind("failed", made(Status.CONFIRMED, problem=refused), 0.0012, soon, timedelta(days=1)),
        Kind(
            "no label",
            made(Status.INVOICE_GENERATED, problem=no_label, packages=packed),
            0.0006,
            soon,
            timedelta(days=1),
        ),
        Kind("odd", made(Status.SHIPPED, problem=odd), 0.0002, soon, timedelta(days=1)),
        Kind("shipped", made(Status.SHIPPED, packages=packed), 0.05, timedelta(days=4), -timedelta(days=2)),
        Kind("cancelled", made(Status.CANCELLED, packages=packed), 0.024, old, -timedelta(days=30)),
        Kind("delivered", made(Status.DELIVERED, packages=packed), 0.9, old, -timedelta(days=30)),
    )


async def fill(pool: asyncpg.Pool, account: str, location: str, count: int, now: datetime, body: bytes) -> None:
    """Make so many shipments, with the calls, events and tickets of the last thirty days."""
    async with pool.acquire() as connection, connection.transaction():
        await partitions.make_past(connection, now, now - timedelta(days=1))
    first = 1
    for kind in kinds(account, location):
        last = first + max(1, round(count * kind.share)) - 1
        for start in range(first, last + 1, BATCH):
            await _insert(pool, kind, start, min(last, start + BATCH - 1), now)
        await _around(pool, first, last, now)
        first = last + 1
    await pool.execute(_BODIES, body)
    await pool.execute("analyze")


async def fill_small(pool: asyncpg.Pool, account: str, location: str, beyond: int, now: datetime) -> None:
    """Make an account of another program with a few old shipments, which a list must not look for among all others."""
    delivered = kinds(account, location, "easy_ship")[-1]
    await _insert(pool, delivered, beyond + 1, beyond + FEW, now)


async def _insert(pool: asyncpg.Pool, kind: Kind, first: int, last: int, now: datetime) -> None:
    shipment = kind.shipment
    query = _ROWS.format(
        account=shipment.account,
        location=shipment.location,
        program=shipment.program,
        status=shipment.status.value,
        goal=f"'{shipment.goal.value}'" if shipment.goal else "null",
        problem=f"'{shipment.problem.code}'" if shipment.problem else "null",
        state=_state(shipment),
    )
    spread = abs(kind.leaves_in) * 1.2 if kind.leaves_in > timedelta() else timedelta(days=60)
    before = 0.04 if kind.leaves_in > timedelta() else 0.98
    await pool.execute(query, first, last, now, kind.came_within, now, before, spread, timeout=600)


async def _around(pool: asyncpg.Pool, first: int, last: int, now: datetime) -> None:
    low, high = (f"shp_{number:028x}" for number in (first, last))
    since = now - timedelta(days=29)
    await pool.execute(_LABELS, low, high, timeout=600)
    await pool.execute(_TICKETS, low, high, since, timeout=600)
    await pool.execute(_CALLS, low, high, since, timeout=900)
    await pool.execute(_EVENTS, low, high, since, b'{"event":{}}', timeout=900)


def _state(shipment: Shipment) -> str:
    """Write a shipment as pieces that the database joins."""
    pieces: Sequence[bytes | str] = [msgspec.msgpack.encode(shipment)]
    for placeholder, expression in _EXPRESSIONS.items():
        cut: list[bytes | str] = []
        for piece in pieces:
            if isinstance(piece, str):
                cut.append(piece)
                continue
            for number, rest in enumerate(piece.split(placeholder)):
                cut += ([expression] if number else []) + [rest]
        pieces = cut
    return " || ".join(p if isinstance(p, str) else f"'\\x{p.hex()}'::bytea" for p in pieces)


def _maker(account: str, location: str, program: str) -> Callable[..., Shipment]:
    facts = Facts(
        amazon_id=AMAZON,
        location=location,
        marketplace="A21TJRUUN4KGV",
        channel="FBA",
        shipping_type="MARKETPLACE",
        order_id=ORDER,
        status="ACCEPTED",
        as_of=RECEIVED,
        ship_by=SHIP_BY,
        rejectable=REJECTABLE,
        items=(("SKU-1", 2),),
    )
    made = receive(account, ev.Received(facts, program, RECEIVED))

    def of(status: Status, **given: object) -> Shipment:
        return replace(made, id=ID, status=status, version=1, moved_at=RECEIVED, **given)

    return of


def _label() -> Label:
    return Label("TRK" + AMAZON, "ATS", 1, 1, RECEIVED)
