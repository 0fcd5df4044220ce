"""The catalogue port: what a listing says of one packed unit, read by getListingsItem."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Protocol, TypeVar

from packline.amazon.seller_central import operations
from packline.amazon.seller_central.session import LogCalls, Sessions
from packline.amazon.seller_central.wire import listings as wire
from packline.amazon.seller_central.wire.parts import flat, reader
from packline.amazon.spapi.doors import Doors
from packline.domain.catalogue import Listed
from packline.domain.values import Box
from packline.errors import Rejected
from packline.ports import Guard

CENTIMETRES: Mapping[str, Decimal] = {
    "centimeters": Decimal(1),
    "cm": Decimal(1),
    "millimeters": Decimal("0.1"),
    "meters": Decimal(100),
    "inches": Decimal("2.54"),
    "feet": Decimal("30.48"),
}
GRAMS: Mapping[str, Decimal] = {
    "grams": Decimal(1),
    "g": Decimal(1),
    "kilograms": Decimal(1000),
    "milligrams": Decimal("0.001"),
    "pounds": Decimal("453.59237"),
    "ounces": Decimal("28.349523125"),
}
"""Units of item_package_dimensions and item_package_weight in Amazon's product type definitions."""
_ITEM = reader(wire.ListingsItem)


class SellerCentralListings:
    """Read listings for every account; raises the AmazonError family."""

    def __init__(self, doors: Doors, log_calls: LogCalls) -> None:
        """Call through the accounts' doors."""
        self._sessions = Sessions(doors, log_calls)

    async def listing(self, account: str, sku: str, marketplace: str, guard: Guard | None) -> Listed | None:
        """Read size, weight and names of one SKU in one marketplace; None where Amazon has no such listing."""
        async with self._sessions.open(account, guard) as ask:
            path = {"sellerId": ask.door.settings.seller_id, "sku": sku}
            query = {"marketplaceIds": marketplace, "includedData": "summaries,attributes"}
            try:
                found = await ask(operations.GET_LISTINGS_ITEM, _ITEM, path=path, query=query)
            except Rejected as refused:
                if refused.status == 404:
                    return None
                raise
        return _listed(sku, marketplace, found)


class _Placed(Protocol):
    @property
    def marketplace_id(self) -> str | None: ...


Placed = TypeVar("Placed", bound=_Placed)


def _listed(sku: str, marketplace: str, found: wire.ListingsItem) -> Listed:
    summary = _here(found.summaries or (), marketplace) or wire.Summary()
    attributes = found.attributes or wire.Attributes()
    sides, weights = attributes.item_package_dimensions or (), attributes.item_package_weight or ()
    dimensions = _here(sides, marketplace) or next(iter(sides), None)  # a box is as large in any marketplace
    weight = _here(weights, marketplace) or next(iter(weights), None)
    return Listed(
        sku,
        marketplace,
        _box(dimensions, weight),
        asin=summary.asin or "",
        title=summary.item_name or "",
        product_type=summary.product_type or "",
    )


def _here(values: Iterable[Placed], marketplace: str) -> Placed | None:
    """Choose the value of the marketplace; where none names it, one that names none."""
    found = list(values)
    return next(
        (value for wanted in (marketplace, None) for value in found if (value.marketplace_id or None) == wanted), None
    )


def _box(dimensions: wire.PackageDimensions | None, weight: wire.PackageWeight | None) -> Box | None:
    """Give the size only where every side and the weight is there, in a unit that is known, above zero."""
    if dimensions is None or weight is None:
        return None
    length, width, height = (_in(CENTIMETRES, side.value, side.unit) if side else 0.0 for side in _sides(dimensions))
    grams = _in(GRAMS, weight.value, weight.unit)
    if min(length, width, height, grams) <= 0:
        return None
    return Box(length, width, height, grams)


def _sides(dimensions: wire.PackageDimensions) -> tuple[wire.Amount | None, wire.Amount | None, wire.Amount | None]:
    return dimensions.length, dimensions.width, dimensions.height


def _in(units: Mapping[str, Decimal], value: Decimal | None, unit: str | None) -> float:
    factor = units.get(flat(unit))
    return round(float(value * factor), 3) if value is not None and factor else 0.0
