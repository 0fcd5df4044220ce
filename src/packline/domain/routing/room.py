"""What many orders are allocated from, one after the other: capacity, and shelves that several locations draw on."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from packline.domain.inventory.ledger import Key
from packline.domain.routing.allocate import allocate
from packline.domain.routing.distance import Point
from packline.domain.routing.order import Allocation, Demand, Site

TURNS = 8
"""How many locations of one shelf are tried as the one that ships from it."""


class Drawn(NamedTuple):
    """Units of a shelf that a location ships."""

    location: str
    key: Key
    units: int


class Room:
    """Shelves and locations as they stand; each allocation that is taken leaves less for the next."""

    def __init__(self, sites: Sequence[Site], shelves: dict[str, dict[str, Key]], units: dict[Key, int]) -> None:
        """Take sites without stock, the shelf that each location's SKUs draw on, and what is free on each shelf."""
        self._sites = {site.location: site for site in sites}
        self._shelves, self._units = shelves, units

    def allocate(
        self,
        lines: Sequence[Demand],
        to: Point | None = None,
        *,
        ship_by: datetime | None = None,
        rejected: Collection[str] = (),
    ) -> Allocation:
        """Allocate an order from what is left; a shelf counts once, however many locations draw on it."""
        skus = frozenset(line.sku for line in lines)
        able = [name for name in self._sites if name not in rejected and not self._is_full(name)]
        shared = self._shared(skus, able)
        found = [
            allocate(lines, self._stocked(skus, order), to, ship_by=ship_by, rejected=rejected)
            for order in self._orders(skus, able, shared)
        ]
        best = min(found, key=self._cost)
        if not shared:
            return best
        named = "; ".join(" and ".join(sorted(names)) for names in sorted(shared.values(), key=sorted))
        return replace(best, why=(*best.why, f"{named} draw on the same shelf: its units count once."))

    def take(self, found: Allocation) -> list[Drawn]:
        """Take what an allocation ships, and a parcel of each location's capacity."""
        drawn = []
        for parcel in found.parcels:
            site = self._sites[parcel.location]
            if site.capacity is not None:
                self._sites[parcel.location] = replace(site, capacity=site.capacity - 1)
            for _, sku, units in parcel.lines:
                key = self._shelves[parcel.location][sku]
                self._units[key] -= units
                drawn.append(Drawn(parcel.location, key, units))
        return drawn

    def _shared(self, skus: frozenset[str], able: Sequence[str]) -> dict[Key, set[str]]:
        drawing: dict[Key, set[str]] = {}
        for name in able:
            for sku, key in self._shelves.get(name, {}).items():
                if sku in skus and self._units.get(key, 0) > 0:
                    drawing.setdefault(key, set()).add(name)
        return {key: names for key, names in drawing.items() if len(names) > 1}

    def _orders(self, skus: frozenset[str], able: Sequence[str], shared: dict[Key, set[str]]) -> Iterator[list[str]]:
        """Give the orders in which locations may help themselves: of those that share, each one first."""
        plain = sorted(able, key=lambda name: (self._sites[name].priority, name))
        yield plain
        sharers = {one for names in shared.values() for one in names}
        held = {name: len(skus & self._shelves[name].keys()) for name in sharers}
        for name in sorted(held, key=lambda one: (-held[one], one))[:TURNS]:
            yield [name, *(one for one in plain if one != name)]

    def _stocked(self, skus: frozenset[str], order: Sequence[str]) -> list[Site]:
        """Lay what is free at the locations in this order; those that may not ship stay without."""
        given: set[Key] = set()
        stock: dict[str, dict[str, int]] = {name: {} for name in self._sites}
        for name in order:
            for sku, key in self._shelves.get(name, {}).items():
                if sku in skus and key not in given:
                    stock[name][sku] = max(0, self._units.get(key, 0))
            given.update(self._shelves.get(name, {}).values())
        return [replace(site, stock=stock[name]) for name, site in self._sites.items()]

    def _is_full(self, name: str) -> bool:
        capacity = self._sites[name].capacity
        return capacity is not None and capacity <= 0

    def _cost(self, found: Allocation) -> tuple[int, int, int, int, int]:
        parcels = found.parcels
        return (
            sum(units for _, _, units in found.short),
            sum(parcel.is_late for parcel in parcels),
            len(parcels),
            sum(self._sites[parcel.location].priority for parcel in parcels),
            sum(parcel.metres or 0 for parcel in parcels),
        )
