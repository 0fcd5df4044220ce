"""The open book: balances under lock, movements taken one after the other, and what must be written of it."""

from msgspec.structs import replace

from packline.domain.inventory.ledger import (
    Balance,
    Effect,
    Entry,
    Key,
    Kind,
    Movement,
    Span,
    after,
    effect_on,
    is_covered,
    objection,
    raw_effect,
    span_needed,
    untimed,
)
from packline.domain.values import Value

Spot = tuple[Key, str, str]
Sale = tuple[Key, tuple[str, str, str]]


class Fate(Value, frozen=True):
    """What came of a movement: applied, covered (a later count holds it already), known or refused.

    `before` and `after` are the units on hand of its first entry's key; `reason` says why it was refused.
    """

    outcome: str
    key: Key
    before: int
    after: int
    reason: str = ""


class Book:
    """Take movements and remember what they change."""

    def __init__(self, balances: dict[Key, Balance]) -> None:
        """Begin with the balances as they stand; every key of every movement must be among them."""
        self._before = balances
        self._now: dict[Key, Balance] = {}
        self.entries: list[tuple[Entry, Effect]] = []
        self.spots: dict[Spot, int] = {}
        self.sums: dict[Span, int] = {}
        self._by_key: dict[Key, list[Entry]] = {}
        self.moved_spots: dict[Spot, int] = {}
        self.moved_sales: dict[Sale, int] = {}

    def spans(self, movement: Movement) -> list[Span]:
        """Name the stored entries whose sums (`sums`) must be looked up before a movement is taken."""
        found = []
        for entry in movement.entries:
            balance = self._now.get(entry.key) or self._before[entry.key]
            last_at = balance.last_at
            if last_at is None or entry.at > last_at:
                continue  # nothing happened after it, as far as we know
            told = self._told(entry, movement)
            kind = Kind.ADJUSTED if _is_of_spot(told) else told.kind
            span = span_needed(self._balance(entry.key), replace(told, kind=kind))
            if span is not None and span not in self.sums:
                found.append(span)
        return found

    def known(self, movement: Movement) -> Fate:
        """Answer a movement that was laid before."""
        key = movement.entries[0].key
        on_hand = self._balance(key).on_hand
        return Fate("known", key, on_hand, on_hand)

    def take(self, movement: Movement) -> Fate:
        """Lay a movement, all of it or nothing."""
        key = movement.entries[0].key
        before = self._balance(key).on_hand
        reason = "" if movement.is_fact else self._refusal(movement)
        if reason:
            return Fate("refused", key, before, before, reason)
        covered = [self._lay(entry, movement) for entry in movement.entries]
        return Fate("covered" if all(covered) else "applied", key, before, self._balance(key).on_hand)

    def read(self) -> dict[Key, Balance]:
        """Give the balances as the book began with them."""
        return self._before

    def written(self) -> dict[Key, Balance]:
        """Give the balances that have an entry."""
        return self._now

    def changed(self) -> dict[Key, tuple[Balance, Balance]]:
        """Give the balances (before, after) whose offers may have changed."""
        pairs = ((key, self._before[key], balance) for key, balance in self._now.items())
        return {
            key: (old, new)
            for key, old, new in pairs
            if (old.on_hand, old.reserved, old.picked, old.is_kept)
            != (new.on_hand, new.reserved, new.picked, new.is_kept)
        }

    def _balance(self, key: Key) -> Balance:
        return self._now.get(key) or self._before[key]

    def _refusal(self, movement: Movement) -> str:
        reasons = (objection(self._balance(entry.key), entry) for entry in movement.entries)
        return next((reason for reason in reasons if reason), "")

    def _told(self, entry: Entry, movement: Movement) -> Entry:
        return entry if movement.is_timed else untimed(self._balance(entry.key), entry)

    def _lay(self, entry: Entry, movement: Movement) -> bool:
        told = self._told(entry, movement)
        return self._write(self._count_of_spot(told) if _is_of_spot(told) else told)

    def _write(self, entry: Entry) -> bool:
        balance = self._balance(entry.key)
        effect = effect_on(balance, entry, self._since(balance, entry))
        self._now[entry.key] = after(balance, entry, effect)
        self.entries.append((entry, effect))
        self._by_key.setdefault(entry.key, []).append(entry)
        if entry.bin or entry.serial:
            spot = (entry.key, entry.bin, entry.serial)
            self.moved_spots[spot] = self.moved_spots.get(spot, 0) + effect.on_hand
        if effect.reserved:
            sale = (entry.key, (entry.account, entry.place, entry.merchant_sku))
            self.moved_sales[sale] = self.moved_sales.get(sale, 0) + effect.reserved
        return is_covered(balance, entry)

    def _since(self, balance: Balance, entry: Entry) -> int:
        """Sum up what an entry needs of those that were told before it: in the store, and in this book."""
        span = span_needed(balance, entry)
        if span is None:
            return 0
        here = (raw_effect(told).on_hand for told in self._by_key.get(entry.key, ()) if span.holds(told))
        return self.sums[span] + sum(here)

    def _count_of_spot(self, entry: Entry) -> Entry:
        """A count of one bin corrects it by the difference: what lies elsewhere was not counted."""
        spot = (entry.key, entry.bin, entry.serial)
        there = self.spots.get(spot, 0) + self.moved_spots.get(spot, 0)
        where = entry.bin or entry.serial
        said = f"counted {entry.units} in {where}" + (f": {entry.reason}" if entry.reason else "")
        return replace(entry, kind=Kind.ADJUSTED, units=entry.units - there, reason=said)


def _is_of_spot(entry: Entry) -> bool:
    return entry.kind is Kind.COUNTED and bool(entry.bin or entry.serial)
