"""How orders and their packages move, with everything that follows: stock, history, order of listing."""

from typing import TYPE_CHECKING

from packline_sim.agenda import task
from packline_sim.marketplaces import MARKETPLACES
from packline_sim.orders import stock
from packline_sim.orders.ordering import DAY_MS, first_easy_ship_status
from packline_sim.orders.records import EasyShipPackage, EasyShipStatus, Order, OrderStatus, PackageStatus
from packline_sim.orders.specs import OrderCancelledBy
from packline_sim.progress import BadMove
from packline_sim.records import Transition

if TYPE_CHECKING:
    from packline_sim.world import World

SCHEDULED: frozenset[str] = frozenset({"PendingPickUp", "PendingDropOff"})
OPEN: frozenset[str] = frozenset({"PendingAvailability", "Pending", "Unshipped"})
_ON_THE_WAY = ("Delivered", "RejectedByBuyer", "Undeliverable", "Lost", "Damaged")
# What the carrier may report next. A scan may be missed, so a later one is legal without those between.
CARRIER_MOVES: dict[str, tuple[str, ...]] = {
    "PendingPickUp": ("PickedUp",),
    "PendingDropOff": ("DroppedOff",),
    "PickedUp": ("AtOriginFC", "AtDestinationFC", "OutForDelivery", *_ON_THE_WAY),
    "DroppedOff": ("AtOriginFC", "AtDestinationFC", "OutForDelivery", *_ON_THE_WAY),
    "AtOriginFC": ("AtDestinationFC", "OutForDelivery", *_ON_THE_WAY),
    "AtDestinationFC": ("OutForDelivery", *_ON_THE_WAY),
    "OutForDelivery": ("AtDestinationFC", *_ON_THE_WAY),
    "RejectedByBuyer": ("ReturningToSeller", "ReturnedToSeller", "Lost", "Damaged"),
    "Undeliverable": ("ReturningToSeller", "ReturnedToSeller", "Lost", "Damaged"),
    "ReturningToSeller": ("ReturnedToSeller", "Lost", "Damaged"),
}
PACKAGE_STATUS: dict[str, PackageStatus] = {
    "PickedUp": "PickedUp",
    "DroppedOff": "PickedUp",
    "AtOriginFC": "AtOriginFC",
    "AtDestinationFC": "AtDestinationFC",
    "OutForDelivery": "OutForDelivery",
    "Delivered": "Delivered",
    "RejectedByBuyer": "Rejected",
    "Undeliverable": "Undeliverable",
    # ReturningToSeller has no counterpart: the package keeps its last status.
    "ReturnedToSeller": "ReturnedToSeller",
    "Lost": "LostInTransit",
    "Damaged": "DamagedInTransit",
}
# Days after the ship date until Amazon cancels an order that nobody ships (Seller Central help of the marketplaces).
EASY_SHIP_GRACE_DAYS = 5
OWN_SHIPPING_GRACE_DAYS = {"SA": 3, "BR": 9}


def place_order(world: "World", order: Order, *, pending_minutes: float | None = None) -> None:
    """Take in a new order: index, stock, what will happen to it by itself."""
    world.orders[order.order_id] = order
    world.order_index.add(order)
    if order.status == "Unshipped":
        order.easy_ship_status = first_easy_ship_status(world, order)
    _note(world, order, None, order.status, "ordered")
    stock.take(world, order)
    world.touch_order(order)
    world.emit_order("order_created", order, cause="ordered", after=order.status)
    due = cancel_due_ms(order)
    if due is not None:
        world.agenda.put(world, due, AUTO_CANCEL, order.order_id)
    if pending_minutes is not None:
        world.agenda.put(world, order.created_ms + round(pending_minutes * 60_000), RELEASE, order.order_id)


def cancel_due_ms(order: Order) -> int | None:
    """Tell when Amazon cancels the order if it is not scheduled (Easy Ship) or shipped by then; None: never."""
    country = MARKETPLACES[order.marketplace_id].country
    days = EASY_SHIP_GRACE_DAYS if order.is_easy_ship else OWN_SHIPPING_GRACE_DAYS.get(country)
    return None if days is None else order.ship_by_ms + days * DAY_MS


def release(world: "World", order: Order) -> None:
    """Let the payment of a Pending order be authorised: it can be shipped now. Raises BadMove."""
    if order.status not in {"Pending", "PendingAvailability"}:
        raise BadMove(f"Order {order.order_id} is {order.status}; only a pending order can be released.")
    order.easy_ship_status = first_easy_ship_status(world, order)
    _set_status(world, order, "Unshipped", "payment authorised")


def schedule(world: "World", order: Order, package: EasyShipPackage, cause: str) -> None:
    """Take in the package that was scheduled for an order."""
    order.packages.append(package)
    _set_easy_ship_status(world, order, "PendingPickUp" if package.slot.method == "PICKUP" else "PendingDropOff", cause)
    world.emit_order("package_scheduled", order, cause=cause, after=package.tracking_id, package_id=package.package_id)


def reschedule(world: "World", order: Order, package: EasyShipPackage, cause: str) -> None:
    """Count a live package as moved to another slot, which it carries already."""
    status: EasyShipStatus = "PendingPickUp" if package.slot.method == "PICKUP" else "PendingDropOff"
    if status != order.easy_ship_status:
        _set_easy_ship_status(world, order, status, cause)
    else:
        world.touch_order(order)
    world.emit_order("package_rescheduled", order, cause=cause, package_id=package.package_id)


