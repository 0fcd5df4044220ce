"""What must hold in this world whatever connectors do; watched as it happens, and reported with ids."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from packline_sim.journal import CallFilter
from packline_sim.notifications.invariants import NOTIFICATION_RULES, notification_violations
from packline_sim.orders.invariants import ORDER_EFFECTS, ORDER_RULES, OrderChecks
from packline_sim.records import Change, Shipment, Stock
from packline_sim.return_invariants import RETURN_RULES, FloorChecks, return_violations
from packline_sim.shipment_invariants import Violation, shipment_violations, should_hold_stock, violation

if TYPE_CHECKING:
    from packline_sim.world import World

RULES: dict[str, str] = {
    "units_packed_once": "Every unit of a shipment lies in exactly one package once labels exist, and never in two.",
    "serial_packed_once": "No serial number is packed twice in one shipment.",
    "one_live_label": "A package has at most one label that is valid.",
    "label_made_once": "No two labels were made for the same contents and shipping option of a package.",
    "label_before_departure": "A package that has left carries a live label.",
    "label_fits_contents": "A live label was made for the package as it is now.",
    "invoice_before_label": "Where an invoice is required, no label exists without it.",
    "cancelled_is_void": "A cancelled shipment has no live label and holds no stock.",
    "quiet_after_cancel": "No call changes a shipment after it was cancelled.",
    "shipped_together": "A shipment has left when all its packages have, and not before.",
    "legal_moves": "Statuses change only along Amazon's journey, each step from where the last one ended.",
    "refusals_change_nothing": "A call that was refused changed nothing.",
    "stock_adds_up": "Reserved units are those of shipments that hold stock; sellable is what is left, never below 0.",
    "sequences_grow": "The sequence number of a published quantity is greater than the last one.",
    "tracking_unique": "No two live labels that Amazon made share a tracking id.",
    **RETURN_RULES,
    **ORDER_RULES,
    **NOTIFICATION_RULES,
}
_EFFECTS = frozenset(
    {"shipment_status", "packages_created", "package_replaced", "package_status", "label_made", "invoice_made"}
)
_WATCHED_CALLS = 50_000
_StockKey = tuple[str, str, str]


class InvariantReport(msgspec.Struct, frozen=True, kw_only=True):
    """Tell whether all rules hold (`ok`), how much was looked at, and every violation; `orders` are Seller Central's.

    `oversold` counts units that are promised and not on the floor: bad luck, not a violation.
    """

    ok: bool
    shipments: int
    orders: int
    changes: int
    calls: int
    oversold: int
    violations: list[Violation]


class InvariantChecker:
    """Follow a world; a report looks again only at what changed since the last one."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.begin()

    def begin(self) -> None:
        """Forget what was seen and look at the whole world once more at the next report."""
        self._stale: dict[str, None] = dict.fromkeys(self._world.shipments)
        self._standing: dict[str, list[Violation]] = {}
        self._events: list[Violation] = []
        self._cancelled: set[str] = {
            key for key, shipment in self._world.shipments.items() if shipment.status == "CANCELLED"
        }
        self._held: dict[str, dict[_StockKey, int]] = {}
        self._reserved: dict[_StockKey, int] = {}
        self._tracking: dict[str, dict[str, str]] = {}
        self._sequences: dict[tuple[_StockKey, str], int] = {}
        self._rows: dict[tuple[str, str], list[tuple[_StockKey, Stock]]] = {}
        self._rows_known = 0
        self._orders = OrderChecks(self._world)
        self._floor = FloorChecks(self._world)
        self._by_call: dict[int, str] = {}
        self._changes = 0

    def follow(self, change: Change) -> None:
        """Take note of one change; cheap, called for every one."""
        self._changes += 1
        if change.kind == "stock_published":
            self._check_sequences(change)
            return
        self._floor.follow(change)
        if change.subject in self._world.orders:
            self._orders.follow(change)
            if change.call_seq and change.kind in ORDER_EFFECTS:
                self._watch_call(change)
            return
        if change.subject not in self._world.shipments:
            return
        self._stale[change.subject] = None
        if change.kind not in _EFFECTS:
            return
        if change.call_seq:
            self._watch_call(change)
        if change.subject in self._cancelled:
            self._note("quiet_after_cancel", change, f"{change.kind} ({change.after}) by {change.cause or 'a call'}")
        if change.kind == "shipment_status" and change.after == "CANCELLED":
            self._cancelled.add(change.subject)

    def report(self) -> InvariantReport:
        """Check what changed since the last report, and tell all violations that stand."""
        switches = self._world.switches.as_dict()
        for shipment_id in self._stale:
            self._look_at(self._world.shipments[shipment_id], switches)
        self._stale.clear()
        self._check_refusals()
        violations = [*self._events, *(row for rows in self._standing.values() for row in rows)]
        violations += [*self._stock_violations(), *self._orders.report()]
        violations += notification_violations(self._world)
        violations += [*return_violations(self._world), *self._floor.report()]
        return InvariantReport(
            ok=not violations,
            shipments=len(self._world.shipments),
            orders=len(self._world.orders),
            changes=self._changes,
            calls=self._world.journal.total,
            oversold=sum(row.oversold for row in self._world.stock.rows.values()),
            violations=violations,
        )

    def _look_at(self, shipment: Shipment, switches: Mapping[str, str]) -> None:
        found = [*shipment_violations(shipment, switches), *self._shared_tracking(shipment)]
        if found:
            self._standing[shipment.shipment_id] = found
        else:
            self._standing.pop(shipment.shipment_id, None)
        self._count_held(shipment)
        self._floor.look_at(shipment)

    def _count_held(self, shipment: Shipment) -> None:
        for key, units in self._held.pop(shipment.shipment_id, {}).items():
            self._reserved[key] -= units
        if not should_hold_stock(shipment, self._world.switches["reservation_released_at"]):
            return
        mine = self._held[shipment.shipment_id] = {}
        for line in shipment.lines:
            key = (shipment.seller_id, shipment.location_id, line.sku)
            mine[key] = mine.get(key, 0) + line.units
            self._reserved[key] = self._reserved.get(key, 0) + line.units

    def _shared_tracking(self, shipment: Shipment) -> Iterator[Violation]:
        for package in shipment.packages.values():
            label = package.live_label
            if label is None or shipment.works_as == "SELF_SHIP":
                continue
            owner = f"{shipment.shipment_id}/{package.package_id}"
            known = self._tracking.setdefault(label.carrier, {}).setdefault(label.tracking_id, owner)
            if known != owner:
                detail = f"{label.carrier} {label.tracking_id} is also on {known}"
                yield violation("tracking_unique", shipment, detail, package)

    def _stock_violations(self) -> Iterator[Violation]:
        for key, row in self._world.stock.rows.items():
            expected = self._reserved.get(key, 0)
            if row.reserved != expected:
                yield _stock_violation(row, f"reserved is {row.reserved}, the shipments hold {expected}")
            if row.sellable != max(0, row.quantity - row.reserved):
                yield _stock_violation(
                    row, f"sellable is {row.sellable} of {row.quantity} with {row.reserved} reserved"
                )

    def _check_sequences(self, change: Change) -> None:
        for key, row in self._rows_of(change.seller_id, change.subject):
            for scope, number in row.sequences.items():
                last = self._sequences.get((key, scope))
                if last is not None and number < last:
                    self._note("sequences_grow", change, f"{scope} at {key[1]} went from {last} to {number}")
                self._sequences[key, scope] = number

    def _rows_of(self, seller_id: str, sku: str) -> list[tuple[_StockKey, Stock]]:
        rows = self._world.stock.rows
        if len(rows) != self._rows_known:
            self._rows_known = len(rows)
            self._rows.clear()
            for key, row in rows.items():
                self._rows.setdefault((key[0], key[2]), []).append((key, row))
        return self._rows.get((seller_id, sku), [])

    def _watch_call(self, change: Change) -> None:
        self._by_call[change.call_seq] = change.subject
        if len(self._by_call) > _WATCHED_CALLS:
            self._check_refusals()

    def _check_refusals(self) -> None:
        if not self._by_call:
            return
        first = min(self._by_call)
        for entry in self._world.journal.entries(CallFilter(after_seq=first - 1)):
            subject = self._by_call.pop(entry.seq, None)
            if subject is not None and 400 <= entry.status < 500:
                detail = f"{entry.operation} was answered {entry.status} and changed it all the same"
                self._events.append(
                    Violation(rule="refusals_change_nothing", subject=subject, detail=detail, call_seq=entry.seq)
                )
        # A call that is still held by a slow fault has no entry yet; those that fell out of the journal never will.
        oldest = self._world.call_seq - self._world.journal.capacity
        self._by_call = {seq: subject for seq, subject in self._by_call.items() if seq > oldest}

    def _note(self, rule: str, change: Change, detail: str) -> None:
        self._events.append(
            Violation(
                rule=rule,
                subject=change.subject,
                detail=detail,
                package_id=change.package_id,
                call_seq=change.call_seq or None,
            )
        )


def _stock_violation(row: Stock, detail: str) -> Violation:
    subject = f"{row.seller_id}/{row.location_id}/{row.sku}"
    return Violation(rule="stock_adds_up", subject=subject, detail=detail)
