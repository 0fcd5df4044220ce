"""SmartHub, Amazon's own panel: take each step of a shipment by hand, as the seller's people would there."""

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from packline_sim.actors.smarthub_desk import NEXT, STEPS, Desk, Packing, ScanOf, Step
from packline_sim.control.endpoint import Endpoint, get, post
from packline_sim.control.paging import Page
from packline_sim.control.problems import not_found
from packline_sim.control.shipment_views import ShipmentDetail, detail
from packline_sim.control.stage import Stage
from packline_sim.floor import Bin
from packline_sim.programs import Program
from packline_sim.records import Shipment


class RejectReason(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Say why people reject a shipment in SmartHub."""

    reason: Literal["OUT_OF_STOCK", "CUSTOMER_REQUESTED"] = "OUT_OF_STOCK"


class SmartHubScan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Say what is scanned; without `lines` every line, from the floor's records."""

    lines: tuple[ScanOf, ...] = ()


class SmartHubSteps(Packing, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Say how far people take one shipment, and how they pack it."""

    until: Step = "ship"


class SmartHubWork(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Choose shipments that wait for a step up to `until`, oldest first, or name them; and say how far to take them."""

    until: Step = "ship"
    scan: bool = True
    shipment_ids: tuple[str, ...] = ()
    seller_id: str | None = None
    location_id: str | None = None
    program: Program | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1000


class LeftAlone(msgspec.Struct, frozen=True, kw_only=True):
    """Tell why one shipment was not taken as far as was wished."""

    shipment_id: str
    reason: str


class WorkDone(msgspec.Struct, frozen=True, kw_only=True):
    """Tell which steps were taken of which shipments, and what was refused."""

    steps: dict[str, list[Step]]
    refused: list[LeftAlone]


class FloorUnits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Name a bin of a SKU at a location, and serial numbers of units that lie in it."""

    location_id: str
    sku: str
    bin_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    serials: tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=64)], ...] = ()


def confirm_in_smarthub(stage: Stage, shipment_id: str) -> ShipmentDetail:
    """Confirm a shipment in SmartHub."""
    shipment = stage.shipment(shipment_id)
    Desk(stage.world).confirm(shipment)
    return detail(shipment)


def reject_in_smarthub(stage: Stage, shipment_id: str, body: RejectReason) -> ShipmentDetail:
    """Reject a shipment in SmartHub."""
    shipment = stage.shipment(shipment_id)
    Desk(stage.world).reject(shipment, body.reason)
    return detail(shipment)


def pack_in_smarthub(stage: Stage, shipment_id: str, body: Packing) -> ShipmentDetail:
    """Pack a shipment in SmartHub, scanning bins and serial numbers unless told not to."""
    shipment = stage.shipment(shipment_id)
    Desk(stage.world).pack(shipment, body)
    return detail(shipment)


def scan_in_smarthub(stage: Stage, shipment_id: str, body: SmartHubScan) -> ShipmentDetail:
    """Scan the units of a shipment that has not left in SmartHub, whoever packed it."""
    shipment = stage.shipment(shipment_id)
    Desk(stage.world).scan(shipment, body.lines)
    return detail(shipment)


def label_in_smarthub(stage: Stage, shipment_id: str) -> ShipmentDetail:
    """Print the labels of a packed shipment in SmartHub, with the invoice where one is needed."""
    shipment = stage.shipment(shipment_id)
    Desk(stage.world).label(shipment)
    return detail(shipment)


def ship_in_smarthub(stage: Stage, shipment_id: str) -> ShipmentDetail:
    """Mark the labelled packages of a shipment as shipped in SmartHub."""
    shipment = stage.shipment(shipment_id)
    Desk(stage.world).ship(shipment)
    return detail(shipment)


def work_in_smarthub(stage: Stage, shipment_id: str, body: SmartHubSteps) -> ShipmentDetail:
    """Take every step of a shipment that is left, up to `until`, in SmartHub."""
    shipment = stage.shipment(shipment_id)
    packing = Packing(parcels=body.parcels, scan=body.scan, scans=body.scans)
    Desk(stage.world).work(shipment, body.until, packing)
    return detail(shipment)


def work_through_smarthub(stage: Stage, body: SmartHubWork) -> WorkDone:
    """Take many shipments up to a step in SmartHub; what is refused is listed with the reason."""
    desk, packing = Desk(stage.world), Packing(scan=body.scan)
    done = WorkDone(steps={}, refused=[])
    for shipment in list(_chosen(stage, body))[: body.limit]:
        before = len(shipment.history)
        try:
            done.steps[shipment.shipment_id] = desk.work(shipment, body.until, packing)
        except ValueError as refusal:
            taken = f" {len(shipment.history) - before} moves were made before." if shipment.history[before:] else ""
            done.refused.append(LeftAlone(shipment_id=shipment.shipment_id, reason=f"{refusal}{taken}"))
    return done


def lay_on_floor(stage: Stage, seller_id: str, body: FloorUnits) -> Bin:
    """Tell SmartHub's people which bin a SKU lies in, and the serial numbers there; they take the oldest first."""
    stage.seller(seller_id)
    stage.world.location(seller_id, body.location_id)
    if (seller_id, body.sku) not in stage.world.skus:
        raise not_found("SKU", body.sku, f"GET /_sim/sellers/{seller_id}/skus lists them.")
    return stage.world.floor.put(seller_id, body.location_id, body.sku, body.bin_id, body.serials)


def list_floor(stage: Stage, seller_id: str) -> Page[Bin]:
    """List a seller's bins with the serial numbers that still lie there."""
    stage.seller(seller_id)
    return Page([row for key, rows in stage.world.floor.bins.items() if key[0] == seller_id for row in rows])


def _chosen(stage: Stage, body: SmartHubWork) -> Iterator[Shipment]:
    if body.seller_id is not None:
        stage.seller(body.seller_id)
    if body.shipment_ids:
        yield from (stage.shipment(shipment_id) for shipment_id in body.shipment_ids)
        return
    wanted = frozenset(status for status, step in NEXT.items() if STEPS.index(step) <= STEPS.index(body.until))
    for shipment in stage.world.shipments.values():
        fits = body.seller_id in (None, shipment.seller_id) and body.location_id in (None, shipment.location_id)
        if fits and body.program in (None, shipment.program) and shipment.status in wanted:
            yield shipment


ENDPOINTS: tuple[Endpoint, ...] = (
    post("/smarthub/work", work_through_smarthub),
    post("/smarthub/{shipment_id}/confirm", confirm_in_smarthub),
    post("/smarthub/{shipment_id}/reject", reject_in_smarthub),
    post("/smarthub/{shipment_id}/pack", pack_in_smarthub),
    post("/smarthub/{shipment_id}/scan", scan_in_smarthub),
    post("/smarthub/{shipment_id}/label", label_in_smarthub),
    post("/smarthub/{shipment_id}/ship", ship_in_smarthub),
    post("/smarthub/{shipment_id}/work", work_in_smarthub),
    post("/sellers/{seller_id}/floor", lay_on_floor, status=201),
    get("/sellers/{seller_id}/floor", list_floor),
)
