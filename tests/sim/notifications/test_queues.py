"""Rules of queues: hidden while out, back in time, old receipts, dead letters, old age."""

import pytest

from packline_sim.server import Simulator
from packline_sim.world import World
from sim.notifications.reader import Reader

pytestmark = pytest.mark.anyio


async def test_what_is_not_deleted_comes_back_when_its_time_is_over(reader: Reader) -> None:
    """A message is hidden for the visibility timeout on the simulator's clock, then handed out again, counted."""
    reader.order()
    (first,) = await reader.receive()
    assert await reader.receive() == []
    reader.world.clock.advance(29.9)
    assert await reader.receive() == []
    reader.world.clock.advance(0.2)
    (second,) = await reader.receive()
    assert second["MessageId"] == first["MessageId"]
    assert second["Attributes"]["ApproximateReceiveCount"] == "2"
    assert second["Attributes"]["ApproximateFirstReceiveTimestamp"] == first["Attributes"]["SentTimestamp"]


async def test_an_old_receipt_does_not_delete_what_was_handed_out_again(reader: Reader) -> None:
    """Only the latest receipt counts, unless the switch says otherwise; the answer is the same."""
    reader.order()
    (first,) = await reader.receive(VisibilityTimeout=1)
    reader.world.clock.advance(2)
    await reader.receive()
    await reader.delete(first)
    assert len(reader.told()) == 1
    reader.world.switches.update({"stale_receipts": "delete"})
    await reader.delete(first)
    assert reader.told() == []


async def test_a_message_can_be_deleted_late(reader: Reader) -> None:
    """A receipt is good after the timeout too, as long as nobody else was handed the message."""
    reader.order()
    (first,) = await reader.receive()
    reader.world.clock.advance(3600)
    await reader.delete(first)
    assert await reader.receive() == []


async def test_hiding_longer_keeps_a_message_away(reader: Reader) -> None:
    """ChangeMessageVisibility counts from now; what is no longer out cannot be hidden."""
    reader.order()
    (first,) = await reader.receive()
    reader.world.clock.advance(20)
    handle = first["ReceiptHandle"]
    assert (await reader.ask("ChangeMessageVisibility", ReceiptHandle=handle, VisibilityTimeout=60)).status == 200
    reader.world.clock.advance(59)
    assert await reader.receive() == []
    reader.world.clock.advance(2)
    late = await reader.ask("ChangeMessageVisibility", ReceiptHandle=handle, VisibilityTimeout=60)
    assert late.json()["__type"] == "com.amazonaws.sqs#MessageNotInflight"
    assert len(await reader.receive()) == 1


async def test_what_is_received_too_often_goes_to_the_dead_letters(reader: Reader) -> None:
    """With a redrive policy the third receipt of two allowed moves the message."""
    dead = reader.world.queues.create("dead", 0)
    policy = f'{{"deadLetterTargetArn": "{dead.arn}", "maxReceiveCount": 2}}'
    assert (await reader.ask("SetQueueAttributes", Attributes={"RedrivePolicy": policy})).status == 200
    reader.order()
    for _ in range(2):
        assert len(await reader.receive(VisibilityTimeout=0)) == 1
    assert await reader.receive() == []
    assert len(dead.peek(10)) == 1
    assert reader.queue.faults() == dead.faults() == []


async def test_messages_grow_too_old(reader: Reader) -> None:
    """After the retention period a message is gone."""
    reader.order()
    reader.world.clock.advance(4 * 86_400 + 1)
    assert await reader.receive() == []
    assert reader.queue.faults() == []


async def test_a_delayed_message_cannot_be_seen_before_its_time(reader: Reader) -> None:
    """DelaySeconds hides a message from everybody; the queue counts it apart."""
    await reader.ask("SendMessage", MessageBody="later", DelaySeconds=10)
    assert await reader.receive() == []
    assert (reader.queue.delayed, reader.queue.in_flight) == (1, 0)
    reader.world.clock.advance(11)
    assert [row["Body"] for row in await reader.receive()] == ["later"]
    assert (reader.queue.delayed, reader.queue.in_flight) == (0, 1)


async def test_real_seconds_can_count_while_the_clock_runs_fast(reader: Reader) -> None:
    """At 500 times the speed thirty real seconds are 15,000 simulated ones, if the switch says so."""
    reader.world.switches.update({"queue_time": "real"})
    reader.order()
    reader.world.clock.set_speed(500)
    await reader.receive()
    reader.world.clock.freeze()
    reader.world.clock.advance(10_000)
    assert await reader.receive() == []
    reader.world.clock.advance(6_000)
    assert len(await reader.receive()) == 1


async def test_a_snapshot_keeps_queues_as_they_are(reader: Reader) -> None:
    """Going back brings back messages, those that are out, and those that are on their way."""
    reader.travel(late=1, twice=0, out_of_order=0, late_s=100)
    reader.order(2)
    reader.travel(late=0, twice=0, out_of_order=0)
    reader.order(2)
    await reader.receive(1)
    kept = reader.world.snapshot()
    await reader.delete(*await reader.receive())
    reader.world.clock.advance(3600)
    assert len(reader.told()) == 3
    reader.world.restore(kept)
    assert (len(reader.told()), reader.queue.in_flight) == (2, 1)
    reader.world.clock.advance(101)
    assert len(await reader.receive()) == 4


def test_starting_over_empties_everything(world: World) -> None:
    """After a reset there is no queue, no subscription, no notification, and travel is as usual."""
    reader = Reader(Simulator(world))
    reader.travel(lost=1)
    reader.order()
    world.reset()
    assert list(world.queues) == []
    assert not world.notifications.subscriptions
    assert not world.notifications.notices
    assert world.notifications.delivery.lost == 0
