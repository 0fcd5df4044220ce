"""What the simulator remembers: sellers, places, products, shipments, packages, labels, returns, credentials."""

from typing import Any, Literal

import msgspec

from packline_sim.places import Place
from packline_sim.programs import Program, WorksAs
from packline_sim.specs import LabelFormat, Region, ReturnStatus, ShipmentType, StockSource

ShipmentStatus = Literal[
    "CREATED",
    "ACCEPTED",
    "CONFIRMED",
    "PACKAGE_CREATED",
    "PICKUP_SLOT_RETRIEVED",
    "INVOICE_GENERATED",
    "SHIPLABEL_GENERATED",
    "SHIPPED",
    "DELIVERED",
    "CANCELLED",
]
PackageStatus = Literal[
    "CREATED", "PICKUP_SLOT_RETRIEVED", "INVOICE_GENERATED", "SHIPLABEL_GENERATED", "SHIPPED", "DELIVERED", "CANCELLED"
]

WORKS_AS: dict[tuple[str, str], WorksAs] = {
    ("FBA", "MARKETPLACE"): "SELLER_FLEX",
    ("MFN", "MARKETPLACE"): "EASY_SHIP",
    ("MFN", "SELF"): "SELF_SHIP",
}
"""Channel and shipping type -> the program that they show."""


class Seller(msgspec.Struct, kw_only=True):
    """Remember one seller."""

    seller_id: str
    name: str
    region: Region
    marketplace_ids: tuple[str, ...]
    tax_number: str
    created_ms: int


class Location(msgspec.Struct, kw_only=True):
    """Remember one place that a seller ships from."""

    seller_id: str
    location_id: str
    name: str
    marketplace_id: str
    label_format: LabelFormat
    stock_source: StockSource
    place: Place


class Sku(msgspec.Struct, kw_only=True):
    """Remember one product of a seller: centimetres, grams, `price` with tax, `tax_rate` a fraction."""

    seller_id: str
    sku: str
    title: str
    length_cm: float
    width_cm: float
    height_cm: float
    weight_g: float
    price: str
    tax_rate: str
    hsn_code: str
    serial_required: bool
    hazmat_required: bool
    origin_required: bool
    value_required: bool
    pieces: int
    country_of_origin: str
    has_recommended_package: bool


class Stock(msgspec.Struct, kw_only=True):
    """Remember the units of one SKU at one location.

    `quantity` is what the seller last published (absolute), `reserved` what shipments hold, `on_hand` what truly lies
    on the floor, `sequences` the last accepted sequence number for each scope.
    """

    seller_id: str
    location_id: str
    sku: str
    quantity: int = 0
    reserved: int = 0
    on_hand: int = 0
    sequences: dict[str, int] = {}

    @property
    def sellable(self) -> int:
        """Tell the units that buyers can order now: max(0, quantity - reserved)."""
        return max(0, self.quantity - self.reserved)

    @property
    def oversold(self) -> int:
        """Tell the units that are promised but are not on the floor."""
        return max(0, self.reserved - self.on_hand)


class Line(msgspec.Struct, kw_only=True):
    """Remember one line of a shipment; `charges` and `tax` are in the form that Amazon sends."""

    line_id: str
    sku: str
    title: str
    units: int
    unit_price: str
    tax_rate: str
    charges: list[dict[str, Any]]
    hsn_code: str
    serial_required: bool
    hazmat_required: bool
    origin_required: bool
    value_required: bool
    pieces: int
    country_of_origin: str
    gift: dict[str, Any] | None = None
    cancellations: list[dict[str, Any]] = []
    custom_attributes: list[dict[str, str]] = []


class ShippingOption(msgspec.Struct, frozen=True, kw_only=True):
    """Describe one way to hand a package over; `start_ms` None never expires."""

    option_id: str
    ship_by: str
    carrier: str
    start_ms: int | None = None
    end_ms: int | None = None
    method: Literal["PICKUP", "DROPOFF"] | None = None
    dropoff: Place | None = None


class Label(msgspec.Struct, kw_only=True):
    """Remember one ship label; it is live until `voided_ms` is set. `revision` is the package's when it was made."""

    label_id: str
    shipment_id: str
    package_id: str
    revision: int
    carrier: str
    tracking_id: str
    format: LabelFormat
    made_ms: int
    call_seq: int
    option: ShippingOption | None = None
    voided_ms: int | None = None
    void_reason: str | None = None
    issues: int = 1
    downloads: int = 0

    @property
    def is_printed(self) -> bool:
        """Tell whether it can be on the parcel: its file was fetched, or it was made by hand, where it is printed."""
        return self.downloads > 0 or not self.call_seq


class PackedLine(msgspec.Struct, kw_only=True):
    """Remember what of a line lies in a package."""

    line_id: str
    units: int
    serial_numbers: tuple[str, ...] = ()
    pieces: int | None = None
    country_of_origin: str | None = None
    item_value: dict[str, str] | None = None


class Package(msgspec.Struct, kw_only=True):
    """Remember one package; `body` is what the seller sent, `revision` grows with every updatePackage."""

    package_id: str
    body: dict[str, Any]
    lines: tuple[PackedLine, ...]
    weight_g: float
    status: PackageStatus = "CREATED"
    sub_status: str | None = None
    revision: int = 1
    offered: dict[str, ShippingOption] = {}
    recommended_option_id: str | None = None
    labels: list[Label] = []

    @property
    def live_label(self) -> Label | None:
        """Give the label that is valid now."""
        return next((label for label in reversed(self.labels) if label.voided_ms is None), None)


