"""What goes wrong on the way: lost, twice, late, out of order; by share and seed; and what is known of it."""

import pytest

from packline_sim.clock import SimClock
from packline_sim.invariants import InvariantChecker
from packline_sim.notifications.records import Delivery
from packline_sim.server import Simulator
from packline_sim.world import World
from sim.core.driving import START_MS
from sim.notifications.reader import Reader

pytestmark = pytest.mark.anyio


def subjects(reader: Reader) -> list[str]:
    """Give the shipments that the queue tells of, in its order."""
    return [body["payload"]["externalFulfillmentShipmentNotification"]["shipmentId"] for body in reader.told()]


async def test_lost_notifications_never_arrive_and_are_known(reader: Reader) -> None:
    """A share of all is lost; the record says which."""
    reader.travel(lost=0.25, twice=0, late=0, out_of_order=0)
    ordered = [row.shipment_id for row in reader.order(200)]
    reader.world.clock.advance(3600)
    lost = {row.subject for row in reader.board.notices.values() if row.fate == "lost"}
    assert 25 < len(lost) < 75
    assert subjects(reader) == [one for one in ordered if one not in lost]
    assert reader.board.counts["lost"] == len(lost)


async def test_some_come_twice_with_the_same_id(reader: Reader) -> None:
    """The copy is another message with the same notification id, within late_s."""
    reader.travel(twice=1, late=0, out_of_order=0, late_s=10)
    reader.order()
    assert len(reader.told()) == 1
    reader.world.clock.advance(10)
    one, other = reader.told()
    assert one == other
    first, second = await reader.receive()
    assert first["MessageId"] != second["MessageId"]
    await reader.delete(first, second)
    (notice,) = reader.board.notices.values()
    assert (notice.fate, notice.copies, notice.receives, notice.deletes) == ("twice", 2, 2, 2)


async def test_late_ones_follow_the_simulators_clock(reader: Reader) -> None:
    """Nothing is there at first, everything after late_s."""
    reader.travel(late=1, twice=0, out_of_order=0, late_s=60)
    reader.order(20)
    assert reader.told() == []
    reader.world.clock.advance(30)
    assert 0 < len(reader.told()) < 20
    reader.world.clock.advance(31)
    assert len(reader.told()) == 20


async def test_some_are_overtaken(reader: Reader) -> None:
    """What is held back comes after the next ones, at the latest after hold_s; nothing is missing."""
    reader.travel(out_of_order=0.3, twice=0, late=0, hold_s=5)
    ordered = [row.shipment_id for row in reader.order(100)]
    reader.world.clock.advance(6)
    assert subjects(reader) != ordered
    assert sorted(subjects(reader)) == sorted(ordered)
    moved = [abs(ordered.index(one) - at) for at, one in enumerate(subjects(reader))]
    assert max(moved) < 12


async def test_one_share_does_not_change_whom_another_one_strikes(world: World) -> None:
    """With the same seed the same notifications are lost, whether others come late or not."""
    struck = []
    for late in (0.0, 0.5):
        reader = Reader(Simulator(World(7, clock=SimClock(start_ms=START_MS, speed=0), quotas="off")))
        reader.travel(lost=0.2, late=late)
        reader.order(100)
        struck.append([row.subject for row in reader.board.notices.values() if row.fate == "lost"])
    assert struck[0] == struck[1]
    assert struck[0]


async def test_the_same_seed_tells_the_same_bytes(world: World) -> None:
    """Notifications, ids and faults on the way come from the seed."""
    told = []
    for _ in range(2):
        reader = Reader(Simulator(World(11, clock=SimClock(start_ms=START_MS, speed=0), quotas="off")))
        reader.travel(lost=0.1, twice=0.2, late=0.2, out_of_order=0.2)
        reader.order(50)
        reader.world.clock.advance(120)
        told.append([row.body for row in reader.queue.peek(1000)])
    assert told[0] == told[1]


async def test_a_little_goes_wrong_by_default() -> None:
    """Duplicates, delay and disorder are on by default, loss is not."""
    usual = Delivery()
    assert usual.lost == 0
    assert min(usual.twice, usual.late, usual.out_of_order) > 0


async def test_the_checker_finds_a_notification_that_vanished(reader: Reader) -> None:
    """All holds while things go wrong on purpose; what is neither lost, on its way nor there is a violation."""
    checker = InvariantChecker(reader.world)
    reader.world.on_change.append(checker.follow)
    reader.travel(lost=0.3, twice=0.3, late=0.3, out_of_order=0.3)
    reader.order(60)
    await reader.delete(*await reader.receive())
    assert checker.report().violations == []
    reader.board.waiting.clear()
    assert {row.rule for row in checker.report().violations} == {"told_or_lost"}
    reader.queue.sent += 1
    assert "queues_add_up" in {row.rule for row in checker.report().violations}


async def test_an_event_bus_is_told_and_nobody_reads_it_here(reader: Reader) -> None:
    """The record says that it was told; nothing is lost, and no queue has it."""
    reader.destination.arn, reader.destination.bus_name = None, "sellingpartnerapi.amazon.com/app"
    reader.order()
    (notice,) = reader.board.notices.values()
    assert (notice.fate, notice.queue, notice.copies) == ("event_bus", "sellingpartnerapi.amazon.com/app", 0)
    assert reader.told() == []
    assert InvariantChecker(reader.world).report().violations == []


async def test_nothing_arrives_in_a_queue_that_was_dropped(reader: Reader) -> None:
    """The record says that there was no queue; nothing breaks."""
    reader.world.queues.drop(reader.queue.name)
    reader.order()
    (notice,) = reader.board.notices.values()
    assert notice.fate == "no_queue"
    assert InvariantChecker(reader.world).report().violations == []
