"""Where everything stands on a 4 x 6 inch ship label, in printer dots from the top left."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from packline_sim.documents import codes
from packline_sim.documents.data import LabelData, PostalAddress, SlotWindow
from packline_sim.documents.lettering import BOLD, REGULAR, fitted, printable

DOTS_PER_INCH = 203
WIDTH = 812
HEIGHT = 1218
SMALL_PRINT = "SIMULATED - NOT VALID FOR CARRIAGE"

_LEFT = 24
_RIGHT = WIDTH - 24
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_COUNTRIES = {"AE": "United Arab Emirates", "DE": "Germany", "IN": "India"}
_HANDOVERS = {"PICKUP": "HAND OVER BY PICKUP", "DROP_OFF": "HAND OVER BY DROP-OFF"}
_WITHOUT_SLOT = {
    "SELLER_FLEX": "Next collection at the site",
    "EASY_SHIP": "No slot booked",
    "SELF_SHIP": "By the seller's carrier",
}
_PROGRAMS = {"SELLER_FLEX": "Seller Flex", "EASY_SHIP": "Easy Ship", "SELF_SHIP": "Self Ship"}


class Text(msgspec.Struct, frozen=True, gc=False):
    """Write a line; (x, y) is the top of the letters, at their left, middle or right."""

    x: int
    y: int
    size: int
    text: str
    bold: bool = False
    align: Literal["L", "C", "R"] = "L"
    white: bool = False


class Bar(msgspec.Struct, frozen=True, gc=False):
    """Fill a box with black: a rule, or the ground of white letters."""

    x: int
    y: int
    width: int
    height: int


class Frame(msgspec.Struct, frozen=True, gc=False):
    """Draw the outline of a box."""

    x: int
    y: int
    width: int
    height: int
    thickness: int = 3


class BarCode(msgspec.Struct, frozen=True):
    """Draw a Code 128 with narrow bars of `module` dots."""

    x: int
    y: int
    module: int
    height: int
    text: str
    code: codes.Code


class MatrixCode(msgspec.Struct, frozen=True):
    """Draw a Data Matrix with modules of `module` dots."""

    x: int
    y: int
    module: int
    text: str
    code: codes.Code


Mark = Text | Bar | Frame | BarCode | MatrixCode


def scan_payload(data: LabelData) -> str:
    """Say what the label's Data Matrix carries: tracking id; package; shipment; order; piece/pieces."""
    return ";".join((data.tracking_id, data.package_id, data.shipment_id, data.order_id, f"{data.piece}/{data.pieces}"))


def label_marks(data: LabelData) -> list[Mark]:
    """Lay out a ship label."""
    sections = (_head, _routing, _recipient, _sender, _tracking, _particulars, _foot)
    return [mark for section in sections for mark in section(data)]


