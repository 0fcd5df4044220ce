"""What makes a package acceptable: measures, lines, quantities, serial numbers, compliance."""

import re
from collections.abc import Iterable
from decimal import Decimal

from packline_sim.external_fulfillment.wire import Amount, Package, PackageLineItem
from packline_sim.records import Line, PackedLine, Shipment
from packline_sim.records import Package as PackageRecord
from packline_sim.refusals import Problem, invalid_input
from packline_sim.switches import Switches

GRAMS = {"G": Decimal(1), "KG": Decimal(1000), "LB": Decimal("453.59237"), "OZ": Decimal("28.349523125")}
LEAST_GRAMS = 5
URL_SAFE = re.compile(r"[A-Za-z0-9_-]{1,100}")
COUNTRY = re.compile(r"[A-Z]{2}")
CURRENCY = re.compile(r"[A-Z]{3}")
# A decimal as JSON writes numbers. Python would also take other scripts' digits, spaces, underscores and powers of ten
# beyond what can be calculated with.
DECIMAL = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?([eE][+-]?[0-9])?")


def package_problems(shipment: Shipment, package: Package, switches: Switches) -> list[Problem]:
    """Find everything that is wrong with one package by itself."""
    problems = _id_problems(package.id, switches)
    problems += _measure_problems(package)
    if not package.package_line_items:
        problems.append(invalid_input("[]", "packageLineItems", "A package holds at least one line."))
    seen: set[str] = set()
    for item in package.package_line_items:
        line = shipment.line(item.package_line_item_id)
        if line is None:
            details = "It must equal a shipmentLineItemId of the shipment."
            problems.append(invalid_input(item.package_line_item_id, "packageLineItemId", details))
            continue
        if line.line_id in seen:
            problems.append(invalid_input(line.line_id, "packageLineItemId", "The line is named twice in a package."))
        seen.add(line.line_id)
        problems += _line_problems(line, item, switches)
    problems += _hazmat_problems(shipment, package)
    return problems


def coverage_problems(
    shipment: Shipment, packed: Iterable[tuple[PackedLine, ...]], switches: Switches
) -> list[Problem]:
    """Find lines whose units are packed too often, or (unless packages may follow) not all packed."""
    sums: dict[str, int] = {}
    serials: list[str] = []
    for lines in packed:
        for row in lines:
            sums[row.line_id] = sums.get(row.line_id, 0) + row.units
            serials += row.serial_numbers
    problems = []
    for line in shipment.lines:
        count = sums.get(line.line_id, 0)
        # An item in several boxes is named in each of them, so its quantities may add up to more than its units.
        if count > line.units and line.pieces == 1:
            details = f"Line {line.line_id} has {line.units} units, {count} are packed."
            problems.append(invalid_input(count, "quantity", details))
        if count < line.units and switches["partial_packing"] == "400":
            details = f"Line {line.line_id} has {line.units} units, only {count} are packed."
            problems.append(invalid_input(count, "quantity", details))
    if len(set(serials)) != len(serials):
        problems.append(invalid_input("serialNumbers", "body", "A serial number appears twice."))
    return problems


def repeated_problems(shipment: Shipment, packages: Iterable[Package]) -> list[Problem]:
    """Find items of several pieces that are packed once more although all their pieces lie in packages already.

    Within one call nobody but the packer knows how many boxes an item comes in; after it the item is packed.
    """
    pieces: dict[str, int] = {}
    for package in shipment.packages.values():
        for row in package.lines:
            pieces[row.line_id] = pieces.get(row.line_id, 0) + (row.pieces or 0)
    named = {item.package_line_item_id for package in packages for item in package.package_line_items}
    return [
        invalid_input(pieces[line.line_id], "pieces", f"All pieces of line {line.line_id} are packed already.")
        for line in shipment.lines
        if line.pieces > 1 and line.line_id in named and pieces.get(line.line_id, 0) >= line.pieces * line.units
    ]


def packed_lines(package: Package) -> tuple[PackedLine, ...]:
    """Give what a package holds."""
    return tuple(
        PackedLine(
            line_id=item.package_line_item_id,
            units=item.quantity,
            serial_numbers=tuple(item.serial_numbers or ()),
            pieces=item.pieces,
            country_of_origin=item.country_of_origin,
            item_value=None
            if item.item_value is None
            else {"value": item.item_value.value, "currencyCode": item.item_value.currency_code},
        )
        for item in package.package_line_items
    )


def packed_so_far(packages: Iterable[PackageRecord], without: str | None = None) -> list[tuple[PackedLine, ...]]:
    """Give what packages hold, leaving one of them out."""
    return [package.lines for package in packages if package.package_id != without]


def grams(package: Package) -> Decimal:
    """Give a package's weight in grams; the weight must have been checked."""
    return Decimal(package.weight.value) * GRAMS[package.weight.weight_unit]


