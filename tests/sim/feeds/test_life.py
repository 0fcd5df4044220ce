"""A feed's life: upload, queue, work, end; what is refused; what goes wrong on purpose."""

from collections.abc import Iterator

import pytest

from packline_sim.faults import BadFault, FaultRule
from packline_sim.feeds import kinds, progress
from packline_sim.feeds.kinds import Outcome
from packline_sim.feeds.records import Feed
from packline_sim.progress import BadMove
from packline_sim.world import World
from sim.core.driving import Client
from sim.feeds.desk import FEEDS, INDIA, Desk

ECHO = "TEST_ECHO"


@pytest.fixture(autouse=True)
def echo() -> Iterator[None]:
    """Have a type of feed whose report is its input in capitals; `broken` kills it."""

    def work(world: World, feed: Feed, content: bytes) -> Outcome:
        if content == b"broken":
            raise ValueError("broken")
        return Outcome("DONE", content.upper())

    kinds.register(ECHO, work)
    yield
    del kinds.KINDS[ECHO]


async def test_a_feed_waits_is_worked_on_and_ends_with_its_report(desk: Desk) -> None:
    """IN_QUEUE, IN_PROGRESS, DONE follow the simulator's clock; times and the result appear as they come."""
    desk.world.switches.update({"feed_seconds": "30"})
    feed_id = await desk.feed(ECHO, b"<a/>")
    assert len(feed_id) == 12
    queued = await desk.show(feed_id)
    assert queued["processingStatus"] == "IN_QUEUE"
    assert queued.keys() == {"feedId", "feedType", "marketplaceIds", "createdTime", "processingStatus"}
    desk.world.clock.advance(15)
    assert (await desk.show(feed_id))["processingStatus"] == "IN_PROGRESS"
    desk.world.clock.advance(15)
    done = await desk.show(feed_id)
    assert done["processingStatus"] == "DONE"
    assert done["createdTime"] < done["processingStartTime"] < done["processingEndTime"]
    assert await desk.result(feed_id) == b"<A/>"


async def test_without_delay_a_feed_is_done_when_it_is_read(desk: Desk) -> None:
    """A switch of 0 seconds needs no waiting, on a frozen clock too."""
    desk.world.switches.update({"feed_seconds": "0"})
    feed_id = await desk.feed(ECHO, b"x")
    assert (await desk.show(feed_id))["processingStatus"] == "DONE"


async def test_work_survives_a_snapshot(desk: Desk) -> None:
    """A restored world ends the feeds that waited in it, and forgets those that came after."""
    feed_id = await desk.feed(ECHO, b"x")
    kept = desk.world.snapshot()
    later = await desk.feed(ECHO, b"y")
    desk.world.clock.advance(60)
    desk.world.restore(kept)
    assert (await desk.show(feed_id))["processingStatus"] == "IN_QUEUE"
    assert (await desk.call("GET", f"{FEEDS}/feeds/{later}")).status == 404
    desk.world.clock.advance(60)
    assert await desk.result(feed_id) == b"X"


async def test_a_broken_processor_or_an_empty_document_ends_fatal(desk: Desk) -> None:
    """Nothing uploaded, or a processor that fails: FATAL without a report."""
    broken = await desk.feed(ECHO, b"broken")
    empty = (await desk.create(ECHO, (await desk.document())["feedDocumentId"])).json()["feedId"]
    desk.world.clock.advance(60)
    for feed_id in (broken, empty):
        shown = await desk.show(feed_id)
        assert shown["processingStatus"] == "FATAL"
        assert "resultFeedDocumentId" not in shown


async def test_retired_types_are_taken_and_end_fatal(desk: Desk) -> None:
    """The legacy inventory feeds die since July 2025."""
    feed_id = await desk.feed("POST_INVENTORY_AVAILABILITY_DATA", b"<a/>")
    desk.world.clock.advance(60)
    assert (await desk.show(feed_id))["processingStatus"] == "FATAL"


@pytest.mark.parametrize(
    "changes",
    [
        {"feedType": "NO_SUCH"},
        {"marketplaceIds": []},
        {"marketplaceIds": ["ATVPDKIKX0DER"]},
        {"inputFeedDocumentId": "amzn1.tortuga.none"},
        {"feedOptions": {"a": 1}},
    ],
)
async def test_feeds_that_make_no_sense_are_refused(desk: Desk, changes: dict) -> None:
    """Unknown types and documents, marketplaces that are not the seller's, and wrong types get 400."""
    document_id = await desk.uploaded(b"x")
    answer = await desk.create(ECHO, document_id, **changes)
    assert (answer.status, answer.code) == (400, "InvalidInput")


async def test_documents_have_rules_of_their_own(desk: Desk) -> None:
    """Unused for two days they are gone; by switches a second use and an empty one are refused."""
    document_id = await desk.uploaded(b"x")
    desk.world.switches.update({"feed_document_reuse": "400", "feed_without_upload": "400"})
    assert (await desk.create(ECHO, document_id)).status == 202
    assert (await desk.create(ECHO, document_id)).status == 400
    assert (await desk.create(ECHO, (await desk.document())["feedDocumentId"])).status == 400
    old = await desk.uploaded(b"x")
    desk.world.clock.advance(2 * 86_400 + 1)
    desk.client.token = None
    assert (await desk.create(ECHO, old)).status == 400


