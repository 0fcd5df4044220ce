"""One reading of orders: calls through one door, each noted for the call log."""

from collections.abc import Mapping
from datetime import datetime

from packline.amazon.spapi.client import Answer
from packline.amazon.spapi.doors import Door, call_of
from packline.amazon.spapi.operation import Operation
from packline.ports import Call, Guard

_NO_PATH: Mapping[str, str] = {}


class Asking:
    """The door, the guard, the calls that a reading takes, and when it began."""

    __slots__ = ("calls", "door", "guard", "now", "urgency")

    def __init__(self, door: Door, guard: Guard | None, calls: list[Call], now: datetime, urgency: float = 0.0) -> None:
        """Ask in the lane's turn of `urgency`; `calls` takes a line for each sending."""
        self.door, self.guard, self.calls, self.now, self.urgency = door, guard, calls, now, urgency

    async def __call__(
        self, operation: Operation, path: Mapping[str, str] = _NO_PATH, query: Mapping[str, str | int | None] = _NO_PATH
    ) -> Answer:
        """Make one call; raises the AmazonError family."""
        return await self.door.api.call(
            operation,
            self.door.caller,
            path,
            query,
            urgency=self.urgency,
            guard=self.guard,
            note=lambda record: self.calls.append(call_of(record, None)),
        )