def _id_problems(package_id: str, switches: Switches) -> list[Problem]:
    if switches["package_id_form"] == "any":
        return [] if 1 <= len(package_id) <= 100 else [invalid_input(package_id, "packageId", "1 to 100 characters.")]
    if URL_SAFE.fullmatch(package_id):
        return []
    return [invalid_input(package_id, "packageId", "1 to 100 characters of A-Z a-z 0-9 _ -.")]


def _measure_problems(package: Package) -> list[Problem]:
    problems = []
    for side in ("length", "width", "height"):
        value = getattr(package.dimensions, side).value
        if _positive(value) is None:
            problems.append(invalid_input(value, f"dimensions.{side}", "Must be a decimal greater than 0."))
    weight = _positive(package.weight.value)
    if weight is None:
        problems.append(invalid_input(package.weight.value, "weight", "Must be a decimal greater than 0."))
    elif weight * GRAMS[package.weight.weight_unit] < LEAST_GRAMS:
        problems.append(invalid_input(package.weight.value, "weight", "A package weighs at least 5 grams."))
    return problems


def _line_problems(line: Line, item: PackageLineItem, switches: Switches) -> list[Problem]:
    problems = []
    if not 1 <= item.quantity <= line.units:
        problems.append(invalid_input(item.quantity, "quantity", f"Line {line.line_id} has {line.units} units."))
    problems += _serial_problems(line, item)
    problems += _piece_problems(line, item, switches)
    if line.origin_required != (item.country_of_origin is not None):
        problems.append(_compliance(line, "countryOfOrigin", line.origin_required))
    elif item.country_of_origin is not None and not COUNTRY.fullmatch(item.country_of_origin):
        problems.append(invalid_input(item.country_of_origin, "countryOfOrigin", "Two capital letters (ISO 3166)."))
    if line.value_required != (item.item_value is not None):
        problems.append(_compliance(line, "itemValue", line.value_required))
    elif item.item_value is not None and not _is_money(item.item_value):
        problems.append(invalid_input(item.item_value.value, "itemValue", "A decimal of 0 or more, with currency."))
    return problems


def _serial_problems(line: Line, item: PackageLineItem) -> list[Problem]:
    serials = item.serial_numbers or []
    if not line.serial_required:
        return [_compliance(line, "serialNumbers", False)] if serials else []
    if len(serials) != item.quantity:
        details = f"Line {line.line_id} needs one serial number for each of its {item.quantity} units."
        return [invalid_input(len(serials), "serialNumbers", details)]
    if any(not serial.strip() for serial in serials):
        return [invalid_input("", "serialNumbers", "A serial number cannot be empty.")]
    return []


def _piece_problems(line: Line, item: PackageLineItem, switches: Switches) -> list[Problem]:
    if line.pieces == 1:
        if item.pieces is not None and item.pieces > 1:
            return [invalid_input(item.pieces, "pieces", "Only items of pieceType MULTIPLE have pieces.")]
        return []
    if item.pieces is None:
        return [invalid_input("", "pieces", f"Line {line.line_id} is of pieceType MULTIPLE: state the pieces.")]
    if switches["piece_groups"] == "counted" and item.pieces > line.pieces * line.units:
        return [invalid_input(item.pieces, "pieces", f"Line {line.line_id} has {line.pieces} pieces for each unit.")]
    return []


def _hazmat_problems(shipment: Shipment, package: Package) -> list[Problem]:
    lines = [shipment.line(item.package_line_item_id) for item in package.package_line_items]
    required = any(line is not None and line.hazmat_required for line in lines)
    if required and not package.hazmat_labels:
        return [invalid_input("", "hazmatLabels", "A line in the package requires hazmat labels.")]
    if any(not label.strip() for label in package.hazmat_labels or ()):
        return [invalid_input("", "hazmatLabels", "A hazmat label cannot be empty.")]
    if package.hazmat_labels and not required:
        return [invalid_input(package.hazmat_labels[0], "hazmatLabels", "No line in the package allows them.")]
    return []


def _compliance(line: Line, field: str, required: bool) -> Problem:
    rule = "REQUIRED" if required else "DISALLOWED"
    return Problem(
        "InvalidInput", f"Invalid input for parameter '{field}'", f"{field} is {rule} for line {line.line_id}."
    )


def _is_money(amount: Amount) -> bool:
    is_amount = DECIMAL.fullmatch(amount.value) is not None and Decimal(amount.value) >= 0
    return is_amount and CURRENCY.fullmatch(amount.currency_code) is not None


def _positive(text: str) -> Decimal | None:
    if DECIMAL.fullmatch(text) is None:
        return None
    value = Decimal(text)
    return value if value > 0 else None
