"""Orders v0: what Packline reads of an order; items come by a call of their own and are put beside it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Raw

from packline.amazon.seller_central.wire.parts import Number, Time, Wire, WireV0


class MoneyV0(WireV0, frozen=True):
    amount: Number = None
    currency_code: str | None = None


class AddressV0(WireV0, frozen=True):
    name: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    city: str | None = None
    county: str | None = None
    district: str | None = None
    municipality: str | None = None
    state_or_region: str | None = None
    postal_code: str | int | None = None
    country_code: str | None = None
    phone: str | int | None = None


class BuyerRequestedCancel(WireV0, frozen=True):
    is_buyer_requested_cancel: str | bool | None = None
    buyer_cancel_reason: str | None = None


class OrderItemV0(WireV0, frozen=True):
    order_item_id: str | int | None = None
    seller_sku: str | int | None = msgspec.field(name="SellerSKU", default=None)
    title: str | None = None
    quantity_ordered: int | None = None
    item_price: MoneyV0 | None = None
    is_gift: str | bool | None = None
    serial_number_required: str | bool | None = None
    buyer_requested_cancel: BuyerRequestedCancel | None = None


class OrderHeadV0(WireV0, frozen=True):
    """What decides whether the items are worth a call."""

    amazon_order_id: str
    last_update_date: Time = None
    order_status: str | None = None
    fulfillment_channel: str | None = None
    ship_service_level: str | None = None
    marketplace_id: str | None = None
    easy_ship_shipment_status: str | None = None


class OrderV0(OrderHeadV0, frozen=True):
    """One order with its items and its tracking id beside it, as the stored body holds them."""

    latest_ship_date: Time = None
    earliest_ship_date: Time = None
    payment_method: str | None = None
    is_replacement_order: str | bool | None = None
    replaced_order_id: str | None = None
    shipping_address: AddressV0 | None = None
    order_items: Sequence[OrderItemV0] | None = None
    packline_tracking_id: str | None = None


class OrdersPayload(WireV0, frozen=True):
    orders: Sequence[Raw] | None = None
    next_token: str | None = None
    last_updated_before: Time = None


class ItemsPayload(WireV0, frozen=True):
    order_items: Sequence[Raw] | None = None
    next_token: str | None = None


class OrdersAnswer(Wire, frozen=True):
    """Every answer of v0 comes in an envelope."""

    payload: OrdersPayload | None = None


class OrderAnswer(Wire, frozen=True):
    payload: Raw = Raw()


class ItemsAnswer(Wire, frozen=True):
    payload: ItemsPayload | None = None
