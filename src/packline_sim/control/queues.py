"""Queues that sellers read notifications from: make, look into, write to, empty, drop."""

from typing import Annotated

import msgspec

from packline_sim.control.endpoint import Endpoint, delete, get, post
from packline_sim.control.paging import Page
from packline_sim.control.problems import Refused, not_found
from packline_sim.control.stage import Stage
from packline_sim.notifications.emission import put_message
from packline_sim.notifications.queues import DEFAULT_REGION, Message, Queue


class QueueSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describe a queue; `visibility_s` is how long a message that was handed out stays hidden."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,80}$")]
    region: str = DEFAULT_REGION
    visibility_s: Annotated[int, msgspec.Meta(ge=0, le=43_200)] = 30


class QueueView(msgspec.Struct, frozen=True, kw_only=True):
    """Show a queue: its address below the simulator's own, and how many messages wait, are out, are still to come.

    `sent`, `received` and `deleted` count since the queue was made.
    """

    name: str
    path: str
    arn: str
    visibility_s: int
    visible: int
    in_flight: int
    delayed: int
    sent: int
    received: int
    deleted: int


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    """Show a message; `hidden_until_ms` None: it can be received now. `notification_id` None: not a notification."""

    message_id: str
    notification_id: str | None
    body: str
    sent_ms: int
    receives: int
    hidden_until_ms: int | None


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Carry texts that are put into a queue as they are, whatever they are."""

    bodies: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=10_000)]
    delay_s: Annotated[float, msgspec.Meta(ge=0)] = 0.0


class PeekQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Choose how many messages are shown."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100


class Emptied(msgspec.Struct, frozen=True, kw_only=True):
    """Tell how many messages were thrown away."""

    messages: int


def create_queue(stage: Stage, body: QueueSpec) -> QueueView:
    """Make a queue that a client of Amazon's queue service can read at the simulator's address."""
    world = stage.world
    if world.queues.get(body.name) is not None:
        raise Refused(409, "Queue exists", f"There is a queue {body.name!r} already.", "Use it, or drop it first.")
    timeout = str(body.visibility_s)
    return _view(
        stage, world.queues.create(body.name, world.clock.now_ms(), region=body.region, VisibilityTimeout=timeout)
    )


def list_queues(stage: Stage) -> Page[QueueView]:
    """List all queues."""
    return Page([_view(stage, queue) for queue in stage.world.queues])


def show_queue(stage: Stage, name: str) -> QueueView:
    """Show a queue."""
    return _view(stage, _queue(stage, name))


def drop_queue(stage: Stage, name: str) -> QueueView:
    """Drop a queue with everything in it, and show what it was."""
    shown = show_queue(stage, name)
    stage.world.queues.drop(name)
    stage.world.bells.ring(name)
    return shown


def look_into_queue(stage: Stage, name: str, query: PeekQuery) -> Page[MessageView]:
    """Look at the oldest messages without receiving them."""
    return Page([_message(row) for row in _queue(stage, name).peek(query.limit)])


def write_to_queue(stage: Stage, name: str, body: Texts) -> QueueView:
    """Put texts into a queue as they are: broken, unknown, foreign."""
    queue = _queue(stage, name)
    for text in body.bodies:
        put_message(stage.world, queue, text, delay_ms=round(body.delay_s * 1000))
    return _view(stage, queue)


def empty_queue(stage: Stage, name: str) -> Emptied:
    """Throw all messages of a queue away, those that are out too."""
    return Emptied(messages=_queue(stage, name).purge(stage.world.clock.now_ms()))


def _queue(stage: Stage, name: str) -> Queue:
    found = stage.world.queues.get(name)
    if found is None:
        raise not_found("queue", name, "GET /_sim/queues lists them; POST /_sim/queues makes one.")
    return found


def _view(stage: Stage, queue: Queue) -> QueueView:
    return QueueView(
        name=queue.name,
        path=queue.path,
        arn=queue.arn,
        visibility_s=int(queue.attributes["VisibilityTimeout"]),
        visible=queue.visible(stage.world.clock.now_ms()),
        in_flight=queue.in_flight,
        delayed=queue.delayed,
        sent=queue.sent,
        received=queue.received,
        deleted=queue.deleted,
    )


def _message(row: Message) -> MessageView:
    return MessageView(
        message_id=row.message_id,
        notification_id=row.notice_id,
        body=row.body,
        sent_ms=row.sent_ms,
        receives=row.receives,
        hidden_until_ms=row.due_ms if row.is_away else None,
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    post("/queues", create_queue, status=201),
    get("/queues", list_queues),
    get("/queues/{name}", show_queue),
    delete("/queues/{name}", drop_queue),
    get("/queues/{name}/messages", look_into_queue),
    post("/queues/{name}/messages", write_to_queue, status=201),
    delete("/queues/{name}/messages", empty_queue),
)
