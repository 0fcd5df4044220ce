"""The seams of notifications: queues that are read, what is kept of them, and Amazon's subscriptions."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from packline.domain.location import Account
from packline.domain.notification import Known
from packline.domain.reliance import Telling
from packline.domain.values import Value
from packline.ports import Call

LogCalls = Callable[[Sequence[Call]], Awaitable[None]]
"""Keeps calls that belong to no shipment."""


class QueueKey(Value, frozen=True):
    """What a queue is read with; never logged, never shown. All empty: as the machine is signed in (a role)."""

    access_key: str = ""
    secret_key: str = ""
    session_token: str = ""

    def __repr__(self) -> str:
        return "QueueKey(…)"


class Queue(Value, frozen=True):
    """One queue that Amazon's notifications come into; `endpoint` is empty for Amazon's own."""

    id: str
    url: str
    arn: str
    region: str
    endpoint: str = ""
    enabled: bool = True


class QueueState(Value, frozen=True):
    """When a queue was read last, and why it could not be (empty where it can)."""

    read_at: datetime | None = None
    error: str = ""


class Arrived(Value, frozen=True):
    """One message as the queue gave it; `receipt` deletes it."""

    receipt: str
    body: bytes


class OpenQueue(Protocol):
    """A queue that is being read. Raises Unavailable and Unauthorized (errors.py)."""

    async def receive(self, wait_s: int) -> Sequence[Arrived]:
        """Wait up to `wait_s` seconds for messages, and give at most ten; they come again unless deleted."""

    async def delete(self, receipts: Sequence[str]) -> Sequence[str]:
        """Delete at most ten messages; gives those that could not be deleted: they come again."""

    async def count(self) -> int:
        """Tell about how many messages wait."""


class Queues(Protocol):
    """Opens queues."""

    def open(self, queue: Queue, key: QueueKey) -> AbstractAsyncContextManager[OpenQueue]:
        """Connect to a queue; nothing is asked of it yet."""


class Told(Value, frozen=True):
    """One notification to be kept for an account; `dedupe` is the same when it comes twice."""

    account: str
    dedupe: str
    subject: str
    body: bytes
    type: str
    kind: str = "order"
    hint: str = ""
    told_at: datetime | None = None
    source: str = "notification"


class Odd(Value, frozen=True):
    """One message for a person: nobody knows what it is or whose; `account` may be empty.

    `mark` names what all of them say alike, of which one is enough for a person: a queue that is shared with sellers
    who are no accounts here would else fill the list for ever.
    """

    account: str
    body: bytes
    reason: str
    type: str = ""
    mark: str = ""


class Batch(Value, frozen=True):
    """What came of the messages of one or more receives; `ignored` counts those of types that nobody needs.

    `tests` counts those of nobody that came while a test was awaited.
    """

    told: tuple[Told, ...] = ()
    odd: tuple[Odd, ...] = ()
    ignored: Mapping[str, int] = {}
    tests: Mapping[str, int] = {}


class Subscription(Value, frozen=True):
    """One account's subscription to one type, by which Amazon fills a queue."""

    account: str
    type: str
    queue: str
    destination_id: str
    subscription_id: str


class Destination(Value, frozen=True):
    """A queue as Amazon knows it for an application; `arn` is empty where it is no queue."""

    id: str
    name: str
    arn: str


class Subscribed(Value, frozen=True):
    """A subscription as Amazon tells it."""

    id: str
    destination_id: str


class Subscriptions(Protocol):
    """Amazon's side of notifications. Raises the AmazonError family."""

    def types(self, account: Account) -> tuple[str, ...]:
        """Name the types that tell what an account of this API must hear."""

    async def destinations(self, account: str) -> list[Destination]:
        """List the queues that the application of an account may be told through."""

    async def create_destination(self, account: str, name: str, arn: str) -> Destination:
        """Make a queue a destination of the application."""

    async def subscription(self, account: str, type_: str) -> Subscribed | None:
        """Read an account's subscription to a type; None where it has none."""

    async def subscribe(self, account: str, type_: str, destination_id: str) -> Subscribed:
        """Have a type sent to a destination."""

    async def unsubscribe(self, account: str, type_: str, subscription_id: str) -> None:
        """End a subscription; one that is gone already is fine."""

    async def send_test(self, account: str, type_: str, destination_id: str) -> None:
        """Have Amazon put a test notification of a type into a destination's queue."""


class NotificationStore(Protocol):
    """Queues, and what comes out of them."""

    async def queues(self) -> list[Queue]:
        """List queues that are to be read."""

    async def key(self, queue: str) -> QueueKey:
        """Read and decrypt what a queue is read with."""

    async def known(self) -> Known:
        """Read whose a notification can be: accounts and subscriptions (regions are left out)."""

    async def keep(self, queue: str, batch: Batch, now: datetime) -> int:
        """Store a batch in one transaction and ring its accounts; gives how many messages were new."""

    async def looked(self, queue: str, now: datetime, error: str = "") -> None:
        """Note that a queue was read, or why it could not be."""


class TellingStore(Protocol):
    """What notifications told, and what polling found without them."""

    async def telling(self, account: str) -> Telling:
        """Read what is known of an account's notifications."""

    async def note_found(self, account: str, news: Sequence[tuple[str, datetime]], now: datetime) -> None:
        """Note what polling found, as (Amazon's id, Amazon's time); what is older than the setup does not count."""

    async def judge(self, account: str, found_before: datetime, now: datetime) -> list[str]:
        """Give (and count as missed) what was found before then and no notification has told by now."""


class FinishedStore(Protocol):
    """What waits for feeds and reports that Amazon says are over."""

    async def wake(self, account: str, now: datetime) -> tuple[int, int]:
        """Let feeds that messages name be looked at now; gives how many, and how many messages are not done with."""
