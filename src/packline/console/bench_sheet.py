"""All that a packer must know of one shipment: units with their codes, what Amazon asks for, boxes to take."""

from typing import Any

from packline.console.room import Room
from packline.console.shipment_rows import STANDS
from packline.console.words import t, tell
from packline.domain.allowed import allowed_now
from packline.domain.details import Details, Line
from packline.domain.recommendation import by_sku, recommended
from packline.domain.shipment import Package, Shipment, Status
from packline.domain.values import Box
from packline.errors import Denied, Invalid
from packline.storage.skus import Skus
from packline.views import bench, shipments


async def sheet(room: Room, name: str, place: tuple[str, str]) -> dict[str, Any]:
    """Gather the sheet of a shipment for the bench at a place.

    Raises Denied for a shipment of another place, or one that must not be packed.
    """
    shipment = await shipments.load(room.pool, name)
    _refuse(shipment, place)
    body = await room.pool.fetchval("select body from shipment_body where shipment_id = $1", name)
    details = room.gateway.details(body, shipment.api) if body else Details(())
    skus = [line.sku for line in details.lines]
    codes = await bench.codes_of(room.pool, shipment, skus)
    serials = await bench.serials_of(room.pool, shipment, skus)
    titles = await bench.titles_of(room.pool, shipment.account, skus)
    directory = await room.directory.look(room)
    program = room.gateway.program_for(shipment)
    return {
        "id": shipment.id,
        "amazon_id": shipment.amazon_id,
        "order_id": shipment.order_id,
        "program": directory.program(shipment.program, shipment.account, shipment.location),
        "ship_by": shipment.ship_by,
        "zone": directory.zone(shipment.account, shipment.location),
        "version": shipment.version,
        "status": stands(shipment),
        "can_pack": bool(details.lines) and "pack" in allowed_now(shipment.status, shipment.rejectable),
        "is_labeled": shipment.is_labeled,
        "says": _says(shipment, details),
        "lines": [_line(line, titles, codes.get(line.sku, []), serials) for line in details.lines],
        "boxes": [_box(box) for box in await _boxes(room, shipment, details)],
        "packages_at_most": program.packages_at_most,
    }


def stands(shipment: Shipment) -> str:
    """Say in a word where a shipment stands."""
    return stands_row(shipment.status)


def stands_row(status: str) -> str:
    """Say a status in a word."""
    return t(STANDS[Status(status)][0])


def _refuse(shipment: Shipment, place: tuple[str, str]) -> None:
    account, location = place
    if (account and shipment.account != account) or (location and shipment.location != location):
        raise Denied(
            t("{name} leaves from {place}, not from this bench.", name=shipment.amazon_id, place=shipment.location),
            hint=t("Put it aside for that place, or choose the place of this bench anew (F6)."),
        )
    if shipment.status is Status.CANCELLED:
        raise Denied(
            t("{name} is cancelled: do not pack it.", name=shipment.amazon_id),
            hint=t("Put the goods back on the shelf. Destroy its label, if there is one."),
        )


def _says(shipment: Shipment, details: Details) -> str:
    if not details.lines:
        return t("Its lines have not been read from Amazon yet. Try again in a few seconds.")
    if shipment.problem:
        return tell(shipment.problem.message)
    return ""


def _line(line: Line, titles: dict[str, str], codes: list[str], serials: dict[str, str]) -> dict[str, Any]:
    return {
        "id": line.id,
        "sku": line.sku,
        "title": line.title or titles.get(line.sku, ""),
        "units": line.units,
        "codes": sorted({line.sku, *codes}),
        "serials": sorted(serial for serial, sku in serials.items() if sku == line.sku),
        "needs_serial": line.serial_numbers == "REQUIRED",
        "needs_hazmat": line.hazmat_labels == "REQUIRED",
        "needs_country": line.country_of_origin == "REQUIRED",
        "needs_value": line.item_value == "REQUIRED",
        "country": line.recommended_country or "",
        "currency": line.recommended_currency or (line.total.currency if line.total else ""),
        "multi_piece": line.multi_piece,
        "gift_wrap": line.gift_wrap,
        "gift_message": line.gift_message,
    }


async def _boxes(room: Room, shipment: Shipment, details: Details) -> tuple[Package, ...]:
    """Give the boxes to take: Amazon's where they are complete, else made of the sizes of SKUs, else none."""
    try:
        return recommended(details)
    except Invalid:
        pass
    advised = [entry.box for entry in details.recommended if entry.box]
    if len(details.recommended) == 1 and advised:  # only serials or the like are missing: the packer gives them
        return (Package("PKG-1", advised[0], ()),)
    sizes = await Skus(room.pool).boxes(shipment.account, sorted({line.sku for line in details.lines}))
    try:
        return by_sku(details, sizes)
    except Invalid:
        return ()


def _box(package: Package) -> dict[str, Any]:
    box: Box = package.box
    return {
        "length_cm": box.length_cm,
        "width_cm": box.width_cm,
        "height_cm": box.height_cm,
        "weight_g": box.weight_g,
        "lines": {line.line_id: line.quantity for line in package.lines},
    }
