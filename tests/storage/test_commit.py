"""The group commit: all or nothing for each change, fenced by epoch, guarded by version."""

import asyncio

import asyncpg
from msgspec.structs import replace

from builders import INVOICE_FILE, LABEL_FILE, NOON, SELLER_FLEX, at, facts, option, package, shipment, toward
from packline.domain import events as ev
from packline.domain.shipment import Goal, Label, Status
from packline.ports import Call, Change
from packline.storage.shipments import Shipments
from storage.stores import ACCOUNT, StillClock, own, store

MOVED = ev.Moved(Status.CONFIRMED, "command", NOON)


def confirmed(stored, **given) -> Change:
    after = replace(stored, status=Status.CONFIRMED)
    return Change(after, stored.version, (MOVED,), **({"epoch": 1} | given))


async def names(pool: asyncpg.Pool) -> list[str]:
    return [row["name"] for row in await pool.fetch("select name from event order by xid, seq")]


async def test_a_change_writes_row_and_events_together(pool):
    """State, event and version move in one statement."""
    await own(pool)
    stored = await store(pool)
    fates = await Shipments(pool, StillClock()).commit([confirmed(stored)])
    assert [f.outcome for f in fates] == ["written"]
    assert (await Shipments(pool, StillClock()).load([stored.id]))[stored.id].status is Status.CONFIRMED
    assert await names(pool) == ["shipment.received", "shipment.confirmed"]


async def test_a_stale_change_writes_nothing(pool):
    """The row moved on: no event, no document, and the caller is told."""
    await own(pool)
    stored = await store(pool)
    stale = Change(
        stored, stored.version - 1, (MOVED, ev.InvoiceStored(INVOICE_FILE.document)), epoch=1, files=(INVOICE_FILE,)
    )
    assert [f.outcome for f in await Shipments(pool, StillClock()).commit([stale])] == ["stale"]
    assert await names(pool) == ["shipment.received"]
    assert await pool.fetchval("select count(*) from document") == 0


async def test_a_fenced_worker_writes_nothing_but_its_calls(pool):
    """Another worker raised the epoch; what the old one did at Amazon stays on record."""
    await own(pool, epoch=2)
    stored = await store(pool)
    call = Call(NOON, ACCOUNT, "processShipment", 1, 204, 3.5)
    change = confirmed(stored, calls=(call,))
    assert [f.outcome for f in await Shipments(pool, StillClock()).commit([change])] == ["fenced"]
    assert await names(pool) == ["shipment.received"]
    assert await pool.fetchval("select count(*) from call") == 1


async def test_a_takeover_that_is_under_way_fences_the_commit_that_waits_for_it(pool):
    """The race that an epoch in a WHERE clause alone would lose."""
    await own(pool)
    stored = await store(pool)
    async with pool.acquire() as successor, successor.transaction():
        await successor.execute("update ownership set epoch = 2 where account_id = $1", ACCOUNT)
        waiting = asyncio.ensure_future(Shipments(pool, StillClock()).commit([confirmed(stored)]))
        await asyncio.sleep(0.1)
        assert not waiting.done()
    assert [f.outcome for f in await waiting] == ["fenced"]


async def test_a_commit_that_is_under_way_makes_the_takeover_wait(pool):
    """The successor starts from rows that nobody else will change."""
    await own(pool)
    async with pool.acquire() as owner, owner.transaction():
        await owner.fetch("select epoch from ownership where account_id = $1 for share", ACCOUNT)
        raised = asyncio.ensure_future(pool.execute("update ownership set epoch = 2 where account_id = $1", ACCOUNT))
        await asyncio.sleep(0.1)
        assert not raised.done()
    await raised


async def test_one_bad_change_does_not_hinder_the_others(pool):
    """A batch of three with a stale one: two are written."""
    await own(pool)
    made = [await store(pool, replace(shipment(), id=f"shp_{n}", amazon_id=f"S-{n}")) for n in range(3)]
    changes = [confirmed(made[0]), replace(confirmed(made[1]), version=9), confirmed(made[2])]
    fates = await Shipments(pool, StillClock()).commit(changes)
    assert [f.outcome for f in fates] == ["written", "stale", "written"]


async def test_the_same_document_is_stored_once(pool):
    """Documents are kept by content; two shipments may share one."""
    await own(pool)
    made = [await store(pool, replace(shipment(), id=f"shp_{n}", amazon_id=f"S-{n}")) for n in range(2)]
    stored_event = ev.InvoiceStored(INVOICE_FILE.document)
    changes = [Change(s, s.version, (stored_event,), epoch=1, files=(INVOICE_FILE,)) for s in made]
    await Shipments(pool, StillClock()).commit(changes)
    assert await pool.fetchval("select count(*) from document") == 1
    assert await pool.fetchval("select count(*) from shipment_document") == 2


async def test_a_voided_label_is_void_wherever_it_can_be_found(pool):
    """By tracking id and among the documents: it must not be printed."""
    from packline.domain.shipment import Label

    await own(pool)
    stored = await store(pool, toward(Goal.LABELED, packages=(package(),)))
    label = Label("TRK-1", "ATS", 1, 1, NOON, document=LABEL_FILE.document)
    made = Change(stored, stored.version, (ev.LabelMade("PKG-1", label),), epoch=1, files=(LABEL_FILE,))
    await Shipments(pool, StillClock()).commit([made])
    void = Change(stored, stored.version + 1, (ev.LabelVoided("PKG-1", "TRK-1", "cancelled"),), epoch=1)
    await Shipments(pool, StillClock()).commit([void])
    assert await pool.fetchval("select void from package_label where tracking_id = 'TRK-1'")
    assert await pool.fetchval("select void from shipment_document where tracking_id = 'TRK-1'")


