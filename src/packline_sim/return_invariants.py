"""What must hold of returns and of the floor: units come back once, by a legal way, and lie where they were laid."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from packline_sim.records import Change, Return, Shipment
from packline_sim.shipment_invariants import Violation

if TYPE_CHECKING:
    from packline_sim.world import World

RETURN_RULES: dict[str, str] = {
    "returned_once": "No more units of a line come back than were sent, and none before the shipment left.",
    "return_moves": "A return moves along its way; what no buyer took is never collected from one.",
    "restocked_once": "Units are laid back on the floor after they came back, and each once.",
    "password_in_time": "A delivery counts as one with a password only where the return has one.",
    "scanned_once": "No unit is scanned in SmartHub for two shipments of a seller that stand.",
    "floor_adds_up": "What lies on the floor is what was counted, less what labels took, and what was laid back.",
}
_TAKEN = frozenset({"SHIPLABEL_GENERATED", "SHIPPED", "DELIVERED"})
_ENDED = frozenset({"CANCELLED", "REJECTED"})
_ARRIVED = frozenset({"DELIVERED", "PARTIALLY_PROCESSED", "PROCESSED"})
_COLLECTED = frozenset(
    {
        "CARRIER_NOTIFIED_TO_PICK_UP_FROM_CUSTOMER",
        "CARRIER_OUT_FOR_PICK_UP_FROM_CUSTOMER",
        "CUSTOMER_RESCHEDULED_PICK_UP",
        "CUSTOMER_CANCELLED_PICK_UP",
        "PICKED_FROM_CUSTOMER",
        "CUSTOMER_DROPPED_OFF",
    }
)
# What may not follow what; written apart from the table that moves returns.
_LAST = frozenset({"PROCESSED", "REJECTED", "CANCELLED", "CUSTOMER_CANCELLED_PICK_UP"})
_UNITS_KEY = "customSkuUnitIdentifiers"
StockKey = tuple[str, str, str]


class FloorChecks:
    """Follow what lies on the floor, by the shipments' statuses and what was counted and laid back."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._base: Counter[StockKey] = Counter()
        self._taken: Counter[StockKey] = Counter()
        self._taken_by: dict[str, Counter[StockKey]] = {}
        self._scans: dict[tuple[str, str], dict[str, str]] = {}
        for shipment in world.shipments.values():
            self.look_at(shipment)
        for key, row in world.stock.rows.items():
            self._base[key] = row.on_hand + self._taken[key]
        for record in world.returns.values():
            self._base[_place(record)] -= record.restocked

    def follow(self, change: Change) -> None:
        """Take note of a count of the floor."""
        if change.kind == "floor_counted" and change.location_id is not None:
            key = (change.seller_id, change.location_id, change.subject)
            self._base[key] += int(change.after or 0) - int(change.before or 0)

    def look_at(self, shipment: Shipment) -> None:
        """Count a shipment's units as its status says."""
        self._taken.subtract(self._taken_by.pop(shipment.shipment_id, Counter()))
        if shipment.status in _TAKEN:
            mine = self._taken_by[shipment.shipment_id] = Counter()
            for line in shipment.lines:
                mine[shipment.seller_id, shipment.location_id, line.sku] += line.units
            self._taken.update(mine)

    def report(self) -> Iterator[Violation]:
        """Give every floor that does not add up."""
        laid_back: Counter[StockKey] = Counter()
        for record in self._world.returns.values():
            laid_back[_place(record)] += record.restocked
        for key, row in self._world.stock.rows.items():
            expected = self._base[key] - self._taken[key] + laid_back[key]
            if row.on_hand != expected:
                detail = f"{row.on_hand} lie there, {expected} should: {self._taken[key]} taken, {laid_back[key]} back"
                yield Violation(rule="floor_adds_up", subject="/".join(key), detail=detail)


def return_violations(world: "World") -> Iterator[Violation]:
    """Check every return, and what was scanned, against the rules."""
    back: Counter[tuple[str, str]] = Counter()
    for record in world.returns.values():
        yield from _one(record)
        if record.status not in _ENDED:
            back[record.shipment_id, record.sku] += record.units
    for (shipment_id, sku), units in back.items():
        shipment = world.shipments[shipment_id]
        sent = sum(line.units for line in shipment.lines if line.sku == sku)
        if units > sent:
            yield _broken("returned_once", shipment_id, f"{units} units of {sku} come back, {sent} were sent")
        if not any(package.status in {"SHIPPED", "DELIVERED"} for package in shipment.packages.values()):
            yield _broken("returned_once", shipment_id, f"{sku} comes back and the shipment is {shipment.status}")
    yield from _scanned_twice(world)


def _one(record: Return) -> Iterator[Violation]:
    statuses = [move.after for move in record.history]
    for before, after in pairwise(statuses):
        if before in _LAST or (before in _ARRIVED and after not in {*_ARRIVED, "REJECTED"}):
            yield _broken("return_moves", record.return_id, f"{after} came after {before}")
        if after in _COLLECTED and before not in {*_COLLECTED, "CREATED"}:
            yield _broken("return_moves", record.return_id, f"{after} came after {before}")
    if record.return_type == "REJECT" and _COLLECTED & set(statuses):
        yield _broken("return_moves", record.return_id, "a parcel that no buyer took was collected from one")
    if not statuses or statuses[-1] != record.status:
        yield _broken("return_moves", record.return_id, f"the status is {record.status}, the history {statuses[-1:]}")
    if not 0 <= record.restocked <= record.units or (record.restocked and not _ARRIVED & set(statuses)):
        detail = f"{record.restocked} of {record.units} units were laid back; the return is {record.status}"
        yield _broken("restocked_once", record.return_id, detail)
    if record.delivery_mode == "WITH_OTP" and record.otp is None:
        yield _broken("password_in_time", record.return_id, "it was delivered with a password that it does not have")


def _scanned_twice(world: "World") -> Iterator[Violation]:
    seen: dict[tuple[str, str, str], str] = {}
    came_back = {record.shipment_id for record in world.returns.values()}
    for shipment in world.shipments.values():
        if shipment.status == "CANCELLED" or not shipment.worked_in_smarthub:
            continue
        units: list[tuple[str, str]] = []
        for line in shipment.lines:
            for scanned in line.custom_attributes:
                if scanned["key"] == _UNITS_KEY:
                    units += [(line.sku, unit) for unit in msgspec.json.decode(scanned["value"])]
        for sku, unit in units:
            other = seen.setdefault((shipment.seller_id, sku, unit), shipment.shipment_id)
            if other != shipment.shipment_id and other not in came_back:
                yield _broken("scanned_once", shipment.shipment_id, f"{unit} of {sku} was scanned for {other} too")
            seen[shipment.seller_id, sku, unit] = shipment.shipment_id


def _place(record: Return) -> StockKey:
    return (record.seller_id, record.return_location_id, record.sku)


def _broken(rule: str, subject: str, detail: str) -> Violation:
    return Violation(rule=rule, subject=subject, detail=detail)
