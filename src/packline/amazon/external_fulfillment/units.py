"""Amazon's units of length and weight in centimetres and grams."""

from decimal import Decimal
from math import isfinite

from packline.amazon.external_fulfillment import wire
from packline.amazon.external_fulfillment.wire import canonical
from packline.domain.values import Box

CENTIMETRES = {"CM": Decimal(1), "M": Decimal(100), "IN": Decimal("2.54")}
GRAMS = {"G": Decimal(1), "KG": Decimal(1000), "LB": Decimal("453.59237"), "OZ": Decimal("28.349523125")}


def box_of(dimensions: wire.Dimensions | None, weight: wire.Weight | None) -> Box | None:
    """Read a package's size and weight; None where a side, the weight or a unit is missing or not known."""
    if dimensions is None:
        return None
    sides = [_in(CENTIMETRES, d) for d in (dimensions.length, dimensions.width, dimensions.height)]
    grams = _grams(weight)
    if grams is None or any(side is None for side in sides):
        return None
    length, width, height = (side or 0.0 for side in sides)
    return Box(length, width, height, grams)


def _in(units: dict[str, Decimal], side: wire.Dimension | None) -> float | None:
    factor = units.get(canonical(side.dimension_unit)) if side else None
    return _times(side.value, factor) if side and side.value is not None and factor else None


def _grams(weight: wire.Weight | None) -> float | None:
    factor = GRAMS.get(canonical(weight.weight_unit)) if weight else None
    return _times(weight.value, factor) if weight and weight.value is not None and factor else None


def _times(value: Decimal, factor: Decimal) -> float | None:
    """Multiply; None for what is no number that a box can have."""
    try:
        product = float(value * factor)
    except ArithmeticError:
        return None
    return product if isfinite(product) else None
