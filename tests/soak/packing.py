"""How the warehouse closes its boxes: everything in one or in two, with the numbers that Amazon requires."""

import random
from collections.abc import Iterator

from packline.commands.pack import Pack, PackageRequest
from packline.domain.details import Details, Line
from packline.domain.shipment import PackageLine
from packline.domain.slot import Courier
from packline.domain.values import Box, Money, stable_id

BOX = Box(30, 20, 15, 900)
PIECES = 2
"""Boxes that an item of several pieces comes in, as the scenario has it."""


def packed(shipment: str, details: Details, draw: random.Random, *, is_self_ship: bool, boxes_at_most: int) -> Pack:
    """Pack a shipment; what is drawn decides only whether its units go into one box or two."""
    units = sum(line.units for line in details.lines)
    parts = 2 if boxes_at_most > 1 and units > 1 and draw.random() < 0.15 else 1
    hazmat = ("UN3481",) if any(line.hazmat_labels == "REQUIRED" for line in details.lines) else ()
    boxes = [
        PackageRequest(BOX, tuple(lines), hazmat_labels=hazmat)
        for lines in (_split(shipment, details, part, parts) for part in range(parts))
        if lines
    ]
    courier = Courier("Sample Couriers", stable_id("sc", shipment)[-12:].upper()) if is_self_ship else None
    return Pack(tuple(boxes), courier=courier)


def _split(shipment: str, details: Details, part: int, parts: int) -> list[PackageLine]:
    """Lay every `parts`-th unit into a box, counted through all lines."""
    lines, place = [], 0
    for line in details.lines:
        mine = [number for number in range(line.units) if (place + number) % parts == part]
        place += line.units
        if mine:
            lines.append(_line(shipment, line, mine))
    return lines


def _line(shipment: str, line: Line, mine: list[int]) -> PackageLine:
    value = Money("99.00", line.recommended_currency or "INR") if line.item_value == "REQUIRED" else None
    return PackageLine(
        line.id,
        len(mine),
        tuple(_serials(shipment, line, mine)) if line.serial_numbers == "REQUIRED" else (),
        pieces=PIECES * len(mine) if line.multi_piece else None,
        country_of_origin=(line.recommended_country or "IN") if line.country_of_origin == "REQUIRED" else None,
        item_value=value,
    )


def _serials(shipment: str, line: Line, mine: list[int]) -> Iterator[str]:
    for number in mine:
        yield stable_id("sn", shipment, line.id, str(number))[-14:].upper()
