"""The inbox: what messages name is read once, soon, in the right order, and never for nothing."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from builders import NOON
from packline.domain.shipment import Goal, Pending, Status
from packline.domain.step import Step, StepKind
from packline.driver.inbox import Inbox
from packline.driver.intake import Intake
from packline.driver.ownership import Guard
from packline.errors import Unavailable
from packline.ports import Message, Page
from unit.driver.driving import Shop, id_of, order


class Desk(Shop):
    """A shop whose messages say more than which order they name, and whose reads are counted."""

    def __init__(self, *shipments: Any) -> None:
        super().__init__(*shipments)
        self.messages: dict[int, Message] = {}
        self.reads: list[tuple[str, float]] = []
        self.slow: dict[str, asyncio.Event] = {}
        self.away = False
        self.poisoned: set[str] = set()
        self.store.inbox_take = self._take  # type: ignore[method-assign]
        self.store.inbox_done = self._done  # type: ignore[method-assign]
        self.read_one = self.amazon.read_one
        self.amazon.read_one = self._read  # type: ignore[method-assign]

    def tell(self, amazon_id: str, hint: str = "", told_at: datetime | None = None) -> None:
        """Let a message come."""
        number = len(self.messages) + 1 + 1000 * len(self.reads)
        self.messages[number] = Message(number, amazon_id, self.clock.now(), hint, told_at)

    async def _take(self, _account: str, limit: int) -> list[Message]:
        rows = sorted(self.messages.values(), key=lambda m: (m.hint != "CANCELLED", m.id))
        return rows[:limit]

    async def _done(self, ids: Any, _now: datetime) -> None:
        for number in ids:
            self.messages.pop(number, None)

    async def _read(self, account: str, amazon_id: str, guard: Any = None, urgency: float = 0.0) -> Page:
        self.reads.append((amazon_id, urgency))
        if amazon_id in self.slow:
            await self.slow[amazon_id].wait()
        if self.away or amazon_id in self.poisoned:
            raise Unavailable("away")
        return await self.read_one(account, amazon_id, guard, urgency)

    async def inbox(self) -> Inbox:
        """Make the errand under an ownership of its own."""
        ownership = await self.store.take("acme-in", "test", self.clock.now())
        assert ownership is not None
        guard = Guard(ownership, self.store, self.clock)
        account = self.store.account_rows["acme-in"]
        intake = Intake(self.tools, account, guard, lambda: None)
        await intake.open()
        return Inbox(self.tools, intake, account, guard)

    async def settle(self, inbox: Inbox) -> None:
        """Run the errand until it wants nothing more for now."""
        for _ in range(20):
            if inbox.next_at() > self.clock.now():
                return
            await self.clock.during(inbox.run())


def moved(minutes: int = 0, **given: Any) -> Any:
    """A shipment whose last call of ours was answered so many minutes after noon."""
    return replace(
        order(), status=Status.PACKAGE_CREATED, goal=None, moved_at=NOON + timedelta(minutes=minutes), **given
    )


async def test_many_messages_of_one_order_are_one_read() -> None:
    """Six of our own steps send six notifications."""
    desk = Desk(order(goal=Goal.CONFIRMED))
    for _ in range(6):
        desk.tell("S-1")
    await desk.settle(await desk.inbox())
    assert [one for one, _ in desk.reads] == ["S-1"]
    assert desk.messages == {}


async def test_what_only_repeats_our_own_call_is_not_read() -> None:
    """Amazon's time of it is before our last answer, and we are as far already."""
    desk = Desk(moved(minutes=5))
    desk.tell("S-1", "CONFIRMED", NOON + timedelta(minutes=4))
    await desk.settle(await desk.inbox())
    assert (desk.reads, desk.messages) == ([], {})


async def test_what_goes_further_or_comes_later_is_read() -> None:
    """A claim beyond what we know, one after our last answer, and any cancellation."""
    for hint, minutes in (("SHIPPED", 4), ("CONFIRMED", 6), ("CANCELLED", 1), ("NEW_WORD", 1), ("", 1)):
        desk = Desk(moved(minutes=5))
        desk.tell("S-1", hint, NOON + timedelta(minutes=minutes))
        await desk.settle(await desk.inbox())
        assert len(desk.reads) == 1, hint


async def test_a_message_about_a_call_under_way_waits_for_its_answer() -> None:
    """It mostly says what the answer says; a cancellation does not wait, and nothing waits for long."""
    pending = Pending(Step(StepKind.GENERATE_LABELS), NOON)
    desk = Desk(moved(minutes=-5, pending=pending))
    desk.tell("S-1", "SHIPLABEL_GENERATED", NOON)
    inbox = await desk.inbox()
    await desk.settle(inbox)
    assert desk.reads == []
    assert inbox.next_at() <= desk.clock.now() + timedelta(seconds=1)
    desk.clock.at += timedelta(seconds=11)
    await desk.settle(inbox)
    assert len(desk.reads) == 1
    desk = Desk(moved(minutes=-5, pending=pending))
    desk.tell("S-1", "CANCELLED", NOON)
    await desk.settle(await desk.inbox())
    assert len(desk.reads) == 1


