"""A webhook endpoint of a seller's system, the events that go to it, and what came of each delivery."""

from datetime import datetime

from packline.domain.values import Value


class FeedEvent(Value, frozen=True):
    """One event as the seller's systems see it; `data` is JSON of the event and the shipment as it is after it.

    `cursor` is its place in the feed: opaque to users, ordered by commitment.
    """

    cursor: str
    name: str
    at: datetime
    cause: str
    account: str
    shipment: str | None
    location: str | None
    data: bytes

    @property
    def id(self) -> str:
        """Name the event: the same in the feed and in every delivery of it."""
        return f"evt_{self.cursor.replace('.', '_')}"


class Endpoint(Value, frozen=True):
    """Where events are sent. `events` and `accounts` filter (empty: all); a name may end in `*`.

    `failures` counts attempts since the last success, `failing_since` is the first of them; `next_at` is when a silent
    endpoint is tried again; `paused_reason` says why nothing is sent any more.
    """

    id: str
    url: str
    secret: str
    created_at: datetime
    cursor: str
    description: str = ""
    events: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    enabled: bool = True
    paused_reason: str | None = None
    failures: int = 0
    failing_since: datetime | None = None
    next_at: datetime | None = None

    def __repr__(self) -> str:
        return f"Endpoint({self.id}, {self.url})"

    @property
    def is_on(self) -> bool:
        """Tell whether anything is sent there: a paused endpoint is off until somebody starts it again."""
        return self.enabled and self.paused_reason is None

    def wants(self, event: FeedEvent) -> bool:
        """Tell whether the filters let this event through."""
        if self.accounts and event.account not in self.accounts:
            return False
        return not self.events or any(_matches(pattern, event.name) for pattern in self.events)


class Delivery(Value, frozen=True):
    """One attempt to deliver one event: HTTP status (0: no answer), milliseconds, and what went wrong."""

    event: FeedEvent
    at: datetime
    status: int
    ms: float
    error: str = ""
    attempt: int = 1

    @property
    def ok(self) -> bool:
        """Any 2xx is a success (Standard Webhooks)."""
        return 200 <= self.status < 300


class Waiting(Value, frozen=True):
    """An event that was refused before, or that waits behind one of its shipment that was."""

    event: FeedEvent
    attempts: int
    since: datetime
    next_at: datetime


def _matches(pattern: str, name: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
