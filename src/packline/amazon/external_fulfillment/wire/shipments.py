"""A shipment as Amazon describes it, whole and as the head that intake reads."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Raw

from packline.amazon.external_fulfillment.wire.packages import Package
from packline.amazon.external_fulfillment.wire.parts import (
    Address,
    Amount,
    Charge,
    Dimensions,
    Document,
    MarketplaceAttributes,
    Time,
    Weight,
    Wire,
)


class ComplianceAttributes(Wire, frozen=True):
    serial_number_requirement: str | None = None
    hazmat_labels_requirement: str | None = None
    country_of_origin_requirement: str | None = None
    item_value_requirement: str | None = None


class GiftAttributes(Wire, frozen=True):
    gift_wrap_requirement: str | None = None
    gift_wrap_label: str | None = None
    gift_message_presence: str | None = None
    gift_message: Document | None = None


class Cancellation(Wire, frozen=True):
    cancelled_quantity: int | None = None
    cancelled_timestamp: Time = None
    cancellation_type: str | None = None
    cancellation_reason: str | None = None


class CustomAttribute(Wire, frozen=True):
    key: str | None = None
    type: str | None = None
    value: str | int | float | bool | None = None


class ShipmentLineItem(Wire, frozen=True):
    shipment_line_item_id: str | None = None
    merchant_sku: str | None = None
    number_of_units: int | None = None
    serial_numbers: Sequence[str] | None = None
    piece_type: str | None = None
    hazmat_labels: Sequence[str] | None = None
    gift_attributes: GiftAttributes | None = None
    charges: Sequence[Charge] | None = None
    cancellations: Sequence[Cancellation] | None = None
    hsn_code: str | int | None = None
    recommended_country_of_origin: str | None = None
    country_of_origin: str | None = None
    recommended_currency_code: str | None = None
    item_value: Amount | None = None
    compliance_attributes: ComplianceAttributes | None = None
    custom_attributes: Sequence[CustomAttribute] | None = None


class OriginalLineItem(Wire, frozen=True):
    replacing_sku: str | None = None
    original_sku: str | None = None
    charges: Sequence[Charge] | None = None


class OriginalShipmentInfo(Wire, frozen=True):
    id: str | None = None
    location_id: str | None = None
    marketplace_attributes: MarketplaceAttributes | None = None
    original_line_items: Sequence[OriginalLineItem] | None = None


class ShipmentInfo(Wire, frozen=True):
    shipment_type: str | None = None
    original_shipment_info: OriginalShipmentInfo | None = None
    number_of_units: int | None = None
    priority: str | None = None
    buyer_order_id: str | None = None
    order_states_eligible_for_rejection: Sequence[str] | None = None
    order_placed_timestamp: Time = None
    processing_source: str | None = None
    payment_method: str | None = None


class InvoiceInfo(Wire, frozen=True):
    invoice_id: str | None = None
    creation_date_time: Time = None


class TaxRegistration(Wire, frozen=True):
    type: str | None = None
    number: str | None = None
    address: Address | None = None
    messages: str | None = None


class Party(Wire, frozen=True):
    party_id: str | None = None
    party_type: str | None = None
    address: Address | None = None
    tax_info: TaxRegistration | None = None


class Requirement(Wire, frozen=True):
    requirement: str | None = None
    status: str | None = None


class ShipmentRequirements(Wire, frozen=True):
    p_slip: Requirement | None = None
    invoice: Requirement | None = None


class RecommendedLineItem(Wire, frozen=True):
    """`quantity` is not in the model, but in Amazon's own test data."""

    line_item_id: str | None = None
    quantity: int | None = None


class RecommendedPackage(Wire, frozen=True):
    line_items: Sequence[RecommendedLineItem] | None = None
    weight: Weight | None = None
    dimensions: Dimensions | None = None


class ShippingInfo(Wire, frozen=True):
    recommended_ship_method: str | None = None
    expected_shipping_date_time_in_utc: Time = msgspec.field(name="expectedShippingDateTimeInUTC", default=None)
    expected_shipping_date_time: Time = None
    ship_to_address: Address | None = None
    shipping_type: str | None = None
    recommended_packages: Sequence[RecommendedPackage] | None = None


class Shipment(Wire, frozen=True):
    """A shipment as getShipment and getShipments give it."""

    id: str
    status: str
    location_id: str | None = None
    marketplace_attributes: MarketplaceAttributes | None = None
    shipment_info: ShipmentInfo | None = None
    invoice_info: InvoiceInfo | None = None
    party_info_list: Sequence[Party] | None = None
    shipment_requirements: ShipmentRequirements | None = None
    charges: Sequence[Charge] | None = None
    sub_status: str | None = None
    reason: str | None = None
    line_items: Sequence[ShipmentLineItem] | None = None
    shipping_info: ShippingInfo | None = None
    packages: Sequence[Package] | None = None
    creation_date_time: Time = None
    last_updated_date_time: Time = None
    earliest_pack_date_time: Time = None


class ShippingInfoHead(Wire, frozen=True):
    expected_shipping_date_time_in_utc: Time = msgspec.field(name="expectedShippingDateTimeInUTC", default=None)
    shipping_type: str | None = None


class ShipmentInfoHead(Wire, frozen=True):
    buyer_order_id: str | None = None
    number_of_units: int | None = None
    priority: str | None = None
    processing_source: str | None = None


class ShipmentHead(Wire, frozen=True):
    """Only what intake needs to file a shipment; the rest stays bytes (a third of the cost of reading everything)."""

    id: str
    status: str
    sub_status: str | None = None
    location_id: str | None = None
    marketplace_attributes: MarketplaceAttributes | None = None
    shipment_info: ShipmentInfoHead | None = None
    shipping_info: ShippingInfoHead | None = None
    last_updated_date_time: Time = None


class Pagination(Wire, frozen=True):
    next_token: str | None = None


class ShipmentsPage(Wire, frozen=True):
    """A page with its shipments still bytes, so that one that cannot be read does not hide the others."""

    shipments: Sequence[Raw] | None = None
    pagination: Pagination | None = None

    @property
    def next_token(self) -> str | None:
        """Give the token of the next page; a page may be empty and still have one."""
        return (self.pagination.next_token or None) if self.pagination else None
