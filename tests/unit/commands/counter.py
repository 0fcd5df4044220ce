"""A desk with everything in memory, and builders of what is asked at it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from packline.amazon.programs import PROGRAMS
from packline.commands.desk import Desk
from packline.domain.details import Details, Line, RecommendedPackage
from packline.domain.events import Settled
from packline.domain.location import Location
from packline.domain.program import Program
from packline.domain.shipment import Shipment, Status
from packline.domain.ticket import Ticket
from packline.domain.values import Box, shipment_id
from packline.ports import Submission

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
BOX = Box(30, 20, 10, 850)
DETAILS = Details(
    lines=(Line("L1", "KURTA-M", 2), Line("L2", "BOTTLE", 1)),
    recommended=(RecommendedPackage(BOX, (("L1", 2), ("L2", 1))),),
)


class StandingClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Shelf:
    """Shipments, tickets and locations in memory, with the store's optimistic lock."""

    def __init__(self, shipments: Sequence[Shipment], details: Details = DETAILS) -> None:
        self.shipments = {s.id: s for s in shipments}
        self.kept: dict[str, Ticket] = {}
        self.rung: list[str] = []
        self.events: list[Any] = []
        self.places: list[Location] = []
        self.body = msgspec.json.encode(details)
        self.racing = 0
        self.sizes: dict[str, Box] = {}
        self.listings: dict[str, Box] = {}

    async def load(self, ids: Sequence[str]) -> dict[str, Shipment]:
        return {i: self.shipments[i] for i in ids if i in self.shipments}

    async def bodies(self, shipments: Sequence[str]) -> dict[str, bytes]:
        return dict.fromkeys(shipments, self.body) if self.body else {}

    async def boxes(self, account: str, skus: Sequence[str]) -> dict[str, Box]:
        return {sku: self.sizes[sku] for sku in skus if sku in self.sizes}

    async def listed(self, account: str, skus: Sequence[str]) -> dict[str, Box]:
        return {sku: self.listings[sku] for sku in skus if sku in self.listings}

    async def locations(self, account_id: str) -> list[Location]:
        return [place for place in self.places if place.account == account_id]

    async def tickets(self, ids: Sequence[str]) -> dict[str, Ticket]:
        return {i: self.kept[i] for i in ids if i in self.kept}

    async def last(self, shipments: Sequence[str]) -> dict[str, Ticket]:
        return {t.shipment: t for t in self.kept.values() if t.shipment in shipments}

    async def submit(self, submissions: Sequence[Submission]) -> list[str]:
        assert len({s.ticket.shipment for s in submissions}) == len(submissions)
        return [self._submit(s) for s in submissions]

    def _submit(self, submission: Submission) -> str:
        ticket, change = submission.ticket, submission.change
        if ticket.id in self.kept:
            return "known"
        stored = self.shipments[ticket.shipment]
        if self.racing:
            self.racing -= 1
            self.shipments[stored.id] = stored = replace(stored, version=stored.version + 1)
        if stored.version != change.version:
            return "stale"
        self.shipments[stored.id] = replace(change.shipment, version=stored.version + 1)
        self.kept[ticket.id] = ticket
        self._settle(change.events)
        self.rung += [ticket.account] if change.due_at else []
        return "written"

    def _settle(self, events: Sequence[Any]) -> None:
        self.events += events
        for event in events:
            if isinstance(event, Settled) and event.ticket in self.kept:
                self.kept[event.ticket] = replace(self.kept[event.ticket], outcome=event.outcome)


class Programs:
    """The part of the gateway that a desk uses."""

    def details(self, body: bytes, api: str) -> Details:
        return msgspec.json.decode(body, type=Details)

    def program_for(self, shipment: Shipment) -> Program:
        return PROGRAMS[shipment.program]


def desk_over(shelf: Shelf) -> Desk:
    """Open a desk over a shelf."""
    store: Any = shelf
    gateway: Any = Programs()
    return Desk(store, store, store, gateway, StandingClock(), store)


def a_shipment(status: Status = Status.CONFIRMED, **changes: Any) -> Shipment:
    """Make an Easy Ship shipment of two lines."""
    amazon_id = changes.pop("amazon_id", "A1")
    fields: dict[str, Any] = {
        "id": shipment_id("acme", amazon_id),
        "account": "acme",
        "amazon_id": amazon_id,
        "location": "BLR7",
        "marketplace": "A21TJRUUN4KGV",
        "program": "easy_ship",
        "order_id": "408-1",
        "status": status,
        "as_of": NOW - timedelta(minutes=5),
        "received_at": NOW - timedelta(minutes=5),
        "items": (("L1", 2), ("L2", 1)),
        "rejectable": ("ACCEPTED", "CONFIRMED", "PACKAGE_CREATED"),
    }
    return Shipment(**(fields | changes))