async def test_only_a_waiting_feed_is_cancelled(desk: Desk) -> None:
    """cancelFeed works IN_QUEUE; later it is refused, or without effect by a switch."""
    desk.world.switches.update({"feed_seconds": "30"})
    feed_id, other = await desk.feed(ECHO, b"x"), await desk.feed(ECHO, b"y")
    assert (await desk.call("DELETE", f"{FEEDS}/feeds/{feed_id}")).status == 200
    desk.world.clock.advance(20)
    late = await desk.call("DELETE", f"{FEEDS}/feeds/{other}")
    assert (late.status, late.code) == (400, "InvalidInput")
    desk.world.switches.update({"late_cancel": "ignore"})
    assert (await desk.call("DELETE", f"{FEEDS}/feeds/{other}")).status == 200
    desk.world.clock.advance(60)
    assert (await desk.show(feed_id))["processingStatus"] == "CANCELLED"
    assert (await desk.show(other))["processingStatus"] == "DONE"


async def test_feeds_of_a_type_end_in_turn_unless_switched(desk: Desk) -> None:
    """However long each takes, a later feed never ends before an earlier one."""
    ids = [await desk.feed(ECHO, b"x") for _ in range(12)]
    ends = [desk.world.feeds[feed_id].end_ms for feed_id in ids]
    assert ends == sorted(ends)
    desk.world.switches.update({"feed_order": "free"})
    ids = [await desk.feed(ECHO, b"x") for _ in range(12)]
    ends = [desk.world.feeds[feed_id].end_ms for feed_id in ids]
    assert ends != sorted(ends)


async def test_lists_are_filtered_paged_and_newest_first(desk: Desk) -> None:
    """getFeeds needs types or a token; the token carries the filters and goes alone."""
    ids = [await desk.feed(ECHO, b"x") for _ in range(5)]
    desk.world.clock.advance(60)
    one = (await desk.call("GET", f"{FEEDS}/feeds", feedTypes=ECHO, pageSize=3, processingStatuses="DONE")).json()
    two = (await desk.call("GET", f"{FEEDS}/feeds", nextToken=one["nextToken"])).json()
    assert [feed["feedId"] for feed in one["feeds"] + two["feeds"]] == ids[::-1]
    assert "nextToken" not in two
    assert (await desk.call("GET", f"{FEEDS}/feeds", feedTypes="OTHER")).json() == {"feeds": []}
    for query in (
        {},
        {"nextToken": "x"},
        {"nextToken": one["nextToken"], "pageSize": 3},
        {"feedTypes": ECHO, "pageSize": 0},
    ):
        assert (await desk.call("GET", f"{FEEDS}/feeds", **query)).status == 400, query
    since = {"feedTypes": ECHO, "createdSince": "2030-01-01T00:00:00Z"}
    assert (await desk.call("GET", f"{FEEDS}/feeds", **since)).json() == {"feeds": []}


async def test_another_seller_sees_nothing(desk: Desk, world: World) -> None:
    """Feeds and documents belong to their seller."""
    from packline_sim.server import Simulator
    from packline_sim.specs import SellerSpec

    feed_id = await desk.feed(ECHO, b"x")
    desk.world.clock.advance(60)
    document_id = (await desk.show(feed_id))["resultFeedDocumentId"]
    other = Client(Simulator(world), world.create_seller(SellerSpec(name="Other")))
    assert (await other.call("GET", f"{FEEDS}/feeds/{feed_id}")).status == 404
    assert (await other.call("DELETE", f"{FEEDS}/feeds/{feed_id}")).status == 404
    assert (await other.call("GET", f"{FEEDS}/documents/{document_id}")).status == 404
    body = {"feedType": ECHO, "marketplaceIds": [INDIA], "inputFeedDocumentId": document_id}
    assert (await other.call("POST", f"{FEEDS}/feeds", body)).status == 400


async def test_faults_make_feeds_stuck_or_fatal(desk: Desk, world: World) -> None:
    """Faults strike processFeed by type, number and share; a stuck feed stays so until it is released."""
    world.faults.add(FaultRule(kind="stuck", operations=("processFeed",), shipment_id=ECHO, nth=(1,)))
    world.faults.add(FaultRule(kind="fatal", operations=("processFeed",), nth=(1,)))
    stuck, dead, well = [await desk.feed(ECHO, b"x") for _ in range(3)]
    world.clock.advance(3600)
    desk.client.token = None
    statuses = [(await desk.show(feed_id))["processingStatus"] for feed_id in (stuck, dead, well)]
    assert statuses == ["IN_PROGRESS", "FATAL", "DONE"]
    progress.release(world, world.feeds[stuck])
    assert await desk.result(stuck) == b"X"


async def test_switches_and_the_hand_make_feeds_stuck_or_fatal(desk: Desk, world: World) -> None:
    """By share, and one by one; what has ended stays as it is."""
    world.switches.update({"feed_fatal_share": "1", "fatal_feed_report": "text"})
    dead = await desk.feed(ECHO, b"x")
    world.clock.advance(60)
    assert (await desk.show(dead))["processingStatus"] == "FATAL"
    assert b"internal error" in await desk.result(dead)
    world.switches.update({"feed_fatal_share": "0"})
    feed_id = await desk.feed(ECHO, b"x")
    progress.stick(world, world.feeds[feed_id])
    world.clock.advance(600)
    assert (await desk.show(feed_id))["processingStatus"] == "IN_PROGRESS"
    progress.kill(world, world.feeds[feed_id])
    for move in (progress.kill, progress.stick, progress.release):
        with pytest.raises(BadMove):
            move(world, world.feeds[feed_id])


@pytest.mark.parametrize(
    "rule",
    [
        FaultRule(kind="stuck"),
        FaultRule(kind="fatal", operations=("createFeed",)),
        FaultRule(kind="500", operations=("processFeed",)),
    ],
)
def test_faults_that_cannot_strike_are_refused(world: World, rule: FaultRule) -> None:
    """Work gets stuck or dies; calls fail: not the other way round."""
    with pytest.raises(BadFault):
        world.faults.add(rule)
