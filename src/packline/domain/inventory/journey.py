"""How shipments move stock: from where a shipment stood to where it stands, as entries of the ledger."""

from datetime import datetime
from enum import StrEnum

from msgspec.structs import replace

from packline.domain.inventory.ledger import Entry, Key, Kind, Movement
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


class Line(Value, frozen=True):
    """Units of one SKU of a shipment, and the key of the ledger that they are taken from."""

    merchant_sku: str
    units: int
    key: Key


class Taken(Value, frozen=True):
    """What a shipment has taken from the ledger so far; `version` is the shipment's, of the last event followed."""

    shipment: str
    account: str
    place: str
    lines: tuple[Line, ...] = ()
    stage: Stage = Stage.NONE
    version: int = 0


class Scan(Value, frozen=True):
    """What somebody scanned in another panel for one SKU: a bin, serial numbers, or both."""

    merchant_sku: str
    bin: str = ""
    serials: tuple[str, ...] = ()


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
    after = replace(taken, lines=lines, stage=stage, version=news.version)
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
    if news.lines is None or taken.stage in _OVER:
        return taken.lines
    known = {line.merchant_sku: line.key for line in taken.lines}
    return tuple(replace(line, key=known.get(line.merchant_sku, line.key)) for line in news.lines)


def _entries(taken: Taken, lines: tuple[Line, ...], stage: Stage, news: News) -> tuple[Entry, ...]:
    before = {line.merchant_sku: line for line in taken.lines}
    now = {line.merchant_sku: line for line in lines}
    cause = f"{news.shipment} version {news.version}: {stage}"
    is_foreign = news.is_adopted or (taken.stage is Stage.NONE and stage in (Stage.LABELLED, Stage.SHIPPED))
    entries: list[Entry] = []
    for sku in sorted({*before, *now}):
        old = before[sku].units if sku in before else 0
        new = now[sku].units if sku in now else 0
        key = (now.get(sku) or before[sku]).key
        moves = [
            *((kind, min(old, new)) for kind in way(taken.stage, stage, is_foreign=is_foreign)),
            *((kind, new - old) for kind in way(Stage.NONE, stage, is_foreign=is_foreign)),
            *((kind, old - new) for kind in way(taken.stage, Stage.RELEASED)),
        ]
        for kind, units in moves:
            if units > 0:
                one = Entry(cause, key, kind, units, news.at, account=news.account, place=news.place,
                            merchant_sku=sku, shipment=news.shipment)  # fmt: skip
                entries += _scanned(one, news)
    return tuple(entries)


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


def _scanned(entry: Entry, news: News) -> list[Entry]:
    """Take what was scanned from its bin and by its serial numbers; there may be more or fewer of them than units."""
    scan = next((s for s in news.scans if s.merchant_sku == entry.merchant_sku), None)
    if scan is None or entry.kind is not Kind.SMARTHUB:
        return [entry]
    serials = scan.serials[: entry.units]
    rest = entry.units - len(serials)
    ones = [replace(entry, units=1, bin=scan.bin, serial=serial) for serial in serials]
    return [*ones, replace(entry, units=rest, bin=scan.bin)] if rest else ones