async def test_a_claimed_cancellation_passes_those_that_wait() -> None:
    """The quota is used up by a hundred others: it is asked at once, and before them."""
    desk = Desk()
    for number in range(100):
        desk.tell(f"S-{number}")
        desk.slow[f"S-{number}"] = asyncio.Event()
    inbox = await desk.inbox()
    running = asyncio.create_task(inbox.run())
    await desk.clock.settle()
    waiting = len(desk.reads)
    desk.tell("S-CANCEL", "CANCELLED")
    inbox.ring()
    await desk.clock.settle()
    assert [one for one, urgency in desk.reads if urgency == 0.0] == ["S-CANCEL"]
    assert len(desk.reads) == waiting + 1 < 100
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert len(desk.messages) >= 100


async def test_what_comes_after_a_read_has_left_is_read_again() -> None:
    """The answer may be older than what the message tells."""
    desk = Desk(moved(minutes=-5))
    desk.slow["S-1"] = asyncio.Event()
    desk.tell("S-1", "SHIPPED", NOON)
    inbox = await desk.inbox()
    running = asyncio.create_task(desk.settle(inbox))
    await desk.clock.settle()
    desk.tell("S-1", "DELIVERED", NOON + timedelta(seconds=1))
    inbox.ring()
    await desk.clock.settle()
    desk.slow["S-1"].set()
    await desk.clock.during(running)
    assert len(desk.reads) >= 1
    assert desk.messages == {}


async def test_while_amazon_is_away_nothing_is_lost_and_little_is_asked() -> None:
    """After some failures it rests; when Amazon is back, everything is read."""
    desk = Desk()
    for number in range(200):
        desk.tell(f"S-{number}")
    desk.away = True
    inbox = await desk.inbox()
    await desk.settle(inbox)
    asked = len(desk.reads)
    assert asked <= 48
    assert len(desk.messages) == 200
    desk.away = False
    desk.clock.at += timedelta(seconds=6)
    await desk.settle(inbox)
    assert desk.messages == {}


async def test_an_order_that_fails_for_ever_does_not_eat_the_quota_of_the_others() -> None:
    """It rests longer each time while others are answered; once it can be read, it is."""
    desk = Desk()
    desk.poisoned = {"S-BAD"}
    desk.tell("S-BAD")
    inbox = await desk.inbox()
    for number in range(120):
        desk.tell(f"S-{number}")
        inbox.ring()
        await desk.settle(inbox)
        desk.clock.at += timedelta(seconds=5)
    assert 3 <= [one for one, _ in desk.reads].count("S-BAD") <= 12
    assert [message.amazon_id for message in desk.messages.values()] == ["S-BAD"]
    desk.poisoned.clear()
    desk.clock.at += timedelta(seconds=160)
    inbox.ring()
    await desk.settle(inbox)
    assert desk.messages == {}


async def test_a_flood_is_read_by_the_page() -> None:
    """Where single reads would take a minute, listings are read at once, and what they showed needs no read."""
    desk = Desk(*(replace(moved(), id=id_of(f"S-{n}"), amazon_id=f"S-{n}") for n in range(150)))
    inbox = await desk.inbox()
    intake = inbox._intake
    await desk.clock.during(intake.run())
    assert intake.next_at() > desk.clock.now()
    desk.clock.at += timedelta(seconds=1)
    for number in range(150):
        desk.tell(f"S-{number}")
        desk.slow[f"S-{number}"] = asyncio.Event()
    desk.tell("S-149", "SHIPPED")
    running = asyncio.create_task(inbox.run())
    await desk.clock.settle()
    assert intake.next_at() <= desk.clock.now()
    shown = tuple((facts, b"") for facts in desk.amazon.world.values())
    desk.amazon.pages["PACKAGE_CREATED"].append(Page(shown, (), None, desk.clock.now()))
    await desk.clock.during(intake.run())
    for gate in desk.slow.values():
        gate.set()
    inbox.ring()
    await desk.clock.during(running)
    await desk.settle(inbox)
    assert desk.messages == {}
    assert len(desk.reads) < 60
    assert "S-149" in {one for one, _ in desk.reads}, "it claims more than was shown"


async def test_a_flood_of_what_is_known_is_done_to_its_end() -> None:
    """More than one look takes: nobody has to ring again."""
    desk = Desk(moved(minutes=5))
    for _ in range(1200):
        desk.tell("S-1", "CONFIRMED", NOON + timedelta(minutes=4))
    await desk.clock.during((await desk.inbox()).run())
    assert (desk.reads, desk.messages) == ([], {})
