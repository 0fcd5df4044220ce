"""One call to a queue, and the reading of what it carries, in the shapes of the JSON protocol."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from packline_sim.notifications.queues import ACCOUNT, Queue
from packline_sim.notifications.sqs_errors import QueueError, invalid, missing

if TYPE_CHECKING:
    from packline_sim.world import World

MOST_IN_BATCH = 10
_ENTRY_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
Fields = dict[str, Any]


class Asked(NamedTuple):
    """Carry one call: the action, its fields as in the JSON protocol, where the caller sees the simulator."""

    action: str
    fields: Fields
    base_url: str
    region: str

    def text(self, name: str) -> str:
        """Read a required text. Raises QueueError."""
        value = self.fields.get(name)
        if not isinstance(value, str) or not value:
            raise missing(name)
        return value

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """Read a whole number in a range. Raises QueueError."""
        value = self.fields.get(name)
        if value is None:
            return default
        try:
            number = int(value)
        except (TypeError, ValueError):
            number = low - 1
        if not low <= number <= high:
            raise invalid(f"Value {value} for parameter {name} is invalid. Reason: Must be between {low} and {high}.")
        return number


def queue_url(asked: Asked, queue: Queue) -> str:
    """Give a queue's address as the caller sees it."""
    return f"{asked.base_url}/{ACCOUNT}/{queue.name}"


def queue_of(world: "World", asked: Asked) -> Queue:
    """Find the queue that a call names. Raises QueueError."""
    queue = world.queues.get(asked.text("QueueUrl").rstrip("/").rpartition("/")[2])
    if queue is None:
        raise QueueError("QueueDoesNotExist", "The specified queue does not exist.")
    return queue


def entries_of(asked: Asked) -> list[Fields]:
    """Read the entries of a batch: one to ten, each with an id of its own. Raises QueueError."""
    entries = asked.fields.get("Entries")
    if not isinstance(entries, list) or not entries:
        raise QueueError("EmptyBatchRequest", "There should be at least one entry in the request.")
    if len(entries) > MOST_IN_BATCH:
        count = f"Maximum number of entries per request are {MOST_IN_BATCH}. You have sent {len(entries)}."
        raise QueueError("TooManyEntriesInBatchRequest", count)
    ids = [str(entry.get("Id", "")) for entry in entries]
    if not all(_ENTRY_ID.fullmatch(one) for one in ids):
        raise QueueError("InvalidBatchEntryId", "A batch entry id can only have letters, digits, hyphens, underscores.")
    if len(set(ids)) < len(ids):
        raise QueueError("BatchEntryIdsNotDistinct", f"Id {max(ids, key=ids.count)} repeated.")
    return entries


def each(entries: list[Fields], does: Callable[[Fields], Fields]) -> Fields:
    """Do every entry of a batch by itself; those that fail are told beside those that do not."""
    done: list[Fields] = []
    failed: list[Fields] = []
    for entry in entries:
        try:
            done.append({"Id": entry["Id"], **does(entry)})
        except QueueError as failure:
            told = {"Id": entry["Id"], "SenderFault": True, "Code": failure.code, "Message": str(failure)}
            failed.append(told)
    return {"Successful": done, "Failed": failed} if failed else {"Successful": done}
