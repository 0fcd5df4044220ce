"""From an order's lines to parcels: one location if one can, else the fewest parcels, then the nearest."""

from collections.abc import Collection, Sequence
from datetime import datetime

from packline.domain.routing import words
from packline.domain.routing.cover import Cover, best_cover
from packline.domain.routing.distance import FARTHEST_M, Point, great_circle
from packline.domain.routing.order import Allocation, Demand, Parcel, Site
from packline.domain.routing.shelf import Asked, Shelf, has

Portion = tuple[str, str, int]
"""Line, SKU, units."""


def allocate(
    lines: Sequence[Demand],
    sites: Sequence[Site],
    to: Point | None = None,
    *,
    ship_by: datetime | None = None,
    rejected: Collection[str] = (),
) -> Allocation:
    """Say which location ships what, and why; the order in which sites are given changes nothing.

    A parcel that would leave after `ship_by` is the last resort; among as many parcels, the seller's priorities count
    before the distance to `to`. Units that nobody has are `short`. Ask again with a location among `rejected` when it
    refuses.
    """
    usable = sorted(
        (s for s in sites if s.location not in rejected and (s.capacity is None or s.capacity > 0)),
        key=lambda s: s.location,
    )
    asked = _asked(lines)
    shelves = _shelves(usable, asked, to, ship_by)
    there = _there(shelves, asked)
    served, short = _served(lines, there)
    left_out = words.left_out(sites, rejected)
    if not served:
        return Allocation((), tuple(short), (*words.nothing(usable, lines), *left_out))
    if short:
        asked = {sku: units for sku, units in there.items() if units}
        shelves = _shelves(usable, asked, to, ship_by)
    needs = list(asked.values())
    cover = best_cover(_in_time(shelves, needs), needs)
    chosen = [(usable[s.place], s) for s in cover.shelves]
    parcels = _parcels(chosen, served, cover, shelves, to)
    why = (*words.choice(cover, shelves, usable, len(needs), to), *words.short(short), *left_out)
    return Allocation(parcels, tuple(short), why, cover.is_proven)


def _asked(lines: Sequence[Demand]) -> dict[str, int]:
    asked = dict.fromkeys((line.sku for line in lines), 0)
    for line in lines:
        asked[line.sku] += line.units
    return asked


def _there(shelves: Sequence[Shelf], asked: dict[str, int]) -> dict[str, int]:
    """Say how much of what is asked for there is."""
    whole = 0
    for one in shelves:
        whole |= one.whole
    there = dict(asked)
    for lane, sku in enumerate(asked):
        if not has(whole, lane):
            there[sku] = min(asked[sku], sum(one.have[lane] for one in shelves if has(one.any, lane)))
    return there


def _served(lines: Sequence[Demand], there: dict[str, int]) -> tuple[list[Portion], list[Portion]]:
    """Divide what is asked for into what there is and what there is not; earlier lines are served first."""
    left, served, short = dict(there), [], []
    for line in lines:
        units = min(line.units, left[line.sku])
        left[line.sku] -= units
        if units:
            served.append((line.line, line.sku, units))
        if units < line.units:
            short.append((line.line, line.sku, line.units - units))
    return served, short


def _shelves(usable: Sequence[Site], asked: dict[str, int], to: Point | None, ship_by: datetime | None) -> list[Shelf]:
    wanted, made = Asked(asked), []
    for place, site in enumerate(usable):
        late = int(ship_by is not None and site.leaves_at is not None and site.leaves_at > ship_by)
        metres = _metres(site, to)
        cost = (late, site.priority, 0 if to is None else FARTHEST_M if metres is None else metres)
        one = wanted.shelf(place, cost, site.stock)
        if one.any:
            made.append(one)
    return made


def _in_time(shelves: list[Shelf], needs: list[int]) -> list[Shelf]:
    """Leave out who is late where the others have everything."""
    in_time = [one for one in shelves if not one.late]
    if len(in_time) == len(shelves):
        return shelves
    missing = dict(enumerate(needs))
    for one in in_time:
        for lane in list(missing):
            if has(one.whole, lane):
                del missing[lane]
            elif has(one.any, lane):
                missing[lane] -= one.have[lane]
    return in_time if all(units <= 0 for units in missing.values()) else shelves


def _metres(site: Site, to: Point | None) -> int | None:
    return None if to is None or site.point is None else great_circle(site.point, to)


def _parcels(
    chosen: list[tuple[Site, Shelf]], served: list[Portion], cover: Cover, shelves: list[Shelf], to: Point | None
) -> tuple[Parcel, ...]:
    left = [dict(site.stock) for site, _ in chosen]
    packed: list[list[Portion]] = [[] for _ in chosen]
    for line, sku, units in served:
        for place, taken in _spread(left, sku, units):
            left[place][sku] -= taken
            packed[place].append((line, sku, taken))
    return tuple(
        Parcel(
            site.location,
            tuple(portions),
            _metres(site, to),
            words.parcel(site, one, cover, shelves, _metres(site, to)),
            site.leaves_at,
            bool(one.late),
        )
        for (site, one), portions in zip(chosen, packed, strict=True)
    )


def _spread(left: list[dict[str, int]], sku: str, units: int) -> list[tuple[int, int]]:
    """Keep a line in one parcel where one has all of it, else take from the best location first."""
    for place, stock in enumerate(left):
        if stock.get(sku, 0) >= units:
            return [(place, units)]
    spread = []
    for place, stock in enumerate(left):
        taken = min(units, max(0, stock.get(sku, 0)))
        if taken:
            spread.append((place, taken))
            units -= taken
    return spread
