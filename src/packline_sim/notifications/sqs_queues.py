"""What can be done to queues themselves: make, find, describe, change, empty, tag, delete them."""

import re
from typing import TYPE_CHECKING

from packline_sim.notifications.queues import ACCOUNT
from packline_sim.notifications.sqs_asked import Asked, Fields, queue_of, queue_url
from packline_sim.notifications.sqs_attributes import checked_attributes, described, redrive_of
from packline_sim.notifications.sqs_errors import QueueError, invalid

if TYPE_CHECKING:
    from packline_sim.world import World

PURGE_MS = 60_000
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")


def create_queue(world: "World", asked: Asked) -> Fields:
    """CreateQueue: make a queue, or find the one that has the same name and attributes."""
    name = asked.text("QueueName")
    if not _NAME.fullmatch(name):
        raise invalid("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
    wanted = checked_attributes(asked.fields.get("Attributes") or {})
    queue = world.queues.get(name)
    if queue is not None and any(queue.attributes.get(key) != value for key, value in wanted.items()):
        raise QueueError("QueueNameExists", f"A queue named {name} exists already with another value of an attribute.")
    if queue is None:
        queue = world.queues.create(name, world.clock.now_ms(), region=asked.region, **wanted)
        queue.redrive = redrive_of(wanted)
        queue.tags = dict(asked.fields.get("tags") or {})
        world.change_seq += 1
    return {"QueueUrl": queue_url(asked, queue)}


def delete_queue(world: "World", asked: Asked) -> Fields:
    """DeleteQueue."""
    world.queues.drop(queue_of(world, asked).name)
    world.change_seq += 1
    return {}


def get_queue_url(world: "World", asked: Asked) -> Fields:
    """GetQueueUrl."""
    queue = world.queues.get(asked.text("QueueName"))
    if queue is None:
        raise QueueError("QueueDoesNotExist", "The specified queue does not exist.")
    return {"QueueUrl": queue_url(asked, queue)}


def list_queues(world: "World", asked: Asked) -> Fields:
    """ListQueues."""
    prefix = asked.fields.get("QueueNamePrefix") or ""
    found = sorted(queue.name for queue in world.queues if queue.name.startswith(prefix))
    return {"QueueUrls": [f"{asked.base_url}/{ACCOUNT}/{name}" for name in found]} if found else {}


def get_queue_attributes(world: "World", asked: Asked) -> Fields:
    """GetQueueAttributes."""
    queue = queue_of(world, asked)
    names = asked.fields.get("AttributeNames") or []
    found = described(queue, world.clock.now_ms())
    chosen = found if "All" in names else {name: found[name] for name in names if name in found}
    return {"Attributes": chosen} if chosen else {}


def set_queue_attributes(world: "World", asked: Asked) -> Fields:
    """SetQueueAttributes."""
    queue = queue_of(world, asked)
    queue.attributes.update(checked_attributes(asked.fields.get("Attributes") or {}))
    queue.redrive = redrive_of(queue.attributes)
    queue.changed_ms = world.clock.now_ms()
    world.bells.ring(queue.name)
    return {}


def purge_queue(world: "World", asked: Asked) -> Fields:
    """PurgeQueue: at most once in sixty seconds."""
    queue, now = queue_of(world, asked), world.clock.now_ms()
    if queue.purged_ms is not None and now - queue.purged_ms < PURGE_MS:
        raise QueueError("PurgeQueueInProgress", "Only one PurgeQueue operation is allowed every 60 seconds.")
    queue.purge(now)
    world.change_seq += 1
    return {}


def list_queue_tags(world: "World", asked: Asked) -> Fields:
    """ListQueueTags."""
    tags = queue_of(world, asked).tags
    return {"Tags": tags} if tags else {}


def tag_queue(world: "World", asked: Asked) -> Fields:
    """TagQueue."""
    queue_of(world, asked).tags.update(asked.fields.get("Tags") or {})
    return {}


def untag_queue(world: "World", asked: Asked) -> Fields:
    """UntagQueue."""
    queue = queue_of(world, asked)
    for name in asked.fields.get("TagKeys") or []:
        queue.tags.pop(name, None)
    return {}
