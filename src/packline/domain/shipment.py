"""The shipment as Packline knows it: Amazon's status, the seller's goal, and the one call that may be under way."""

from datetime import datetime
from enum import StrEnum

from packline.domain.panel import Scan, Source, source_of
from packline.domain.slot import Courier, ShippingOption, SlotPreference
from packline.domain.step import Step
from packline.domain.values import Box, Document, Money, Value, Window

LEAST_URGENT = 2e12
"""The rank of a call that nobody waits for: after every ship-by there is."""


class Status(StrEnum):
    """Amazon's shipment status (External Fulfillment Shipments 2024-09-11, `Shipment.status`)."""

    CREATED = "CREATED"
    ACCEPTED = "ACCEPTED"
    CONFIRMED = "CONFIRMED"
    PACKAGE_CREATED = "PACKAGE_CREATED"
    PICKUP_SLOT_RETRIEVED = "PICKUP_SLOT_RETRIEVED"
    INVOICE_GENERATED = "INVOICE_GENERATED"
    SHIPLABEL_GENERATED = "SHIPLABEL_GENERATED"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    CANCELLED = "CANCELLED"


class Goal(StrEnum):
    """How far the seller wants the shipment to go."""

    CONFIRMED = "confirmed"
    PACKED = "packed"
    LABELED = "labeled"
    SHIPPED = "shipped"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    REJECTED = "rejected"


class PackageStatus(StrEnum):
    """How far one package is; the last three are also Amazon's words."""

    PLANNED = "PLANNED"
    CREATED = "CREATED"
    LABELED = "SHIPLABEL_GENERATED"
    SHIPPED = "SHIPPED"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    DELIVERED = "DELIVERED"


class PackageLine(Value, frozen=True):
    """Units of one shipment line in one package; `line_id` is Amazon's `shipmentLineItemId`."""

    line_id: str
    quantity: int
    serial_numbers: tuple[str, ...] = ()
    pieces: int | None = None
    country_of_origin: str | None = None
    item_value: Money | None = None


class Label(Value, frozen=True):
    """The ship label of one package; `revision` and `round` say for which packing and which request it was made.

    `awaits` says by which way its file comes, where it does not come at once: `feed` or `hand`.
    """

    tracking_id: str
    carrier: str
    revision: int
    round: int
    made_at: datetime
    option_id: str | None = None
    window: Window | None = None
    url: str | None = None
    document: Document | None = None
    void: bool = False
    awaits: str = ""


class Package(Value, frozen=True):
    """One physical box: what the seller packed (`revision`), and how much of it Amazon knows (`sent`, `slotted`).

    `reslot`: its label is live, and another handover slot is wanted for it.
    """

    id: str
    box: Box
    lines: tuple[PackageLine, ...]
    hazmat_labels: tuple[str, ...] = ()
    fragile: bool = False
    revision: int = 1
    sent: int = 0
    slotted: int = 0
    options: tuple[ShippingOption, ...] = ()
    option_id: str | None = None
    status: PackageStatus = PackageStatus.PLANNED
    label: Label | None = None
    label_error: str | None = None
    reslot: bool = False

    def has_live_label(self, round_wanted: int) -> bool:
        """Tell whether the label is for this packing and this request, and not void."""
        label = self.label
        return label is not None and not label.void and label.revision == self.revision and label.round >= round_wanted


class Rejection(Value, frozen=True):
    """The seller's no: Amazon's reason code, our own reference, and every line with its units."""

    reason: str
    reference: str
    lines: tuple[tuple[str, int], ...] = ()


class Failure(Value, frozen=True):
    """Why a call did not simply succeed.

    `kind` is refused (proven, a person must look), conflict (somebody was quicker: read first), slot (the hand-over
    slot is gone: read the slots again) or unclear (it may have had effect: probe).
    """

    kind: str
    operation: str
    status: int
    code: str
    message: str
    request_id: str = ""


class Pending(Value, frozen=True):
    """The one call that may be under way at Amazon, and what is known of its fate."""

    step: Step
    since: datetime
    attempt: int = 1
    probes: int = 0
    failure: Failure | None = None


class Problem(Value, frozen=True):
    """Why a person must look: a code, what happened, and what can be done."""

    code: str
    message: str
    hint: str
    since: datetime


class Shipment(Value, frozen=True):
    """Items of one order from one location, on their way through one program.

    `status` is what Amazon has confirmed, `goal` what the seller wants, `pending` the call that may be under way.
    `as_of` is Amazon's time of the last report used; `moved_at` our time of the last answer to a call of our own.
    `ship_to` is a mark of the buyer's address that only tells whether it is another one. `papers_wanted`: somebody
    else made its label, and its documents are fetched afterwards.
    """

    id: str
    account: str
    amazon_id: str
    location: str
    marketplace: str
    program: str
    order_id: str
    status: Status
    as_of: datetime
    received_at: datetime
    version: int = 0
    sub_status: str = ""
    ship_by: datetime | None = None
    earliest_pack: datetime | None = None
    needs_invoice: bool = False
    rejectable: tuple[str, ...] = ()
    items: tuple[tuple[str, int], ...] = ()
    kind: str = "NEW"
    original_id: str | None = None
    priority: str = "LOW"
    goal: Goal | None = None
    ticket: str | None = None
    pending: Pending | None = None
    packages: tuple[Package, ...] = ()
    slot: SlotPreference = SlotPreference()
    courier: Courier | None = None
    label_round: int = 1
    rejection: Rejection | None = None
    invoice: Document | None = None
    invoice_missing: str | None = None
    warranty: Document | None = None
    handed_over_at: datetime | None = None
    moved_at: datetime | None = None
    cancelled_by: str | None = None
    adopted: bool = False
    carrier_tells: bool = False
    problem: Problem | None = None
    attempt: int = 0
    api: str = "external_fulfillment"
    ship_to: str = ""
    processed_by: str = ""
    scanned: tuple[Scan, ...] = ()
    papers_wanted: bool = False

    def package(self, package_id: str) -> Package | None:
        """Find a package by id."""
        return next((package for package in self.packages if package.id == package_id), None)

    @property
    def urgency(self) -> float:
        """Rank it among others, the lowest first: by its ship-by; what nobody waits for comes last."""
        if self.papers_wanted and self.goal in (None, Goal.CONFIRMED, Goal.PACKED):
            return LEAST_URGENT
        return self.ship_by.timestamp() if self.ship_by else 1e12

    @property
    def source(self) -> Source:
        """Tell who worked on it."""
        return source_of(is_adopted=self.adopted, processed_by=self.processed_by, scanned=self.scanned)

    @property
    def is_over(self) -> bool:
        """Nothing more can happen to it by our doing."""
        return self.status in (Status.DELIVERED, Status.CANCELLED)

    @property
    def is_labeled(self) -> bool:
        """Every package has its live label."""
        return bool(self.packages) and all(p.has_live_label(self.label_round) for p in self.packages)
