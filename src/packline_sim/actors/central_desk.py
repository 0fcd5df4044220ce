"""What the seller's people can do to an Easy Ship order in Seller Central itself: book its pickup."""

from typing import Any, Literal

from packline_sim.easy_ship.admission import suggested_box
from packline_sim.easy_ship.capabilities import Capability, capability
from packline_sim.hands import SELLER_CENTRAL, act, answer
from packline_sim.orders.records import Box, Order
from packline_sim.progress import BadMove
from packline_sim.streams import digits
from packline_sim.world import World

Method = Literal["PICKUP", "DROPOFF"]


class CentralDesk:
    """Work on orders in Seller Central; raises BadMove for what Amazon refuses."""

    def __init__(self, world: World, hand: str = SELLER_CENTRAL) -> None:
        self._world = world
        self._hand = hand

    def schedule(self, order: Order, method: Method | None = None, box: Box | None = None) -> None:
        """Book the first window of the method (any by default), with the serial numbers that Amazon wants."""
        row = capability(self._world, order.marketplace_id)
        if row is None or not order.is_easy_ship:
            raise BadMove(f"Order {order.order_id} is not an Easy Ship order of a marketplace that has Easy Ship.")
        if row.slots and row.create:
            self._book(order, method, box or suggested_box(self._world, order, row))
        else:
            self._book_by_list(order, row)

    def _book(self, order: Order, method: Method | None, box: Box) -> None:
        asked = {
            "marketplaceId": order.marketplace_id,
            "amazonOrderId": order.order_id,
            "packageDimensions": {
                "length": box.length_cm,
                "width": box.width_cm,
                "height": box.height_cm,
                "unit": "cm",
            },
            "packageWeight": {"value": box.weight_g, "unit": "g"},
        }
        slots = self._act(order, "listHandoverSlots", asked)["timeSlots"]
        fitting = [slot for slot in slots if method in (None, slot["handoverMethod"].upper())]
        if not fitting:
            raise BadMove(f"Order {order.order_id} has no window for {method}.")
        details = {"packageTimeSlot": {"slotId": fitting[0]["slotId"]}, "packageItems": self._serials(order)}
        body = {"amazonOrderId": order.order_id, "marketplaceId": order.marketplace_id, "packageDetails": details}
        self._act(order, "createScheduledPackage", body)

    def _book_by_list(self, order: Order, row: Capability) -> None:
        body = {
            "marketplaceId": order.marketplace_id,
            "orderScheduleDetailsList": [{"amazonOrderId": order.order_id}],
            "labelFormat": row.label_formats[0],
        }
        rejected = self._act(order, "createScheduledPackageBulk", body).get("rejectedOrders") or []
        if rejected:
            raise BadMove(f"Order {order.order_id} was not scheduled: {rejected[0].get('error', rejected[0])}")

    def _serials(self, order: Order) -> list[dict[str, Any]]:
        draw = self._world.streams.about("seller_central.serials", order.order_id, len(order.packages))
        return [
            {
                "orderItemId": item.order_item_id,
                "orderItemSerialNumbers": [f"SN{digits(draw, 10)}" for _ in range(item.quantity)],
            }
            for item in order.items
            if item.serial_required
        ]

    def _act(self, order: Order, operation: str, body: object) -> dict[str, Any]:
        told: dict[str, Any] = answer(act(self._world, self._hand, order.seller_id, operation, body=body))
        return told
