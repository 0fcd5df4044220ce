"""What Orders v0 leaves out of an order and other calls tell: its items, and the tracking id of its label.

v0 tells no tracking id. A label that somebody else had cancelled and made anew between two looks shows only in the
order's time of change; then, and only then, the package is read (getScheduledPackage, one call a second).
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import NamedTuple

from packline.amazon.seller_central import operations, parse
from packline.amazon.seller_central.answering import read
from packline.amazon.seller_central.asking import Asking
from packline.amazon.seller_central.capabilities import Capabilities
from packline.amazon.seller_central.wire import easy_ship, orders_v0
from packline.amazon.seller_central.wire.parts import flat, reader
from packline.amazon.times import instant
from packline.errors import AmazonError, Rejected, Unauthorized, Unexpected

KEPT = 20_000
"""Orders whose items and tracking ids are remembered; an order that did not change costs no call."""
ITEM_PAGES_AT_MOST = 100
ECHO = timedelta(seconds=10)
"""So long after our own schedule a change of the order is taken for its echo: nobody cancels a label in that time."""
CLOSED_FOR = timedelta(minutes=15)
"""So long packages are not read after Amazon did not let us: orders must come in all the same."""
_BOOKED = frozenset({"pendingpickup", "pendingdropoff"})
_ITEMS = reader(orders_v0.ItemsAnswer)
_PACKAGE = reader(easy_ship.Package)
Key = tuple[str, str]


class _Booked(NamedTuple):
    """The tracking id of one version of an order, or of all versions up to a moment."""

    version: str
    tracking_id: str
    until: datetime | None = None

    def holds(self, head: orders_v0.OrderHeadV0) -> bool:
        at = instant(head.last_update_date)
        return self.version == str(head.last_update_date) or (
            self.until is not None and at is not None and at <= self.until
        )


class BesideV0:
    """Put items and tracking ids beside orders of v0, each read once for each version of its order."""

    def __init__(self, capabilities: Capabilities) -> None:
        """Read packages only where `capabilities` says that Amazon's Easy Ship API serves the marketplace."""
        self._capabilities = capabilities
        self._items: OrderedDict[Key, tuple[str, tuple[bytes, ...]]] = OrderedDict()
        self._booked: OrderedDict[Key, _Booked] = OrderedDict()
        self._closed: dict[str, datetime] = {}
        self.answered_at: dict[str, datetime] = {}
        """When items of an account were last read well: proof that Amazon gives items at all."""

    def booked(self, account: str, order_id: str, tracking_id: str, at: datetime) -> None:
        """Note a schedule of our own, so that the change that it makes is not asked about."""
        if tracking_id:
            self._keep((account, order_id), _Booked("", tracking_id, at + ECHO))

    async def items(self, ask: Asking, head: orders_v0.OrderHeadV0) -> tuple[bytes, ...]:
        """Read an order's items; those of an order that left do not change any more. Raises the AmazonError family."""
        key, version = (ask.door.settings.id, head.amazon_order_id), str(head.last_update_date)
        kept = self._items.get(key)
        if kept is not None and (kept[0] == version or flat(head.order_status) != "unshipped"):
            return kept[1]
        found = tuple(await _all_items(ask, head.amazon_order_id))
        self.answered_at[key[0]] = ask.now
        self._items[key] = version, found
        self._items.move_to_end(key)
        while len(self._items) > KEPT:
            self._items.popitem(last=False)
        return found

    async def tracking_id(self, ask: Asking, head: orders_v0.OrderHeadV0) -> str:
        """Tell the tracking id of a scheduled order that waits for its carrier; "" where it is not known.

        An order without it is an order all the same: whatever fails here is tried again at its next change.
        """
        key = (ask.door.settings.id, head.amazon_order_id)
        if not self._is_worth_a_call(ask, head):
            return ""
        kept = self._booked.get(key)
        if kept is not None and kept.holds(head):
            return kept.tracking_id
        try:
            found = await _tracking_id(ask, head)
        except Unauthorized:
            self._closed[key[0]] = ask.now + CLOSED_FOR
            return ""
        except AmazonError:
            return ""
        self._keep(key, _Booked(str(head.last_update_date), found))
        return found

    def _is_worth_a_call(self, ask: Asking, head: orders_v0.OrderHeadV0) -> bool:
        if flat(head.easy_ship_shipment_status) not in _BOOKED or flat(head.order_status) != "unshipped":
            return False
        if self._capabilities.of(head.marketplace_id or "").missing:
            return False
        closed = self._closed.get(ask.door.settings.id)
        return closed is None or ask.now >= closed

    def _keep(self, key: Key, booked: _Booked) -> None:
        self._booked[key] = booked
        self._booked.move_to_end(key)
        while len(self._booked) > KEPT:
            self._booked.popitem(last=False)


async def _all_items(ask: Asking, order_id: str) -> list[bytes]:
    items, token = list[bytes](), None
    for _ in range(ITEM_PAGES_AT_MOST):
        answer = await ask(operations.GET_ORDER_ITEMS, {"orderId": order_id}, {"NextToken": token})
        payload = read(operations.GET_ORDER_ITEMS, answer, _ITEMS).payload or orders_v0.ItemsPayload()
        items += [bytes(raw) for raw in payload.order_items or ()]
        if not payload.next_token or payload.next_token == token:
            return items
        token = payload.next_token
    raise Unexpected(f"Amazon's list of the items of order {order_id} does not end.", operation="getOrderItems")


async def _tracking_id(ask: Asking, head: orders_v0.OrderHeadV0) -> str:
    query = {"amazonOrderId": head.amazon_order_id, "marketplaceId": head.marketplace_id}
    try:
        answer = await ask(operations.GET_SCHEDULED_PACKAGE, query=query)
    except Rejected:
        return ""  # no package, or none that we may see
    package = read(operations.GET_SCHEDULED_PACKAGE, answer, _PACKAGE)
    return "" if parse.is_void(package) else parse.tracking_id(package)