def cancel_label(world: "World", order: Order, reason: str = "cancelled by Amazon") -> None:
    """Have Amazon cancel the label of a scheduled order, which can be scheduled again. Raises BadMove."""
    package = order.live_package
    if package is None or package.status != "ReadyForPickup":
        raise BadMove(
            f"Order {order.order_id} has no label to cancel: its package is {_package_word(order)}. "
            "Labels can be cancelled between scheduling and hand-over."
        )
    _void(world, order, package, reason)
    _set_easy_ship_status(world, order, "LabelCanceled", reason)
    due = cancel_due_ms(order)
    if due is not None and due <= world.clock.now_ms():
        world.agenda.put(world, world.clock.now_ms() + DAY_MS, AUTO_CANCEL, order.order_id)


def cancel_order(world: "World", order: Order, by: OrderCancelledBy, reason: str | None = None) -> None:
    """Cancel an order that has not left; a label that exists is cancelled with it.

    The seller cannot once it is scheduled: Amazon must cancel the label first. Raises BadMove.
    """
    if order.status not in OPEN:
        raise BadMove(f"Order {order.order_id} is {order.status}; only an order that has not left can be cancelled.")
    package = order.live_package
    if package is not None and by == "SELLER":
        raise BadMove(f"Order {order.order_id} is scheduled; its label must be cancelled by Amazon before the order.")
    if package is not None:
        _void(world, order, package, f"order cancelled by {by}")
        order.easy_ship_status = "LabelCanceled"
    elif order.easy_ship_status == "PendingSchedule":
        order.easy_ship_status = None
    order.cancelled_by, order.cancel_reason = by, reason
    stock.give_back(world, order)
    _set_status(world, order, "Canceled", f"cancelled:{by}")


def request_cancel(world: "World", order: Order, reason: str = "Ordered by mistake") -> None:
    """Have the buyer ask the seller to cancel; the order itself stays as it is. Raises BadMove."""
    if order.status not in OPEN:
        raise BadMove(f"Order {order.order_id} is {order.status}; the buyer can ask only before it leaves.")
    for item in order.items:
        item.cancel_requested, item.cancel_reason = True, reason
    world.touch_order(order)
    world.emit_order("order_changed", order, cause="buyer asks to cancel", after="BuyerRequestedCancel")


def carrier_moves(world: "World", order: Order, status: EasyShipStatus) -> None:
    """Have the carrier report where the package is. Raises BadMove for a report that cannot follow."""
    package = order.live_package
    if package is None or status not in CARRIER_MOVES.get(order.easy_ship_status or "", ()):
        raise BadMove(
            f"Order {order.order_id} is {order.status} and {order.easy_ship_status or 'not scheduled'}; "
            f"{status} cannot follow."
        )
    package.status = PACKAGE_STATUS.get(status, package.status)
    _set_easy_ship_status(world, order, status, f"carrier:{status}")
    if order.status == "Unshipped":
        # The shipment is confirmed by itself when the carrier has the parcel (Seller Central help, Easy Ship).
        for item in order.items:
            item.shipped = item.quantity
        stock.ship(world, order)
        _set_status(world, order, "Shipped", f"carrier:{status}")


def confirm_units(world: "World", order: Order, units: dict[str, int], cause: str) -> None:
    """Count units that the seller shipped itself, by order item id; the order follows."""
    for item in order.items:
        item.shipped += units.get(item.order_item_id, 0)
    is_whole = all(item.shipped == item.quantity for item in order.items)
    if is_whole:
        stock.ship(world, order)
    _set_status(world, order, "Shipped" if is_whole else "PartiallyShipped", cause)


def _void(world: "World", order: Order, package: EasyShipPackage, reason: str) -> None:
    package.status = "LabelCanceled"
    world.easy_ship.give_back(order, package.slot)
    world.emit_order(
        "easy_ship_label_voided", order, cause=reason, before=package.tracking_id, package_id=package.package_id
    )


def _set_status(world: "World", order: Order, status: OrderStatus, cause: str) -> None:
    before = order.status
    order.status = status
    world.touch_order(order)
    if before == status:
        return
    _note(world, order, before, status, cause)
    world.emit_order("order_status", order, cause=cause, before=before, after=status)


def _set_easy_ship_status(world: "World", order: Order, status: EasyShipStatus, cause: str) -> None:
    before = order.easy_ship_status
    order.easy_ship_status = status
    _note(world, order, before, status, cause)
    world.touch_order(order)
    world.emit_order("easy_ship_status", order, cause=cause, before=before, after=status)


def _note(world: "World", order: Order, before: str | None, after: str, cause: str) -> None:
    now, hand = world.clock.now_ms(), world.hand
    order.history.append(
        Transition(at_ms=now, before=before, after=after, cause=hand + cause, call_seq=world.current_call)
    )


def _package_word(order: Order) -> str:
    return order.packages[-1].status if order.packages else "not scheduled"


def _cancel_overdue(world: "World", order_id: str) -> None:
    order = world.orders.get(order_id)
    if order is None or order.status not in OPEN or order.live_package is not None:
        return
    due = cancel_due_ms(order)
    if due is None or due > world.clock.now_ms() or world.switches["automatic_cancellation"] == "off":
        return
    cancel_order(world, order, "AMAZON", "Not shipped in time")


def _release_paid(world: "World", order_id: str) -> None:
    order = world.orders.get(order_id)
    if order is not None and order.status in {"Pending", "PendingAvailability"}:
        release(world, order)


AUTO_CANCEL = task("orders.cancel_overdue", _cancel_overdue)
RELEASE = task("orders.release_paid", _release_paid)
