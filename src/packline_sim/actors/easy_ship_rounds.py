"""Carriers of Easy Ship orders: they collect within the booked window and bring parcels along their stations."""

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from packline_sim.orders.progress import CARRIER_MOVES, SCHEDULED, carrier_moves
from packline_sim.orders.records import EasyShipPackage, EasyShipStatus, Order
from packline_sim.records import Change
from packline_sim.streams import about, happens
from packline_sim.world import World

if TYPE_CHECKING:
    from packline_sim.actors.carriers import Carriers

# Stations, and the part of the way after which a parcel is there.
_STATIONS: tuple[tuple[EasyShipStatus, float], ...] = (
    ("AtOriginFC", 0.1),
    ("AtDestinationFC", 0.7),
    ("OutForDelivery", 0.9),
)


class EasyShipRounds:
    """Follow scheduled orders; what is drawn for one of them is its own."""

    def __init__(self, world: World, settings: "Callable[[], Carriers]") -> None:
        self._world = world
        self._settings = settings
        self.picked_up = self.delivered = self.undelivered = self.left = self.lost = self.damaged = 0

    def follow(self, change: Change) -> None:
        """Take note of a package that was scheduled or moved to another window."""
        if change.kind in {"package_scheduled", "package_rescheduled"}:
            self._plan_pickup(self._world.orders[change.subject])

    def resume(self) -> None:
        """Plan anew what was under way, after all alarms were called off."""
        for order in self._world.orders.values():
            if order.live_package is None:
                continue
            if order.easy_ship_status in SCHEDULED:
                self._plan_pickup(order)
            elif order.easy_ship_status in CARRIER_MOVES:
                self._plan_delivery(order, order.live_package)

    def _plan_pickup(self, order: Order) -> None:
        package = order.live_package
        if package is None or "EASY_SHIP" not in self._settings().programs:
            return
        slot = package.slot
        begin = max(slot.start_ms, self._world.clock.now_ms())
        due = round(self._draw("pickup", order).uniform(begin, max(begin, slot.end_ms)))
        slot_id = slot.slot_id
        self._world.clock.at(due, lambda: self._pick_up(order.order_id, slot_id))

    def _pick_up(self, order_id: str, slot_id: str) -> None:
        order = self._world.orders[order_id]
        package = order.live_package
        if package is None or package.slot.slot_id != slot_id or order.easy_ship_status not in SCHEDULED:
            self.left += 1
            return
        carrier_moves(self._world, order, "DroppedOff" if package.slot.method == "DROPOFF" else "PickedUp")
        self.picked_up += 1
        self._plan_delivery(order, package)

    def _plan_delivery(self, order: Order, package: EasyShipPackage) -> None:
        draw = self._draw("delivery", order)
        seconds = about(draw, self._settings().deliver_after_s)
        tracking_id = package.tracking_id
        for status, share in _STATIONS:
            if status in CARRIER_MOVES.get(order.easy_ship_status or "", ()):
                self._report_after(seconds * share, order.order_id, tracking_id, status)
        last = self._ending(order, draw)
        self._report_after(seconds, order.order_id, tracking_id, last)
        if last == "RejectedByBuyer":
            self._report_after(seconds * 1.2, order.order_id, tracking_id, "ReturningToSeller")
            self._report_after(seconds * 2, order.order_id, tracking_id, "ReturnedToSeller")

    def _draw(self, what: str, order: Order) -> random.Random:
        return self._world.streams.about(f"carriers.easy_ship.{what}", order.order_id, len(order.packages))

    def _ending(self, order: Order, draw: random.Random) -> EasyShipStatus:
        settings = self._settings()
        shares = (settings.undelivered_share, settings.lost_share, settings.damaged_share)
        refused, is_lost, is_damaged = (happens(draw, share) for share in shares)
        if is_lost:
            return "Lost"
        if is_damaged:
            return "Damaged"
        return "RejectedByBuyer" if refused or (order.intent is not None and order.intent.refuses) else "Delivered"

    def _report_after(self, seconds: float, order_id: str, tracking_id: str, status: EasyShipStatus) -> None:
        self._world.clock.after(seconds, lambda: self._report(order_id, tracking_id, status))

    def _report(self, order_id: str, tracking_id: str, status: EasyShipStatus) -> None:
        order = self._world.orders.get(order_id)
        package = None if order is None else order.live_package
        if order is None or package is None or package.tracking_id != tracking_id:
            return
        if status not in CARRIER_MOVES.get(order.easy_ship_status or "", ()):
            return
        carrier_moves(self._world, order, status)
        self.delivered += status == "Delivered"
        self.undelivered += status == "RejectedByBuyer"
        self.lost += status == "Lost"
        self.damaged += status == "Damaged"
