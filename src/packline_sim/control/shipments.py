"""Shipments: have buyers order them, see everything about them, stop them, scan them."""

from collections.abc import Iterator
from typing import Annotated

import msgspec

from packline_sim.control.endpoint import Endpoint, get, post
from packline_sim.control.paging import After, Limit, Page, beyond, page
from packline_sim.control.shipment_views import ShipmentDetail, ShipmentSummary, detail, summary
from packline_sim.control.stage import Stage
from packline_sim.programs import Program
from packline_sim.records import Shipment, ShipmentStatus
from packline_sim.specs import CancelledBy, ScanEvent, ShipmentSpec


class NewShipments(ShipmentSpec, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describe `count` shipments of one seller that buyers order now; what is left out is chosen from the seed."""

    seller_id: str
    count: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1


class Created(msgspec.Struct, frozen=True, kw_only=True):
    """List the new shipments; fewer than asked for when Amazon makes none without stock (Seller Flex)."""

    shipments: list[ShipmentSummary]


class ShipmentQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Choose shipments, oldest first."""

    seller_id: str | None = None
    location_id: str | None = None
    program: Program | None = None
    status: ShipmentStatus | None = None
    limit: Limit = 100
    after: After = None


class Cancel(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Say who stops the shipment."""

    by: CancelledBy = "BUYER"


class Scan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describe what a carrier's scanner reports; without `package_id` all packages of the shipment."""

    event: ScanEvent = "PICKED_UP"
    package_id: str | None = None


class Scans(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describe one scan of many shipments: those named, or all that the filters leave (with labels, when picked up)."""

    event: ScanEvent = "PICKED_UP"
    shipment_ids: tuple[str, ...] = ()
    seller_id: str | None = None
    location_id: str | None = None
    program: Program | None = None


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Tell why one shipment of many was left as it is."""

    shipment_id: str
    reason: str


class ScanResult(msgspec.Struct, frozen=True, kw_only=True):
    """Tell which shipments were scanned and which could not be."""

    scanned: list[str]
    refused: list[Refusal]


BEFORE_SCAN: dict[str, ShipmentStatus] = {"PICKED_UP": "SHIPLABEL_GENERATED"}


def create_shipments(stage: Stage, body: NewShipments) -> Created:
    """Have buyers order shipments of a seller now."""
    stage.seller(body.seller_id)
    fields = {name: getattr(body, name) for name in ShipmentSpec.__struct_fields__}
    shipments = stage.world.create_shipments(body.seller_id, ShipmentSpec(**fields))
    return Created(shipments=[summary(shipment) for shipment in shipments])


def list_shipments(stage: Stage, query: ShipmentQuery) -> Page[ShipmentSummary]:
    """List shipments in the order in which they were made."""
    found = (summary(shipment) for shipment in _chosen(stage, query))
    return page(found, query.limit, lambda row: row.shipment_id)


def show_shipment(stage: Stage, shipment_id: str) -> ShipmentDetail:
    """Show all that the simulator knows of a shipment, much of which Amazon would not tell."""
    return detail(stage.shipment(shipment_id))


def cancel_shipment(stage: Stage, shipment_id: str, body: Cancel) -> ShipmentDetail:
    """Stop a shipment as the buyer, the marketplace or Amazon's own system would."""
    stage.shipment(shipment_id)
    stage.world.cancel(shipment_id, by=body.by)
    return show_shipment(stage, shipment_id)


def scan_shipment(stage: Stage, shipment_id: str, body: Scan) -> ShipmentDetail:
    """Report a carrier's scan of one shipment or one of its packages."""
    stage.shipment(shipment_id)
    stage.world.carrier_scan(shipment_id, body.event, package_id=body.package_id)
    return show_shipment(stage, shipment_id)


def scan_shipments(stage: Stage, body: Scans) -> ScanResult:
    """Report a carrier's scan of many shipments; those that cannot be scanned are listed with the reason."""
    scanned: list[str] = []
    refused: list[Refusal] = []
    for shipment_id in body.shipment_ids or _scannable(stage, body):
        stage.shipment(shipment_id)
        try:
            stage.world.carrier_scan(shipment_id, body.event)
        except ValueError as refusal:
            refused.append(Refusal(shipment_id=shipment_id, reason=str(refusal)))
        else:
            scanned.append(shipment_id)
    return ScanResult(scanned=scanned, refused=refused)


def _scannable(stage: Stage, body: Scans) -> list[str]:
    query = ShipmentQuery(
        seller_id=body.seller_id,
        location_id=body.location_id,
        program=body.program,
        status=BEFORE_SCAN.get(body.event, "SHIPPED"),
    )
    return [shipment.shipment_id for shipment in _chosen(stage, query)]


def _chosen(stage: Stage, query: ShipmentQuery) -> Iterator[Shipment]:
    if query.seller_id is not None:
        stage.seller(query.seller_id)
    for shipment_id in beyond(stage.world.shipments, query.after):
        shipment = stage.world.shipments[shipment_id]
        if _fits(shipment, query):
            yield shipment


def _fits(shipment: Shipment, query: ShipmentQuery) -> bool:
    return (
        query.seller_id in (None, shipment.seller_id)
        and query.location_id in (None, shipment.location_id)
        and query.program in (None, shipment.program)
        and query.status in (None, shipment.status)
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    post("/shipments", create_shipments, status=201),
    get("/shipments", list_shipments),
    get("/shipments/{shipment_id}", show_shipment),
    post("/shipments/{shipment_id}/cancel", cancel_shipment),
    post("/shipments/{shipment_id}/scan", scan_shipment),
    post("/scans", scan_shipments),
)
