"""One conversation with Amazon about one shipment: calls in its name, each noted for the call log."""

from collections.abc import Mapping

from packline.amazon.spapi.client import Answer
from packline.amazon.spapi.doors import Door, call_of
from packline.amazon.spapi.operation import Operation
from packline.domain.shipment import Shipment
from packline.ports import Call, Guard

Query = Mapping[str, str | int | None]
_NONE: Query = {}
_NO_PATH: Mapping[str, str] = {}


class Talk:
    """Make calls for one shipment through its account's door."""

    __slots__ = ("calls", "door", "guard", "shipment")

    def __init__(self, door: Door, shipment: Shipment, guard: Guard | None) -> None:
        """Speak about `shipment`; `guard` runs before each call leaves."""
        self.door, self.shipment, self.guard = door, shipment, guard
        self.calls: list[Call] = []

    async def ask(
        self, operation: Operation, path: Mapping[str, str] = _NO_PATH, query: Query = _NONE, body: bytes = b""
    ) -> Answer:
        """Make one call in the turn of the most urgent ship-by. Raises the AmazonError family."""
        pending = self.shipment.pending
        return await self.door.api.call(
            operation,
            self.door.caller,
            path,
            query,
            body,
            urgency=self.shipment.urgency,
            attempt=pending.attempt if pending else 1,
            guard=self.guard,
            note=lambda record: self.calls.append(call_of(record, self.shipment.id)),
        )
