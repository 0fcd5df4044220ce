"""Carriers who collect labelled packages and deliver them by themselves, on the simulator's clock."""

import random
from typing import Annotated

import msgspec

from packline_sim.actors.easy_ship_rounds import EasyShipRounds
from packline_sim.actors.reverse_rounds import ReverseRounds
from packline_sim.programs import Program
from packline_sim.records import Change, Package, Shipment
from packline_sim.specs import ScanEvent
from packline_sim.streams import about, happens
from packline_sim.world import World

Seconds = Annotated[float, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
ENDED = frozenset({"LOST", "DAMAGED", "UNDELIVERABLE"})


class Carriers(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Say how carriers work: whether they scan by themselves, for which programs, and after how long.

    Parcels of Pharmacy they take where they take those of the program that it works as.

    Delays are simulated seconds, drawn evenly between half and one and a half times the figure. A package whose label
    was voided meanwhile is left on the dock. `undelivered_share` of the parcels comes back instead of being delivered.
    Easy Ship orders of Seller Central are collected within their booked window, whatever `pickup_after_s` says.

    With `stations` a parcel is reported out for delivery first, and `second_attempt_share` of them NOT_DELIVERED once.
    Lost and damaged parcels never arrive. With `returns` carriers also travel back: they bring undelivered parcels to
    the seller and collect what buyers send back, each step after `return_step_s`; shares of the buyers call the pickup
    off or put it off, and a share of the deliveries is planned anew. `process_after_s` after its delivery Amazon counts
    a return as PROCESSED; 0 leaves that to somebody's hand. With `only_printed` a parcel waits for another visit while
    nobody has fetched its label's file: nobody can have stuck it on. Labels of SmartHub are printed there.
    """

    automatic: bool = False
    programs: tuple[Program, ...] = ("EASY_SHIP", "SELLER_FLEX")
    pickup_after_s: Seconds = 3600.0
    deliver_after_s: Seconds = 86_400.0
    undelivered_share: Share = 0.0
    stations: bool = False
    second_attempt_share: Share = 0.0
    lost_share: Share = 0.0
    damaged_share: Share = 0.0
    returns: bool = False
    return_step_s: Seconds = 21_600.0
    return_called_off_share: Share = 0.0
    return_put_off_share: Share = 0.0
    replan_share: Share = 0.0
    process_after_s: Seconds = 0.0
    only_printed: bool = False


class CarriersChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Change some of the carriers' settings; what is left out stays."""

    automatic: bool | None = None
    programs: tuple[Program, ...] | None = None
    pickup_after_s: Seconds | None = None
    deliver_after_s: Seconds | None = None
    undelivered_share: Share | None = None
    stations: bool | None = None
    second_attempt_share: Share | None = None
    lost_share: Share | None = None
    damaged_share: Share | None = None
    returns: bool | None = None
    return_step_s: Seconds | None = None
    return_called_off_share: Share | None = None
    return_put_off_share: Share | None = None
    replan_share: Share | None = None
    process_after_s: Seconds | None = None
    only_printed: bool | None = None


class CarriersState(msgspec.Struct, frozen=True, kw_only=True):
    """Show the carriers' settings and what they have done."""

    settings: Carriers
    picked_up: int
    delivered: int
    undelivered: int
    left_on_the_dock: int
    lost: int
    damaged: int
    brought_back: int


class CarrierFleet:
    """Follow the world: a label starts the wait for the pickup, the pickup the wait for the delivery.

    What becomes of a parcel is drawn for it alone: the same seed draws the same, whichever parcel is carried first.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._settings = Carriers()
        self._picked_up = self._delivered = self._undelivered = self._left = self._lost = self._damaged = 0
        self._rounds = EasyShipRounds(world, lambda: self._settings)
        self._reverse = ReverseRounds(world, lambda: self._settings)

    @property
    def state(self) -> CarriersState:
        """Show settings and counts."""
        return CarriersState(
            settings=self._settings,
            picked_up=self._picked_up + self._rounds.picked_up,
            delivered=self._delivered + self._rounds.delivered,
            undelivered=self._undelivered + self._rounds.undelivered,
            left_on_the_dock=self._left + self._rounds.left,
            lost=self._lost + self._rounds.lost,
            damaged=self._damaged + self._rounds.damaged,
            brought_back=self._reverse.brought_back,
        )

    def change(self, settings: Carriers) -> None:
        """Work by other settings from the next label on."""
        self._settings = settings

    def resume(self) -> None:
        """Plan anew what was under way, after the world went back to a snapshot and all alarms were called off."""
        if not self._settings.automatic:
            return
        self._rounds.resume()
        self._reverse.resume()
        for shipment in self._world.shipments.values():
            for package in shipment.packages.values():
                if package.status == "SHIPLABEL_GENERATED":
                    self._plan_pickup(shipment.shipment_id, package.package_id)
                elif package.status == "SHIPPED" and self._serve(shipment):
                    self._plan_delivery(shipment.shipment_id, package.package_id)

    def follow(self, change: Change) -> None:
        """Take note of one change of the world."""
        if not self._settings.automatic:
            return
        self._rounds.follow(change)
        self._reverse.follow(change)
        if change.kind == "label_made" and change.package_id is not None:
            self._plan_pickup(change.subject, change.package_id)

    def _plan_pickup(self, shipment_id: str, package_id: str, visit: int = 0) -> None:
        shipment = self._world.shipments[shipment_id]
        label = shipment.packages[package_id].live_label
        if not self._serve(shipment) or label is None:
            return
        draw = self._draw("pickup", shipment, package_id, len(shipment.packages[package_id].labels), visit)
        label_id = label.label_id
        wait = about(draw, self._settings.pickup_after_s)
        self._world.clock.after(wait, lambda: self._pick_up(shipment_id, package_id, label_id, visit))

    def _pick_up(self, shipment_id: str, package_id: str, label_id: str, visit: int) -> None:
        package = self._package(shipment_id, package_id)
        label = package.live_label if package else None
        if package is None or label is None or label.label_id != label_id:
            self._left += 1
            return
        if self._settings.only_printed and not label.is_printed:
            self._plan_pickup(shipment_id, package_id, visit + 1)
            return
        if package.status == "SHIPLABEL_GENERATED":
            self._world.carrier_scan(shipment_id, "PICKED_UP", package_id=package_id)
        self._picked_up += 1
        self._plan_delivery(shipment_id, package_id)

    def _plan_delivery(self, shipment_id: str, package_id: str) -> None:
        draw = self._draw("delivery", self._world.shipments[shipment_id], package_id)
        seconds = about(draw, self._settings.deliver_after_s)
        if self._settings.stations:
            self._report_after(seconds * 0.8, shipment_id, package_id, "OUT_FOR_DELIVERY")
            if happens(draw, self._settings.second_attempt_share):
                self._report_after(seconds, shipment_id, package_id, "NOT_DELIVERED")
                self._report_after(seconds * 1.4, shipment_id, package_id, "OUT_FOR_DELIVERY")
                seconds *= 1.5
        self._world.clock.after(seconds, lambda: self._deliver(shipment_id, package_id))

    def _report_after(self, seconds: float, shipment_id: str, package_id: str, event: ScanEvent) -> None:
        def report() -> None:
            self._report(shipment_id, package_id, event)

        self._world.clock.after(seconds, report)

    def _report(self, shipment_id: str, package_id: str, event: ScanEvent) -> bool:
        package = self._package(shipment_id, package_id)
        if package is None or package.status != "SHIPPED" or package.sub_status in ENDED:
            return False
        self._world.carrier_scan(shipment_id, event, package_id=package_id)
        return True

    def _deliver(self, shipment_id: str, package_id: str) -> None:
        shipment = self._world.shipments.get(shipment_id)
        if shipment is None or package_id not in shipment.packages:
            return
        draw, settings = self._draw("end", shipment, package_id), self._settings
        is_lost, is_damaged = happens(draw, settings.lost_share), happens(draw, settings.damaged_share)
        comes_back = happens(draw, settings.undelivered_share)
        if is_lost:
            self._lost += self._report(shipment_id, package_id, "LOST")
        elif is_damaged:
            self._damaged += self._report(shipment_id, package_id, "DAMAGED")
        elif comes_back or (shipment.intent is not None and shipment.intent.refuses):
            self._undelivered += self._report(shipment_id, package_id, "UNDELIVERABLE")
        else:
            self._delivered += self._report(shipment_id, package_id, "DELIVERED")

    def _serve(self, shipment: Shipment) -> bool:
        return bool({shipment.program, shipment.works_as} & set(self._settings.programs))

    def _draw(self, what: str, shipment: Shipment, package_id: str, *more: int) -> random.Random:
        """Give a parcel's own stream."""
        place = shipment.place_of(package_id)
        return self._world.streams.about(f"carriers.{what}", shipment.shipment_id, place, *more)

    def _package(self, shipment_id: str, package_id: str) -> Package | None:
        shipment = self._world.shipments.get(shipment_id)
        return shipment.packages.get(package_id) if shipment else None
