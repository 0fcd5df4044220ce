"""What a routing is decided from, and what comes of it."""

from datetime import datetime

from packline.domain.routing.distance import Point
from packline.domain.values import Value


class Demand(Value, frozen=True):
    """Units of a SKU that an order line asks for."""

    line: str
    sku: str
    units: int


class Site(Value, frozen=True):
    """A location that may ship: where it is, how much the seller wants it used, and when its next parcels leave.

    A lower `priority` goes first. `capacity` is how many parcels it can still take (None: no limit). `leaves_at` is
    its next departure for an order that comes now (None: not known, never late).
    """

    location: str
    stock: dict[str, int]
    point: Point | None = None
    priority: int = 100
    capacity: int | None = None
    leaves_at: datetime | None = None


class Parcel(Value, frozen=True):
    """What one location ships: (line, SKU, units), and why it is this location. Distance in metres, None if unknown."""

    location: str
    lines: tuple[tuple[str, str, int], ...]
    metres: int | None
    why: str
    leaves_at: datetime | None = None
    is_late: bool = False

    @property
    def units(self) -> int:
        """Count what is in it."""
        return sum(units for _, _, units in self.lines)


class Allocation(Value, frozen=True):
    """Parcels, what nobody has (line, SKU, units), and the reasons in words.

    `is_proven` says that no better allocation exists; otherwise it is the best that was found within bounds.
    """

    parcels: tuple[Parcel, ...]
    short: tuple[tuple[str, str, int], ...] = ()
    why: tuple[str, ...] = ()
    is_proven: bool = True


class Placing(Value, frozen=True):
    """How a seller wants a location used, where it lies, and how many parcels it took today.

    `capacity` is parcels a day, `cut_off` the local time `HH:MM` until which an order leaves the same day.
    """

    location: str
    country: str = ""
    postal_code: str = ""
    priority: int = 100
    capacity: int | None = None
    cut_off: str | None = None
    timezone: str = "UTC"
    point: Point | None = None
    taken: int = 0
