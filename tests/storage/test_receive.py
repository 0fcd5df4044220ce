"""New shipments: each row holds its own values, whatever its neighbours hold."""

import pytest
from msgspec.structs import replace

from builders import NOON, facts, shipment
from packline.domain import events as ev
from packline.domain.shipment import Goal, Problem, Shipment, Status
from packline.domain.values import body_mark
from packline.ports import Change
from packline.storage.shipments import Shipments
from storage.stores import StillClock, own

PROBLEM = Problem("strange_packages", "What happened.", "What to do.", NOON)
ROW = (
    "select id, order_id, marketplace_id, status, sub_status, goal, problem, due_at, version from shipment order by id"
)


def change(made: Shipment, *more: ev.Event, body: bytes | None = b"{}") -> Change:
    """A new shipment as intake hands it over."""
    received = ev.Received(facts(made.status.value), made.program, NOON)
    return Change(made, 0, (received, *more), NOON if made.goal else None, body=body)


async def insert(pool, *changes: Change) -> list[bool]:
    """Insert as intake does."""
    return await Shipments(pool, StillClock()).insert(changes)


def rows() -> list[Shipment]:
    """Shipments that differ in everything that a list is filtered by."""
    plain = shipment()
    return [
        replace(plain, id="a", order_id="402-1", sub_status="", goal=None),
        replace(plain, id="b", order_id="", sub_status="ÜBER, 'quoted' {1}", goal=Goal.CONFIRMED, marketplace=""),
        replace(plain, id="c", order_id="NULL", sub_status="DELAYED", status=Status.CONFIRMED, problem=PROBLEM),
    ]


@pytest.mark.parametrize("taken", [False, True])
async def test_each_row_keeps_its_own_values(pool, taken):
    """Empty, quoted, foreign, absent: nothing moves to a neighbour, also where one of the rows is there already."""
    await own(pool)
    made = rows()
    if taken:
        assert await insert(pool, change(replace(shipment(), id="b2", amazon_id="S-9"))) == [True]
        made.append(replace(shipment(), id="b2"))
    assert await insert(pool, *map(change, made)) == [True] * 3 + [False] * taken
    found = {row["id"]: tuple(row)[1:] for row in await pool.fetch(ROW)}
    for wanted in made[:3]:
        goal, problem = wanted.goal, wanted.problem.code if wanted.problem else None
        due = NOON if goal else None
        told = (wanted.order_id, wanted.marketplace, wanted.status, wanted.sub_status, goal, problem, due, 1)
        assert found[wanted.id] == told
    loaded = await Shipments(pool, StillClock()).load(["a", "b", "c"])
    assert [loaded[s.id] for s in made[:3]] == [replace(s, version=1) for s in made[:3]]


@pytest.mark.parametrize("sub_status", ["", "DELAYED"])
async def test_one_row_alone_is_stored_as_among_others(pool, sub_status):
    """A column of one empty value is not a column of none."""
    await own(pool)
    alone = replace(shipment(), order_id="", marketplace="", sub_status=sub_status)
    assert await insert(pool, change(alone)) == [True]
    row = await pool.fetchrow("select order_id, marketplace_id, sub_status, goal from shipment")
    assert tuple(row) == ("", "", sub_status, None)


async def test_bodies_and_events_belong_to_their_shipment(pool):
    """A shipment without a body has none; events come in the order in which they were told."""
    await own(pool)
    a, b, _ = rows()
    goal = ev.GoalSet(Goal.CONFIRMED, NOON, command="auto_confirm")
    assert await insert(pool, change(b, goal, body=None), change(a, body=b'{"\x00": "\xff"}')) == [True, True]
    found = await pool.fetch("select shipment_id, hash, body from shipment_body")
    assert [tuple(row) for row in found] == [("a", body_mark(b'{"\x00": "\xff"}'), b'{"\x00": "\xff"}')]
    told = await pool.fetch("select shipment_id, location_id, name, cause from event order by seq")
    assert [tuple(row) for row in told if row["shipment_id"] == "b"] == [
        ("b", b.location, "shipment.received", "amazon"),
        ("b", b.location, "command.accepted", "command"),
    ]
    assert len(told) == 3


async def test_what_would_move_its_neighbours_is_refused(pool):
    """Values travel joined: one that holds the separator is an error, not another row's value."""
    await own(pool)
    with pytest.raises(ValueError, match="control character"):
        await insert(pool, change(replace(shipment(), order_id="402\x1f1")))
    assert await pool.fetchval("select count(*) from shipment") == 0
