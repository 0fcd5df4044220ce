"""Orders 2026-01-01: what Packline reads of an order."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Raw

from packline.amazon.seller_central.wire.parts import Money, Range, Time, Wire


class SalesChannel(Wire, frozen=True):
    channel_name: str | None = None
    marketplace_id: str | None = None


class AssociatedOrder(Wire, frozen=True):
    order_id: str | None = None
    association_type: str | None = None


class Fulfillment(Wire, frozen=True):
    fulfillment_status: str | None = None
    fulfilled_by: str | None = None
    fulfillment_service_level: str | None = None
    ship_by_window: Range | None = None
    deliver_by_window: Range | None = None
    label_printing_window: Range | None = None


class PackageStatus(Wire, frozen=True):
    status: str | None = None
    detailed_status: str | None = None


class OrderPackage(Wire, frozen=True):
    package_reference_id: str | int | None = None
    created_time: Time = None
    package_status: PackageStatus | None = None
    carrier: str | None = None
    tracking_number: str | int | None = None


class CancellationRequest(Wire, frozen=True):
    requester: str | None = None
    cancel_reason: str | None = None


class CancellationExecution(Wire, frozen=True):
    cancelled_by: str | None = None
    cancel_reason: str | None = None


class Cancellation(Wire, frozen=True):
    cancellation_request: CancellationRequest | None = None
    cancellation_execution: CancellationExecution | None = None


class Product(Wire, frozen=True):
    asin: str | None = None
    title: str | None = None
    seller_sku: str | int | None = None


class Proceeds(Wire, frozen=True):
    proceeds_total: Money | None = None


class SerialNumberRequirement(Wire, frozen=True):
    requirement_type: str | None = None


class GiftOption(Wire, frozen=True):
    gift_message: str | None = None
    gift_wrap_level: str | None = None


class Packing(Wire, frozen=True):
    gift_option: GiftOption | None = None
    serial_number_requirement: SerialNumberRequirement | None = None


class ShippingConstraints(Wire, frozen=True):
    cash_on_delivery: str | None = None


class Shipping(Wire, frozen=True):
    shipping_constraints: ShippingConstraints | None = None


class ItemFulfillment(Wire, frozen=True):
    packing: Packing | None = None
    shipping: Shipping | None = None


class OrderItem(Wire, frozen=True):
    order_item_id: str | int | None = None
    quantity_ordered: int | None = None
    product: Product | None = None
    proceeds: Proceeds | None = None
    cancellation: Cancellation | None = None
    fulfillment: ItemFulfillment | None = None


class DeliveryAddress(Wire, frozen=True):
    name: str | None = None
    company_name: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    city: str | None = None
    district_or_county: str | None = None
    state_or_region: str | None = None
    municipality: str | None = None
    postal_code: str | int | None = None
    country_code: str | None = None
    phone: str | int | None = None


class Recipient(Wire, frozen=True):
    delivery_address: DeliveryAddress | None = None


class PaymentExecution(Wire, frozen=True):
    payment_method: str | None = None


class Payment(Wire, frozen=True):
    payment_executions: Sequence[PaymentExecution] | None = None


class Order(Wire, frozen=True):
    """One order; only its id and its time of change must be there."""

    order_id: str
    last_updated_time: Time = None
    created_time: Time = None
    programs: Sequence[str] | None = None
    associated_orders: Sequence[AssociatedOrder] | None = None
    sales_channel: SalesChannel | None = None
    recipient: Recipient | None = None
    payment: Payment | None = None
    fulfillment: Fulfillment | None = None
    order_items: Sequence[OrderItem] | None = None
    packages: Sequence[OrderPackage] | None = None


class Pagination(Wire, frozen=True):
    next_token: str | None = None


class OrdersPage(Wire, frozen=True):
    """A page with its orders still bytes, so that one that cannot be read does not hide the others."""

    orders: Sequence[Raw] | None = None
    pagination: Pagination | None = None
    last_updated_before: Time = None


class OneOrder(Wire, frozen=True):
    order: Raw = Raw()
