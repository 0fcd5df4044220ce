"""Personal data is erased some time after the delivery, and what stays still explains."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import msgspec
import pytest

from api.house import DETAILS, House, open_house
from builders import at, package
from packline.domain import events as ev
from packline.domain.details import Details, left_of, read_left
from packline.domain.shipment import Goal, Status
from packline.errors import NotFound
from packline.ports import Change
from packline.storage.erasing import Erasing
from packline.views import documents, shipments, timeline

KEEP = timedelta(days=30)


@pytest.fixture
async def house(pool: asyncpg.Pool) -> AsyncIterator[House]:
    async with open_house(pool) as made:
        yield made


async def parcel(house: House, name: str = "S-1", status: str = "DELIVERED", tracking: str = "TRK-1") -> str:
    """Let a shipment come, be labelled, and end in a status."""
    made = await house.shipment(name)
    await house.happen(made.id, ev.GoalSet(Goal.LABELED, at(1), packages=(package(),)))
    await house.labeled(made.id, tracking=tracking)
    await house.happen(made.id, ev.Moved(Status(status), "amazon", at(2)))
    return made.id


async def ended(house: House, shipment: str) -> datetime:
    """Let the delivery be now, by Amazon's clock and by ours."""
    now = house.services.clock.now()
    await house.services.pool.execute("update shipment set as_of = $2, updated_at = $2 where id = $1", shipment, now)
    return now


def erasing(house: House) -> Erasing:
    return Erasing(house.services.pool, house.services.gateway.details, KEEP)


async def erase(house: House, now: datetime) -> int:
    """Let the job do all that is due, as a worker does; tells how many shipments were erased."""
    pool, job = house.services.pool, erasing(house)
    before = await pool.fetchval("select count(*) from shipment where erased_at is not null")
    while await job.work(now):
        pass
    return int(await pool.fetchval("select count(*) from shipment where erased_at is not null")) - int(before)


async def traces(house: House) -> list[str]:
    """Name every table that still holds the buyer's name or the label's bytes."""
    pool = house.services.pool
    found = []
    for table in ("shipment", "shipment_body", "document", "event", "call", "command", "audit"):
        text = await pool.fetchval(f"select string_agg(t::text, ' ') from {table} t") or ""
        if any(word.encode().hex() in text or word in text for word in ("A Buyer", "560001", "^XA")):
            found.append(table)
    return found


async def test_thirty_days_after_the_delivery_address_and_label_are_gone(house: House):
    """Not a second before; the clock decides."""
    shipment = await parcel(house)
    delivered = await ended(house, shipment)
    assert "shipment_body" in await traces(house)
    assert await erase(house, delivered + KEEP - timedelta(seconds=1)) == 0
    assert "shipment_body" in await traces(house)
    assert await erase(house, delivered + KEEP + timedelta(seconds=1)) == 1
    assert await traces(house) == []
    assert await erase(house, delivered + KEEP + timedelta(days=1)) == 0


async def test_what_is_left_still_shows_lists_and_explains(house: House):
    """Lines, packages, tracking ids, documents by name, timeline and explanation are as before."""
    shipment = await parcel(house)
    await house.called(shipment)
    services = house.services
    now = await ended(house, shipment) + KEEP + timedelta(hours=1)
    before = await shipments.detail(services.pool, services.gateway, now, shipment, with_address=True)
    story = await timeline.timeline(services.pool, shipment)
    said = await timeline.explained(services.pool, services.gateway, now, shipment)
    await erase(house, now)
    after = await shipments.detail(services.pool, services.gateway, now, shipment, with_address=True)
    assert before["ship_to"]
    assert after == {**before, "ship_to": {}}
    assert (await timeline.timeline(services.pool, shipment)).items == story.items
    assert await timeline.explained(services.pool, services.gateway, now, shipment) == said
    assert (await shipments.find(services.pool, "S-1")).id == shipment


async def test_an_erased_document_says_so(house: House):
    """It is listed with its name and size; its bytes are refused in words."""
    shipment = await parcel(house)
    await erase(house, await ended(house, shipment) + KEEP + timedelta(hours=1))
    listed = await documents.documents(house.services.pool, shipment)
    assert [(row["kind"], row["size"] > 0) for row in listed] == [("ship_label", True)]
    with pytest.raises(NotFound) as refused:
        await documents.content(house.services.pool, shipment, listed[0]["id"], bytes)
    assert refused.value.reason == "erased"