def _head(data: LabelData) -> Iterator[Mark]:
    carrier, size = fitted(data.carrier, 58, 470, BOLD)
    yield Text(_LEFT, 22 + (58 - size) // 2, size, carrier, bold=True)
    service = f"{_PROGRAMS[data.program]}  ·  {data.service}  ·  {data.marketplace}"
    yield fit(_LEFT, 88, 24, service, 470)
    if data.cod is None:
        yield Frame(512, 22, _RIGHT - 512, 88)
        yield Text((512 + _RIGHT) // 2, 46, 42, "PREPAID", bold=True, align="C")
    else:
        yield Bar(512, 22, _RIGHT - 512, 88)
        yield Text((512 + _RIGHT) // 2, 32, 22, "COLLECT ON DELIVERY", bold=True, align="C", white=True)
        amount = f"{data.cod.currency} {money(data.cod.amount)}"
        yield fit((512 + _RIGHT) // 2, 62, 42, amount, 260, bold=True, align="C", white=True)
    yield Bar(0, 122, WIDTH, 4)


def _routing(data: LabelData) -> Iterator[Mark]:
    yield fit(_LEFT, 146, 104, data.sort_code or sort_code(data.ship_to), 560, bold=True)
    yield Text(_LEFT, 252, 22, _HANDOVERS[data.handover] if data.slot else "HANDOVER")
    yield fit(_LEFT, 276, 32, window_line(data.slot) if data.slot else _WITHOUT_SLOT[data.program], 560, bold=True)
    payload = scan_payload(data)
    code = codes.data_matrix(payload)
    module = max(3, 172 // code.width)
    side = module * code.width
    yield MatrixCode(_RIGHT - side, 134 + max(0, (180 - side) // 2), module, payload, code)
    yield Bar(0, 322, WIDTH, 3)


def _recipient(data: LabelData) -> Iterator[Mark]:
    yield Bar(_LEFT, 334, 106, 28)
    yield Text(_LEFT + 53, 338, 22, "SHIP TO", bold=True, align="C", white=True)
    lines = address_lines(data.ship_to)
    size = min(36, 196 // len(lines) - 3)
    for row, line in enumerate(lines):
        emphasised = row == 0 or line == place_line(data.ship_to)
        yield fit(_LEFT, 370 + row * (size + 3), size, line, _RIGHT - _LEFT, bold=emphasised)
    yield Bar(0, 572, WIDTH, 3)


def _sender(data: LabelData) -> Iterator[Mark]:
    yield Text(_LEFT, 582, 18, "FROM  /  IF UNDELIVERED, RETURN TO", bold=True)
    lines = address_lines(data.ship_from)
    yield fit(_LEFT, 606, 22, lines[0], _RIGHT - _LEFT)
    yield fit(_LEFT, 632, 22, ", ".join(lines[1:]), _RIGHT - _LEFT)
    yield Bar(0, 664, WIDTH, 4)


def _tracking(data: LabelData) -> Iterator[Mark]:
    yield Text(WIDTH // 2, 676, 20, "TRACKING ID", align="C")
    code = bar_code(data.tracking_id)
    if code is not None:
        yield code
    yield fit(WIDTH // 2, 898, 40, data.tracking_id, _RIGHT - _LEFT, bold=True, align="C")
    yield Bar(0, 950, WIDTH, 4)


def bar_code(text: str) -> BarCode | None:
    """Place a tracking id as Code 128 in the middle of the label; None when it cannot be one."""
    # A tracking id that a seller invents may be too long for four inches, or not in Latin-1: the Data Matrix has it.
    try:
        code = codes.code_128(text)
    except ValueError:
        return None
    module = min(4, (WIDTH - 40) // code.width)
    if module < 1:
        return None
    return BarCode((WIDTH - module * code.width) // 2, 704, module, 184, text, code)


def _particulars(data: LabelData) -> Iterator[Mark]:
    size = data.dimensions
    cells = (
        ("ORDER", data.order_id),
        ("SHIPMENT", data.shipment_id),
        ("PACKAGE", data.package_id),
        ("WEIGHT", f"{plain(data.weight_g / 1000)} kg"),
        (
            "SIZE",
            "-" if size is None else " x ".join(map(plain, (size.length_cm, size.width_cm, size.height_cm))) + " cm",
        ),
        ("PIECE", f"{data.piece} of {data.pieces}"),
    )
    columns = ((_LEFT, 276), (318, 232), (568, _RIGHT - 568))
    for position, (title, value) in enumerate(cells):
        (x, width), y = columns[position % 3], 964 + 64 * (position // 3)
        yield Text(x, y, 18, title)
        yield fit(x, y + 22, 28, value, width, bold=True)
    yield from (Bar(x - 10, 954, 2, 132) for x, _ in columns[1:])
    yield Bar(0, 1086, WIDTH, 3)


def _foot(data: LabelData) -> Iterator[Mark]:
    yield fit(_LEFT, 1098, 22, "  ·  ".join(data.contents) or "Contents: see packing slip", _RIGHT - _LEFT)
    marks = [*(f"HAZMAT {name}" for name in data.hazmat), *(("GIFT",) if data.gift else ())]
    if marks:
        text, size = fitted("  ".join(marks), 26, _RIGHT - _LEFT - 20, BOLD)
        yield Frame(_LEFT, 1126, _RIGHT - _LEFT, 38)
        yield Text(WIDTH // 2, 1133, size, text, bold=True, align="C")
    yield Text(_LEFT, 1182, 18, f"Label made {day(data.created)} {data.created:%H:%M} {zone(data.created)}")
    yield Text(_RIGHT, 1182, 18, SMALL_PRINT, bold=True, align="R")


def address_lines(address: PostalAddress) -> list[str]:
    """Write an address as a postman reads it: name, street, place, country and telephone."""
    last = "  ·  ".join(
        part
        for part in (_COUNTRIES.get(address.country, address.country), address.phone and f"Tel {address.phone}")
        if part
    )
    lines = [part for part in (address.name, *address.lines, place_line(address), last) if part.strip()]
    return lines or ["-"]


def place_line(address: PostalAddress) -> str:
    """Write city, state and postal code, in the order of the country."""
    if address.country == "DE":
        return f"{address.postal_code} {address.city}".strip()
    place = ", ".join(part for part in (address.city, address.state) if part)
    return f"{place} {address.postal_code}".strip()


def sort_code(address: PostalAddress) -> str:
    """Make a routing code from the destination: three letters of the city, three characters of the postal code."""
    city = "".join(char for char in printable(address.city).upper() if char.isalpha())[:3] or "XXX"
    return f"{city}-{address.postal_code[:3] or address.country}"


def money(amount: Decimal) -> str:
    """Write an amount with two decimals and thousands apart."""
    return f"{amount:,.2f}"


def window_line(slot: SlotWindow) -> str:
    """Write a window of time, on one day or over midnight."""
    start, end = slot.start, slot.end
    if start.date() != end.date():
        return f"{day(start)} {start:%H:%M} - {day(end)} {end:%H:%M} {zone(end)}".rstrip()
    return f"{day(start)}  {start:%H:%M} - {end:%H:%M} {zone(end)}".rstrip()


def day(time: datetime) -> str:
    """Write a day: 21 Nov 2026."""
    return f"{time.day:02} {_MONTHS[time.month - 1]} {time.year}"


def zone(time: datetime) -> str:
    """Name a moment's own zone, where it has a name."""
    return time.tzname() or ""


def plain(number: Decimal) -> str:
    """Write a number without the zeros at its end."""
    text = f"{number:.3f}".rstrip("0").rstrip(".")
    return text or "0"


def fit(
    x: int,
    y: int,
    size: int,
    text: str,
    width: int,
    bold: bool = False,
    align: Literal["L", "C", "R"] = "L",
    white: bool = False,
) -> Text:
    """Write a line within a width: smaller where it must be, cut where even that does not help."""
    fitting, smaller = fitted(text, size, width, BOLD if bold else REGULAR)
    return Text(x, y + (size - smaller) // 2, smaller, fitting, bold, align, white)
