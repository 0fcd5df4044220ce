"""Replacements and their originals: what an original is told is its next version, whatever else writes it."""

import asyncio

import msgspec
from msgspec.structs import replace

from builders import NOON, facts, shipment
from packline.domain import events as ev
from packline.domain.shipment import Goal
from packline.ports import Change
from packline.storage.codec import encode_shipment
from packline.storage.shipments import Shipments
from storage.stores import StillClock, own, store

_WAITS = "select exists (select from pg_stat_activity where wait_event_type = 'Lock' and query like '%no key update%')"
_TOLD = "select name, data from event where shipment_id = $1 order by xid, seq"


def replacement(amazon_id: str = "S-2") -> Change:
    """A shipment that Amazon sends in place of S-1."""
    made = replace(shipment(), id=amazon_id.lower(), amazon_id=amazon_id, kind="REPLACEMENT", original_id="S-1")
    return Change(made, 0, (ev.Received(facts(), made.program, NOON),), None, body=b"{}")


async def versions(pool, shipment_id: str) -> list[tuple[str, int]]:
    """The events of a shipment in the order of the feed, each with the version that it tells."""
    rows = await pool.fetch(_TOLD, shipment_id)
    return [(row["name"], msgspec.json.decode(row["data"])["shipment"]["version"]) for row in rows]


async def test_an_original_that_is_being_written_is_told_afterwards(pool):
    """Rule: in the feed a shipment's version never falls."""
    await own(pool)
    original = await store(pool, replace(shipment(), amazon_id="S-1"))
    shipments = Shipments(pool, StillClock())
    async with pool.acquire() as connection:
        writing = connection.transaction()
        await writing.start()
        await connection.execute("select from shipment where id = $1 for no key update", original.id)
        inserting = asyncio.create_task(shipments.insert([replacement(), replacement("S-3")]))
        async with asyncio.timeout(60):
            while not await pool.fetchval(_WAITS):  # noqa: ASYNC110  the database cannot tell
                await asyncio.sleep(0.01)
        second = replace(original, version=2)
        sql = "update shipment set version = 2, state = $2 where id = $1"
        await connection.execute(sql, original.id, encode_shipment(second))
        await writing.commit()
    assert await inserting == [True, True]
    assert [told for told in await versions(pool, original.id) if told[0] == "shipment.replaced"] == [
        ("shipment.replaced", 3),
        ("shipment.replaced", 4),
    ]
    row = await pool.fetchrow("select version from shipment where id = $1", original.id)
    assert row["version"] == (await shipments.load([original.id]))[original.id].version == 4


async def test_who_meant_to_write_the_version_before_reads_again(pool):
    """Rule: a commit that was prepared before the original was told is stale, so that its event cannot come later."""
    await own(pool)
    original = await store(pool, replace(shipment(), amazon_id="S-1"))
    shipments = Shipments(pool, StillClock())
    assert await shipments.insert([replacement()]) == [True]
    late = Change(replace(original, goal=Goal.CONFIRMED), 1, (ev.GoalSet(Goal.CONFIRMED, NOON),), NOON)
    (fate,) = await shipments.commit([late])
    assert fate.outcome == "stale"
    told = [version for _, version in await versions(pool, original.id)]
    assert told == sorted(told)
