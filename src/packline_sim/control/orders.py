"""Orders of Seller Central: have buyers order, see everything, cancel, cancel labels, scan."""

from collections.abc import Iterator
from typing import Annotated

import msgspec

from packline_sim.actors.central_desk import CentralDesk, Method
from packline_sim.control.endpoint import Endpoint, get, post
from packline_sim.control.order_views import OrderDetail, OrderSummary, detail, summary
from packline_sim.control.paging import After, Limit, Page, beyond, page
from packline_sim.control.stage import Stage
from packline_sim.orders import progress
from packline_sim.orders.records import EasyShipStatus, Order, OrderStatus
from packline_sim.orders.specs import OrderCancelledBy, OrderSpec


class NewOrders(OrderSpec, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describe `count` orders of one seller that buyers place now; what is left out is chosen from the seed."""

    seller_id: str
    count: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1


class OrdersCreated(msgspec.Struct, frozen=True, kw_only=True):
    """List the new orders."""

    orders: list[OrderSummary]


class OrderQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Choose orders, oldest first; statuses in the words of Orders v0."""

    seller_id: str | None = None
    marketplace_id: str | None = None
    status: OrderStatus | None = None
    easy_ship_status: EasyShipStatus | None = None
    limit: Limit = 100
    after: After = None


class CancelOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Say who cancels the order."""

    by: OrderCancelledBy = "BUYER"
    reason: str | None = None


class CancelRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Say why the buyer asks the seller to cancel."""

    reason: str = "Ordered by mistake"


class CancelLabel(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Say why Amazon cancels the label."""

    reason: str = "cancelled by Amazon"


class Schedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Say how the package is handed over; the first window that is offered by default."""

    method: Method | None = None


class OrderScan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Say where the carrier has the package; without `status` it is collected or dropped off, as it was scheduled."""

    status: EasyShipStatus | None = None


class OrderScans(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describe one report of many packages: the orders named, or all of a seller that it fits."""

    status: EasyShipStatus | None = None
    order_ids: tuple[str, ...] = ()
    seller_id: str | None = None


class OrderRefusal(msgspec.Struct, frozen=True, kw_only=True):
    """Tell why one order of many was left as it is."""

    order_id: str
    reason: str


class OrderScanResult(msgspec.Struct, frozen=True, kw_only=True):
    """Tell which orders were scanned and which could not be."""

    scanned: list[str]
    refused: list[OrderRefusal]


def create_orders(stage: Stage, body: NewOrders) -> OrdersCreated:
    """Have buyers order at a seller now."""
    stage.seller(body.seller_id)
    fields = {name: getattr(body, name) for name in OrderSpec.__struct_fields__}
    orders = stage.world.create_orders(body.seller_id, OrderSpec(**fields))
    return OrdersCreated(orders=[summary(order) for order in orders])


def list_orders(stage: Stage, query: OrderQuery) -> Page[OrderSummary]:
    """List orders in the order in which they were made."""
    found = (summary(order) for order in _chosen(stage, query))
    return page(found, query.limit, lambda row: row.order_id)


def show_order(stage: Stage, order_id: str) -> OrderDetail:
    """Show all that the simulator knows of an order, much of which Amazon would not tell."""
    return detail(stage.order(order_id))


def cancel_order(stage: Stage, order_id: str, body: CancelOrder) -> OrderDetail:
    """Cancel an order as the buyer, the seller or Amazon would."""
    progress.cancel_order(stage.world, stage.order(order_id), body.by, body.reason)
    return show_order(stage, order_id)


def request_cancel(stage: Stage, order_id: str, body: CancelRequest) -> OrderDetail:
    """Have the buyer ask the seller to cancel; the order itself stays as it is."""
    progress.request_cancel(stage.world, stage.order(order_id), body.reason)
    return show_order(stage, order_id)


def cancel_label(stage: Stage, order_id: str, body: CancelLabel) -> OrderDetail:
    """Have Amazon cancel the label of a scheduled order, which must be scheduled again."""
    progress.cancel_label(stage.world, stage.order(order_id), body.reason)
    return show_order(stage, order_id)


def schedule_order(stage: Stage, order_id: str, body: Schedule) -> OrderDetail:
    """Book the pickup of an Easy Ship order in Seller Central, as the seller's people would there."""
    CentralDesk(stage.world).schedule(stage.order(order_id), body.method)
    return show_order(stage, order_id)


def release_order(stage: Stage, order_id: str) -> OrderDetail:
    """Let the payment of a pending order be authorised."""
    progress.release(stage.world, stage.order(order_id))
    return show_order(stage, order_id)


def scan_order(stage: Stage, order_id: str, body: OrderScan) -> OrderDetail:
    """Report where the carrier has the package of one order."""
    _scan(stage, stage.order(order_id), body.status)
    return show_order(stage, order_id)


def scan_orders(stage: Stage, body: OrderScans) -> OrderScanResult:
    """Report where the carrier has the packages of many orders; those that do not fit are listed with the reason."""
    if body.seller_id is not None:
        stage.seller(body.seller_id)
    scanned: list[str] = []
    refused: list[OrderRefusal] = []
    for order_id in body.order_ids or _scannable(stage, body):
        try:
            _scan(stage, stage.order(order_id), body.status)
        except ValueError as refusal:
            refused.append(OrderRefusal(order_id=order_id, reason=str(refusal)))
        else:
            scanned.append(order_id)
    return OrderScanResult(scanned=scanned, refused=refused)


def _scan(stage: Stage, order: Order, status: EasyShipStatus | None) -> None:
    first: EasyShipStatus = "DroppedOff" if order.easy_ship_status == "PendingDropOff" else "PickedUp"
    progress.carrier_moves(stage.world, order, status or first)


def _scannable(stage: Stage, body: OrderScans) -> list[str]:
    before = progress.SCHEDULED
    if body.status is not None:
        before = frozenset(at for at, next_ones in progress.CARRIER_MOVES.items() if body.status in next_ones)
    rows = _chosen(stage, OrderQuery(seller_id=body.seller_id))
    return [row.order_id for row in rows if row.easy_ship_status in before and row.live_package is not None]


def _chosen(stage: Stage, query: OrderQuery) -> Iterator[Order]:
    if query.seller_id is not None:
        stage.seller(query.seller_id)
    for order_id in beyond(stage.world.orders, query.after):
        order = stage.world.orders[order_id]
        if _fits(order, query):
            yield order


def _fits(order: Order, query: OrderQuery) -> bool:
    return (
        query.seller_id in (None, order.seller_id)
        and query.marketplace_id in (None, order.marketplace_id)
        and query.status in (None, order.status)
        and query.easy_ship_status in (None, order.easy_ship_status)
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    post("/orders", create_orders, status=201),
    get("/orders", list_orders),
    get("/orders/{order_id}", show_order),
    post("/orders/{order_id}/cancel", cancel_order),
    post("/orders/{order_id}/request_cancel", request_cancel),
    post("/orders/{order_id}/cancel_label", cancel_label),
    post("/orders/{order_id}/schedule", schedule_order),
    post("/orders/{order_id}/release", release_order),
    post("/orders/{order_id}/scan", scan_order),
    post("/order_scans", scan_orders),
)
