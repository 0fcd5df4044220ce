"""The ledger of stock: entries, what each kind of them does to a balance, and the fold from the one to the other."""

import functools
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple, get_args

from msgspec.structs import replace

from packline.domain.values import Value

INSTANT = timedelta(microseconds=1)


class Kind(StrEnum):
    """What happened to units."""

    RECEIVED = "received"  # came in from a supplier
    COUNTED = "counted"  # a person or a system counted them: `units` is the whole number
    SOLD = "sold"  # a shipment came in for them
    RELEASED = "released"  # that shipment was cancelled before its label
    PICKED = "picked"  # taken from the shelf and packed
    PUT_BACK = "put_back"  # laid back on the shelf, the shipment still open
    LABELLED = "labelled"  # the ship label is made: Amazon counts them no more
    UNLABELLED = "unlabelled"  # the label became void by a repack: Amazon counts them again
    SMARTHUB = "smarthub"  # labelled by somebody else, in SmartHub or another system
    SHIPPED = "shipped"  # they left the building
    RESTOCKED = "restocked"  # cancelled after the label and before they left
    RETURNED = "returned"  # came back from a buyer
    ADJUSTED = "adjusted"  # corrected by a difference
    MOVED = "moved"  # to or from another pool or location


SELLABLE = "sellable"
Condition = Literal[
    "sellable", "defective", "customer_damaged", "carrier_damaged", "warehouse_damaged", "expired", "unknown"
]
"""What units are like; only the first may be sold (Amazon's words for processed returns, and two of warehouses)."""
CONDITIONS: tuple[str, ...] = get_args(Condition)


class Key(NamedTuple):
    """What a balance is kept for: the physical units of a SKU in a pool at a location."""

    pool: str
    location: str
    sku: str


class Effect(NamedTuple):
    """What an entry changes in a balance, in units."""

    on_hand: int = 0
    reserved: int = 0
    picked: int = 0
    labelled: int = 0
    unsellable: int = 0


class Entry(Value, frozen=True):
    """One line of the ledger; `cause` makes it count once, however often it is told.

    `at` is when it happened, not when we heard of it. `units` is signed for adjusted and moved, the whole number for
    counted, and above zero otherwise. `account`, `place` and `merchant_sku` name the Amazon side of a sale.
    """

    cause: str
    key: Key
    kind: Kind
    units: int
    at: datetime
    condition: str = SELLABLE
    bin: str = ""
    serial: str = ""
    account: str = ""
    place: str = ""
    merchant_sku: str = ""
    shipment: str = ""
    reason: str = ""
    by: str = ""


class Movement(Value, frozen=True):
    """Entries that belong together: all of them are laid or none, and once for one `cause`.

    `is_timed`: the time was told and counts as it is; else it is the moment of laying, after every count before it.
    `is_fact`: it happened whatever the balance says (a shipment left); else it is refused where there is not enough.
    """

    cause: str
    entries: tuple[Entry, ...]
    is_timed: bool = False
    is_fact: bool = False


class Balance(Value, frozen=True):
    """Units of one key. `on_hand` are sellable units that carry no label, `picked` those of them that left the shelf.

    `reserved` are units of open shipments without label, `labelled` those that wait for the carrier. `counted_at` is
    the last count: what happened before it is in it. Where nobody ever counted, the ledger begins with the first units
    that came in (`opened_at`): what shipments took before is not taken from these. Without either nobody ever said how
    many there are, and nothing is kept (`is_kept`).
    """

    on_hand: int = 0
    reserved: int = 0
    picked: int = 0
    labelled: int = 0
    unsellable: int = 0
    counted_at: datetime | None = None
    last_at: datetime | None = None
    unscanned_at: datetime | None = None
    opened_at: datetime | None = None

    @property
    def to_count(self) -> bool:
        """Tell whether units went since the last count that nobody scanned."""
        return self.unscanned_at is not None and (self.counted_at is None or self.unscanned_at > self.counted_at)

    @property
    def is_kept(self) -> bool:
        """Tell whether anybody ever said how many there are."""
        return self.counted_at is not None or self.opened_at is not None

    @property
    def oversold(self) -> int:
        """Give the units that are sold and not there."""
        return max(0, self.reserved - self.on_hand) if self.is_kept else 0


