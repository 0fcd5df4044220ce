"""What the simulator remembers of a listing, and of changes that were accepted and are not visible yet."""

from typing import Any

import msgspec

Value = list[dict[str, Any]]


class Listing(msgspec.Struct, kw_only=True):
    """Remember one listing; its title, price and sizes are those of the SKU unless `attributes` say otherwise.

    `quantity` is what buyers can order now: the number that the seller told last, less what was ordered since; below 0
    more was ordered than was there. `reserved` are the units of orders that hold stock. `attributes` are those that
    the seller wrote, an empty value was deleted. `told` counts the quantities that took effect, `told_ms` is when the
    last one did. `settled_ms` is when the last accepted change takes effect.
    """

    seller_id: str
    sku: str
    asin: str
    product_type: str
    marketplace_ids: tuple[str, ...]
    created_ms: int
    updated_ms: int
    quantity: int = 0
    reserved: int = 0
    lead_days: int | None = None
    restock_date: str | None = None
    attributes: dict[str, Value] = {}
    told: int = 0
    told_ms: int | None = None
    settled_ms: int = 0

    @property
    def available(self) -> int:
        """Tell the units that buyers can order now."""
        return max(0, self.quantity)


class Patch(msgspec.Struct, frozen=True):
    """Describe one change of one top-level attribute."""

    op: str
    path: str
    value: Value | None = None

    @property
    def attribute(self) -> str | None:
        """Name the attribute; None when the path is not that of a top-level one."""
        name = self.path.removeprefix("/attributes/")
        return name if name and name != self.path and "/" not in name else None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Describe what becomes of one listing: UPDATE (whole), PARTIAL_UPDATE, PATCH or DELETE."""

    kind: str
    product_type: str | None = None
    patches: tuple[Patch, ...] = ()
    attributes: dict[str, Value] = {}


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """Remember one accepted change that waits to take effect."""

    submission_id: str
    seller_id: str
    sku: str
    change: Change
    marketplace_ids: tuple[str, ...]
    operation: str


class Issue(msgspec.Struct, frozen=True, rename="camel"):
    """State what is wrong with a change; codes are inferred, the published ones depend on the product type."""

    code: str
    message: str
    severity: str = "ERROR"
    categories: tuple[str, ...] = ("INVALID_ATTRIBUTE",)
    attribute_names: tuple[str, ...] = ()
