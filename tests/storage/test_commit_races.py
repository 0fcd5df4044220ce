"""The group commit against others that write at the same moment."""

import asyncio
import hashlib

import asyncpg
import pytest
from msgspec.structs import replace

from builders import NOON, SELLER_FLEX, facts, shipment
from packline.domain import events as ev
from packline.domain.shipment import Goal, Label, Shipment, Status
from packline.domain.values import Document, File
from packline.ports import Change
from packline.storage.commit import write
from packline.storage.shipments import Shipments
from storage.stores import ACCOUNT, StillClock, own, store

MOVED = ev.Moved(Status.CONFIRMED, "command", NOON)
GOAL = ev.GoalSet(Goal.LABELED, NOON, command="pack")


@pytest.fixture
async def shipments(pool):
    """Give the store, with an owner at epoch 1."""
    await own(pool)
    return Shipments(pool, StillClock())


def named(n: int) -> Shipment:
    return replace(shipment(), id=f"shp_{n}", amazon_id=f"S-{n}")


def new(made: Shipment, **given) -> Change:
    received = ev.Received(facts(made.status.value), SELLER_FLEX.code, NOON)
    return Change(made, 0, (received,), **({"body": b"{}", "due_at": NOON} | given))


async def soon(task: asyncio.Future) -> bool:
    """Tell whether a task is over after a moment."""
    await asyncio.sleep(0.1)
    return task.done()


async def test_an_owner_that_waited_for_a_command_is_stale(pool, shipments):
    """Both read version 1; the command commits first; the owner must read again, and writes no event."""
    stored = await store(pool)
    async with pool.acquire() as connection, connection.transaction():
        goal = replace(stored, goal=Goal.LABELED)
        assert (await write(connection, [Change(goal, 1, (GOAL,))], now=NOON))[0].outcome == "written"
        moved = replace(stored, status=Status.CONFIRMED)
        waiting = asyncio.ensure_future(shipments.commit([Change(moved, 1, (MOVED,), epoch=1)]))
        assert not await soon(waiting)
    assert [fate.outcome for fate in await waiting] == ["stale"]
    kept = (await shipments.load([stored.id]))[stored.id]
    assert (kept.goal, kept.status, kept.version) == (Goal.LABELED, Status.ACCEPTED, 2)
    assert await pool.fetchval("select count(*) from event where name = 'shipment.confirmed'") == 0


async def test_an_owner_that_waited_for_a_command_that_failed_is_written(pool, shipments):
    """A transaction that was undone never was."""
    stored = await store(pool)
    connection = await pool.acquire()
    undone = connection.transaction()
    await undone.start()
    await write(connection, [Change(replace(stored, goal=Goal.LABELED), 1, (GOAL,))], now=NOON)
    moved = replace(stored, status=Status.CONFIRMED)
    waiting = asyncio.ensure_future(shipments.commit([Change(moved, 1, (MOVED,), epoch=1)]))
    assert not await soon(waiting)
    await undone.rollback()
    await pool.release(connection)
    assert [fate.outcome for fate in await waiting] == ["written"]


async def test_of_many_that_write_the_same_version_one_wins(pool, shipments):
    """The version is a lock that nobody has to hold."""
    stored = await store(pool)
    fates = await asyncio.gather(*(shipments.commit([Change(stored, 1, (MOVED,), epoch=1)]) for _ in range(6)))
    assert sorted(fate.outcome for (fate,) in fates) == ["stale"] * 5 + ["written"]
    assert await pool.fetchval("select count(*) from event where name = 'shipment.confirmed'") == 1


async def test_batches_that_meet_in_opposite_order_are_all_written_or_stale(pool, shipments):
    """A deadlock between two commits is not an error that anybody sees."""
    stored = [await store(pool, named(n)) for n in range(40)]
    changes = [Change(s, 1, (MOVED,), epoch=1) for s in stored]
    fates = await asyncio.gather(shipments.commit(changes), shipments.commit(changes[::-1]))
    outcomes = sorted((a.outcome, b.outcome) for a, b in zip(fates[0], fates[1][::-1], strict=True))
    assert set(outcomes) <= {("stale", "written"), ("written", "stale")}
    assert await pool.fetchval("select count(*) from event where name = 'shipment.confirmed'") == 40


async def test_an_owner_that_lost_its_account_inserts_nothing(pool, shipments):
    """Intake of a frozen worker that wakes up late."""
    await own(pool, epoch=2)
    assert await shipments.insert([new(named(1), epoch=1)]) == [False]
    assert await pool.fetchval("select count(*) from event") == 0
    assert await pool.fetchval("select count(*) from shipment_body") == 0
    assert await shipments.insert([new(named(1), epoch=2)]) == [True]


