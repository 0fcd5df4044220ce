"""The ledger of stock: entries, what each kind of them does to a balance, and the fold from the one to the other."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

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
CONDITIONS = (SELLABLE, "defective", "customer_damaged", "carrier_damaged", "warehouse_damaged", "expired", "unknown")
"""Conditions of units; only the first may be sold (Amazon's words for processed returns, and two of warehouses)."""


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
    the last count: what happened before it is in it. A key that was never counted is not kept (`is_kept`).
    """

    on_hand: int = 0
    reserved: int = 0
    picked: int = 0
    labelled: int = 0
    unsellable: int = 0
    counted_at: datetime | None = None
    last_at: datetime | None = None
    unscanned_at: datetime | None = None

    @property
    def to_count(self) -> bool:
        """Tell whether units went since the last count that nobody scanned."""
        return self.unscanned_at is not None and (self.counted_at is None or self.unscanned_at > self.counted_at)

    @property
    def is_kept(self) -> bool:
        """Tell whether anybody ever said how many there are."""
        return self.counted_at is not None

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
SUPPLY = frozenset({Kind.RECEIVED, Kind.COUNTED, Kind.RETURNED, Kind.ADJUSTED, Kind.MOVED})
"""Kinds by which a seller says what there is; the others follow from shipments."""


def opened(balance: Balance, entry: Entry) -> Entry | None:
    """Give the count of nothing that opens a key where a seller's first word about it is not a count.

    So whatever shipments did before the ledger began is not taken from what comes in now.
    """
    if balance.is_kept or entry.kind is Kind.COUNTED or entry.kind not in SUPPLY or entry.condition != SELLABLE:
        return None
    cause = f"opening {entry.key.pool}/{entry.key.location}/{entry.key.sku}"
    return Entry(cause, entry.key, Kind.COUNTED, 0, entry.at - INSTANT, reason="the ledger begins here", by=entry.by)


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
    if entry.kind is Kind.COUNTED:
        return Effect()
    if entry.condition != SELLABLE:
        return Effect(unsellable=entry.units)
    one = _EFFECTS[entry.kind]
    units = entry.units
    return Effect(one[0] * units, one[1] * units, one[2] * units, one[3] * units, 0)


def effect_on(balance: Balance, entry: Entry, since: int = 0) -> Effect:
    """Tell what an entry changes in a balance.

    A count sees all that happened until then: an entry that is told later but happened before (or in the same moment)
    changes nothing on hand, so the order of telling does not matter. `since` is the sum of what happened on hand after
    a count that is told late.
    """
    is_covered = balance.counted_at is not None and entry.at <= balance.counted_at
    if entry.kind is Kind.COUNTED:
        return Effect() if is_covered else Effect(on_hand=entry.units + since - balance.on_hand)
    effect = raw_effect(entry)
    return effect._replace(on_hand=0) if is_covered and effect.on_hand else effect


def after(balance: Balance, entry: Entry, effect: Effect) -> Balance:
    """Give the balance after an entry with its effect."""
    is_count = entry.kind is Kind.COUNTED and (balance.counted_at is None or entry.at > balance.counted_at)
    return Balance(
        balance.on_hand + effect.on_hand,
        balance.reserved + effect.reserved,
        balance.picked + effect.picked,
        balance.labelled + effect.labelled,
        balance.unsellable + effect.unsellable,
        entry.at if is_count else balance.counted_at,
        entry.at if balance.last_at is None or entry.at > balance.last_at else balance.last_at,
        _later(balance.unscanned_at, entry.at) if _is_unscanned(entry) else balance.unscanned_at,
    )


def replay(entries: Iterable[Entry]) -> Balance:
    """Give the balance of one key from all its entries, whatever their order and however often each is told."""
    unique = {entry.cause: entry for entry in entries}
    balance = Balance()
    for entry in sorted(unique.values(), key=lambda e: (e.at, e.kind is Kind.COUNTED, e.cause)):
        balance = after(balance, entry, effect_on(balance, entry))
    return balance


def _is_unscanned(entry: Entry) -> bool:
    """Nobody scanned: which units went, and whether they were there, a count must tell."""
    return entry.kind is Kind.SMARTHUB and not entry.bin and not entry.serial


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None or other > one else one
