"""A story: events told one after the other, and the shipment as it stands after each of them."""

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from packline.domain import events as ev
from packline.domain.apply import apply
from packline.domain.shipment import Shipment


class Story:
    """Collect the events of one report; `shipment` is always the state after the last of them."""

    __slots__ = ("before", "events", "shipment")

    def __init__(self, shipment: Shipment) -> None:
        self.before = shipment
        self.shipment = shipment
        self.events: list[ev.Event] = []

    def tell(self, event: ev.Event) -> None:
        """Apply one event and keep it."""
        self.shipment = apply(self.shipment, event)
        self.events.append(event)

    def tell_all(self, events: Iterable[ev.Event]) -> None:
        """Apply events in order."""
        for event in events:
            self.tell(event)

    def advance(self, as_of: datetime) -> None:
        """Let `as_of` advance even where a report yields no event, so that older reports are known to be old."""
        if as_of > self.shipment.as_of:
            self.shipment = replace(self.shipment, as_of=as_of)

    def answered(self, at: datetime) -> None:
        """Note when an answer of our own came, so that a read that left before it is known to be old."""
        self.shipment = replace(self.shipment, moved_at=at)

    @property
    def is_empty(self) -> bool:
        """Nothing changed, not even `as_of`."""
        return self.shipment is self.before
