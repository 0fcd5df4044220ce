"""Orders v0 in the words of 2026-01-01, so that one reader serves both; ends with v0 on 2027-03-27."""

from collections.abc import Sequence

import msgspec
from msgspec import Raw

from packline.amazon.seller_central.statuses import is_ready
from packline.amazon.seller_central.wire import orders, orders_v0
from packline.amazon.seller_central.wire.parts import Money, Range, flat, reader

_ORDER = reader(orders_v0.OrderV0)
_HEAD = reader(orders_v0.OrderHeadV0)
_FIELDS = msgspec.json.Decoder(dict[str, Raw])
TRACKING_ID = "PacklineTrackingId"
"""A field of ours in the stored body: v0 has none for it."""
_EASY_SHIP_LEVELS = ("easyship", "stdez", "ezlocal")
"""Service levels of Easy Ship orders, letters and digits only (a Brazilian order shows "Std EZ Local")."""


class _Probe(msgspec.Struct, gc=False):
    AmazonOrderId: str | None = None


_PROBE = msgspec.json.Decoder(_Probe)


def is_v0(body: bytes | Raw) -> bool:
    """Tell an order of v0 from one of 2026-01-01; raises msgspec.DecodeError for what is neither."""
    return _PROBE.decode(body).AmazonOrderId is not None


def head(body: bytes | Raw) -> orders_v0.OrderHeadV0:
    """Decode what decides whether an order's items are worth a call; raises msgspec.DecodeError."""
    return _HEAD.decode(body)


def is_ours(read: orders_v0.OrderHeadV0, *, silent: bool) -> bool:
    """Tell whether an order is an Easy Ship order that can be worked on, or was cancelled.

    Only Easy Ship orders have an Easy Ship status. Where one is missing, the service level may tell; where Amazon
    is `silent` about new orders (FE), every merchant-fulfilled one that is not shipped is taken for one, and a
    cancelled one anywhere, as it may be one of ours: missing a cancellation is worse than a line too many.
    """
    if not is_ready(read.order_status) or flat(read.fulfillment_channel) == "afn":
        return False
    if read.easy_ship_shipment_status:
        return True
    if any(level in flat(read.ship_service_level) for level in _EASY_SHIP_LEVELS):
        return True
    return flat(read.order_status) in ("canceled", "cancelled") or (
        silent and flat(read.order_status) in ("unshipped", "partiallyshipped")
    )


def with_items(order: Raw, items: Sequence[Raw], tracking_id: str = "") -> bytes:
    """Put an order's items and its label's tracking id beside it, as its body is stored."""
    beside: dict[str, object] = {"OrderItems": list(items)} | ({TRACKING_ID: tracking_id} if tracking_id else {})
    return msgspec.json.encode({**_FIELDS.decode(order), **beside})


def order(body: bytes | Raw) -> orders.Order:
    """Decode a stored order of v0 and write it in the words of 2026-01-01; raises msgspec.DecodeError."""
    read = _ORDER.decode(body)
    status = orders.PackageStatus(detailed_status=read.easy_ship_shipment_status)
    package = orders.OrderPackage(package_status=status, tracking_number=read.packline_tracking_id)
    original = orders.AssociatedOrder(order_id=read.replaced_order_id, association_type="REPLACEMENT_ORIGINAL_ID")
    return orders.Order(
        order_id=read.amazon_order_id,
        last_updated_time=read.last_update_date,
        programs=("AMAZON_EASY_SHIP",),
        associated_orders=(original,) if _is_true(read.is_replacement_order) or read.replaced_order_id else (),
        sales_channel=orders.SalesChannel(marketplace_id=read.marketplace_id),
        recipient=orders.Recipient(delivery_address=_address(read.shipping_address)),
        payment=orders.Payment(payment_executions=(orders.PaymentExecution(payment_method=read.payment_method),)),
        fulfillment=orders.Fulfillment(
            fulfillment_status=read.order_status,
            fulfilled_by="MERCHANT",
            fulfillment_service_level=read.ship_service_level,
            ship_by_window=Range(earliest_date_time=read.earliest_ship_date, latest_date_time=read.latest_ship_date),
        ),
        order_items=tuple(_item(item) for item in read.order_items or ()),
        packages=(package,) if read.easy_ship_shipment_status else (),
    )


def _item(item: orders_v0.OrderItemV0) -> orders.OrderItem:
    needs_serials = "REQUIRED" if _is_true(item.serial_number_required) else None
    wants_cancel = item.buyer_requested_cancel
    price = item.item_price
    return orders.OrderItem(
        order_item_id=item.order_item_id,
        quantity_ordered=item.quantity_ordered,
        product=orders.Product(seller_sku=item.seller_sku, title=item.title),
        proceeds=orders.Proceeds(
            proceeds_total=Money(amount=price.amount, currency_code=price.currency_code) if price else None
        ),
        cancellation=orders.Cancellation(
            cancellation_request=orders.CancellationRequest(
                requester="BUYER", cancel_reason=wants_cancel.buyer_cancel_reason
            )
            if wants_cancel and _is_true(wants_cancel.is_buyer_requested_cancel)
            else None
        ),
        fulfillment=orders.ItemFulfillment(
            packing=orders.Packing(
                gift_option=orders.GiftOption(gift_wrap_level="GIFT") if _is_true(item.is_gift) else None,
                serial_number_requirement=orders.SerialNumberRequirement(requirement_type=needs_serials),
            )
        ),
    )


def _address(address: orders_v0.AddressV0 | None) -> orders.DeliveryAddress | None:
    if address is None:
        return None
    return orders.DeliveryAddress(
        name=address.name,
        address_line1=address.address_line1,
        address_line2=address.address_line2,
        address_line3=address.address_line3,
        city=address.city,
        district_or_county=address.district or address.county,
        state_or_region=address.state_or_region,
        municipality=address.municipality,
        postal_code=address.postal_code,
        country_code=address.country_code,
        phone=address.phone,
    )


def _is_true(value: str | bool | None) -> bool:
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")
