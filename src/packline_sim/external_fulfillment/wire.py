"""What the External Fulfillment APIs read, as their specifications (version 2024-09-11) describe it."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]*\Z")]
"""What is printed or kept for people: no control characters."""


class Wire(msgspec.Struct, rename="camel", frozen=True, omit_defaults=True, kw_only=True):
    """Give every message Amazon's camelCase; fields that were not sent stay None."""


class Amount(Wire, frozen=True):
    """Money: a decimal in a string, with a currency."""

    value: str
    currency_code: str


class Dimension(Wire, frozen=True):
    """A length."""

    value: str
    dimension_unit: Literal["CM", "M", "IN"]


class PackageDimensions(Wire, frozen=True):
    """The three sides of a package."""

    length: Dimension
    width: Dimension
    height: Dimension


class Weight(Wire, frozen=True):
    """A weight."""

    value: str
    weight_unit: Literal["G", "KG", "LB", "OZ"]


class PackageLineItem(Wire, frozen=True):
    """What of a line lies in a package."""

    package_line_item_id: str
    quantity: int
    serial_numbers: list[Text] | None = None
    pieces: Annotated[int, Meta(ge=1)] | None = None
    country_of_origin: str | None = None
    item_value: Amount | None = None


class Package(Wire, frozen=True):
    """A package as the seller describes it."""

    id: str
    dimensions: PackageDimensions
    weight: Weight
    package_line_items: list[PackageLineItem]
    hazmat_labels: list[Text] | None = None
    status: (
        Literal[
            "CREATED",
            "PICKUP_SLOT_RETRIEVED",
            "INVOICE_GENERATED",
            "SHIPLABEL_GENERATED",
            "SHIPPED",
            "DELIVERED",
            "CANCELLED",
        ]
        | None
    ) = None
    package_handling_requirements: Literal["NORMAL", "FRAGILE"] | None = None


class Packages(Wire, frozen=True):
    """The body of createPackages."""

    packages: Annotated[list[Package], Meta(min_length=1)]


class LineItem(Wire, frozen=True):
    """A line that is rejected."""

    id: str
    quantity: int | None = None


class LineItemWithReason(Wire, frozen=True):
    """A line that is rejected, and why."""

    line_item: LineItem
    reason: Literal["OUT_OF_STOCK", "CUSTOMER_REQUESTED"] | None = None


class Acknowledgement(Wire, frozen=True):
    """The body of processShipment (ShipmentAcknowledgementRequest)."""

    line_items: list[LineItemWithReason]
    reference_id: Text | None = None


class PackageDeliveryStatus(Wire, frozen=True):
    """The body of updatePackageStatus."""

    status: (
        Literal["CREATED", "PICKUP_SLOT_RETRIEVED", "INVOICE_GENERATED", "SHIPLABEL_GENERATED", "SHIPPED", "DELIVERED"]
        | None
    ) = None
    sub_status: Literal["OUT_FOR_DELIVERY", "DELIVERED", "NOT_DELIVERED", "UNDELIVERABLE"] | None = None
    reason: Annotated[Text, Meta(max_length=128)] | None = None


class CourierAttributes(Wire, frozen=True):
    """The seller's own carrier (CourierSupportedAttributes)."""

    carrier_name: Text
    tracking_id: Text


class ShipLabelsInput(Wire, frozen=True):
    """The body of generateShipLabels."""

    package_ids: Annotated[list[str], Meta(max_length=50)]
    courier_supported_attributes: CourierAttributes | None = None


class InventoryMarketplace(Wire, frozen=True):
    """The marketplace and channel of an inventory request."""

    channel_name: Literal["FBA", "MFN", "DF"] | None = None
    marketplace_id: str | None = None


class InventoryRequest(Wire, frozen=True):
    """One element of batchInventory; its body is read for itself, so that one bad element spoils only itself."""

    uri: str
    method: Literal["GET", "POST"]
    body: dict[str, Any] | None = None


class BatchInventory(Wire, frozen=True):
    """The body of batchInventory; the limit of 10 has an error of its own."""

    requests: list[InventoryRequest]


PACKAGES = msgspec.json.Decoder(Packages)
PACKAGE = msgspec.json.Decoder(Package)
ACKNOWLEDGEMENT = msgspec.json.Decoder(Acknowledgement)
DELIVERY_STATUS = msgspec.json.Decoder(PackageDeliveryStatus)
SHIP_LABELS = msgspec.json.Decoder(ShipLabelsInput)
BATCH_INVENTORY = msgspec.json.Decoder(BatchInventory)