class Invoice(msgspec.Struct, frozen=True, kw_only=True):
    """Remember one invoice."""

    invoice_id: str
    made_ms: int
    call_seq: int


class Transition(msgspec.Struct, frozen=True):
    """Remember one change of a shipment's or return's status; `call_seq` 0 means that no API call caused it."""

    at_ms: int
    before: str | None
    after: str
    cause: str
    call_seq: int


class Cancellation(msgspec.Struct, frozen=True, kw_only=True):
    """Remember who stopped a shipment, and when."""

    kind: Literal["SELLER_REJECTED", "MARKETPLACE_CANCELLED", "SYSTEM_CANCELLED"]
    at_ms: int
    reason: str
    reference_id: str | None = None


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """Remember what a buyer will do about an order: cancel at a moment, refuse it at the door, send it back later.

    A buyer of Seller Central asks the seller to cancel, unless `cancels_at_once`. Who sends units back and
    `wants_another` gets the same again.
    """

    cancels_ms: int | None = None
    cancels_at_once: bool = False
    refuses: bool = False
    returns_after_s: float | None = None
    wants_another: bool = False


class Shipment(msgspec.Struct, kw_only=True):
    """Remember one shipment with its whole history, more than Amazon tells."""

    shipment_id: str
    seller_id: str
    location_id: str
    marketplace_id: str
    program: Program
    channel: str
    shipping_type: str
    order_id: str
    status: ShipmentStatus
    created_ms: int
    updated_ms: int
    earliest_pack_ms: int
    ship_by_ms: int
    priority: str
    payment: str
    shipment_type: ShipmentType
    rejectable_states: tuple[str, ...]
    ship_to: Place
    lines: list[Line]
    charges: list[dict[str, Any]]
    recommended_packages: list[dict[str, Any]]
    needs_invoice: bool
    is_prime: bool = False
    original: dict[str, Any] | None = None
    sub_status: str | None = None
    reason: str | None = None
    worked_in_smarthub: bool = False
    packages: dict[str, Package] = {}
    invoice: Invoice | None = None
    cancellation: Cancellation | None = None
    history: list[Transition] = []
    holds_stock: bool = False
    took_stock: bool = False
    intent: Intent | None = None
    return_ids: list[str] = []
    version: int = 0
    touch: int = 0
    asked_before: tuple[str, ...] = ()

    @property
    def works_as(self) -> WorksAs:
        """Name the program that its channel and shipping type show, by whose rules it goes."""
        return WORKS_AS[self.channel, self.shipping_type]

    @property
    def units(self) -> int:
        """Count the units of all lines."""
        return sum(line.units for line in self.lines)

    def units_by_sku(self) -> dict[str, int]:
        """Count the units of each SKU."""
        units: dict[str, int] = {}
        for line in self.lines:
            units[line.sku] = units.get(line.sku, 0) + line.units
        return units

    def place_of(self, package_id: str) -> int:
        """Count a package by its place, from 0: what is drawn for it hangs on that, for its id is the connector's."""
        return list(self.packages).index(package_id)

    def line(self, line_id: str) -> Line | None:
        """Find a line by its id."""
        return next((line for line in self.lines if line.line_id == line_id), None)


class Return(msgspec.Struct, kw_only=True):
    """Remember the return of one line's units."""

    return_id: str
    seller_id: str
    shipment_id: str
    order_id: str
    sku: str
    units: int
    status: ReturnStatus
    return_type: str
    return_sub_type: str
    reason: str
    rma_id: str
    return_location_id: str
    fulfillment_location_id: str
    channel: str
    marketplace_name: str
    invoice_id: str | None
    forward_carrier: str | None
    forward_tracking_id: str | None
    reverse_carrier: str
    reverse_tracking_id: str
    created_ms: int
    updated_ms: int
    wants_otp: bool = False
    otp: str | None = None
    otp_valid_till: int | None = None
    delivery_mode: str | None = None
    pickup_ms: int | None = None
    delivered_ms: int | None = None
    previous_tracking: list[tuple[str, str]] = []
    restocked: int = 0
    history: list[Transition] = []
    version: int = 0
    touch: int = 0


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Tell the followers of a world what just changed.

    `kind` is one of shipment_created, shipment_status, shipment_changed, package_status, packages_created,
    package_replaced, label_made, label_voided, label_issued, invoice_made, stock_published, stock_changed,
    floor_counted (before and after are units), units_restocked,
    return_created, return_status, return_changed, order_created, order_status, order_changed, easy_ship_status,
    package_scheduled, package_rescheduled, feed_status, report_status, listing_quantity. `subject` is the shipment's,
    return's, order's, feed's, report's or SKU's id. `cause` begins with the hand that did it, if no API call did.
    """

    at_ms: int
    kind: str
    seller_id: str
    subject: str
    before: str | None = None
    after: str | None = None
    cause: str = ""
    call_seq: int = 0
    package_id: str | None = None
    location_id: str | None = None
