"""Setting notifications up: the same however often, whatever answer is lost, and never over somebody else's."""

from datetime import datetime
from typing import Any

import pytest

from fakes import FakeClock, account
from notification_fakes import TYPE, FakeQueues, FakeSubscriptions
from packline.commands.notification_check import NotificationCheck
from packline.commands.notifications import put_queue, set_up, shut_off
from packline.errors import Conflict, Invalid, NotFound
from packline.ports.notifications import Destination, Queue, QueueKey, QueueState, Subscribed, Subscription

QUEUE = Queue("main", "", "arn:aws:sqs:eu-west-1:123456789012:packline", "")


class Register:
    """Queues and subscriptions in memory."""

    def __init__(self) -> None:
        self.rows: dict[str, Queue] = {}
        self.noted: dict[tuple[str, str], Subscription] = {}
        self.found = QueueState()
        self.count = 0
        self.testing: list[float] = []
        self.counts_tests_of: FakeSubscriptions | None = None

    async def put(self, queue: Queue, _key: QueueKey | None, _now: datetime) -> bool:
        self.rows[queue.id] = queue
        return True

    async def queue(self, queue: str) -> Queue | None:
        return self.rows.get(queue)

    async def queues(self) -> list[Queue]:
        return list(self.rows.values())

    async def key(self, _queue: str) -> QueueKey:
        return QueueKey()

    async def subscribed(self, subscription: Subscription, _now: datetime) -> None:
        self.noted[subscription.account, subscription.type] = subscription

    async def unsubscribed(self, account_id: str, types: Any) -> None:
        for type_ in types:
            self.noted.pop((account_id, type_), None)

    async def subscriptions(self, account_id: str) -> list[Subscription]:
        return [one for one in self.noted.values() if one.account == account_id]

    async def state(self, _queue: str) -> QueueState:
        return self.found

    async def counted(self, _queue: str, _type: str) -> int:
        return len(self.counts_tests_of.tests) if self.counts_tests_of else self.count

    async def await_test(self, _queue: str, seconds: float) -> None:
        self.testing.append(seconds)


class Desk:
    """Everything that setup talks to."""

    def __init__(self) -> None:
        self.register, self.amazon, self.clock = Register(), FakeSubscriptions(), FakeClock()
        self.account = account()

    async def ready(self) -> "Desk":
        await put_queue(self.register, self.clock, QUEUE, None)  # type: ignore[arg-type]
        return self

    async def set_up(self, **given: Any) -> list[Any]:
        return await set_up(self.register, self.amazon, self.clock, self.account, **given)  # type: ignore[arg-type]

    async def check(self, wait_s: float = 5) -> dict[str, str]:
        checking = NotificationCheck(self.register, self.amazon, FakeQueues(), self.clock)  # type: ignore[arg-type]
        links = await self.clock.during(checking.run(self.account, wait_s))
        return {link.check: link.state for link in links}


async def test_setup_finds_what_it_made_before() -> None:
    """One destination and one subscription, however often it runs."""
    desk = await Desk().ready()
    first, second = await desk.set_up(), await desk.set_up()
    assert desk.amazon.made == ["destination", "subscription"]
    assert [(one.made, two.made) for one, two in zip(first, second, strict=True)] == [(True, False)]


@pytest.mark.parametrize("lost", ["destination", "subscription"])
async def test_a_lost_answer_is_found_again(lost: str) -> None:
    """What Amazon made and nobody heard of is looked for, not made twice."""
    desk = await Desk().ready()
    desk.amazon.lost = {lost}
    (settled,) = await desk.set_up()
    assert settled.destination_id == "d-1"
    assert desk.amazon.made.count(lost) == 1
    assert desk.register.noted["acme-in", TYPE].subscription_id == settled.subscription_id


async def test_somebody_elses_subscription_is_left_alone() -> None:
    """Another system may live on it; only who says so takes it over."""
    desk = await Desk().ready()
    desk.amazon.places = [Destination("d-other", "theirs", "arn:aws:sqs:eu-west-1:1:theirs")]
    desk.amazon.held["acme-in", TYPE] = Subscribed("s-other", "d-other")
    with pytest.raises(Conflict) as refused:
        await desk.set_up()
    assert "--replace" in refused.value.hint
    assert desk.amazon.held["acme-in", TYPE].id == "s-other"
    (settled,) = await desk.set_up(replace=True)
    assert desk.amazon.held["acme-in", TYPE].destination_id == settled.destination_id == "d-2"


async def test_which_of_several_queues_must_be_said() -> None:
    """And one that does not exist is not found."""
    desk = await Desk().ready()
    await put_queue(desk.register, desk.clock, Queue("two", "", QUEUE.arn, ""), None)  # type: ignore[arg-type]
    with pytest.raises(Invalid):
        await desk.set_up()
    with pytest.raises(NotFound):
        await desk.set_up(queue_id="three")
    assert await desk.set_up(queue_id="two")


async def test_stopping_forgets_only_what_amazon_ended() -> None:
    """The subscription goes first."""
    desk = await Desk().ready()
    await desk.set_up()
    assert await shut_off(desk.register, desk.amazon, desk.account) == [TYPE]  # type: ignore[arg-type]
    assert (desk.amazon.held, desk.register.noted) == ({}, {})


async def test_the_check_is_green_from_end_to_end() -> None:
    """Queue, reader, destination, subscription, and a test that came through."""
    desk = await Desk().ready()
    await desk.set_up()
    desk.register.found = QueueState(desk.clock.now())
    desk.register.counts_tests_of = desk.amazon
    assert set((await desk.check()).values()) == {"good"}
    assert desk.register.testing[-1] == 0


async def test_each_broken_link_is_red() -> None:
    """Nobody reads; Amazon forgot the subscription or sends it elsewhere; the test does not arrive."""
    desk = await Desk().ready()
    await desk.set_up()
    assert (await desk.check())["reader"] == "bad"
    desk.register.found = QueueState(desk.clock.now(), "access denied")
    assert (await desk.check())["reader"] == "bad"
    desk.register.found = QueueState(desk.clock.now())
    assert (await desk.check())[f"test {TYPE.lower()}"] == "bad"
    desk.register.found = QueueState(desk.clock.now())
    desk.amazon.held["acme-in", TYPE] = Subscribed("s-1", "d-9")
    assert (await desk.check())[TYPE.lower()] == "bad"
    desk.amazon.held.clear()
    assert (await desk.check())[TYPE.lower()] == "bad"
    desk.amazon.places.clear()
    assert (await desk.check())["destination"] == "bad"