_EFFECTS: dict[Kind, Effect] = {
    Kind.RECEIVED: Effect(on_hand=1),
    Kind.SOLD: Effect(reserved=1),
    Kind.RELEASED: Effect(reserved=-1),
    Kind.PICKED: Effect(picked=1),
    Kind.PUT_BACK: Effect(picked=-1),
    Kind.LABELLED: Effect(on_hand=-1, reserved=-1, picked=-1, labelled=1),
    Kind.UNLABELLED: Effect(on_hand=1, reserved=1, picked=1, labelled=-1),
    Kind.SMARTHUB: Effect(on_hand=-1, reserved=-1, labelled=1),
    Kind.SHIPPED: Effect(labelled=-1),
    Kind.RESTOCKED: Effect(on_hand=1, labelled=-1),
    Kind.RETURNED: Effect(on_hand=1),
    Kind.ADJUSTED: Effect(on_hand=1),
    Kind.MOVED: Effect(on_hand=1),
}
"""What one unit of each kind does; a count is the only entry that depends on what was there."""
FIRST_IN = "first in, first out: nobody scanned it"
"""The reason of an entry whose bin is guessed: the one that was filled first."""
SUPPLY = frozenset({Kind.RECEIVED, Kind.COUNTED, Kind.RETURNED, Kind.ADJUSTED, Kind.MOVED})
"""Kinds by which a seller says what there is; the others follow from shipments."""


def untimed(balance: Balance, entry: Entry) -> Entry:
    """Let what is told now come after every count before it, whatever two clocks say."""
    if balance.counted_at is None or entry.at > balance.counted_at:
        return entry
    return replace(entry, at=balance.counted_at + INSTANT)


def objection(balance: Balance, entry: Entry) -> str:
    """Say why a seller's entry cannot be true, or nothing."""
    if entry.kind not in (Kind.ADJUSTED, Kind.MOVED) or entry.units >= 0:
        return ""
    there = balance.on_hand if entry.condition == SELLABLE else balance.unsellable
    if there + entry.units >= 0:
        return ""
    what = entry.condition if entry.condition != SELLABLE else "on hand"
    never = "" if balance.is_kept else " (it was never counted)"
    pool, location, sku = entry.key
    return f"{sku} at {location} in pool {pool} has {there} {what}{never}, not {-entry.units}"


def raw_effect(entry: Entry) -> Effect:
    """Tell what an entry would do where no count came after it; for a count, nothing."""
    return _effect(entry.kind, entry.units, entry.condition == SELLABLE)


@functools.lru_cache(maxsize=4096)
def _effect(kind: Kind, units: int, is_sellable: bool) -> Effect:
    if kind is Kind.COUNTED:
        return Effect()
    if not is_sellable:
        return Effect(unsellable=units)
    return Effect(*(one * units for one in _EFFECTS[kind]))


class Span(Value, frozen=True):
    """Entries of a key that happened from `since` on and before `until`; only those of shipments, or all but counts."""

    key: Key
    since: datetime
    until: datetime | None
    is_all: bool

    def holds(self, entry: Entry) -> bool:
        """Tell whether an entry is one of them."""
        if entry.key != self.key or entry.kind is Kind.COUNTED or (not self.is_all and entry.kind in SUPPLY):
            return False
        return self.since <= entry.at and (self.until is None or entry.at < self.until)


def span_needed(balance: Balance, entry: Entry) -> Span | None:
    """Name the entries whose sum an entry needs because they were told before it and happened after it.

    A count that is told late is followed by what happened since; what comes in before the ledger began lets the
    ledger begin earlier, with what shipments took since then.
    """
    if balance.last_at is None or entry.at > balance.last_at or is_covered(balance, entry):
        return None
    if entry.kind is Kind.COUNTED:
        return Span(entry.key, entry.at + INSTANT, None, True)
    return Span(entry.key, entry.at, balance.opened_at, False) if _opens(balance, entry) else None


