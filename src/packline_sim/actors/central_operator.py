"""People in Seller Central who book pickups by themselves."""

from collections.abc import Iterator

from packline_sim.actors.central_desk import CentralDesk
from packline_sim.actors.smarthub_operator import Operator, SmartHubOperator
from packline_sim.orders.records import Order
from packline_sim.records import Change
from packline_sim.streams import happens
from packline_sim.world import World

_MOVES = frozenset({"order_created", "order_status", "easy_ship_status"})
_WAITING = frozenset({"PendingSchedule", "LabelCanceled"})


class CentralOperator(SmartHubOperator):
    """Follow a seller's Easy Ship orders: a share of them, whenever they wait for a window, is booked by people."""

    def __init__(self, world: World, operator_id: str, settings: Operator) -> None:
        super().__init__(world, operator_id, settings)
        self._central = CentralDesk(world)

    def follow(self, change: Change) -> None:
        """Take note of an order that waits for a window."""
        if self._shift.is_on and change.kind in _MOVES and change.seller_id == self.seller_id:
            self._consider_order(self._world.orders[change.subject])

    def _take_stock_of_work(self) -> None:
        for order in list(self._orders()):
            self._consider_order(order)

    def _orders(self) -> Iterator[Order]:
        return (row for row in self._world.orders.values() if row.seller_id == self.seller_id)

    def _consider_order(self, order: Order) -> None:
        if not _waits(order):
            return
        draw, shift = self._draw(order.order_id, "schedule", len(order.packages)), self._shift.number
        if not happens(draw, self._settings.share):
            return
        wait = draw.expovariate(1 / self._settings.step_after_s)
        self._world.clock.after(wait, lambda: self._book(order, shift))

    def _book(self, order: Order, shift: int) -> None:
        if shift != self._shift.number:
            return
        if not _waits(order):
            self._outrun += 1
            return
        try:
            self._central.schedule(order)
        except ValueError as refusal:
            self._note_refusal(refusal)
        else:
            self._steps["schedule"] = self._steps.get("schedule", 0) + 1


def _waits(order: Order) -> bool:
    return order.status == "Unshipped" and order.is_easy_ship and order.easy_ship_status in _WAITING
