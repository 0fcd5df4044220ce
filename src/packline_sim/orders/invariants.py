"""What must hold for orders of Seller Central whatever connectors do."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from packline_sim.orders.progress import PACKAGE_STATUS, SCHEDULED
from packline_sim.orders.records import EasyShipPackage, Order
from packline_sim.orders.stock import is_drawn_on
from packline_sim.records import Change
from packline_sim.shipment_invariants import Violation

if TYPE_CHECKING:
    from packline_sim.world import World

ORDER_RULES: dict[str, str] = {
    "order_scheduled_once": "An order has at most one live package, and it is the last one.",
    "order_quiet_after_cancel": "No package is scheduled, moved or collected after its order was cancelled.",
    "order_serial_once": "No serial number is in two live packages of a seller.",
    "order_tracking_unique": "No two scheduled packages share a tracking id.",
    "order_fits_package": "An order's Easy Ship status and its package's status tell of the same moment.",
    "windows_add_up": "A window holds as many packages as are booked in it.",
    "listing_units_add_up": "A listing's reserved units are those of the orders that hold stock.",
}
ORDER_EFFECTS = frozenset(
    {"order_status", "easy_ship_status", "package_scheduled", "package_rescheduled", "easy_ship_label_voided"}
)
_AFTER_CANCEL = frozenset({"package_scheduled", "package_rescheduled", "easy_ship_status"})


class OrderChecks:
    """Follow a world's orders; a report looks at all of them."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._cancelled = {key for key, order in world.orders.items() if order.status == "Canceled"}
        self._events: list[Violation] = []

    def follow(self, change: Change) -> None:
        """Take note of one change of an order."""
        if change.subject in self._cancelled and change.kind in _AFTER_CANCEL:
            detail = f"{change.kind} ({change.after}) by {change.cause or 'a call'} after the cancellation"
            self._events.append(_violation("order_quiet_after_cancel", change.subject, detail, change.call_seq))
        if change.kind == "order_status" and change.after == "Canceled":
            self._cancelled.add(change.subject)

    def report(self) -> list[Violation]:
        """Give all violations that stand."""
        found = list(self._events)
        tracking: dict[str, str] = {}
        serials: dict[tuple[str, str], str] = {}
        windows: Counter[tuple[str, str, str, int]] = Counter()
        held: Counter[tuple[str, str]] = Counter()
        for order in self._world.orders.values():
            found += _look_at(order)
            found += _shared(order, tracking, serials)
            for package in order.packages:
                if package.status != "LabelCanceled":
                    windows[order.seller_id, order.marketplace_id, package.slot.method, package.slot.start_ms] += 1
            for item in order.items if order.holds_stock else ():
                listing = self._world.listings.get((order.seller_id, item.sku))
                if listing is not None and is_drawn_on(listing, order):
                    held[order.seller_id, item.sku] += item.quantity
        return [*found, *self._windows(windows), *self._listings(held)]

    def _windows(self, booked: Counter[tuple[str, str, str, int]]) -> Iterator[Violation]:
        taken = self._world.easy_ship.taken
        for key in {*booked, *taken}:
            if booked[key] != taken.get(key, 0):
                subject = f"{key[0]}/{key[1]}/{key[2]}/{key[3]}"
                yield _violation("windows_add_up", subject, f"{taken.get(key, 0)} counted, {booked[key]} booked")

    def _listings(self, held: Counter[tuple[str, str]]) -> Iterator[Violation]:
        for key, listing in self._world.listings.items():
            if listing.reserved != held[key]:
                detail = f"reserved is {listing.reserved}, the orders hold {held[key]}"
                yield _violation("listing_units_add_up", f"{key[0]}/{key[1]}", detail)


def _look_at(order: Order) -> Iterator[Violation]:
    live = [package for package in order.packages if package.status != "LabelCanceled"]
    if len(live) > 1 or (live and live[0] is not order.packages[-1]):
        yield _violation("order_scheduled_once", order.order_id, f"{len(live)} live packages")
    if live and not _fits(order, live[-1]):
        detail = f"the order is {order.easy_ship_status}, the package {live[-1].status}"
        yield _violation("order_fits_package", order.order_id, detail)
    if not live and (order.easy_ship_status in SCHEDULED or order.easy_ship_status in PACKAGE_STATUS):
        yield _violation("order_fits_package", order.order_id, f"{order.easy_ship_status} without a package")


def _fits(order: Order, package: EasyShipPackage) -> bool:
    status = order.easy_ship_status or ""
    if status in SCHEDULED:
        return package.status == "ReadyForPickup" and order.status == "Unshipped"
    return PACKAGE_STATUS.get(status, package.status) == package.status and order.status == "Shipped"


def _shared(order: Order, tracking: dict[str, str], serials: dict[tuple[str, str], str]) -> Iterator[Violation]:
    for package in order.packages:
        other = tracking.setdefault(package.tracking_id, order.order_id)
        if other != order.order_id:
            yield _violation("order_tracking_unique", order.order_id, f"{package.tracking_id} is also on {other}")
        if package.status == "LabelCanceled":
            continue
        for number in (one for row in package.serials.values() for one in row):
            other = serials.setdefault((order.seller_id, number), order.order_id)
            if other != order.order_id:
                yield _violation("order_serial_once", order.order_id, f"{number} is also in {other}")


def _violation(rule: str, subject: str, detail: str, call_seq: int = 0) -> Violation:
    return Violation(rule=rule, subject=subject, detail=detail, call_seq=call_seq or None)
