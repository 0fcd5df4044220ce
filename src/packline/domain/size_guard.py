"""The guard of sizes: what is packed against what the listing says, and recommendations that are not complete.

Amazon may deactivate a listing whose parcels are of another size or weight than it says, so a person is told before
the parcel leaves. Nothing is refused for it.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from packline.domain.details import Details
from packline.domain.recommendation import WEIGHT_TOLERANCE, gaps, is_far, size
from packline.domain.shipment import Package
from packline.domain.values import Box, Value

SMALLER = 0.9  # of the room that the units need: packed units do not shrink by more


class Doubt(Value, frozen=True):
    """One thing to look at; `package` and `sku` where it is about one."""

    code: Literal["size_differs", "recommendation_incomplete"]
    message: str
    package: str = ""
    sku: str = ""


def doubts(details: Details, packages: Sequence[Package], listed: Mapping[str, Box]) -> tuple[Doubt, ...]:
    """Compare packages with the sizes in their listings (by SKU, one packed unit), and name gaps in Amazon's advice."""
    lines = {line.id: line for line in details.lines}
    found = [Doubt("recommendation_incomplete", f"Amazon's recommendation: {gap}") for gap in gaps(details)]
    for package in packages:
        inside = [(lines[one.line_id], one.quantity) for one in package.lines if one.line_id in lines]
        if not inside or any(line.multi_piece or line.sku not in listed for line, _ in inside):
            continue
        doubt = _doubt(package, [(line.sku, units) for line, units in inside], listed)
        found += [doubt] if doubt else []
    return tuple(found)


def _doubt(package: Package, inside: list[tuple[str, int]], listed: Mapping[str, Box]) -> Doubt | None:
    if len(inside) == 1 and inside[0][1] == 1:
        sku = inside[0][0]
        if not is_far(package.box, listed[sku]):
            return None
        said = f"Package {package.id} is {size(package.box)}; the listing of {sku} says {size(listed[sku])}."
        return Doubt("size_differs", f"{said} Amazon may deactivate a listing that is wrong.", package.id, sku)
    weight = sum(listed[sku].weight_g * units for sku, units in inside)
    room = sum(_room(listed[sku]) * units for sku, units in inside)
    if abs(package.box.weight_g - weight) > max(50.0, weight * WEIGHT_TOLERANCE):
        said = (
            f"Package {package.id} weighs {package.box.weight_g:g} g; by their listings its units weigh {weight:g} g."
        )
    elif _room(package.box) < room * SMALLER:
        said = (
            f"Package {package.id} is {size(package.box)}; by their listings its units need {room / 1000:.1f} litres."
        )
    else:
        return None
    return Doubt("size_differs", f"{said} Amazon may deactivate a listing that is wrong.", package.id)


def _room(box: Box) -> float:
    return box.length_cm * box.width_cm * box.height_cm
