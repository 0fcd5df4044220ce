"""Queues as Amazon's queue service keeps them: visibility, redelivery, receipts, dead letters."""

import base64
import heapq
from collections import deque
from collections.abc import Iterator

import msgspec

ACCOUNT = "000000000000"
DEFAULT_REGION = "eu-west-1"
MOST_IN_FLIGHT = 120_000
DEFAULTS = {
    "VisibilityTimeout": "30",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "DelaySeconds": "0",
    "ReceiveMessageWaitTimeSeconds": "0",
}


class Message(msgspec.Struct, kw_only=True, gc=False):
    """Remember one message; `turn` counts its receipts, `due_ms` is when it can be seen (again) while it is away."""

    message_id: str
    body: str
    md5: str
    sent_ms: int
    notice_id: str | None = None
    attributes: bytes | None = None
    attributes_md5: str | None = None
    receives: int = 0
    first_ms: int | None = None
    is_away: bool = False
    due_ms: int = 0
    turn: int = 0

    @property
    def receipt(self) -> str:
        """Give the handle of the latest receipt."""
        return "AQEB" + base64.b64encode(f"{self.message_id}:{self.turn}".encode()).decode()


class Redrive(msgspec.Struct, frozen=True):
    """Say where messages go that were received too often."""

    arn: str
    most_receives: int


