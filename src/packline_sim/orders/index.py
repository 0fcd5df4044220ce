"""Orders of each seller in the order of their creation and of their last update, for listing without sorting."""

from bisect import bisect_left
from collections.abc import Iterator

from packline_sim.orders.records import Order
from packline_sim.shelves import Shelves

_ONE_SHELF = "orders"


class OrderIndex:
    """Keep every seller's orders twice: as they came, and as they were touched last."""

    def __init__(self) -> None:
        self._created: dict[str, list[Order]] = {}
        self._updated: Shelves[Order] = Shelves()

    def add(self, order: Order) -> None:
        """Take in a new order; orders come in the order of their creation."""
        self._created.setdefault(order.seller_id, []).append(order)

    def move(self, order: Order, touch: int) -> None:
        """Put an order, touched now, at the end of its seller's updates."""
        self._updated.move(order, order.seller_id, _ONE_SHELF, touch)

    def created(self, seller_id: str, from_ms: int, skip: int = 0) -> Iterator[tuple[int, Order]]:
        """Give a seller's orders created at `from_ms` or later, the oldest first, each with its place in the row."""
        row = self._created.get(seller_id, [])
        first = max(skip, bisect_left(row, from_ms, key=lambda order: order.created_ms))
        for place in range(first, len(row)):
            yield place, row[place]

    def updated(self, seller_id: str, touch: int, since_ms: int = 0) -> Iterator[Order]:
        """Give a seller's orders touched after `touch` and updated at `since_ms` or later, the oldest touch first."""
        return self._updated.shelf(seller_id, _ONE_SHELF).after(touch, since_ms)
