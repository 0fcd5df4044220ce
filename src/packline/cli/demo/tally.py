"""What happened, counted from the event feed: shipments by program and stage, and how long each stage took."""

from collections import Counter, deque
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

STAGES = {
    "shipment.received": "received",
    "shipment.confirmed": "confirmed",
    "shipment.packed": "packed",
    "shipment.slotted": "slot",
    "shipment.invoiced": "invoice",
    "shipment.labeled": "label",
    "documents": "documents",
    "shipment.handed_over": "handed over",
    "shipment.shipped": "shipped",
    "shipment.delivered": "delivered",
    "shipment.cancelled": "cancelled",
}
ORDER = tuple(STAGES.values())
LAST = 14
_NO_STAGE = ("documents", "cancelled")  # documents are stored in the commit that stores the label


class Stage(NamedTuple):
    """How long one stage took: how many shipments, and seconds since the stage before for half and 95 % of them."""

    name: str
    shipments: int
    half: float
    most: float


class Tally:
    """Follow the feed."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.reached: dict[str, dict[str, datetime]] = {}
        self.programs: dict[str, str] = {}
        self.status: dict[str, str] = {}
        self.outcomes: Counter[str] = Counter()
        self.last: deque[tuple[datetime, str, str, str]] = deque(maxlen=LAST)
        self.events = self.labels = self.invoices = 0

    def follow(self, event: dict[str, Any]) -> None:
        """Take one event into account."""
        self.events += 1
        kind, shipment = event["type"], event["shipment"]
        told = event["data"].get("shipment") or {}
        if shipment and told:
            self.programs[shipment] = told["program"]
            self.status[shipment] = told["status"]
        self.labels += kind == "package.labeled"
        self.invoices += kind == "document.invoice_stored"
        if kind.startswith("command."):
            self.outcomes[kind.partition(".")[2]] += 1
        self._stage(event, kind, shipment)
        if kind in STAGES or kind.startswith("command.") or "stuck" in kind or "anomaly" in kind:
            at = datetime.fromisoformat(event["timestamp"])
            self.last.append((at, kind, told.get("amazon_id", ""), told.get("program", "")))

    def stages(self) -> list[Stage]:
        """Tell how long each stage took, since the one before it."""
        taken: dict[str, list[float]] = {name: [] for name in ORDER}
        for times in self.reached.values():
            before: datetime | None = None
            for name in ORDER:
                at = times.get(name)
                if at is None or name in _NO_STAGE:
                    continue
                if before is not None:
                    taken[name].append(max(0.0, (at - before).total_seconds()))
                before = at
        return [Stage(name, len(rows), _part(rows, 0.5), _part(rows, 0.95)) for name, rows in taken.items() if rows]

    def count(self, program: str, stage: str) -> int:
        """Count the shipments of a program that reached a stage."""
        return sum(stage in times for shipment, times in self.reached.items() if self.programs.get(shipment) == program)

    def journey(self) -> list[float]:
        """List the seconds from the first word of each shipment to its documents."""
        both = [t for t in self.reached.values() if "received" in t and "documents" in t]
        return [(times["documents"] - times["received"]).total_seconds() for times in both]

    def finished(self) -> int:
        """Count the shipments that are in other hands: shipped (Self Ship: delivered), or cancelled."""
        return sum(self._is_finished(shipment) for shipment in self.reached)

    def _is_finished(self, shipment: str) -> bool:
        status = self.status.get(shipment)
        if self.programs.get(shipment) == "self_ship":
            return status in ("DELIVERED", "CANCELLED")
        return status in ("SHIPPED", "DELIVERED", "CANCELLED")

    def _stage(self, event: dict[str, Any], kind: str, shipment: str | None) -> None:
        if kind == "command.succeeded" and event["data"]["event"].get("goal") == "labeled":
            kind = "documents"
        if shipment and kind in STAGES:
            at = datetime.fromisoformat(event["timestamp"])
            self.reached.setdefault(shipment, {}).setdefault(STAGES[kind], at)


def part(rows: Iterable[float], share: float) -> float:
    """Give the value that a share of the rows does not exceed; 0 where there are none."""
    return _part(list(rows), share)


def _part(rows: list[float], share: float) -> float:
    ordered = sorted(rows)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
