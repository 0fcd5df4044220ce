"""What the control API shows of orders."""

from datetime import datetime

import msgspec

from packline_sim.clock import to_datetime
from packline_sim.orders.progress import cancel_due_ms
from packline_sim.orders.records import EasyShipPackage, Order


class OrderSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Show an order in a listing; statuses in the words of Orders v0."""

    order_id: str
    seller_id: str
    marketplace_id: str
    status: str
    easy_ship_status: str | None
    units: int
    created: datetime
    updated: datetime
    tracking_id: str | None


class OrderItemView(msgspec.Struct, frozen=True, kw_only=True):
    """Show one item of an order."""

    order_item_id: str
    sku: str
    asin: str
    title: str
    quantity: int
    shipped: int
    unit_price: str
    currency: str
    serial_required: bool
    gift: bool
    cancel_requested: bool


class ScheduledPackageView(msgspec.Struct, frozen=True, kw_only=True):
    """Show a scheduled package: centimetres and grams; `is_live` is false once its label was cancelled."""

    package_id: str
    tracking_id: str
    status: str
    is_live: bool
    slot_id: str
    slot_start: datetime
    slot_end: datetime
    handover_method: str
    length_cm: float
    width_cm: float
    height_cm: float
    weight_g: float
    serials: dict[str, list[str]]
    identifier: str | None
    invoice_number: str | None
    scheduled: datetime
    label_format: str
    documents_made: int


class OrderStep(msgspec.Struct, frozen=True, kw_only=True):
    """Show one change of an order's status or Easy Ship status; `call_seq` 0: no API call caused it."""

    at: datetime
    before: str | None
    after: str
    cause: str
    call_seq: int


class OrderDetail(msgspec.Struct, frozen=True, kw_only=True):
    """Show all that the simulator knows of an order; the buyer is invented."""

    order_id: str
    seller_id: str
    marketplace_id: str
    is_easy_ship: bool
    status: str
    easy_ship_status: str | None
    created: datetime
    updated: datetime
    ship_by: datetime
    cancelled_unless_scheduled_by: datetime | None
    payment: str
    is_prime: bool
    replaced_order_id: str | None
    cancelled_by: str | None
    cancel_reason: str | None
    label_from: datetime | None
    buyer_name: str
    city: str
    state: str
    postal_code: str
    country: str
    items: list[OrderItemView]
    packages: list[ScheduledPackageView]
    history: list[OrderStep]


def summary(order: Order) -> OrderSummary:
    """Show an order in short."""
    package = order.live_package
    return OrderSummary(
        order_id=order.order_id,
        seller_id=order.seller_id,
        marketplace_id=order.marketplace_id,
        status=order.status,
        easy_ship_status=order.easy_ship_status,
        units=order.units,
        created=to_datetime(order.created_ms),
        updated=to_datetime(order.updated_ms),
        tracking_id=None if package is None else package.tracking_id,
    )


def detail(order: Order) -> OrderDetail:
    """Show an order as a whole."""
    due = cancel_due_ms(order)
    return OrderDetail(
        order_id=order.order_id,
        seller_id=order.seller_id,
        marketplace_id=order.marketplace_id,
        is_easy_ship=order.is_easy_ship,
        status=order.status,
        easy_ship_status=order.easy_ship_status,
        created=to_datetime(order.created_ms),
        updated=to_datetime(order.updated_ms),
        ship_by=to_datetime(order.ship_by_ms),
        cancelled_unless_scheduled_by=None if due is None else to_datetime(due),
        payment=order.payment,
        is_prime=order.is_prime,
        replaced_order_id=order.replaced_order_id,
        cancelled_by=order.cancelled_by,
        cancel_reason=order.cancel_reason,
        label_from=None if order.label_from_ms is None else to_datetime(order.label_from_ms),
        buyer_name=order.buyer_name,
        city=order.place.city,
        state=order.place.state,
        postal_code=order.place.postal_code,
        country=order.place.country,
        items=[msgspec.convert(item, OrderItemView, from_attributes=True) for item in order.items],
        packages=[_package(order, package) for package in order.packages],
        history=[
            OrderStep(
                at=to_datetime(row.at_ms), before=row.before, after=row.after, cause=row.cause, call_seq=row.call_seq
            )
            for row in order.history
        ],
    )


def _package(order: Order, package: EasyShipPackage) -> ScheduledPackageView:
    box, slot = package.box, package.slot
    return ScheduledPackageView(
        package_id=package.package_id,
        tracking_id=package.tracking_id,
        status=package.status,
        is_live=package is order.live_package,
        slot_id=slot.slot_id,
        slot_start=to_datetime(slot.start_ms),
        slot_end=to_datetime(slot.end_ms),
        handover_method=slot.method,
        length_cm=box.length_cm,
        width_cm=box.width_cm,
        height_cm=box.height_cm,
        weight_g=box.weight_g,
        serials=package.serials,
        identifier=package.identifier,
        invoice_number=package.invoice_number,
        scheduled=to_datetime(package.scheduled_ms),
        label_format=package.label_format,
        documents_made=package.documents_made,
    )
