"""What must be true of notifications, whatever readers do."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from packline_sim.shipment_invariants import Violation

if TYPE_CHECKING:
    from packline_sim.world import World

NOTIFICATION_RULES = {
    "queues_add_up": "Every message that came into a queue is there, was deleted or was dropped.",
    "told_or_lost": "Every notification reached its queue unless it was lost on purpose or is still on its way.",
}


def notification_violations(world: "World") -> Iterator[Violation]:
    """Look at all queues and at the counts of what was sent."""
    for queue in world.queues:
        for fault in queue.faults():
            yield Violation(rule="queues_add_up", subject=queue.name, detail=fault)
    board = world.notifications
    on_the_way = {key.partition("#")[0] for key in board.waiting}
    for notification_id in sorted(board.due - on_the_way):
        row = board.notices[notification_id]
        detail = f"{row.notification_type} about {row.subject} was meant to arrive ({row.fate}) and did not"
        yield Violation(rule="told_or_lost", subject=notification_id, detail=detail)
