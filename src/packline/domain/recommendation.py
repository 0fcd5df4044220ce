"""Amazon's recommended packages: packing by them, and how far a packing is from them."""

from collections import Counter
from collections.abc import Mapping, Sequence

from packline.domain.details import Details, Line, RecommendedPackage
from packline.domain.shipment import Package, PackageLine
from packline.domain.values import Box
from packline.errors import FieldError, Invalid

SIZE_TOLERANCE = 0.10  # a tenth of each edge, or a centimetre
WEIGHT_TOLERANCE = 0.15  # of the weight, or 50 g


def recommended(details: Details) -> tuple[Package, ...]:
    """Make the packages that Amazon recommends.

    Raises Invalid where the recommendation is not complete: no box, units that are not said, or data that only the
    packer can know (serial numbers, item value, hazardous goods labels).
    """
    faults = [*_no_recommendation(details), *_only_the_packer_knows(details)]
    lines = {line.id: line for line in details.lines}
    uses = Counter(line_id for package in details.recommended for line_id, _ in package.lines)
    packages = []
    for index, entry in enumerate(details.recommended):
        packages.append(_package(index, entry, lines, uses))
        faults += _faults_of(index, entry, lines, uses)
    faults += _not_covered(details, packages)
    if faults:
        raise Invalid(
            "Amazon's recommended packages cannot be used as they are.",
            errors=tuple(faults),
            reason="recommendation_incomplete",
            hint="Give the packages with their boxes and lines instead of `recommended`.",
        )
    return tuple(packages)


def by_sku(details: Details, boxes: Mapping[str, Box]) -> tuple[Package, ...]:
    """Make the one package of an order from the sizes of its SKUs, units on top of each other.

    Raises Invalid that names every SKU whose size and weight is not known, and what only the packer can know.
    """
    faults = _only_the_packer_knows(details)
    for line in details.lines:
        if line.sku not in boxes:
            faults.append(FieldError("/packages", f"Size and weight of {line.sku} (line {line.id}) are not known."))
    if faults or not details.lines:
        raise _not_by_sku(faults, is_size_known=all(line.sku in boxes for line in details.lines))
    units = [boxes[line.sku] for line in details.lines for _ in range(line.units)]
    box = Box(
        max(unit.length_cm for unit in units),
        max(unit.width_cm for unit in units),
        round(sum(unit.height_cm for unit in units), 2),
        round(sum(unit.weight_g for unit in units), 2),
    )
    return (Package("PKG-1", box, tuple(PackageLine(line.id, line.units) for line in details.lines)),)


def _not_by_sku(faults: Sequence[FieldError], *, is_size_known: bool) -> Invalid:
    first = f": {faults[0].message}" if faults else "."
    if faults and is_size_known:
        return Invalid(
            f"The package cannot be made without its packer{first}",
            errors=tuple(faults),
            reason="recommendation_incomplete",
            hint="Give the package with its box and lines, and with them what `errors` names.",
        )
    return Invalid(
        f"The package cannot be made from the sizes of its SKUs{first}",
        errors=tuple(faults),
        reason="size_unknown",
        hint="Weigh and measure: give the package with its box and lines, or store sizes by SKU"
        " (`packline sku import`).",
    )


def warnings(details: Details, packages: Sequence[Package]) -> tuple[str, ...]:
    """Say where a box differs much from the one that Amazon recommends for the same lines."""
    advice = {frozenset(line_id for line_id, _ in r.lines): r.box for r in details.recommended if r.box}
    found = []
    for package in packages:
        box = advice.get(frozenset(line.line_id for line in package.lines))
        if box is not None and is_far(package.box, box):
            found.append(f"Package {package.id} is {size(package.box)}; Amazon recommends {size(box)}.")
    return tuple(found)


def gaps(details: Details) -> tuple[str, ...]:
    """Say what is missing in a recommendation of Amazon's; nothing where there is none, or where it is complete."""
    lines = {line.id: line for line in details.lines}
    uses = Counter(line_id for package in details.recommended for line_id, _ in package.lines)
    packages = [_package(index, entry, lines, uses) for index, entry in enumerate(details.recommended)]
    faults = [fault for n, entry in enumerate(details.recommended) for fault in _faults_of(n, entry, lines, uses)]
    return tuple(fault.message for fault in (*faults, *_not_covered(details, packages)))


def _no_recommendation(details: Details) -> list[FieldError]:
    return [] if details.recommended else [FieldError("/packages", "Amazon recommends no package for this shipment.")]


def _only_the_packer_knows(details: Details) -> list[FieldError]:
    faults = []
    for line in details.lines:
        for name, needed in (
            ("serial numbers", line.serial_numbers),
            ("an item value", line.item_value),
            ("hazardous goods labels", line.hazmat_labels),
        ):
            if needed == "REQUIRED":
                faults.append(FieldError("/packages", f"Line {line.id} ({line.sku}) needs {name} from the packer."))
        if line.country_of_origin == "REQUIRED" and not line.recommended_country:
            faults.append(FieldError("/packages", f"Line {line.id} ({line.sku}) needs its country of origin."))
        if line.multi_piece:
            faults.append(FieldError("/packages", f"Line {line.id} ({line.sku}) needs its pieces from the packer."))
    return faults


def _faults_of(index: int, entry: RecommendedPackage, lines: dict[str, Line], uses: Counter[str]) -> list[FieldError]:
    faults = []
    if entry.box is None:
        faults.append(FieldError("/packages", f"Recommended package {index + 1} has no size and weight."))
    for line_id, quantity in entry.lines:
        if line_id not in lines:
            faults.append(FieldError("/packages", f"Recommended package {index + 1} names the unknown line {line_id}."))
        elif not quantity and uses[line_id] > 1 and lines[line_id].units > 1:
            faults.append(FieldError("/packages", f"Amazon does not say how line {line_id} is split between packages."))
    return faults


def _package(index: int, entry: RecommendedPackage, lines: dict[str, Line], uses: Counter[str]) -> Package:
    packed = tuple(
        PackageLine(
            line_id,
            quantity or (lines[line_id].units if uses[line_id] == 1 else 1),
            country_of_origin=_country(lines[line_id]),
        )
        for line_id, quantity in entry.lines
        if line_id in lines
    )
    return Package(f"PKG-{index + 1}", entry.box or Box(0, 0, 0, 0), packed)


def _country(line: Line) -> str | None:
    return line.recommended_country if line.country_of_origin == "REQUIRED" else None


def _not_covered(details: Details, packages: Sequence[Package]) -> list[FieldError]:
    packed = Counter({line.id: 0 for line in details.lines})
    for package in packages:
        for entry in package.lines:
            packed[entry.line_id] += entry.quantity
    return [
        FieldError("/packages", f"The recommendation holds {packed[x.id]} of {x.units} units of line {x.id} ({x.sku}).")
        for x in details.lines
        if details.recommended and packed[x.id] != x.units
    ]


def is_far(box: Box, advice: Box) -> bool:
    """Tell whether a box is beyond the tolerance of another; how it is turned does not matter."""
    edges = zip(_edges(box), _edges(advice), strict=True)
    if any(abs(a - b) > max(1.0, b * SIZE_TOLERANCE) for a, b in edges):
        return True
    return abs(box.weight_g - advice.weight_g) > max(50.0, advice.weight_g * WEIGHT_TOLERANCE)


def _edges(box: Box) -> list[float]:
    return sorted((box.length_cm, box.width_cm, box.height_cm))


def size(box: Box) -> str:
    """Write a box for people."""
    return f"{box.length_cm:g} × {box.width_cm:g} × {box.height_cm:g} cm, {box.weight_g:g} g"
