"""The rooms of the page: name, title, the template, and who gathers the facts for it."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from packline_sim.control.stage import Stage
from packline_sim.page import (
    call_room,
    order_room,
    queue_room,
    return_room,
    shipment_room,
    stock_room,
    trouble_room,
    work_room,
    world_room,
)

Facts = Callable[[Stage, Mapping[str, str]], dict[str, Any]]


class Room(NamedTuple):
    """Describe a room; `key` goes there after g."""

    name: str
    title: str
    key: str
    facts: Facts


ROOMS: tuple[Room, ...] = (
    Room("world", "World", "w", world_room.facts),
    Room("shipments", "Shipments", "s", shipment_room.facts),
    Room("orders", "Orders", "o", order_room.facts),
    Room("returns", "Returns", "r", return_room.facts),
    Room("stock", "Stock", "k", stock_room.facts),
    Room("work", "Feeds, reports", "f", work_room.facts),
    Room("calls", "Calls, quotas", "c", call_room.facts),
    Room("queues", "Notifications", "n", queue_room.facts),
    Room("trouble", "Trouble", "t", trouble_room.facts),
)
BY_NAME = {room.name: room for room in ROOMS}