async def test_an_insertion_waits_for_a_takeover_that_is_under_way(pool, shipments):
    """The same race as the commit's."""
    async with pool.acquire() as successor, successor.transaction():
        await successor.execute("update ownership set epoch = 2 where account_id = $1", ACCOUNT)
        waiting = asyncio.ensure_future(shipments.insert([new(named(1), epoch=1)]))
        assert not await soon(waiting)
    assert await waiting == [False]


async def test_two_that_insert_the_same_page_store_each_shipment_once(pool, shipments):
    """A sweep and a notification may tell of the same shipments at once, in any order."""
    page = [new(named(n)) for n in range(60)]
    first, second = await asyncio.gather(shipments.insert(page), shipments.insert(page[::-1]))
    assert [a + b for a, b in zip(first, second[::-1], strict=True)] == [1] * 60
    assert await pool.fetchval("select count(*) from event") == 60


async def test_a_change_of_a_shipment_that_is_not_there_is_stale(pool, shipments):
    """Nothing is invented."""
    fates = await shipments.commit([Change(named(9), 3, (MOVED,), epoch=1)])
    assert [fate.outcome for fate in fates] == ["stale"]


async def test_two_commits_store_the_same_documents_at_once(pool, shipments):
    """The same invoice for two shipments, written by two connections in different order."""
    files = [File(Document(hashlib.sha256(bytes([n])).hexdigest(), "application/pdf", 1), bytes([n])) for n in range(9)]
    stored = [await store(pool, named(n)) for n in range(2)]
    invoice = ev.InvoiceStored(files[0].document)
    changes = [
        Change(s, 1, (invoice,), epoch=1, files=tuple(order))
        for s, order in zip(stored, (files, files[::-1]), strict=True)
    ]
    fates = await asyncio.gather(*(shipments.commit([change]) for change in changes))
    assert [fate.outcome for (fate,) in fates] == ["written", "written"]
    assert await pool.fetchval("select count(*) from document") == 9


async def test_labels_that_share_a_file_are_all_kept(pool, shipments):
    """Two labels of one package with the same bytes: the last one says which is in force."""
    stored = await store(pool)
    file = File(Document("a" * 64, "application/zpl", 1), b"x")
    labels = [Label(name, "ATS", 1, 1, NOON, document=file.document) for name in ("TRK-1", "TRK-2")]
    change = Change(stored, 1, tuple(ev.LabelMade("PKG-1", label) for label in labels), epoch=1, files=(file,))
    assert [fate.outcome for fate in await shipments.commit([change])] == ["written"]
    rows = await pool.fetch("select tracking_id from package_label order by 1")
    assert [row["tracking_id"] for row in rows] == ["TRK-1", "TRK-2"]
    assert await pool.fetchval("select tracking_id from shipment_document") == "TRK-2"


async def test_a_batch_that_fails_leaves_nothing_behind(pool, shipments):
    """State, events, documents and labels are one transaction, also where the last statement breaks."""
    stored = await store(pool)
    broken = File(Document("b" * 64, "application/pdf", 1), b"x")
    change = Change(stored, 1, (ev.InvoiceStored(broken.document),), epoch=1, files=(broken,))
    await pool.execute("alter table shipment_document add check (kind <> 'invoice')")
    with pytest.raises(asyncpg.CheckViolationError):
        await shipments.commit([change])
    assert (await shipments.load([stored.id]))[stored.id].version == 1
    assert await pool.fetchval("select count(*) from document") == 0


async def test_a_page_with_all_kinds_of_shipments_is_stored_as_it_is(pool, shipments):
    """What all share travels once; what only some have stays with those who have it."""
    page = [named(n) for n in range(4)]
    page[1] = replace(page[1], goal=Goal.CONFIRMED, sub_status="LATE", location="OTHER", ship_by=None)
    page[2] = replace(page[2], marketplace="M2", program="easy_ship", status=Status.CREATED)
    await shipments.insert([new(made, epoch=1, due_at=NOON if made is page[0] else None) for made in page])
    rows = await pool.fetch(
        "select id, goal, sub_status, location_id, ship_by, marketplace_id, program, status, due_at, version"
        " from shipment order by id"
    )
    assert [tuple(row) for row in rows] == [
        (
            s.id, s.goal and s.goal.value, s.sub_status, s.location, s.ship_by, s.marketplace, s.program,
            s.status.value, NOON if s is page[0] else None, 1,
        )
        for s in page
    ]  # fmt: skip
    assert sorted((await shipments.load([s.id for s in page])).values(), key=lambda s: s.id) == [
        replace(s, version=1) for s in page
    ]


async def test_only_what_is_new_of_a_page_is_told(pool, shipments):
    """One known shipment does not hinder its neighbours, and is not told again."""
    await store(pool, named(1))
    assert await shipments.insert([new(named(n), epoch=1) for n in range(3)]) == [True, False, True]
    told = await pool.fetch("select shipment_id from event order by shipment_id")
    assert [row["shipment_id"] for row in told] == ["shp_0", "shp_1", "shp_2"]
    assert await pool.fetchval("select count(*) from shipment_body") == 3
