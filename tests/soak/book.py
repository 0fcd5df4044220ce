"""The warehouse system's own book: what it knows of shipments, returns and oversold SKUs, from the event feed alone."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import msgspec

from packline.domain.endpoint import FeedEvent

FOLLOWED = (
    "shipment.*", "package.labeled", "package.label_voided", "package.label_failed", "document.*", "command.rejected",
    "return.*", "stock.oversold", "stock.recovered", "account.unauthorized",
)  # fmt: skip
"""What the warehouse subscribes to; the rest is Packline's own business."""
LEFT = frozenset({"SHIPLABEL_GENERATED", "SHIPPED", "DELIVERED"})
"""Statuses whose units are off the shelf: those with a label wait at the door."""
_AWAY = frozenset({"SHIPPED", "DELIVERED"})
_NEEDLESS = "parcel_has_left"
"""Why a command was refused that nobody gives again."""


class Told(msgspec.Struct, frozen=True, gc=False):
    """Where a shipment stands after an event, as the feed says it."""

    id: str
    amazon_id: str
    account: str
    location: str
    program: str
    status: str
    sub_status: str
    version: int
    goal: str | None = None


class ToldReturn(msgspec.Struct, frozen=True, gc=False):
    """Where a return stands after an event."""

    id: str
    amazon_id: str
    status: str
    kind: str
    location: str
    sku: str
    units: int
    received_units: int
    shipment: str | None = None


class _Data(msgspec.Struct, frozen=True, gc=False):
    event: dict[str, Any] = {}
    shipment: Told | None = None
    return_: ToldReturn | None = msgspec.field(default=None, name="return")


_decode = msgspec.json.Decoder(_Data)


@dataclass(slots=True)
class Entry:
    """One shipment in the book."""

    told: Told
    items: tuple[tuple[str, int], ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    has_invoice: bool = False
    lost: set[str] = field(default_factory=set)
    """Packages whose label Amazon does not give (any more), as the feed told."""
    problem: str = ""
    refused: str = ""
    is_adopted: bool = False
    """Somebody else worked on it, so the feed says."""
    has_left: bool = False
    """The warehouse or Amazon said so: what is cancelled afterwards is fetched back, and comes in like a return."""


class News(msgspec.Struct, frozen=True, gc=False):
    """What one event means to the people of the warehouse: a shipment or a return to look at."""

    name: str
    shipment: Entry | None = None
    came_back: ToldReturn | None = None


class Book:
    """Fold the feed; the same event twice changes nothing, one out of order is noted as a fault."""

    def __init__(self) -> None:
        self.shipments: dict[str, Entry] = {}
        self.returns: dict[str, tuple[str, ToldReturn]] = {}
        self.oversold: dict[tuple[str, str, str], list[int]] = {}
        self.faults: list[str] = []
        self.names: Counter[str] = Counter()
        self.events = 0

    def read(self, event: FeedEvent) -> News:
        """Take one event in."""
        self.events += 1
        self.names[event.name] += 1
        if event.name.startswith("account."):
            return News(event.name)
        if event.name.startswith("stock."):
            self._stock(event)
            return News(event.name)
        data = _decode.decode(event.data)
        if data.return_ is not None:
            self.returns[data.return_.id] = (event.account, data.return_)
            return News(event.name, came_back=data.return_)
        if data.shipment is None:
            return News(event.name)
        return News(event.name, self._shipment(event.name, data.event, data.shipment))

    def _shipment(self, name: str, event: dict[str, Any], told: Told) -> Entry:
        entry = self.shipments.get(told.id)
        if entry is None:
            if name != "shipment.received":
                self.faults.append(f"{told.amazon_id}: {name} came before the shipment was told of")
            entry = self.shipments[told.id] = Entry(told)
        if told.version < entry.told.version:
            self.faults.append(f"{told.amazon_id}: {name} of version {told.version} came after {entry.told.version}")
        entry.told = told
        entry.has_left = entry.has_left or told.status in _AWAY
        _FOLDS.get(name, _nothing)(entry, event)
        return entry

    def _stock(self, event: FeedEvent) -> None:
        told = msgspec.json.decode(event.data)["event"]
        self.oversold.setdefault((told["pool"], told["location"], told["sku"]), []).append(int(told["units"]))


def _nothing(_entry: Entry, _event: dict[str, Any]) -> None:
    return


def _received(entry: Entry, event: dict[str, Any]) -> None:
    entry.items = tuple((sku, units) for sku, units in event.get("items", ()))


def _labeled(entry: Entry, event: dict[str, Any]) -> None:
    if (label := event.get("label")) is not None and label.get("document"):
        entry.labels[event["package_id"]] = label["tracking_id"]
        entry.lost.discard(event["package_id"])


def _voided(entry: Entry, event: dict[str, Any]) -> None:
    if entry.labels.get(event["package_id"]) == event["tracking_id"]:
        del entry.labels[event["package_id"]]


def _lost(entry: Entry, event: dict[str, Any]) -> None:
    entry.lost.add(event["package_id"])


def _invoiced(entry: Entry, _event: dict[str, Any]) -> None:
    entry.has_invoice = True


def _stuck(entry: Entry, event: dict[str, Any]) -> None:
    entry.problem = event["problem"]["code"]


def _unstuck(entry: Entry, _event: dict[str, Any]) -> None:
    entry.problem = ""


def _adopted(entry: Entry, _event: dict[str, Any]) -> None:
    entry.is_adopted = True


def _handed_over(entry: Entry, _event: dict[str, Any]) -> None:
    entry.has_left = True


def _refused(entry: Entry, event: dict[str, Any]) -> None:
    code = (event.get("problem") or {}).get("code", "refused")
    entry.refused = "" if code == _NEEDLESS else code


_FOLDS = {
    "shipment.received": _received,
    "shipment.adopted": _adopted,
    "shipment.handed_over": _handed_over,
    "shipment.stuck": _stuck,
    "shipment.anomaly": _stuck,
    "shipment.unstuck": _unstuck,
    "package.labeled": _labeled,
    "package.label_voided": _voided,
    "package.label_failed": _lost,
    "document.invoice_stored": _invoiced,
    "command.rejected": _refused,
}
