"""Orders whose allocation is kept: what each location was asked to ship, and what became of that."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from packline.domain.routing.order import Demand
from packline.domain.values import Value

Portion = tuple[str, str, int]
"""Line, SKU, units."""


class OrderState(StrEnum):
    """Where a kept order stands."""

    ALLOCATED = "allocated"  # every unit has its parcel
    SHORT = "short"  # some units nobody has
    DONE = "done"  # every parcel has left
    CANCELLED = "cancelled"  # nothing is to be shipped any more


class ParcelState(StrEnum):
    """Where a parcel stands; open and accepted ones hold their units."""

    OPEN = "open"  # the location was asked
    ACCEPTED = "accepted"  # it said yes: this parcel stays where it is
    DONE = "done"  # it has left
    REJECTED = "rejected"  # the location said no
    REPLACED = "replaced"  # another location rejected, and the rest of the order was allocated anew
    CANCELLED = "cancelled"  # the order was cancelled


HOLDING = (ParcelState.OPEN, ParcelState.ACCEPTED)
KEPT = (ParcelState.ACCEPTED, ParcelState.DONE)


class KeptParcel(Value, frozen=True):
    """A parcel of a kept order; `turn` counts how often the order was allocated."""

    location: str
    turn: int
    lines: tuple[Portion, ...]
    state: ParcelState


class KeptOrder(Value, frozen=True):
    """An order as it is kept, with its parcels of all turns."""

    account: str
    reference: str
    lines: tuple[Demand, ...]
    country: str = ""
    postal_code: str = ""
    ship_by: datetime | None = None
    state: OrderState = OrderState.ALLOCATED
    short: tuple[Portion, ...] = ()
    rejected: tuple[str, ...] = ()
    turn: int = 0
    parcels: tuple[KeptParcel, ...] = ()

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more can happen to it."""
        return self.state in (OrderState.DONE, OrderState.CANCELLED)

    def left(self) -> tuple[Demand, ...]:
        """Give what no accepted or departed parcel has: this may be allocated anew."""
        kept: dict[str, int] = {}
        for parcel in self.parcels:
            if parcel.state in KEPT:
                for line, _, units in parcel.lines:
                    kept[line] = kept.get(line, 0) + units
        rest = ((line, line.units - kept.get(line.line, 0)) for line in self.lines)
        return tuple(Demand(line.line, line.sku, units) for line, units in rest if units > 0)


class AtAmazon(Value, frozen=True):
    """What Amazon's shipments of an order at a location say of its parcel there.

    `state` is open where Amazon asks a location that was not asked, after another one rejected. `is_over` where no
    shipment of the order is left at all.
    """

    account: str
    reference: str
    location: str
    state: ParcelState
    is_over: bool = False


def state_of(short: Sequence[Portion], parcels: Sequence[ParcelState]) -> OrderState:
    """Say where an order stands whose current parcels stand like this."""
    if short:
        return OrderState.SHORT
    if parcels and all(state is ParcelState.DONE for state in parcels):
        return OrderState.DONE
    return OrderState.ALLOCATED
