"""Why an order goes where it goes, in words that a person at a desk can check."""

from collections.abc import Collection, Sequence

from packline.domain.routing.cover import Cover
from packline.domain.routing.distance import Point
from packline.domain.routing.order import Demand, Site
from packline.domain.routing.shelf import Shelf

NAMED_AT_MOST = 5


def choice(
    cover: Cover, shelves: Sequence[Shelf], usable: Sequence[Site], skus: int, to: Point | None
) -> tuple[str, ...]:
    """Say why it is one parcel, or why it is split."""
    told = [_single(shelves, skus)] if len(cover.shelves) == 1 else [_split(cover, shelves, usable, skus)]
    if to is None:
        told.append("Where it goes is not known, so distance does not count: give a postal code and its centroid.")
    elif unknown := [usable[s.place].location for s in shelves if usable[s.place].point is None]:
        told.append(f"Where {_names(unknown)} lies is not known: it counts as farthest away.")
    if late := [usable[s.place].location for s in cover.shelves if s.late]:
        told.append(f"{_names(late)} cannot ship in time, and without it not everything can be shipped.")
    return tuple(told)


def parcel(site: Site, one: Shelf, cover: Cover, shelves: Sequence[Shelf], metres: int | None) -> str:
    """Say why this location is one of those that ship."""
    away = f", {distance(metres)} away" if metres is not None else ""
    whole = one.whole.bit_count()
    has = f"has all that is asked for of {_count(whole, 'SKU')}"
    part = one.part.bit_count()
    if part:
        has = (f"{has} and" if whole else "has") + f" a part of {_count(part, 'other SKU' if whole else 'SKU')}"
    return f"{site.location}{away}, {has}{_against(one, cover, shelves)}."


def short(missing: Sequence[tuple[str, str, int]]) -> tuple[str, ...]:
    """Say what nobody has."""
    by_sku: dict[str, int] = {}
    for _, sku, units in missing:
        by_sku[sku] = by_sku.get(sku, 0) + units
    if not by_sku:
        return ()
    named = [f"{units} of {sku}" for sku, units in by_sku.items()]
    return (f"Nobody has {_names(named)}.",)


def nothing(usable: Sequence[Site], lines: Sequence[Demand]) -> tuple[str, ...]:
    """Say why nothing can be shipped."""
    if not lines:
        return ("Nothing is asked for.",)
    if not usable:
        return ("No location is left that may ship.",)
    return (f"None of {_count(len(usable), 'location')} has any of it.",)


def left_out(sites: Sequence[Site], rejected: Collection[str]) -> tuple[str, ...]:
    """Say which locations were not looked at."""
    told = []
    if said_no := sorted({s.location for s in sites} & set(rejected)):
        told.append(f"{_names(said_no)} rejected the order and was left out.")
    full = sorted(s.location for s in sites if s.location not in rejected and s.capacity is not None and s.capacity < 1)
    if full:
        told.append(f"{_names(full)} can take no more parcels and was left out.")
    return tuple(told)


def distance(metres: int) -> str:
    """Write a distance for people."""
    return f"{metres} m" if metres < 1000 else f"{metres / 1000:,.0f} km"


def _single(shelves: Sequence[Shelf], skus: int) -> str:
    able = sum(1 for one in shelves if one.whole.bit_count() == skus)
    if able == 1:
        return "One parcel: only one location has everything."
    return f"One parcel: {able} locations have everything."


def _split(cover: Cover, shelves: Sequence[Shelf], usable: Sequence[Site], skus: int) -> str:
    able = [one for one in shelves if one.whole.bit_count() == skus]
    count = len(cover.shelves)
    fewest = "the fewest that is possible" if cover.is_proven else "the fewest that was found"
    if able:  # only those that would be late have everything
        names = _names([usable[one.place].location for one in able])
        return f"{count} parcels: {names} has everything but cannot ship in time; {fewest} in time."
    most = max(shelves, key=lambda one: one.whole.bit_count())
    has = most.whole.bit_count()
    if skus == 1:
        return f"{count} parcels, {fewest}: no location has all units."
    what = f"{usable[most.place].location}, {has} of {skus} SKUs" if has else "a part of every SKU"
    return f"{count} parcels, {fewest}: no location has everything; the most that one has is {what}."


def _against(one: Shelf, cover: Cover, shelves: Sequence[Shelf]) -> str:
    """Say what speaks for it against those that could do the same."""
    chosen = {shelf.place for shelf in cover.shelves}
    same = [other for other in shelves if _does_as_much(other, one) and other.place not in chosen]
    if not same:
        return ""
    if all(other.late for other in same) and not one.late:
        return "; the others that have it would be late"
    if all(other.priority > one.priority for other in same if other.late == one.late):
        return "; it goes before the others by your priority"
    if all(one.metres <= other.metres for other in same if (other.late, other.priority) == (one.late, one.priority)):
        return "; it is the nearest that has it" if one.metres else ""
    return ""


def _does_as_much(other: Shelf, one: Shelf) -> bool:
    return not one.whole & ~other.whole and not one.any & ~other.any


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _names(names: Sequence[str]) -> str:
    if len(names) > NAMED_AT_MOST:
        return f"{', '.join(names[:NAMED_AT_MOST])} and {len(names) - NAMED_AT_MOST} more"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
