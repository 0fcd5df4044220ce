"""Easy Ship 2022-03-23: slots and scheduled packages, in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from packline.amazon.seller_central.wire.parts import Name, Time, Wire


class TimeSlot(Wire, frozen=True):
    slot_id: Name = None
    start_time: Time = None
    end_time: Time = None
    handover_method: str | None = None


class HandoverSlots(Wire, frozen=True):
    """The answer of listHandoverSlots."""

    amazon_order_id: Name = None
    time_slots: Sequence[TimeSlot] | None = None


class Dimensions(Wire, frozen=True):
    length: Decimal | None = None
    width: Decimal | None = None
    height: Decimal | None = None
    unit: str | None = None
    identifier: str | None = None


class Weight(Wire, frozen=True):
    value: Decimal | None = None
    unit: str | None = None


class ScheduledPackageId(Wire, frozen=True):
    amazon_order_id: Name = None
    package_id: Name = None


class PackageItem(Wire, frozen=True):
    order_item_id: Name = None
    order_item_serial_numbers: Sequence[str | int] | None = None


class Invoice(Wire, frozen=True):
    invoice_number: Name = None
    invoice_date: Time = None


class Tracking(Wire, frozen=True):
    tracking_id: Name = None


class Package(Wire, frozen=True):
    """A scheduled package; Amazon's model has one for each order."""

    scheduled_package_id: ScheduledPackageId | None = None
    package_dimensions: Dimensions | None = None
    package_weight: Weight | None = None
    package_time_slot: TimeSlot | None = None
    package_items: Sequence[PackageItem] | None = None
    package_identifier: Name = None
    invoice: Invoice | None = None
    package_status: str | None = None
    tracking_details: Tracking | None = None


class Packages(Wire, frozen=True):
    """The answer of updateScheduledPackages."""

    packages: Sequence[Package] | None = None


class Error(Wire, frozen=True):
    code: Name = None
    message: str | None = None
    details: str | None = None


class RejectedOrder(Wire, frozen=True):
    amazon_order_id: Name = None
    error: Error | None = None


class BulkSchedule(Wire, frozen=True):
    """The answer of createScheduledPackageBulk; the address lives for minutes."""

    scheduled_packages: Sequence[Package] | None = None
    rejected_orders: Sequence[RejectedOrder] | None = None
    printable_documents_url: str | None = None
