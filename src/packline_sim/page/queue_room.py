"""Notifications: queues, how they travel, who is told of what, and what became of the last ones."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from packline_sim.control.stage import Stage
from packline_sim.page.frame import names

SHOWN = 40
COUNTED = ("emitted", "lost", "put", "received", "redelivered", "deleted")


def facts(stage: Stage, query: Mapping[str, str]) -> dict[str, Any]:
    """Gather the queues and the newest notifications; filters are fate and text."""
    world = stage.world
    board, now = world.notifications, world.clock.now_ms()
    text = query.get("text", "").strip().upper()
    fitting = (
        row
        for row in board.newest()
        if query.get("fate") in (None, "", row.fate) and (not text or text in row.subject.upper())
    )
    return {
        "queues": [(queue, queue.visible(now)) for queue in world.queues],
        "delivery": board.delivery,
        "counted": [(name, board.counts[name]) for name in COUNTED],
        "waiting": len(board.waiting),
        "subscriptions": list(board.subscriptions.values()),
        "destinations": {row.destination_id: row.arn or row.bus_name for row in board.destinations.values()},
        "notices": list(islice(fitting, SHOWN)),
        "names": names(stage),
    }
