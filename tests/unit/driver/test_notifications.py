"""Reading queues: stored before deleted, nothing lost whatever breaks, nobody held up."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import pytest

from fakes import FakeClock, account
from notification_fakes import FakeQueues
from packline.domain.location import Region
from packline.domain.notification import Kind, Known, Notification, owners
from packline.driver.notifications.listener import Listener
from packline.driver.notifications.reader import Directory, Shelf
from packline.driver.notifications.sorting import sort
from packline.errors import ConfigError, Invalid, Unavailable
from packline.ports.notifications import Arrived, Batch, Queue, QueueKey

QUEUE = Queue("main", "https://q", "arn", "eu-west-1")
TYPE = "ORDER_CHANGE"


class Kept:
    """A store in memory that can break."""

    def __init__(self) -> None:
        self.listed = [QUEUE]
        self.batches: list[Batch] = []
        self.errors: list[str] = []
        self.broken: Exception | None = None
        self.slow = asyncio.Event()
        self.slow.set()
        self.accounts = [account()]
        self.asked = 0
        self.keyless = False

    async def queues(self) -> list[Queue]:
        return self.listed

    async def key(self, _queue: str) -> QueueKey:
        if self.keyless:
            raise ConfigError("The stored secret cannot be opened.")
        return QueueKey()

    async def known(self) -> Known:
        self.asked += 1
        return Known(tuple(self.accounts))

    async def keep(self, _queue: str, batch: Batch, _now: datetime) -> int:
        await self.slow.wait()
        if self.broken is not None:
            raise self.broken
        self.batches.append(batch)
        return len(batch.told)

    async def looked(self, _queue: str, _now: datetime, error: str = "") -> None:
        self.errors.append(error)

    def ids(self) -> list[str]:
        return [told.dedupe for batch in self.batches for told in batch.told]


def read(body: bytes) -> Notification:
    """Read `seller:id`."""
    seller, _, number = body.decode().partition(":")
    if not number:
        raise Invalid("it is no notification")
    return Notification(number, TYPE, Kind.ORDER, f"S-{number}", seller)


def bodies(*numbers: int, seller: str = "A1ACME") -> list[bytes]:
    return [f"{seller}:{number}".encode() for number in numbers]


class Ear:
    """A listener on a driven clock, its queue and its store."""

    def __init__(self, readers: int = 2) -> None:
        self.clock, self.queue, self.store = FakeClock(), FakeQueues(), Kept()
        self.listener = Listener(self.store, self.queue, read, {}, self.clock, readers)

    async def during(self, work: object) -> None:
        """Listen while `work` runs, then stop."""
        stop = asyncio.Event()
        listening = asyncio.create_task(self.listener.run(stop))
        try:
            await self.clock.during(work)
        finally:
            stop.set()
            await asyncio.wait_for(listening, 60)

    async def until(self, count: int) -> None:
        while len(self.store.ids()) < count:
            await self.clock.sleep(0.01)
        await self.clock.sleep(0.05)


async def test_messages_are_stored_and_then_deleted() -> None:
    """What is deleted is stored; the order of the two is never the other."""
    ear = Ear()
    ear.queue.put(*bodies(*range(25)))
    await ear.during(ear.until(25))
    assert sorted(map(int, ear.store.ids())) == list(range(25))
    assert len(ear.queue.deleted) == 25
    assert ear.queue.hidden == {}


async def test_nothing_is_deleted_that_could_not_be_stored() -> None:
    """The store is away: the messages come again, and are stored when it is back."""
    ear = Ear()
    ear.store.broken = OSError("the database is away")
    ear.queue.put(*bodies(1, 2))

    async def away() -> None:
        await ear.clock.sleep(1)
        assert ear.queue.deleted == []
        assert any("the database is away" in error for error in ear.store.errors)
        ear.store.broken = None
        ear.queue.again()
        await ear.until(2)

    await ear.during(away())
    assert sorted(ear.store.ids()) == ["1", "2"]
    assert len(ear.queue.deleted) == 2


async def test_what_comes_while_a_batch_is_stored_is_the_next_batch() -> None:
    """One statement for what several readers received, instead of one for each ten."""
    ear = Ear(readers=8)
    ear.store.slow.clear()
    ear.queue.put(*bodies(*range(80)))

    async def slow() -> None:
        await ear.clock.sleep(0.5)
        ear.store.slow.set()
        await ear.until(80)

    await ear.during(slow())
    assert sorted(len(batch.told) for batch in ear.store.batches) == [10, 70]


async def test_a_queue_that_cannot_be_read_says_why_and_is_tried_again() -> None:
    """The reason stands beside the queue; once it is mended, reading goes on."""
    ear = Ear()
    ear.queue.broken = Unavailable("The queue could not be reached.", hint="Check the network.")

    async def mend() -> None:
        await ear.clock.sleep(10)
        ear.queue.broken = None
        ear.queue.put(*bodies(7))
        await ear.until(1)

    await ear.during(mend())
    assert "The queue could not be reached. Check the network." in ear.store.errors
    assert ear.store.errors[-1] == ""
    assert ear.store.ids() == ["7"]


async def test_a_queue_that_is_taken_away_is_read_no_more() -> None:
    """And one that is added is read within seconds, without a restart."""
    ear = Ear()
    ear.store.listed = []

    async def change() -> None:
        await ear.clock.sleep(6)
        assert ear.queue.opened == 0
        ear.store.listed = [QUEUE]
        ear.queue.put(*bodies(1))
        await ear.until(1)
        ear.store.listed = []
        await ear.clock.sleep(6)
        ear.queue.put(*bodies(2))
        await ear.clock.sleep(6)

    await ear.during(change())
    assert ear.store.ids() == ["1"]


async def test_a_key_that_cannot_be_opened_stops_that_queue_only() -> None:
    """The listener goes on, and says what is wrong."""
    ear = Ear()
    ear.store.keyless = True
    await ear.during(ear.clock.sleep(1))
    assert "cannot be opened" in ear.store.errors[0]


async def test_an_account_that_was_just_added_gets_its_messages() -> None:
    """What looked like a stranger's is sorted again by what is known now."""
    clock, store = FakeClock(), Kept()
    store.accounts = []
    directory = Directory(store.known, clock)
    shelf = Shelf("main", store, clock, read, directory)
    await clock.during(shelf.put([Arrived("r", b"A1ACME:1")]))
    assert len(store.batches[0].odd) == 1
    store.accounts = [account()]
    await clock.during(clock.sleep(2))
    await clock.during(shelf.put([Arrived("r", b"A1ACME:2")]))
    assert store.ids() == ["2"]


