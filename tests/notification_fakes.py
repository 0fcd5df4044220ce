"""Fakes of the ports of notifications: a queue in memory, and Amazon's side of subscriptions."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from packline.domain.location import Account
from packline.errors import Unresolved
from packline.ports.notifications import Arrived, Destination, Queue, QueueKey, Subscribed

TYPE = "EXTERNAL_FULFILLMENT_SHIPMENT_STATUS_CHANGE"


class FakeQueues:
    """One queue that gives each message again until it is deleted."""

    def __init__(self) -> None:
        self.waiting: list[Arrived] = []
        self.hidden: dict[str, Arrived] = {}
        self.deleted: list[str] = []
        self.rang = asyncio.Event()
        self.broken: Exception | None = None
        self.undeletable: set[str] = set()
        self.opened = 0
        self._numbers = itertools.count(1)

    def put(self, *bodies: bytes) -> None:
        """Let messages arrive."""
        self.waiting += [Arrived(f"r-{next(self._numbers)}", body) for body in bodies]
        self.rang.set()

    def again(self) -> None:
        """Let what was received and not deleted come again."""
        self.put(*(message.body for message in self.hidden.values()))
        self.hidden.clear()

    @asynccontextmanager
    async def open(self, _queue: Queue, _key: QueueKey) -> AsyncIterator["FakeQueues"]:
        self.opened += 1
        yield self

    async def receive(self, _wait_s: int) -> Sequence[Arrived]:
        while True:
            if self.broken is not None:
                raise self.broken
            if self.waiting:
                taken, self.waiting = self.waiting[:10], self.waiting[10:]
                self.hidden |= {message.receipt: message for message in taken}
                return taken
            self.rang.clear()
            await self.rang.wait()

    async def delete(self, receipts: Sequence[str]) -> Sequence[str]:
        done = [receipt for receipt in receipts if receipt not in self.undeletable]
        for receipt in done:
            self.hidden.pop(receipt, None)
        self.deleted += done
        return [receipt for receipt in receipts if receipt in self.undeletable]

    async def count(self) -> int:
        return len(self.waiting)


class FakeSubscriptions:
    """Amazon's side: destinations by id, subscriptions by (account, type); `lost` calls had their effect."""

    def __init__(self) -> None:
        self.places: list[Destination] = []
        self.held: dict[tuple[str, str], Subscribed] = {}
        self.tests: list[str] = []
        self.lost: set[str] = set()
        self.made: list[str] = []

    def types(self, _account: Account) -> tuple[str, ...]:
        return (TYPE,)

    async def destinations(self, _account: str) -> list[Destination]:
        return list(self.places)

    async def create_destination(self, _account: str, name: str, arn: str) -> Destination:
        self.places.append(Destination(f"d-{len(self.places) + 1}", name, arn))
        self._lose("destination")
        return self.places[-1]

    async def subscription(self, account: str, type_: str) -> Subscribed | None:
        return self.held.get((account, type_))

    async def subscribe(self, account: str, type_: str, destination_id: str) -> Subscribed:
        self.held[account, type_] = Subscribed(f"s-{len(self.held) + 1}", destination_id)
        self._lose("subscription")
        return self.held[account, type_]

    async def unsubscribe(self, account: str, type_: str, _subscription_id: str) -> None:
        self.held.pop((account, type_), None)

    async def send_test(self, _account: str, type_: str, _destination_id: str) -> None:
        self.tests.append(type_)

    def _lose(self, what: str) -> None:
        self.made.append(what)
        if what in self.lost:
            raise Unresolved("the answer was lost", operation=what)
