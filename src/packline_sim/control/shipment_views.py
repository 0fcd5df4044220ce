"""How the control API shows shipments: a line for listings, and the whole truth."""

from typing import Any

import msgspec

from packline_sim.places import Place
from packline_sim.programs import Program
from packline_sim.records import (
    Cancellation,
    Invoice,
    Label,
    Line,
    Package,
    PackageStatus,
    PackedLine,
    Shipment,
    ShipmentStatus,
    Transition,
)
from packline_sim.specs import LabelFormat, ShipmentType


class PlaceView(msgspec.Struct, frozen=True, kw_only=True):
    """Show an address, which is an invention."""

    name: str
    line: str
    city: str
    state: str
    postal_code: str
    country: str
    phone: str = ""


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """Show one line of a shipment."""

    line_id: str
    sku: str
    title: str
    units: int
    unit_price: str
    serial_required: bool
    hazmat_required: bool
    origin_required: bool
    value_required: bool
    pieces: int
    custom_attributes: list[dict[str, str]]


class LabelView(msgspec.Struct, frozen=True, kw_only=True):
    """Show one ship label; it is live until it was voided. `revision` is the package's when the label was made."""

    label_id: str
    revision: int
    carrier: str
    tracking_id: str
    format: LabelFormat
    made_ms: int
    call_seq: int
    option_id: str | None
    voided_ms: int | None
    void_reason: str | None
    issues: int
    downloads: int


class PackageView(msgspec.Struct, frozen=True, kw_only=True):
    """Show one package with every label it ever had; `body` is what the seller sent."""

    package_id: str
    status: PackageStatus
    sub_status: str | None
    revision: int
    weight_g: float
    lines: tuple[PackedLine, ...]
    labels: list[LabelView]
    body: dict[str, Any]


class ShipmentSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Show a shipment in one line of a listing; `tracking_ids` are those of its live labels, one for each package."""

    shipment_id: str
    order_id: str
    seller_id: str
    location_id: str
    program: Program
    marketplace_id: str
    status: ShipmentStatus
    sub_status: str | None
    units: int
    packages: int
    created_ms: int
    updated_ms: int
    ship_by_ms: int
    tracking_ids: list[str]
    has_invoice: bool


class ShipmentDetail(msgspec.Struct, frozen=True, kw_only=True):
    """Show everything about a shipment, with its history."""

    shipment_id: str
    order_id: str
    seller_id: str
    location_id: str
    program: Program
    marketplace_id: str
    channel: str
    shipping_type: str
    status: ShipmentStatus
    sub_status: str | None
    reason: str | None
    shipment_type: ShipmentType
    priority: str
    payment: str
    is_prime: bool
    needs_invoice: bool
    worked_in_smarthub: bool
    rejectable_states: tuple[str, ...]
    units: int
    created_ms: int
    updated_ms: int
    earliest_pack_ms: int
    ship_by_ms: int
    ship_to: PlaceView
    holds_stock: bool
    took_stock: bool
    lines: list[LineView]
    packages: list[PackageView]
    invoice: Invoice | None
    cancellation: Cancellation | None
    original: dict[str, Any] | None
    history: list[Transition]


_PLAIN = tuple(name for name in ShipmentDetail.__struct_fields__ if name not in ("ship_to", "lines", "packages"))


def summary(shipment: Shipment) -> ShipmentSummary:
    """Show a shipment in one line."""
    return ShipmentSummary(
        shipment_id=shipment.shipment_id,
        order_id=shipment.order_id,
        seller_id=shipment.seller_id,
        location_id=shipment.location_id,
        program=shipment.program,
        marketplace_id=shipment.marketplace_id,
        status=shipment.status,
        sub_status=shipment.sub_status,
        units=shipment.units,
        packages=len(shipment.packages),
        created_ms=shipment.created_ms,
        updated_ms=shipment.updated_ms,
        ship_by_ms=shipment.ship_by_ms,
        tracking_ids=[label.tracking_id for row in shipment.packages.values() if (label := row.live_label) is not None],
        has_invoice=shipment.invoice is not None,
    )


def detail(shipment: Shipment) -> ShipmentDetail:
    """Show everything about a shipment."""
    return ShipmentDetail(
        **{name: getattr(shipment, name) for name in _PLAIN},
        ship_to=_place(shipment.ship_to),
        lines=[_line(line) for line in shipment.lines],
        packages=[_package(package) for package in shipment.packages.values()],
    )


def _place(place: Place) -> PlaceView:
    return PlaceView(**place._asdict())


def _line(line: Line) -> LineView:
    return LineView(**{name: getattr(line, name) for name in LineView.__struct_fields__})


def _package(package: Package) -> PackageView:
    plain = ("package_id", "status", "sub_status", "revision", "weight_g", "lines", "body")
    return PackageView(
        **{name: getattr(package, name) for name in plain}, labels=[_label(label) for label in package.labels]
    )


def _label(label: Label) -> LabelView:
    plain = (name for name in LabelView.__struct_fields__ if name != "option_id")
    option_id = label.option.option_id if label.option else None
    return LabelView(**{name: getattr(label, name) for name in plain}, option_id=option_id)