def sorted_(known: Known, *messages: bytes, queue: str = "main") -> Batch:
    return sort(queue, [Arrived(str(n), body) for n, body in enumerate(messages)], read, known)


def test_one_that_cannot_be_read_stops_no_other() -> None:
    """It goes to a person's list with the reason."""
    batch = sorted_(Known((account(),)), b"nonsense", b"A1ACME:1", b"A9NOBODY:2")
    assert [told.dedupe for told in batch.told] == ["1"]
    assert [odd.reason for odd in batch.odd] == [
        "it is no notification",
        "Seller A9NOBODY is no account here; add it with `packline account add`.",
    ]


def test_a_test_notification_lies_on_nobodys_list() -> None:
    """While a test is awaited in a queue, what is of a stranger there is one."""
    known = Known((account(),), tested=frozenset({"main"}))
    assert sorted_(known, b"A0TEST:1").tests == {TYPE: 1}
    assert len(sorted_(known, b"A0TEST:1", queue="other").odd) == 1


INDIA, JAPAN = account(), account(id="acme-jp", region=Region.FE, marketplaces=("A1VC38T7YXB528",))
KNOWN = Known((INDIA, JAPAN), {"A21TJRUUN4KGV": Region.EU, "A1VC38T7YXB528": Region.FE}, {"sub-jp": "acme-jp"})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"seller_id": "A1ACME", "marketplace": "A21TJRUUN4KGV"}, ("acme-in",)),
        ({"seller_id": "A1ACME", "marketplace": "A1VC38T7YXB528"}, ("acme-jp",)),
        ({"seller_id": "A1ACME", "subscription_id": "sub-jp"}, ("acme-jp",)),
        ({"subscription_id": "sub-jp"}, ("acme-jp",)),
        ({"seller_id": "A1ACME"}, ("acme-in", "acme-jp")),
        ({"seller_id": "A9OTHER", "subscription_id": "sub-jp"}, ()),
        ({"seller_id": "A1ACME", "marketplace": "ATVPDKIKX0DER"}, ("acme-in", "acme-jp")),
        ({}, ()),
    ],
)
def test_whose_a_notification_is(given: dict[str, str], expected: Sequence[str]) -> None:
    """By its subscription, else by seller and the region of its marketplace; an open question is asked of each."""
    accounts, reason = owners(Notification("n", TYPE, Kind.ORDER, "S-1", **given), KNOWN)
    assert accounts == expected
    assert bool(reason) is not bool(accounts)


def test_a_marketplace_in_a_region_without_an_account_is_said() -> None:
    """The seller is known, but not there."""
    known = Known((INDIA,), {"ATVPDKIKX0DER": Region.NA})
    accounts, reason = owners(Notification("n", TYPE, Kind.ORDER, "S-1", "A1ACME", marketplace="ATVPDKIKX0DER"), known)
    assert accounts == ()
    assert "has no account in NA" in reason
