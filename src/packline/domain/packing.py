"""What can be known to be wrong with a packing before Amazon is called, with the line and the reason."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation

from packline.domain.details import Details, Line
from packline.domain.program import Program
from packline.domain.shipment import Package, PackageLine
from packline.domain.values import Box, Money
from packline.errors import FieldError

_PACKAGE_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")  # inferred: characters that need no escaping in a path
_COUNTRY = re.compile(r"[A-Z]{2}")
_CURRENCY = re.compile(r"[A-Z]{3}")


def check(details: Details, packages: Sequence[Package], program: Program) -> list[FieldError]:
    """List every fault of a packing at once; an empty list means that Amazon has no known reason to refuse it.

    Pointers are relative to the command's body (`/packages/0/lines/1/quantity`).
    """
    if not packages:
        return [FieldError("/packages", f"{program.name} needs at least one package.")]
    lines = {line.id: line for line in details.lines}
    faults = [*_ids(packages, program), *_coverage(details, packages), *_repeated_serials(packages)]
    for index, package in enumerate(packages):
        faults += _package(f"/packages/{index}", package, lines, program)
    return faults


def _ids(packages: Sequence[Package], program: Program) -> Iterator[FieldError]:
    most = program.packages_at_most
    if len(packages) > most == 1:
        yield FieldError("/packages", f"{len(packages)} packages; {program.name} takes one package for an order.")
    elif len(packages) > most:
        yield FieldError("/packages", f"{len(packages)} packages; at most {most} fit one shipment.")
    seen: set[str] = set()
    for index, package in enumerate(packages):
        if not _PACKAGE_ID.fullmatch(package.id):
            yield FieldError(f"/packages/{index}/id", "A package id is 1 to 100 letters, digits, `_` or `-`.")
        if package.id in seen:
            yield FieldError(f"/packages/{index}/id", f"The package id {package.id} is used twice.")
        seen.add(package.id)


def _coverage(details: Details, packages: Sequence[Package]) -> Iterator[FieldError]:
    packed: Counter[str] = Counter()
    for package in packages:
        for part in package.lines:
            packed[part.line_id] += part.quantity
    for line in details.lines:
        if line.multi_piece and packed[line.id] > line.units:
            continue  # one item in several boxes is named in each of them
        if packed[line.id] != line.units:
            yield FieldError(
                "/packages",
                f"Line {line.id} ({line.sku}): {packed[line.id]} of {line.units} units are packed; every unit must be"
                " packed exactly once.",
            )


def _repeated_serials(packages: Sequence[Package]) -> Iterator[FieldError]:
    first: dict[str, str] = {}
    for p, package in enumerate(packages):
        for n, line in enumerate(package.lines):
            for s, serial in enumerate(line.serial_numbers):
                pointer = f"/packages/{p}/lines/{n}/serial_numbers/{s}"
                if serial in first:
                    yield FieldError(pointer, f"Serial number {serial} is already at {first[serial]}.")
                first.setdefault(serial, pointer)


def _package(pointer: str, package: Package, lines: dict[str, Line], program: Program) -> Iterator[FieldError]:
    yield from _box(f"{pointer}/box", package.box, program.lightest_g)
    if not package.lines:
        yield FieldError(f"{pointer}/lines", "A package holds at least one unit.")
    twice = [line_id for line_id, n in Counter(x.line_id for x in package.lines).items() if n > 1]
    for line_id in twice:
        yield FieldError(f"{pointer}/lines", f"Line {line_id} is named twice in one package; add its quantities.")
    for index, packed in enumerate(package.lines):
        line = lines.get(packed.line_id)
        at = f"{pointer}/lines/{index}"
        if line is None:
            known = ", ".join(lines)
            yield FieldError(f"{at}/line_id", f"The shipment has no line {packed.line_id}; it has {known}.")
        else:
            yield from _line(at, packed, line)
    yield from _hazmat(f"{pointer}/hazmat_labels", package, lines)


def _box(pointer: str, box: Box, lightest_g: float) -> Iterator[FieldError]:
    for name in ("length_cm", "width_cm", "height_cm"):
        if not getattr(box, name) > 0:
            yield FieldError(f"{pointer}/{name}", "A package has a length, width and height above zero.")
    if not box.weight_g >= lightest_g:
        yield FieldError(f"{pointer}/weight_g", f"Amazon takes packages of {lightest_g:g} g and more.")


def _line(at: str, packed: PackageLine, line: Line) -> Iterator[FieldError]:
    if packed.quantity < 1:
        yield FieldError(f"{at}/quantity", f"Line {line.id}: a quantity is 1 or more.")
    if packed.quantity > line.units and line.multi_piece:
        yield FieldError(
            f"{at}/quantity", f"Line {line.id} ({line.sku}) has {line.units} units, not {packed.quantity}."
        )
    yield from _serials(f"{at}/serial_numbers", packed, line)
    yield from _pieces(f"{at}/pieces", packed.pieces, line)
    yield from _country(f"{at}/country_of_origin", packed.country_of_origin, line)
    yield from _value(f"{at}/item_value", packed.item_value, line)


def _serials(pointer: str, packed: PackageLine, line: Line) -> Iterator[FieldError]:
    given = len(packed.serial_numbers)
    if line.serial_numbers == "REQUIRED" and given != packed.quantity:
        yield FieldError(
            pointer, f"Line {line.id} ({line.sku}) needs a serial number for each unit: {given} of {packed.quantity}."
        )
    if line.serial_numbers != "REQUIRED" and given:
        yield FieldError(pointer, f"Line {line.id} ({line.sku}) must not carry serial numbers.")
    if any(not serial.strip() for serial in packed.serial_numbers):
        yield FieldError(pointer, f"Line {line.id}: a serial number is empty.")


def _pieces(pointer: str, pieces: int | None, line: Line) -> Iterator[FieldError]:
    if pieces is None and line.multi_piece:
        yield FieldError(
            pointer, f"Line {line.id} ({line.sku}) is an item of several pieces: say how many are in this package."
        )
    if pieces is not None and not line.multi_piece:
        yield FieldError(pointer, f"Line {line.id} ({line.sku}) is not an item of several pieces.")
    if pieces is not None and pieces < 1:
        yield FieldError(pointer, "The number of pieces is 1 or more.")


def _country(pointer: str, country: str | None, line: Line) -> Iterator[FieldError]:
    if line.country_of_origin == "REQUIRED" and not country:
        yield FieldError(pointer, f"Line {line.id} ({line.sku}) needs its country of origin.")
    if line.country_of_origin != "REQUIRED" and country:
        yield FieldError(pointer, f"Line {line.id} ({line.sku}) must not carry a country of origin.")
    if country and not _COUNTRY.fullmatch(country):
        yield FieldError(pointer, "A country is two capital letters (ISO 3166-1 alpha-2), such as IN.")


def _value(pointer: str, value: Money | None, line: Line) -> Iterator[FieldError]:
    if line.item_value == "REQUIRED" and value is None:
        yield FieldError(pointer, f"Line {line.id} ({line.sku}) needs the value of one item.")
    if line.item_value != "REQUIRED" and value is not None:
        yield FieldError(pointer, f"Line {line.id} ({line.sku}) must not carry an item value.")
    if value is not None and not _is_money(value):
        yield FieldError(pointer, 'An amount is a decimal of zero or more and a currency, such as "499.00" INR.')


def _is_money(value: Money) -> bool:
    try:
        amount = Decimal(value.amount)
    except InvalidOperation:
        return False
    return amount.is_finite() and amount >= 0 and bool(_CURRENCY.fullmatch(value.currency))


def _hazmat(pointer: str, package: Package, lines: dict[str, Line]) -> Iterator[FieldError]:
    known: Iterable[Line] = [lines[x.line_id] for x in package.lines if x.line_id in lines]
    needing = next((line for line in known if line.hazmat_labels == "REQUIRED"), None)
    if needing and not package.hazmat_labels:
        yield FieldError(pointer, f"Line {needing.id} ({needing.sku}) needs hazardous goods labels on its package.")
    if needing is None and package.hazmat_labels:
        yield FieldError(pointer, "No line of this package may carry hazardous goods labels.")
