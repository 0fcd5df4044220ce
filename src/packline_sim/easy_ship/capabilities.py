"""What Easy Ship can do in each marketplace, as data that can be overridden while the simulator runs.

Amazon's support table could not be read; the rows are put together from its guides, changelog and issues, the rest is
inferred. Limits on weight and size are old or third-party figures for IN and ZA, and generous elsewhere.
"""

from typing import TYPE_CHECKING

import msgspec

from packline_sim.marketplaces import MARKETPLACES
from packline_sim.orders.records import Box, Handover

if TYPE_CHECKING:
    from packline_sim.world import World

_GULF = frozenset({"AE", "SA", "EG"})
_STRICT_FEEDS = frozenset({"IN", "SG"})


class Capability(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say what Easy Ship offers in one marketplace; sizes in centimetres, the longest side first, weight in grams."""

    country: str
    slots: bool = True
    create: bool = True
    read: bool = True
    update: bool = True
    bulk: bool = False
    handover: tuple[Handover, ...] = ("PICKUP", "DROPOFF")
    label_formats: tuple[str, ...] = ("PDF",)
    invoice: bool = False
    warranty: bool = False
    document_feed: bool = False
    archive: bool = False
    most_grams: float = 30_000.0
    most_sides_cm: tuple[float, float, float] = (175.0, 120.0, 120.0)
    most_girth_cm: float | None = None

    def fits(self, box: Box) -> bool:
        """Tell whether a parcel is within the marketplace's limits, whichever way it lies."""
        sides = sorted((box.length_cm, box.width_cm, box.height_cm), reverse=True)
        girth = sides[0] + 2 * (sides[1] + sides[2])
        return (
            box.weight_g <= self.most_grams
            and all(side <= most for side, most in zip(sides, self.most_sides_cm, strict=True))
            and (self.most_girth_cm is None or girth <= self.most_girth_cm)
        )


_BULK_ONLY = {
    "slots": False,
    "create": False,
    "update": False,
    "bulk": True,
    "handover": ("DROPOFF",),
    "label_formats": ("PDF", "ZPL"),
}
_ROWS: tuple[Capability, ...] = (
    Capability(
        country="IN",
        handover=("PICKUP",),
        invoice=True,
        warranty=True,
        document_feed=True,
        most_grams=9_000.0,
        most_sides_cm=(50.0, 35.0, 30.0),
    ),
    Capability(country="SG", document_feed=True),
    Capability(country="AE", handover=("PICKUP", "DROPOFF"), document_feed=True),
    Capability(country="SA", handover=("PICKUP",), document_feed=True),
    Capability(country="EG", handover=("PICKUP",), document_feed=True),
    Capability(country="TR"),
    Capability(country="AU"),
    Capability(country="JP"),
    Capability(country="MX", document_feed=True),
    Capability(country="BR", document_feed=True, archive=True, label_formats=("ZPL",)),
    Capability(
        country="ZA",
        most_grams=32_000.0,
        most_sides_cm=(175.0, 175.0, 175.0),
        most_girth_cm=419.0,
    ),
    Capability(country="NL", **_BULK_ONLY),  # type: ignore[arg-type]  # fields of Capability
    Capability(country="PL", **_BULK_ONLY),  # type: ignore[arg-type]  # fields of Capability
)
CAPABILITIES: dict[str, Capability] = {
    marketplace_id: row
    for row in _ROWS
    for marketplace_id, marketplace in MARKETPLACES.items()
    if marketplace.country == row.country
}


def capability(world: "World", marketplace_id: str) -> Capability | None:
    """Give a marketplace's row as it holds now; None where Easy Ship is not served."""
    changed = world.easy_ship.capabilities.get(marketplace_id)
    if changed is not None:
        return changed
    row = CAPABILITIES.get(marketplace_id)
    if row is None or world.switches["easy_ship_profile"] == "lenient":
        return row
    if row.country in _GULF:
        return None
    return msgspec.structs.replace(row, document_feed=row.country in _STRICT_FEEDS)
