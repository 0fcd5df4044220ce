"""How shipments move stock: from where a shipment stood to where it stands, as entries of the ledger."""

import functools
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from msgspec.structs import replace

from packline.domain.inventory.ledger import FIRST_IN, Entry, Key, Kind, Movement
from packline.domain.panel import Scan, spots
from packline.domain.shipment import Status
from packline.domain.values import Value


class Stage(StrEnum):
    """Where a shipment's units are."""

    NONE = "none"  # nothing taken yet
    SOLD = "sold"  # on the shelf, promised
    PICKED = "picked"  # packed, without label
    LABELLED = "labelled"  # waiting for the carrier
    SHIPPED = "shipped"  # gone
    RELEASED = "released"  # back on the shelf, cancelled


_FORWARD = (Stage.NONE, Stage.SOLD, Stage.PICKED, Stage.LABELLED, Stage.SHIPPED)
_ENTERING = {
    Stage.SOLD: Kind.SOLD,
    Stage.PICKED: Kind.PICKED,
    Stage.LABELLED: Kind.LABELLED,
    Stage.SHIPPED: Kind.SHIPPED,
}
_LEAVING = {Stage.LABELLED: Kind.UNLABELLED, Stage.PICKED: Kind.PUT_BACK, Stage.SOLD: Kind.RELEASED}
_STAGES = {
    Status.CREATED: Stage.SOLD,
    Status.ACCEPTED: Stage.SOLD,
    Status.CONFIRMED: Stage.SOLD,
    Status.PACKAGE_CREATED: Stage.PICKED,
    Status.PICKUP_SLOT_RETRIEVED: Stage.PICKED,
    Status.INVOICE_GENERATED: Stage.PICKED,
    Status.SHIPLABEL_GENERATED: Stage.LABELLED,
    Status.SHIPPED: Stage.SHIPPED,
    Status.DELIVERED: Stage.SHIPPED,
    Status.CANCELLED: Stage.RELEASED,
}
_OVER = (Stage.SHIPPED, Stage.RELEASED)
_GONE = (Stage.LABELLED, Stage.SHIPPED)
_BACK = (Kind.UNLABELLED, Kind.RESTOCKED)
_OF_SPOTS = (Kind.LABELLED, Kind.SMARTHUB, *_BACK)
"""Kinds that change what lies in a bin: what came off the shelf, and what is laid back to where it was."""
SCANNED_LATER = "scanned after it had been taken"
SCANNED_IN = "scanned in "
"""Begins the reason of an entry whose serial number was scanned in another bin than the ledger has it in."""


class Line(Value, frozen=True):
    """Units of one SKU of a shipment, the key of the ledger that they are taken from, and what was scanned for them.

    `unscanned` of them somebody else took and nobody scanned.
    """

    merchant_sku: str
    units: int
    key: Key
    scans: tuple[Scan, ...] = ()
    unscanned: int = 0


class Taken(Value, frozen=True):
    """What a shipment has taken from the ledger so far; `version` is the shipment's, of the last event followed."""

    shipment: str
    account: str
    place: str
    lines: tuple[Line, ...] = ()
    stage: Stage = Stage.NONE
    version: int = 0


class News(Value, frozen=True):
    """What an event says of a shipment: its status after it, whose doing, and its lines where they are told."""

    shipment: str
    account: str
    place: str
    status: Status
    version: int
    at: datetime
    is_adopted: bool = False
    is_handed_over: bool = False
    lines: tuple[Line, ...] | None = None
    scans: tuple[Scan, ...] = ()


def follow(taken: Taken, news: News) -> tuple[Taken, Movement | None]:
    """Follow one event: what the shipment has taken after it, and the entries that lead there (None: nothing moves).

    Only the stage counts, not the way: events may be missing, and one that is older than what was followed changes
    nothing. Units that left the building come back by a return, never by a status.
    """
    if news.version < taken.version:
        return taken, None
    stage = _stage_after(taken.stage, news)
    lines = _lines_after(taken, news)
    entries = _entries(taken, lines, stage, news)
    after = replace(taken, lines=_counted(taken, lines, stage, news), stage=stage, version=news.version)
    cause = f"{news.shipment} version {news.version}: {stage}"
    return after, Movement(cause, entries, is_timed=True, is_fact=True) if entries else None


