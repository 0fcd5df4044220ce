"""Listings Items 2021-08-01: the answers to a change and to a look at a quantity."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct

from packline.amazon.seller_central.wire.parts import Wire


class Issue(Wire, frozen=True):
    code: str | int | None = None
    message: str | None = None
    severity: str | None = None
    attribute_names: Sequence[str] | None = None


class Submission(Wire, frozen=True):
    """The answer of patchListingsItem; ACCEPTED means queued, not yet visible."""

    sku: str | int | None = None
    status: str | None = None
    submission_id: str | None = None
    issues: Sequence[Issue] | None = None


class Availability(Wire, frozen=True):
    fulfillment_channel_code: str | None = None
    quantity: int | None = None


class Summary(Wire, frozen=True):
    marketplace_id: str | None = None
    asin: str | None = None
    product_type: str | None = None
    item_name: str | None = None


class Amount(Struct, frozen=True):
    """A value with its unit, as attributes of listings are written: snake_case."""

    value: Decimal | None = None
    unit: str | None = None


class PackageDimensions(Struct, frozen=True):
    length: Amount | None = None
    width: Amount | None = None
    height: Amount | None = None
    marketplace_id: str | None = None


class PackageWeight(Struct, frozen=True):
    value: Decimal | None = None
    unit: str | None = None
    marketplace_id: str | None = None


class Attributes(Struct, frozen=True):
    """Of the attributes of a product type those that tell the packed unit; each may be there once a marketplace."""

    item_package_dimensions: Sequence[PackageDimensions] | None = None
    item_package_weight: Sequence[PackageWeight] | None = None


class ListingsItem(Wire, frozen=True):
    sku: str | int | None = None
    fulfillment_availability: Sequence[Availability] | None = None
    summaries: Sequence[Summary] | None = None
    attributes: Attributes | None = None
