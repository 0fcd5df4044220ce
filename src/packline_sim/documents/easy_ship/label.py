"""Where everything stands on an Easy Ship label of 4 x 6 inches, in printer dots from the top left."""

from collections.abc import Iterator

from packline_sim.documents import codes
from packline_sim.documents.easy_ship.data import ParcelLabel
from packline_sim.documents.layout import (
    SMALL_PRINT,
    WIDTH,
    Bar,
    Frame,
    Mark,
    MatrixCode,
    Text,
    address_lines,
    bar_code,
    day,
    fit,
    money,
    place_line,
    plain,
    sort_code,
    window_line,
    zone,
)
from packline_sim.documents.lettering import BOLD, fitted
from packline_sim.documents.zpl import zpl

_LEFT = 24
_RIGHT = WIDTH - 24
_MIDDLE_OF_BOX = (512 + _RIGHT) // 2
_COLUMNS = ((_LEFT, 276), (318, 232), (568, _RIGHT - 568))
_HANDOVERS = {"PICKUP": "HAND OVER BY PICKUP", "DROP_OFF": "HAND OVER BY DROP-OFF"}

# What every label has: drawn once for a whole file of labels.
FORM: tuple[Mark, ...] = (
    Bar(0, 122, WIDTH, 4),
    Bar(0, 322, WIDTH, 3),
    Bar(_LEFT, 334, 106, 28),
    Text(_LEFT + 53, 338, 22, "SHIP TO", bold=True, align="C", white=True),
    Bar(0, 572, WIDTH, 3),
    Text(_LEFT, 582, 18, "FROM  /  IF UNDELIVERED, RETURN TO", bold=True),
    Bar(0, 664, WIDTH, 4),
    Text(WIDTH // 2, 676, 20, "TRACKING ID", align="C"),
    Bar(0, 950, WIDTH, 4),
    Text(_LEFT, 962, 18, "ORDER ID"),
    Text(478, 962, 18, "PACKAGE"),
    Bar(468, 954, 2, 66),
    Bar(0, 1020, WIDTH, 2),
    *(
        Text(x, 1028, 18, title)
        for (x, _), title in zip(_COLUMNS, ("WEIGHT", "SIZE (L x W x H)", "INVOICE"), strict=True)
    ),
    *(Bar(x - 10, 1022, 2, 64) for x, _ in _COLUMNS[1:]),
    Bar(0, 1086, WIDTH, 3),
    Text(_RIGHT, 1182, 18, SMALL_PRINT, bold=True, align="R"),
)


def parcel_marks(data: ParcelLabel, *, order_code: bool = True) -> list[Mark]:
    """Lay out what is one label's own; `order_code` adds the order id as a Data Matrix."""
    marks = [mark for section in (_head, _routing, _addresses, _tracking, _particulars) for mark in section(data)]
    return [*marks, _order_code(data)] if order_code else marks


def parcel_zpl(data: ParcelLabel, *, order_code: bool = True) -> bytes:
    """Write the label in ZPL."""
    return zpl([*FORM, *parcel_marks(data, order_code=order_code)])


def _head(data: ParcelLabel) -> Iterator[Mark]:
    carrier, size = fitted(data.carrier, 58, 470, BOLD)
    yield Text(_LEFT, 22 + (58 - size) // 2, size, carrier, bold=True)
    yield Text(_LEFT, 88, 24, f"Easy Ship  ·  STANDARD  ·  {data.marketplace}")
    if data.cod is None:
        yield Frame(512, 22, _RIGHT - 512, 88)
        yield Text(_MIDDLE_OF_BOX, 46, 42, "PREPAID", bold=True, align="C")
        return
    yield Bar(512, 22, _RIGHT - 512, 88)
    yield Text(_MIDDLE_OF_BOX, 32, 22, "COLLECT ON DELIVERY", bold=True, align="C", white=True)
    amount = f"{data.cod.currency} {money(data.cod.amount)}"
    yield fit(_MIDDLE_OF_BOX, 62, 42, amount, 260, bold=True, align="C", white=True)


def _routing(data: ParcelLabel) -> Iterator[Mark]:
    yield fit(_LEFT, 146, 104, sort_code(data.ship_to), 560, bold=True)
    yield Text(_LEFT, 252, 22, _HANDOVERS[data.handover])
    yield fit(_LEFT, 276, 32, window_line(data.slot), 560, bold=True)


def _order_code(data: ParcelLabel) -> Mark:
    code = codes.data_matrix(data.order_id)
    module = max(3, 172 // code.width)
    side = module * code.width
    return MatrixCode(_RIGHT - side, 134 + max(0, (180 - side) // 2), module, data.order_id, code)


def _addresses(data: ParcelLabel) -> Iterator[Mark]:
    lines = address_lines(data.ship_to)
    size = min(36, 196 // len(lines) - 3)
    for row, line in enumerate(lines):
        emphasised = row == 0 or line == place_line(data.ship_to)
        yield fit(_LEFT, 370 + row * (size + 3), size, line, _RIGHT - _LEFT, bold=emphasised)
    home = address_lines(data.ship_from)
    yield fit(_LEFT, 606, 22, home[0], _RIGHT - _LEFT)
    yield fit(_LEFT, 632, 22, ", ".join(home[1:]), _RIGHT - _LEFT)


def _tracking(data: ParcelLabel) -> Iterator[Mark]:
    code = bar_code(data.tracking_id)
    if code is not None:
        yield code
    yield fit(WIDTH // 2, 898, 40, data.tracking_id, _RIGHT - _LEFT, bold=True, align="C")


def _particulars(data: ParcelLabel) -> Iterator[Mark]:
    yield fit(_LEFT, 984, 32, data.order_id, 430, bold=True)
    yield fit(478, 984, 32, data.identifier or data.order_id, _RIGHT - 478, bold=True)
    sides = (data.dimensions.length_cm, data.dimensions.width_cm, data.dimensions.height_cm)
    values = (f"{plain(data.weight_g / 1000)} kg", " x ".join(map(plain, sides)) + " cm", data.invoice_number or "-")
    for (x, width), value in zip(_COLUMNS, values, strict=True):
        yield fit(x, 1050, 28, value, width, bold=True)
    yield fit(_LEFT, 1098, 22, "  ·  ".join(data.contents) or "-", _RIGHT - _LEFT)
    if data.gift:
        yield Frame(_LEFT, 1126, _RIGHT - _LEFT, 38)
        yield Text(WIDTH // 2, 1133, 26, "GIFT", bold=True, align="C")
    yield Text(_LEFT, 1182, 18, f"Label made {day(data.made)} {data.made:%H:%M} {zone(data.made)}")
