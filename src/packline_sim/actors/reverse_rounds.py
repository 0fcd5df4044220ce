"""Carriers on the way back: from buyers who send something back, and with parcels that nobody took."""

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from packline_sim.records import Change, Package, Return, Shipment
from packline_sim.specs import ReturnSpec, ReturnStatus
from packline_sim.streams import about, happens
from packline_sim.world import World

if TYPE_CHECKING:
    from packline_sim.actors.carriers import Carriers

# The usual way of a return; a parcel that no buyer took begins on the road.
_CUSTOMER: dict[str, ReturnStatus] = {
    "CREATED": "CARRIER_NOTIFIED_TO_PICK_UP_FROM_CUSTOMER",
    "CARRIER_NOTIFIED_TO_PICK_UP_FROM_CUSTOMER": "CARRIER_OUT_FOR_PICK_UP_FROM_CUSTOMER",
    "CARRIER_OUT_FOR_PICK_UP_FROM_CUSTOMER": "PICKED_FROM_CUSTOMER",
    "CUSTOMER_RESCHEDULED_PICK_UP": "CARRIER_OUT_FOR_PICK_UP_FROM_CUSTOMER",
    "PICKED_FROM_CUSTOMER": "IN_TRANSIT",
    "CUSTOMER_DROPPED_OFF": "IN_TRANSIT",
    "IN_TRANSIT": "OUT_FOR_DELIVERY",
    "REPLANNED": "OUT_FOR_DELIVERY",
    "OUT_FOR_DELIVERY": "DELIVERED",
}
_REJECT: dict[str, ReturnStatus] = {**_CUSTOMER, "CREATED": "IN_TRANSIT"}


class ReverseRounds:
    """Follow returns and undelivered parcels; what is drawn for one of them is its own."""

    def __init__(self, world: World, settings: "Callable[[], Carriers]") -> None:
        self._world = world
        self._settings = settings
        self.brought_back = 0

    def follow(self, change: Change) -> None:
        """Take note of a return that moved, or of a parcel that could not be delivered."""
        if not self._settings().returns:
            return
        if change.kind in {"return_created", "return_status"}:
            self._plan(self._world.returns[change.subject])
        elif change.kind == "shipment_changed" and change.after == "UNDELIVERABLE":
            self._turn_back_after(self._world.shipments[change.subject], change.package_id or "")

    def resume(self) -> None:
        """Plan anew what was under way, after all alarms were called off."""
        if not self._settings().returns:
            return
        for record in self._world.returns.values():
            self._plan(record)
        for shipment in self._world.shipments.values():
            for package in shipment.packages.values():
                if package.sub_status == "UNDELIVERABLE" and not shipment.return_ids:
                    self._turn_back_after(shipment, package.package_id)

    def _turn_back_after(self, shipment: Shipment, package_id: str) -> None:
        draw = self._world.streams.about("carriers.turning_back", shipment.shipment_id, shipment.place_of(package_id))
        wait = about(draw, self._settings().return_step_s)
        self._world.clock.after(wait, lambda: self._turn_back(shipment, package_id))

    def _turn_back(self, shipment: Shipment, package_id: str) -> None:
        package = shipment.packages[package_id]
        if package.status != "SHIPPED" or package.sub_status != "UNDELIVERABLE":
            return
        for spec in _contents(shipment, package):
            try:
                self._world.create_return(spec)
            except ValueError:
                continue  # a hand was faster and made this return itself

    def _plan(self, record: Return) -> None:
        draw = self._world.streams.about("carriers.returns", record.return_id, len(record.history))
        following = self._following(record, draw)
        seconds = self._settings().return_step_s
        if following == "PROCESSED":
            seconds = self._settings().process_after_s
        if following is None or (following == "PROCESSED" and not seconds):
            return
        status, at = following, record.status
        self._world.clock.after(about(draw, seconds), lambda: self._move(record.return_id, at, status))

    def _following(self, record: Return, draw: random.Random) -> ReturnStatus | None:
        settings, status = self._settings(), record.status
        if status == "CARRIER_OUT_FOR_PICK_UP_FROM_CUSTOMER":
            is_called_off, is_put_off = (
                happens(draw, share) for share in (settings.return_called_off_share, settings.return_put_off_share)
            )
            if is_called_off:
                return "CUSTOMER_CANCELLED_PICK_UP"
            if is_put_off:
                return "CUSTOMER_RESCHEDULED_PICK_UP"
        if status == "OUT_FOR_DELIVERY" and happens(draw, settings.replan_share):
            return "REPLANNED"
        if status in {"DELIVERED", "PARTIALLY_PROCESSED"}:
            return "PROCESSED"
        return (_REJECT if record.return_type == "REJECT" else _CUSTOMER).get(status)

    def _move(self, return_id: str, at: str, status: ReturnStatus) -> None:
        record = self._world.returns.get(return_id)
        if record is None or record.status != at:
            return
        self._world.move_return(return_id, status)
        self.brought_back += status == "DELIVERED"


def _contents(shipment: Shipment, package: Package) -> list[ReturnSpec]:
    return [
        ReturnSpec(
            shipment_id=shipment.shipment_id,
            line_id=packed.line_id,
            units=packed.units,
            return_type="REJECT",
            reason="Undeliverable",
        )
        for packed in package.lines
    ]