def _stage_after(stage: Stage, news: News) -> Stage:
    wanted = _STAGES[news.status]
    if stage in _OVER:
        return stage
    if news.is_handed_over and wanted is Stage.LABELLED:
        return Stage.SHIPPED
    return wanted


def _lines_after(taken: Taken, news: News) -> tuple[Line, ...]:
    """A line keeps the key that its first units were taken from, whatever the rules say since."""
    if taken.stage is Stage.RELEASED:
        return taken.lines
    known = {line.merchant_sku: line for line in taken.lines}
    lines = taken.lines if news.lines is None or taken.stage in _OVER else news.lines
    if lines is taken.lines and not news.scans:
        return lines
    return tuple(_continued(line, known.get(line.merchant_sku, line), news) for line in lines)


def _continued(line: Line, before: Line, news: News) -> Line:
    scans = tuple(scan for scan in news.scans if scan.merchant_sku == line.merchant_sku)
    return Line(line.merchant_sku, line.units, before.key, scans or before.scans, before.unscanned)


def _counted(taken: Taken, lines: tuple[Line, ...], stage: Stage, news: News) -> tuple[Line, ...]:
    if stage not in _GONE:
        return tuple(replace(line, unscanned=0) if line.unscanned else line for line in lines)
    before = {line.merchant_sku for line in taken.lines if line.unscanned}
    is_new = Kind.SMARTHUB in way(taken.stage, stage, is_foreign=is_foreign(taken, stage, news))
    return tuple(
        replace(line, unscanned=_unscanned(line)) if is_new or line.merchant_sku in before else line for line in lines
    )


def _unscanned(line: Line) -> int:
    return sum(spot.is_guess or not (spot.bin or spot.serial) for spot in spots(line.units, line.scans))


def is_foreign(taken: Taken, stage: Stage, news: News) -> bool:
    """Tell whether somebody else took the units: he moved it, or it was past its label when we first heard of it."""
    return news.is_adopted or (taken.stage is Stage.NONE and stage in _GONE)


def takes_unscanned(taken: Taken, news: News) -> tuple[Line, ...]:
    """List the lines of which units leave the shelf by somebody else's hand and that nobody scanned."""
    stage = _stage_after(taken.stage, news)
    if Kind.SMARTHUB not in way(taken.stage, stage, is_foreign=is_foreign(taken, stage, news)):
        return ()
    return tuple(line for line in _lines_after(taken, news) if not line.scans)


def takes(taken: Taken, news: News) -> tuple[Line, ...]:
    """List the lines of which units leave the shelf, by whoever's hand."""
    stage = _stage_after(taken.stage, news)
    kinds = way(taken.stage, stage, is_foreign=is_foreign(taken, stage, news))
    return _lines_after(taken, news) if Kind.LABELLED in kinds or Kind.SMARTHUB in kinds else ()


def holds(taken: Taken, merchant_sku: str) -> tuple[Scan, ...]:
    """Give the scans by which a shipment has taken units of a SKU from the shelf; nothing where it has not."""
    if taken.stage not in _GONE:
        return ()
    return next((line.scans for line in taken.lines if line.merchant_sku == merchant_sku), ())


