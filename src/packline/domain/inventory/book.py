"""The open book: balances under lock, movements taken one after the other, and what must be written of it."""

from datetime import datetime

from msgspec.structs import replace

from packline.domain.inventory.ledger import (
    Balance,
    Effect,
    Entry,
    Key,
    Kind,
    Movement,
    after,
    effect_on,
    objection,
    opened,
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
        self.since: dict[tuple[Key, datetime], int] = {}
        self.moved_spots: dict[Spot, int] = {}
        self.moved_sales: dict[Sale, int] = {}

    def is_late(self, entry: Entry) -> bool:
        """Tell whether something on hand is known to have happened after a count that is told only now."""
        balance = self._before[entry.key]
        is_covered = balance.counted_at is not None and entry.at <= balance.counted_at
        return balance.last_at is not None and entry.at < balance.last_at and not is_covered

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

    def _lay(self, entry: Entry, movement: Movement) -> bool:
        balance = self._balance(entry.key)
        if not movement.is_timed:
            entry = untimed(balance, entry)
        opening = opened(balance, entry)
        if opening is not None:
            self._write(opening)
        if entry.kind is Kind.COUNTED and (entry.bin or entry.serial):
            entry = self._count_of_spot(entry)
        return self._write(entry)

    def _write(self, entry: Entry) -> bool:
        balance = self._balance(entry.key)
        effect = effect_on(balance, entry, self._since(balance, entry))
        self._now[entry.key] = after(balance, entry, effect)
        self.entries.append((entry, effect))
        if entry.bin or entry.serial:
            spot = (entry.key, entry.bin, entry.serial)
            self.moved_spots[spot] = self.moved_spots.get(spot, 0) + effect.on_hand
        if effect.reserved:
            sale = (entry.key, (entry.account, entry.place, entry.merchant_sku))
            self.moved_sales[sale] = self.moved_sales.get(sale, 0) + effect.reserved
        return balance.counted_at is not None and entry.at <= balance.counted_at

    def _since(self, balance: Balance, entry: Entry) -> int:
        """Sum up what happened on hand after a count that comes late: in the store, and before it in this book."""
        if entry.kind is not Kind.COUNTED or balance.last_at is None or entry.at >= balance.last_at:
            return 0
        here = sum(e.on_hand for laid, e in self.entries if laid.key == entry.key and laid.at > entry.at)
        return self.since.get((entry.key, entry.at), 0) + here

    def _count_of_spot(self, entry: Entry) -> Entry:
        """A count of one bin corrects it by the difference: what lies elsewhere was not counted."""
        spot = (entry.key, entry.bin, entry.serial)
        there = self.spots.get(spot, 0) + self.moved_spots.get(spot, 0)
        where = entry.bin or entry.serial
        said = f"counted {entry.units} in {where}" + (f": {entry.reason}" if entry.reason else "")
        return replace(entry, kind=Kind.ADJUSTED, units=entry.units - there, reason=said)
