"""The seams of notifications: queues that are read, what is kept of them, and Amazon's subscriptions."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from packline.domain.notification import Known
from packline.domain.values import Value


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
    """One message for a person: nobody knows what it is or whose; `account` may be empty."""

    account: str
    body: bytes
    reason: str


class Batch(Value, frozen=True):
    """What came of the messages of one or more receives; `ignored` counts those of types that nobody needs."""

    told: tuple[Told, ...] = ()
    odd: tuple[Odd, ...] = ()
    ignored: Mapping[str, int] = {}


class Subscription(Value, frozen=True):
    """One account's subscription to one type, by which Amazon fills a queue."""

    account: str
    type: str
    queue: str
    destination_id: str
    subscription_id: str


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
