"""A former integrator at Seller Central: he books pickups by himself and writes what is listed."""

from typing import Any

from packline_sim.actors.central_desk import CentralDesk
from packline_sim.actors.former_integrator import FormerIntegrator, Integrator
from packline_sim.hands import FORMER_INTEGRATOR, act, answer
from packline_sim.listings.records import Listing
from packline_sim.orders.records import Order
from packline_sim.records import Change
from packline_sim.world import World

_MOVES = frozenset({"order_created", "order_status"})


class CentralIntegrator(FormerIntegrator):
    """Act for one seller of Seller Central until stopped."""

    def __init__(self, world: World, integrator_id: str, settings: Integrator) -> None:
        super().__init__(world, integrator_id, settings)
        self._desk = CentralDesk(world, FORMER_INTEGRATOR)

    def follow(self, change: Change) -> None:
        """Take note of an order whose pickup can be booked."""
        if self._shift.is_on and change.seller_id == self.seller_id and change.kind in _MOVES:
            self._consider_order(self._world.orders[change.subject])

    def write_stock(self) -> None:
        """Write the quantity of every listing now."""
        for (seller_id, sku), listing in list(self._world.listings.items()):
            if seller_id == self.seller_id:
                self._write(sku, listing)

    def _take_up_what_waits(self) -> None:
        for order in list(self._world.orders.values()):
            if order.seller_id == self.seller_id:
                self._consider_order(order)

    def _consider_order(self, order: Order) -> None:
        if not self._settings.confirms or not _waits(order):
            return
        wait, shift = self._wait(order.order_id), self._shift.number
        self._world.clock.after(wait, lambda: self._book(order, shift))

    def _book(self, order: Order, shift: int) -> None:
        if shift != self._shift.number or not self._settings.confirms:
            return
        if not _waits(order):
            self._outrun += 1
            return
        try:
            self._desk.schedule(order)
        except ValueError:
            self._refused += 1
        else:
            self._confirmed += 1

    def _write(self, sku: str, listing: Listing) -> None:
        quantity = listing.available
        if self._settings.stock == "frozen":
            quantity = self._frozen.setdefault(("", sku), quantity)
        value = [{"fulfillment_channel_code": "DEFAULT", "quantity": quantity}]
        patch = {"op": "replace", "path": "/attributes/fulfillment_availability", "value": value}
        body: dict[str, Any] = {"productType": listing.product_type, "patches": [patch]}
        where = ",".join(listing.marketplace_ids[:1])
        reply = act(
            self._world,
            FORMER_INTEGRATOR,
            self.seller_id,
            "patchListingsItem",
            self.seller_id,
            sku,
            body=body,
            marketplaceIds=where,
        )
        accepted = answer(reply)["status"] == "ACCEPTED"
        self._written += accepted
        self._refused += not accepted


def _waits(order: Order) -> bool:
    return order.status == "Unshipped" and order.is_easy_ship and order.easy_ship_status == "PendingSchedule"
