"""What the Easy Ship API reads, as its specification (version 2022-03-23) describes it."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(min_length=1, max_length=255)]
Length = Annotated[float, Meta(ge=0.01)]
# The API takes no parcel lighter than 11 grams.
Grams = Annotated[float, Meta(ge=11.0)]


class Wire(msgspec.Struct, rename="camel", frozen=True, omit_defaults=True, kw_only=True):
    """Give every message Amazon's camelCase; fields that were not sent stay None."""


class Dimensions(Wire, frozen=True):
    """The sides of a parcel."""

    length: Length | None = None
    width: Length | None = None
    height: Length | None = None
    unit: str | None = None
    identifier: Text | None = None


class Weight(Wire, frozen=True):
    """The weight of a parcel."""

    value: Grams | None = None
    unit: str | None = None


class TimeSlot(Wire, frozen=True):
    """A hand-over window; only its id counts."""

    slot_id: Text
    start_time: datetime | None = None
    end_time: datetime | None = None
    handover_method: str | None = None


class Item(Wire, frozen=True):
    """An order item's serial numbers."""

    order_item_id: Annotated[str, Meta(max_length=255)] | None = None
    order_item_serial_numbers: Annotated[list[Annotated[str, Meta(max_length=255)]], Meta(max_length=100)] | None = None


class PackageDetails(Wire, frozen=True):
    """How a package is to be scheduled; size and weight are in the sandbox example only."""

    package_time_slot: TimeSlot
    package_items: Annotated[list[Item], Meta(max_length=500)] | None = None
    package_identifier: str | None = None
    package_dimensions: Dimensions | None = None
    package_weight: Weight | None = None


class ListHandoverSlotsRequest(Wire, frozen=True):
    """The body of listHandoverSlots."""

    marketplace_id: Text
    amazon_order_id: str
    package_dimensions: Dimensions
    package_weight: Weight


class CreateScheduledPackageRequest(Wire, frozen=True):
    """The body of createScheduledPackage."""

    amazon_order_id: str
    marketplace_id: Text
    package_details: PackageDetails


class ScheduledPackageId(Wire, frozen=True):
    """An order, and the package of it."""

    amazon_order_id: str
    package_id: str | None = None


class UpdatePackageDetails(Wire, frozen=True):
    """A package and its new window."""

    scheduled_package_id: ScheduledPackageId
    package_time_slot: TimeSlot


class UpdateScheduledPackagesRequest(Wire, frozen=True):
    """The body of updateScheduledPackages."""

    marketplace_id: Text
    update_package_details_list: Annotated[list[UpdatePackageDetails], Meta(min_length=1, max_length=500)]


class OrderScheduleDetails(Wire, frozen=True):
    """An order of a bulk call, with a preferred window or without."""

    amazon_order_id: str
    package_details: PackageDetails | None = None


class CreateScheduledPackagesRequest(Wire, frozen=True):
    """The body of createScheduledPackageBulk."""

    marketplace_id: Text
    order_schedule_details_list: Annotated[list[OrderScheduleDetails], Meta(min_length=1)]
    label_format: str


LIST_SLOTS = msgspec.json.Decoder(ListHandoverSlotsRequest)
CREATE = msgspec.json.Decoder(CreateScheduledPackageRequest)
UPDATE = msgspec.json.Decoder(UpdateScheduledPackagesRequest)
BULK = msgspec.json.Decoder(CreateScheduledPackagesRequest)
