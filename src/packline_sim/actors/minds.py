"""What buyers do about an order that they have placed: they think better of it, or send it back."""

import random

from packline_sim.orders.progress import OPEN, cancel_order, request_cancel
from packline_sim.records import Change, Intent, Shipment
from packline_sim.specs import LineSpec, ReturnSpec, ShipmentSpec
from packline_sim.world import World

REASONS = ("Missed", "Damaged", "Wrong item", "Not as described", "No longer needed")
_PAST_CANCELLING = frozenset({"SHIPPED", "DELIVERED", "CANCELLED"})


def change_mind(world: World, made_id: str) -> bool:
    """Have the buyer of a shipment or order cancel, or ask for it; tell whether it was still possible."""
    shipment, order = world.shipments.get(made_id), world.orders.get(made_id)
    if shipment is not None:
        if shipment.status in _PAST_CANCELLING or _has_left(shipment):
            return False
        world.cancel(made_id, by="BUYER")
        return True
    if order is None or order.status not in OPEN or (order.status != "Unshipped" and not _at_once(order.intent)):
        return False
    if _at_once(order.intent):
        cancel_order(world, order, "BUYER", "Ordered by mistake")
    else:
        request_cancel(world, order)
    return True


class Minds:
    """Follow deliveries: a buyer who wants to does send units back."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.sent_back = 0

    def follow(self, change: Change) -> None:
        """Take note of a delivery."""
        if change.kind == "shipment_status" and change.after == "DELIVERED":
            shipment = self._world.shipments[change.subject]
            self._plan_return(shipment, change.at_ms)

    def resume(self) -> None:
        """Plan anew what buyers had in mind, after the world went back to a snapshot."""
        for shipment_id, shipment in self._world.shipments.items():
            self._plan_cancellation(shipment_id, shipment.intent)
        for order_id, order in self._world.orders.items():
            self._plan_cancellation(order_id, order.intent)
        for shipment in self._world.shipments.values():
            if shipment.status == "DELIVERED" and not shipment.return_ids:
                self._plan_return(shipment, shipment.history[-1].at_ms)

    def _plan_cancellation(self, made_id: str, intent: Intent | None) -> None:
        due = None if intent is None else intent.cancels_ms
        if due is not None and due > self._world.clock.now_ms():
            self._world.clock.at(due, lambda: self._cancel(made_id))

    def _cancel(self, made_id: str) -> None:
        change_mind(self._world, made_id)

    def _plan_return(self, shipment: Shipment, delivered_ms: int) -> None:
        intent = shipment.intent
        if intent is not None and intent.returns_after_s is not None:
            due = delivered_ms + round(1000 * intent.returns_after_s)
            self._world.clock.at(due, lambda: self._send_back(shipment))

    def _send_back(self, shipment: Shipment) -> None:
        draw = self._world.streams.about("buyers.returns", shipment.shipment_id)
        line = draw.choice(shipment.lines)
        spec = ReturnSpec(
            shipment_id=shipment.shipment_id,
            line_id=line.line_id,
            units=draw.randint(1, line.units),
            reason=draw.choice(REASONS),
            return_sub_type="REPLACEMENT"
            if shipment.intent is not None and shipment.intent.wants_another
            else "NORMAL",
        )
        try:
            self._world.create_return(spec)
        except ValueError:
            return  # somebody sent these units back by hand meanwhile
        self.sent_back += 1
        if spec.return_sub_type == "REPLACEMENT":
            self._order_again(shipment, LineSpec(sku=line.sku, units=spec.units), draw)

    def _order_again(self, shipment: Shipment, wish: LineSpec, draw: random.Random) -> None:
        again = ShipmentSpec(
            program=shipment.program,
            location_id=shipment.location_id,
            marketplace_id=shipment.marketplace_id,
            lines=(wish,),
            shipment_type="REPLACEMENT",
            original_shipment_id=shipment.shipment_id,
        )
        self._world.create_shipments(shipment.seller_id, again, draw)


def _has_left(shipment: Shipment) -> bool:
    return any(package.status in {"SHIPPED", "DELIVERED"} for package in shipment.packages.values())


def _at_once(intent: Intent | None) -> bool:
    return intent is not None and intent.cancels_at_once