def is_covered(balance: Balance, entry: Entry) -> bool:
    """Tell whether a count came after it (or in the same moment): it changes nothing on hand."""
    return balance.counted_at is not None and entry.at <= balance.counted_at


def effect_on(balance: Balance, entry: Entry, since: int = 0) -> Effect:
    """Tell what an entry changes in a balance; `since` is the sum on hand of the span that it needs.

    The order in which entries are told does not matter, only when they happened.
    """
    if entry.kind is Kind.COUNTED:
        return Effect() if is_covered(balance, entry) else Effect(on_hand=entry.units + since - balance.on_hand)
    effect = raw_effect(entry)
    if not effect.on_hand:
        return effect
    if _opens(balance, entry):
        return effect._replace(on_hand=effect.on_hand + since)
    is_early = balance.counted_at is None and (balance.opened_at is None or entry.at < balance.opened_at)
    if is_covered(balance, entry) or (is_early and entry.kind not in SUPPLY):
        return effect._replace(on_hand=0)
    return effect


def after(balance: Balance, entry: Entry, effect: Effect) -> Balance:
    """Give the balance after an entry with its effect."""
    is_count = entry.kind is Kind.COUNTED and not is_covered(balance, entry)
    return Balance(
        balance.on_hand + effect.on_hand,
        balance.reserved + effect.reserved,
        balance.picked + effect.picked,
        balance.labelled + effect.labelled,
        balance.unsellable + effect.unsellable,
        entry.at if is_count else balance.counted_at,
        entry.at if balance.last_at is None or entry.at > balance.last_at else balance.last_at,
        _later(balance.unscanned_at, entry.at) if _is_unscanned(entry) else balance.unscanned_at,
        entry.at if _is_first_supply(balance, entry) else balance.opened_at,
    )


def replay(entries: Iterable[Entry]) -> Balance:
    """Give the balance of one key from all its entries, whatever their order and however often each is told.

    Written from the meaning, not by way of `effect_on`, so that the one proves the other.
    """
    unique = list({entry.cause: entry for entry in entries}.values())
    sums = [sum(column) for column in zip(*map(raw_effect, unique), strict=True)] or [0] * 5
    counts = [entry for entry in unique if entry.kind is Kind.COUNTED]
    supply = [entry.at for entry in unique if _is_supply(entry)]
    opened_at = min(supply, default=None)
    last = max(counts, key=lambda entry: entry.at, default=None)
    if last is not None:
        on_hand = last.units + sum(raw_effect(entry).on_hand for entry in unique if entry.at > last.at)
    else:
        counted = (e for e in unique if e.kind in SUPPLY or (opened_at is not None and e.at >= opened_at))
        on_hand = sum(raw_effect(entry).on_hand for entry in counted)
    return Balance(
        on_hand=on_hand,
        reserved=sums[1],
        picked=sums[2],
        labelled=sums[3],
        unsellable=sums[4],
        counted_at=last.at if last is not None else None,
        last_at=max((entry.at for entry in unique), default=None),
        unscanned_at=max((entry.at for entry in unique if _is_unscanned(entry)), default=None),
        opened_at=opened_at,
    )


def _is_supply(entry: Entry) -> bool:
    return entry.kind in SUPPLY and entry.kind is not Kind.COUNTED and entry.condition == SELLABLE


def _is_first_supply(balance: Balance, entry: Entry) -> bool:
    return _is_supply(entry) and (balance.opened_at is None or entry.at < balance.opened_at)


def _opens(balance: Balance, entry: Entry) -> bool:
    return balance.counted_at is None and _is_first_supply(balance, entry)


def _is_unscanned(entry: Entry) -> bool:
    """Nobody scanned: which units went, and whether they were there, a count must tell."""
    return entry.kind is Kind.SMARTHUB and ((not entry.bin and not entry.serial) or entry.reason == FIRST_IN)


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None or other > one else one
