"""The file that schedules pickups in Seller Central, for marketplaces that the Easy Ship API does not serve.

Tab-delimited text with one header line and at most 500 orders a file ("Schedule pickups by file", Seller Central
help 201383340). The help does not say how dates are written: ISO 8601 is inferred, and a setting of the caller.
"""

import re
from collections.abc import Sequence
from datetime import tzinfo

from packline.domain.values import Box, Value, Window
from packline.errors import FieldError, Invalid

ORDERS_AT_MOST = 500
COLUMNS = (
    "order_id",
    "package_weight",
    "package_length",
    "package_width",
    "package_height",
    "schedule_pickup_date",
    "schedule_pickup_time",
    "merchant_additional_identifier",
)
"""Weight in grams, sizes in centimetres; the last one is optional and is printed on the label."""
LIGHTEST_G = 11.0
"""Easy Ship API 2022-03-23, WeightValue: minimum 11."""
SMALLEST_CM = 0.01
IDENTIFIER_LETTERS = 255
_ORDER_ID = re.compile(r"\d{3}-\d{7}-\d{7}")


class Pickup(Value, frozen=True):
    """One order to schedule: its box, the pickup that the seller chose (its start counts), the label's identifier."""

    order_id: str
    box: Box
    window: Window
    identifier: str = ""


class Dates(Value, frozen=True):
    """How Seller Central of this marketplace wants dates and times (strftime), inferred."""

    date: str = "%Y-%m-%d"
    time: str = "%H:%M"


class RefusedRow(Value, frozen=True):
    """A row that would be refused: its place among the rows given, from 0, and all that is wrong with it."""

    row: int
    order_id: str
    faults: tuple[FieldError, ...]


class PickupFile(Value, frozen=True):
    """A file to upload, as UTF-8, and the orders in it."""

    content: bytes
    order_ids: tuple[str, ...]


class PickupFiles(Value, frozen=True):
    """Files of at most 500 orders each, and the rows that are in none of them."""

    files: tuple[PickupFile, ...]
    refused: tuple[RefusedRow, ...]


def pickup_files(rows: Sequence[Pickup], zone: tzinfo, dates: Dates | None = None) -> PickupFiles:
    """Write orders into files in the order given; `zone` is the seller's, as dates are local to the pickup.

    A row with a fault is left out and named with all its faults; the others are written.

    Raises:
        Invalid: there are no rows at all.

    """
    if not rows:
        raise Invalid("There is no order to schedule.", hint="Select at least one order.", reason="no_rows")
    written = dates or Dates()
    lines: list[tuple[str, str]] = []
    refused = []
    first: dict[str, int] = {}
    for number, row in enumerate(rows):
        faults = _faults(row, first.get(row.order_id))
        first.setdefault(row.order_id, number)
        if faults:
            refused.append(RefusedRow(number, row.order_id, faults))
        else:
            lines.append((row.order_id, _line(row, zone, written)))
    parts = [lines[at : at + ORDERS_AT_MOST] for at in range(0, len(lines), ORDERS_AT_MOST)]
    return PickupFiles(tuple(map(_file, parts)), tuple(refused))


def _file(lines: Sequence[tuple[str, str]]) -> PickupFile:
    text = "\n".join(("\t".join(COLUMNS), *(line for _, line in lines), ""))
    return PickupFile(text.encode(), tuple(order_id for order_id, _ in lines))


def _line(row: Pickup, zone: tzinfo, dates: Dates) -> str:
    start, box = row.window.start.astimezone(zone), row.box
    numbers = map(_number, (box.weight_g, box.length_cm, box.width_cm, box.height_cm))
    return "\t".join((row.order_id, *numbers, start.strftime(dates.date), start.strftime(dates.time), row.identifier))


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _faults(row: Pickup, before: int | None) -> tuple[FieldError, ...]:
    return tuple(
        FieldError(pointer, message)
        for pointer, wrong, message in (
            *_rules(row),
            ("/order_id", before is not None, f"The order stands in row {before} already; one row schedules it."),
        )
        if wrong
    )


def _rules(row: Pickup) -> Sequence[tuple[str, bool, str]]:
    box, identifier = row.box, row.identifier
    sizes = {"length_cm": box.length_cm, "width_cm": box.width_cm, "height_cm": box.height_cm}
    return (
        ("/order_id", not _ORDER_ID.fullmatch(row.order_id), "An Amazon order id has 3, 7 and 7 digits with dashes."),
        ("/box/weight_g", not box.weight_g >= LIGHTEST_G, f"Easy Ship takes parcels from {LIGHTEST_G:g} grams."),
        *(
            (f"/box/{name}", not size >= SMALLEST_CM, "A size is above zero, in centimetres.")
            for name, size in sizes.items()
        ),
        ("/window", row.window.start.tzinfo is None, "The pickup's start needs its offset from UTC."),
        ("/window", row.window.method == "DROPOFF", "The file schedules pickups; this window is for dropping off."),
        ("/identifier", len(identifier) > IDENTIFIER_LETTERS, f"At most {IDENTIFIER_LETTERS} letters fit a label."),
        (
            "/identifier",
            any(not letter.isprintable() for letter in identifier),
            "No tabs, line ends or control letters.",
        ),
    )
