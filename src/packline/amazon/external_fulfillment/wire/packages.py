"""Packages, their shipping options, invoices and labels."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from packline.amazon.external_fulfillment.wire.parts import (
    Address,
    Amount,
    Dimensions,
    Document,
    TimeWindow,
    Weight,
    Wire,
)


class PackageLineItem(Wire, frozen=True):
    package_line_item_id: str | None = None
    quantity: int | None = None
    serial_numbers: Sequence[str] | None = None
    pieces: int | None = None
    country_of_origin: str | None = None
    item_value: Amount | None = None


class Package(Wire, frozen=True):
    id: str | None = None
    dimensions: Dimensions | None = None
    weight: Weight | None = None
    hazmat_labels: Sequence[str] | None = None
    package_line_items: Sequence[PackageLineItem] | None = None
    status: str | None = None
    package_handling_requirements: str | None = None


class Distance(Wire, frozen=True):
    value: Decimal | None = None
    distance_unit: str | None = None


class HandoverLocation(Wire, frozen=True):
    address: Address | None = None
    distance: Distance | None = None
    map_url: str | None = None


class ShippingOption(Wire, frozen=True):
    shipping_option_id: str | None = None
    ship_by: str | None = None
    carrier_name: str | None = None
    pickup_window: TimeWindow | None = None
    time_slot: TimeWindow | None = None
    handover_location: HandoverLocation | None = None


class ShippingOptions(Wire, frozen=True):
    shipping_options: Sequence[ShippingOption] | None = None
    recommended_shipping_option: ShippingOption | None = None


class Invoice(Wire, frozen=True):
    document: Document | None = None


class ErrorDetails(Wire, frozen=True):
    code: str | None = None
    message: str | None = None
    details: str | None = None


class LabelFile(Wire, frozen=True):
    url: str | None = None


class LabelMetadata(Wire, frozen=True):
    shipping_option_id: str | None = None
    carrier_name: str | None = None
    tracking_id: str | int | None = None
    pickup_window: TimeWindow | None = None
    time_slot: TimeWindow | None = None
    handover_location: HandoverLocation | None = None


class PackageShipLabel(Wire, frozen=True):
    package_id: str | None = None
    ship_label_metadata: LabelMetadata | None = None
    file_data: LabelFile | None = None
    status: str | None = None
    error_details: ErrorDetails | None = None


class ShipLabels(Wire, frozen=True):
    package_ship_label_list: Sequence[PackageShipLabel] | None = None
