"""A return as Amazon describes it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Raw

from packline.amazon.external_fulfillment.wire.parts import Time, TrackingInfo, Wire


class InvoiceInformation(Wire, frozen=True):
    id: str | None = None


class ReturnMetadata(Wire, frozen=True):
    return_reason: str | None = None
    rma_id: str | None = None
    fulfillment_order_id: str | None = None
    invoice_information: InvoiceInformation | None = None


class ReturnShippingInfo(Wire, frozen=True):
    delivery_date_time: Time = None
    pickup_date_time: Time = None
    forward_tracking_info: TrackingInfo | None = None
    reverse_tracking_info: TrackingInfo | None = None


class MarketplaceChannel(Wire, frozen=True):
    marketplace_name: str | None = None
    channel_name: str | None = None


class MarketplaceChannelDetails(Wire, frozen=True):
    """`return_location_id` is the channel's own code; filters match the one of the return."""

    marketplace_channel: MarketplaceChannel | None = None
    merchant_id: str | None = None
    shipment_id: str | None = None
    customer_order_id: str | None = None
    return_location_id: str | None = None
    channel_sku: str | None = None
    exchange_order_id: str | None = None


class OtpDetails(Wire, frozen=True):
    otp: str | int | None = None
    valid_till: Time = None


class ReplanningDetails(Wire, frozen=True):
    previous_tracking_info: Sequence[TrackingInfo] | None = None


class Return(Wire, frozen=True):
    """One returned item (one SKU); an RMA can have many."""

    id: str
    status: str
    return_location_id: str | None = None
    merchant_sku: str | None = None
    return_type: str | None = None
    return_sub_type: str | None = None
    number_of_units: int | None = None
    fulfillment_location_id: str | None = None
    creation_date_time: Time = None
    last_updated_date_time: Time = None
    return_metadata: ReturnMetadata | None = None
    return_shipping_info: ReturnShippingInfo | None = None
    marketplace_channel_details: MarketplaceChannelDetails | None = None
    otp_details: OtpDetails | None = None
    package_delivery_mode: str | None = None
    replanning_details: ReplanningDetails | None = None


class ReturnsPage(Wire, frozen=True):
    """A page with its returns still bytes, so that one that cannot be read does not hide the others."""

    returns: Sequence[Raw] | None = None
    next_token: str | None = None