async def test_a_settled_command_is_told_on_its_ticket(pool):
    """The outcome of a command is written with the change that decided it."""
    await own(pool)
    stored = await store(pool)
    await pool.execute(
        "insert into command (id, shipment_id, account_id, kind, goal, created_at)"
        " values ('cmd_1', $1, $2, 'confirm', 'confirmed', $3)",
        stored.id,
        ACCOUNT,
        NOON,
    )
    settled = ev.Settled("cmd_1", Goal.CONFIRMED, "succeeded")
    await Shipments(pool, StillClock()).commit([Change(stored, stored.version, (settled,), epoch=1)])
    row = await pool.fetchrow("select status, outcome from command where id = 'cmd_1'")
    assert tuple(row) == ("settled", "succeeded")


async def test_a_shipment_that_is_there_is_not_inserted_again(pool):
    """Two pages with the same shipment: one row, one event."""
    stored = await store(pool)
    again = Change(stored, 0, (ev.Received(facts(), SELLER_FLEX.code, NOON),), NOON, body=b"{}")
    assert await Shipments(pool, StillClock()).insert([again]) == [False]
    assert await names(pool) == ["shipment.received"]


async def test_the_state_comes_back_as_it_was_written(pool):
    """Packages, options, labels, times and problems survive the store."""
    whole = toward(Goal.LABELED, packages=(package(options=(option(),), option_id="OPT-1", slotted=1),), moved_at=at(3))
    stored = await store(pool, whole)
    assert replace(stored, version=0) == whole


async def test_due_work_comes_most_urgent_first_and_without_what_is_under_way(pool):
    """The nearest ship-by goes first; what the caller already holds is left out."""
    store_of = Shipments(pool, StillClock())
    for n, minutes in enumerate((300, 100, 200)):
        await store(pool, replace(shipment(), id=f"shp_{n}", amazon_id=f"S-{n}", ship_by=at(minutes)))
    due = await store_of.due(ACCOUNT, at(1), 10, ["shp_2"])
    assert [s.id for s in due] == ["shp_1", "shp_0"]
    assert await store_of.next_due(ACCOUNT) == NOON


async def test_what_nobody_waits_for_comes_after_everything_else(pool):
    """Thousands of labels that somebody else made do not hold up one new order, however late they are."""
    theirs = shipment("SHIPLABEL_GENERATED", papers_wanted=True)
    for n, goal in enumerate((None, Goal.CONFIRMED, Goal.PACKED)):
        await store(pool, replace(theirs, id=f"shp_{n}", amazon_id=f"S-{n}", ship_by=at(n - 900), goal=goal))
    new = replace(toward(Goal.CONFIRMED), id="shp_9", amazon_id="S-9", ship_by=at(900))
    await store(pool, new)
    due = await Shipments(pool, StillClock()).due(ACCOUNT, at(1), 3, [])
    assert [s.id for s in due] == ["shp_9", "shp_0", "shp_1"]
    assert new.urgency < min(s.urgency for s in due[1:])


async def test_a_due_time_that_has_passed_stays(pool):
    """A shipment on its way keeps its place in the index of due work; a later time, or none, is written."""
    await own(pool)
    stored = await store(pool)
    shipments = Shipments(pool, StillClock())
    read = "select due_at from shipment where id = $1"
    await shipments.commit([Change(stored, 1, (), at(-1), 1)])
    assert await pool.fetchval(read, stored.id) == NOON
    await shipments.commit([Change(stored, 2, (), at(5), 1)])
    assert await pool.fetchval(read, stored.id) == at(5)
    await shipments.commit([Change(stored, 3, (), at(-1), 1)])
    assert await pool.fetchval(read, stored.id) == at(-1)
    await shipments.commit([Change(stored, 4, (), None, 1)])
    assert await pool.fetchval(read, stored.id) is None
    await shipments.commit([Change(stored, 5, (), at(-2), 1)])
    assert await pool.fetchval(read, stored.id) == at(-2)


async def test_two_changes_of_one_shipment_in_a_batch_are_written_once(pool):
    """Of two changes made from the same version one is written, with its events only."""
    await own(pool)
    stored = await store(pool)
    changes = [Change(stored, 1, (ev.InvoiceMissing(reason),), None, 1) for reason in ("first", "second")]
    fates = await Shipments(pool, StillClock()).commit(changes)
    assert sorted(fate.outcome for fate in fates) == ["stale", "written"]
    assert await pool.fetchval("select count(*) from event where name = 'document.invoice_missing'") == 1


async def test_a_shipment_twice_in_one_page_is_inserted_once(pool):
    """The second of two records of the same shipment finds the first one there."""
    new = Change(shipment(), 0, (ev.Received(facts(), "seller_flex", NOON),), NOON, body=b"{}")
    again = Change(shipment(), 0, (ev.Received(facts(), "seller_flex", NOON),), NOON, body=b"{ }")
    assert await Shipments(pool, StillClock()).insert([new, again]) == [True, False]
    assert await pool.fetchval("select count(*) from event") == 1


async def test_the_address_of_a_label_stays_out_of_the_feed(pool):
    """Whoever reads events must not be able to open the buyer's label."""
    await own(pool)
    stored = await store(pool, shipment("PICKUP_SLOT_RETRIEVED", packages=(package(),)))
    label = Label("TBA1", "ATS", 1, 1, NOON, url="https://labels.example/secret")
    await Shipments(pool, StillClock()).commit([Change(stored, 1, (ev.LabelMade("PKG-1", label),), None, 1)])
    data = await pool.fetchval("select data from event where name = 'package.labeled'")
    assert b"TBA1" in data
    assert b"secret" not in data