def _entries(taken: Taken, lines: tuple[Line, ...], stage: Stage, news: News) -> tuple[Entry, ...]:
    before = {line.merchant_sku: line for line in taken.lines}
    now = {line.merchant_sku: line for line in lines}
    cause = f"{news.shipment} version {news.version}: {stage}"
    entries: list[Entry] = []
    for sku in sorted({*before, *now}):
        old, new = before.get(sku), now.get(sku)
        one = Entry(cause, (new or before[sku]).key, Kind.SOLD, 0, news.at, account=news.account, place=news.place,
                    merchant_sku=sku, shipment=news.shipment)  # fmt: skip
        foreign = is_foreign(taken, stage, news)
        for kind, line, since, until in _moves(taken.stage, stage, old, new, foreign=foreign):
            entries += _laid(one, kind, line, since, until)
        if taken.stage in _GONE and stage in _GONE and old and new and old.scans != new.scans:
            entries += _corrected(one, old, new)
    return tuple(entries)


def _moves(
    before: Stage, after: Stage, old: Line | None, new: Line | None, *, foreign: bool
) -> Iterator[tuple[Kind, Line, int, int]]:
    """Say which units of which line move how: those that stay, those that came, those that went."""
    both = min(old.units if old else 0, new.units if new else 0)
    if old and new and both:
        for kind in way(before, after, is_foreign=foreign):
            yield kind, old if kind in _BACK else new, 0, both
    if new and new.units > both:
        for kind in way(Stage.NONE, after, is_foreign=foreign):
            yield kind, new, both, new.units
    if old and old.units > both:
        for kind in way(before, Stage.RELEASED):
            yield kind, old, both, old.units


def _laid(one: Entry, kind: Kind, line: Line, since: int, until: int) -> Iterator[Entry]:
    """Write units of one kind; those that came off the shelf, or are laid back, by their bins and serial numbers."""
    if kind not in _OF_SPOTS or not line.scans:
        yield replace(one, kind=kind, units=until - since)
        return
    for spot, units in Counter(spots(line.units, line.scans)[since:until]).items():
        reason = FIRST_IN if spot.is_guess else f"{SCANNED_IN}{spot.scanned_in}" if spot.scanned_in else ""
        yield replace(one, kind=kind, units=units, bin=spot.bin, serial=spot.serial, reason=reason)


def _corrected(one: Entry, old: Line, new: Line) -> Iterator[Entry]:
    """Lay units back to where they were thought to come from, and take them from where they were scanned."""
    was, is_now = _places(old), _places(new)
    for kind, spots_of in ((Kind.UNLABELLED, was - is_now), (Kind.LABELLED, is_now - was)):
        for (bin_, serial), units in spots_of.items():
            yield replace(one, kind=kind, units=units, bin=bin_, serial=serial, reason=SCANNED_LATER)


def _places(line: Line) -> Counter[tuple[str, str]]:
    return Counter((spot.bin, spot.serial) for spot in spots(line.units, line.scans))


@functools.cache
def way(before: Stage, after: Stage, *, is_foreign: bool = False) -> tuple[Kind, ...]:
    """List the entries between two stages; a label by somebody else is SmartHub's, and takes from the shelf."""
    if before is after or before in _OVER:
        return ()
    if after is Stage.RELEASED:
        return _back_to_shelf(before)
    first, last = _FORWARD.index(before), _FORWARD.index(after)
    if last < first:
        return tuple(_LEAVING[stage] for stage in reversed(_FORWARD[last + 1 : first + 1]))
    passed = _FORWARD[first + 1 : last + 1]
    if not is_foreign or Stage.LABELLED not in passed:
        return tuple(_ENTERING[stage] for stage in passed)
    shelf = () if Stage.PICKED in passed else (Kind.PUT_BACK,)
    kinds = {Stage.SOLD: Kind.SOLD, Stage.LABELLED: Kind.SMARTHUB, Stage.SHIPPED: Kind.SHIPPED}
    return (*shelf, *(kinds[stage] for stage in passed if stage in kinds))


def _back_to_shelf(before: Stage) -> tuple[Kind, ...]:
    if before is Stage.LABELLED:
        return (Kind.RESTOCKED,)
    return tuple(_LEAVING[stage] for stage in reversed(_FORWARD[1 : _FORWARD.index(before) + 1]))