async def test_only_what_is_over_is_erased(house: House):
    """A parcel on its way keeps its address, a cancelled one loses it; a document that another one needs stays."""
    over = await parcel(house, "S-1")
    open_one = await parcel(house, "S-2", "SHIPPED", "TRK-2")  # with the very same label file
    cancelled = await house.shipment("S-3", "CANCELLED")
    later = await ended(house, over) + KEEP + timedelta(hours=1)
    assert await erase(house, later) == 2
    rows = await house.services.pool.fetch("select id from shipment where erased_at is not null")
    assert {row["id"] for row in rows} == {over, cancelled.id}
    assert await house.services.pool.fetchval("select count(*) from document where erased_at is null") == 1
    await house.happen(open_one, ev.Moved(Status.DELIVERED, "amazon", at(3)))
    assert await erase(house, later + timedelta(days=31)) == 1
    assert await traces(house) == []


async def test_a_parcel_that_nobody_tells_of_counts_as_delivered_in_the_end(house: House):
    """Where no carrier tells the delivery, the address is not kept for ever."""
    shipment = await parcel(house, status="SHIPPED")
    ship_by = await house.services.pool.fetchval("select ship_by from shipment where id = $1", shipment)
    assert await erase(house, ship_by + timedelta(days=29)) == 0
    noted = ship_by + timedelta(days=31)
    assert await erase(house, noted) == 0
    assert await erase(house, noted + KEEP + timedelta(hours=1)) == 1


async def test_what_was_erased_does_not_come_back(house: House):
    """A later look at Amazon brings the address again; it is not stored, and the guard of intake knows the body."""
    shipment = await parcel(house)
    await erase(house, await ended(house, shipment) + KEEP + timedelta(hours=1))
    known = (await house.store.load([shipment]))[shipment]
    again = msgspec.json.encode(DETAILS)
    fates = await house.store.commit([Change(known, known.version, (), None, body=again)])
    assert fates[0].outcome == "written"
    assert await traces(house) == []


async def test_a_wrong_clock_erases_nothing_early(house: House):
    """Amazon's time counts up to a week before ours: a simulator that lives years ago, or ahead, changes little."""
    past, ahead = await parcel(house, "S-1"), await parcel(house, "S-2", tracking="TRK-2")
    now = await ended(house, past)
    years = timedelta(days=2000)
    for shipment, as_of in ((past, now - years), (ahead, now + years)):
        sql = "update shipment set as_of = $2, updated_at = $3 where id = $1"
        await house.services.pool.execute(sql, shipment, as_of, now)
    assert await erase(house, now + KEEP - timedelta(days=7, seconds=1)) == 0
    assert await erase(house, now + KEEP - timedelta(days=6)) == 1
    assert await erase(house, now + KEEP + timedelta(seconds=1)) == 1


async def test_two_workers_erase_each_shipment_once(house: House):
    """They pass over what the other holds."""
    names = [await parcel(house, f"S-{number}", tracking=f"TRK-{number}") for number in range(6)]
    later = await ended(house, names[-1]) + KEEP + timedelta(hours=1)
    told = await asyncio.gather(*(erasing(house).work(later) for _ in range(2)))
    assert told == [False, False]
    assert await traces(house) == []


async def test_a_body_that_cannot_be_read_is_erased_whole(house: House):
    """It may hold an address, so nothing of it stays."""
    shipment = await parcel(house)
    await house.services.pool.execute("update shipment_body set body = $1", b'{"A Buyer": broken')
    await erase(house, await ended(house, shipment) + KEEP + timedelta(hours=1))
    assert await traces(house) == []


async def test_the_audit_says_that_it_was_done(house: House):
    """How many, when, and by whom: by Packline itself."""
    shipment = await parcel(house)
    later = await ended(house, shipment) + KEEP + timedelta(hours=1)
    await erase(house, later)
    rows: list[Any] = await house.services.pool.fetch("select at, who, act, subject, outcome from audit")
    assert [tuple(row) for row in rows] == [(later, "packline", "personal_data.erase", "1 shipment", "done")]


def test_what_is_left_of_a_body_is_told_from_a_body():
    """And it holds everything but whom it goes to."""
    left = read_left(left_of(DETAILS))
    assert left == Details(DETAILS.lines, DETAILS.recommended)
    assert read_left(msgspec.json.encode(DETAILS)) is None