class Queue:
    """Hold the messages of one queue, the first come in front.

    `sent`, `received`, `deleted` count since it was made; `dropped` those that were purged, grew too old, or went to
    the dead letters. `delayed` messages could not be seen by anybody yet.
    """

    def __init__(self, name: str, region: str, created_ms: int, attributes: dict[str, str]) -> None:
        self.name = name
        self.arn = f"arn:aws:sqs:{region}:{ACCOUNT}:{name}"
        self.path = f"/{ACCOUNT}/{name}"
        self.created_ms = created_ms
        self.changed_ms = created_ms
        self.attributes = {**DEFAULTS, **attributes}
        self.tags: dict[str, str] = {}
        self.redrive: Redrive | None = None
        self.purged_ms: int | None = None
        self.sent = 0
        self.received = 0
        self.deleted = 0
        self.dropped = 0
        self._messages: dict[str, Message] = {}
        self._ready: deque[Message] = deque()
        self.delayed = 0
        self._away = 0
        self._due: list[tuple[int, str]] = []

    @property
    def in_flight(self) -> int:
        """Count messages that were handed out and are hidden."""
        return self._away - self.delayed

    def visible(self, now_ms: int) -> int:
        """Count messages that can be received now."""
        self._release(now_ms)
        return len(self._messages) - self._away

    def next_due_ms(self) -> int | None:
        """Tell when the next hidden message comes back, or earlier."""
        return self._due[0][0] if self._due else None

    def peek(self, limit: int) -> list[Message]:
        """Give the oldest messages without receiving them, hidden ones too."""
        return [row for row, _ in zip(self._messages.values(), range(limit), strict=False)]

    def put(self, message: Message, *, delay_ms: int = 0) -> None:
        """Take in a message."""
        self.sent += 1
        self._messages[message.message_id] = message
        if delay_ms > 0:
            self.delayed += 1
            self._hide(message, message.sent_ms + delay_ms)
        else:
            self._ready.append(message)

    def receive(self, now_ms: int, most: int, hidden_ms: int) -> tuple[list[Message], list[Message]]:
        """Hand out up to `most` messages and hide them; gives also those that go to the dead letters instead."""
        self._release(now_ms)
        oldest = now_ms - int(self.attributes["MessageRetentionPeriod"]) * 1000
        handed: list[Message] = []
        dead: list[Message] = []
        while self._ready and len(handed) < most:
            message = self._ready.popleft()
            if message.message_id not in self._messages:
                continue
            if message.sent_ms < oldest:
                self._drop(message)
                continue
            if self.redrive is not None and message.receives >= self.redrive.most_receives:
                self._drop(message)
                dead.append(message)
                continue
            message.receives += 1
            message.turn += 1
            message.first_ms = message.first_ms or now_ms
            handed.append(message)
        for message in handed:
            if hidden_ms > 0:
                self._hide(message, now_ms + hidden_ms)
            else:
                self._ready.append(message)
        self.received += len(handed)
        return handed, dead

    def delete(self, message_id: str, turn: int, *, stale_too: bool) -> Message | None:
        """Delete a message by a receipt; an old receipt counts only with `stale_too`. Gives what was deleted."""
        message = self._messages.get(message_id)
        if message is None or (message.turn != turn and not stale_too):
            return None
        del self._messages[message_id]
        self._away -= message.is_away
        self.deleted += 1
        return message

    def hide_until(self, message_id: str, turn: int, now_ms: int, hidden_ms: int) -> bool:
        """Change how long a handed-out message stays hidden; False when it is not away with this receipt."""
        self._release(now_ms)
        message = self._messages.get(message_id)
        if message is None or not message.is_away or message.turn != turn:
            return False
        message.is_away = False
        self._away -= 1
        if hidden_ms > 0:
            self._hide(message, now_ms + hidden_ms)
        else:
            self._ready.append(message)
        return True

    def knows(self, message_id: str) -> bool:
        """Tell whether a message is still there."""
        return message_id in self._messages

    def purge(self, now_ms: int) -> int:
        """Delete everything; gives how many messages that was."""
        count = len(self._messages)
        self._messages.clear()
        self._ready.clear()
        self._due.clear()
        self._away = self.delayed = 0
        self.dropped += count
        self.purged_ms = now_ms
        return count

    def faults(self) -> list[str]:
        """Tell what does not add up: every message sent is there, deleted or dropped, and those there are counted."""
        there = len(self._messages)
        away = sum(1 for row in self._messages.values() if row.is_away)
        found = []
        if self.sent != there + self.deleted + self.dropped:
            found.append(f"{self.sent} sent, {there} there, {self.deleted} deleted, {self.dropped} dropped")
        if away != self._away:
            found.append(f"{away} are hidden, {self._away} counted as hidden")
        return found

    def _drop(self, message: Message) -> None:
        del self._messages[message.message_id]
        self.dropped += 1

    def _hide(self, message: Message, due_ms: int) -> None:
        message.is_away, message.due_ms = True, due_ms
        self._away += 1
        heapq.heappush(self._due, (due_ms, message.message_id))

    def _release(self, now_ms: int) -> None:
        while self._due and self._due[0][0] <= now_ms:
            due_ms, message_id = heapq.heappop(self._due)
            message = self._messages.get(message_id)
            if message is not None and message.is_away and message.due_ms == due_ms:
                message.is_away = False
                self._away -= 1
                self.delayed -= not message.receives
                self._ready.append(message)


class Queues:
    """Hold all queues of the simulator's one account, by name."""

    def __init__(self) -> None:
        self._queues: dict[str, Queue] = {}

    def __iter__(self) -> Iterator[Queue]:
        return iter(list(self._queues.values()))

    def get(self, name: str) -> Queue | None:
        """Find a queue by its name."""
        return self._queues.get(name)

    def by_arn(self, arn: str) -> Queue | None:
        """Find a queue by its ARN."""
        found = self._queues.get(arn.rpartition(":")[2])
        return found if found is not None and found.arn == arn else None

    def create(self, name: str, now_ms: int, *, region: str = DEFAULT_REGION, **attributes: str) -> Queue:
        """Make a queue, or give the one that has the name."""
        queue = self._queues.get(name)
        if queue is None:
            queue = self._queues[name] = Queue(name, region, now_ms, attributes)
        return queue

    def drop(self, name: str) -> None:
        """Delete a queue with everything in it."""
        self._queues.pop(name, None)
