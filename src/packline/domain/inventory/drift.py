"""Drift: where Packline, Amazon and the seller's own system do not say the same of a place, and the likely cause."""

from datetime import datetime
from enum import StrEnum

from packline.domain.inventory.publishing import Answer, Verdict
from packline.domain.inventory.rules import Place
from packline.domain.values import Value


class Cause(StrEnum):
    """Why two of the three differ, as far as the numbers tell."""

    UNKNOWN_SKU = "unknown_to_amazon"
    REFUSED = "refused"
    HELD = "held"
    OTHER_WRITER = "another_program"
    LOST = "lost_at_amazon"
    AMAZON = "changed_by_amazon"
    UNSEEN_ORDERS = "unseen_orders"
    SELLER = "seller_counts_otherwise"


class Side(StrEnum):
    """Whose number counts when a drift is mended."""

    PACKLINE = "packline"
    AMAZON = "amazon"
    SELLER = "seller"


class Ours(Value, frozen=True):
    """What Packline knows of a place: what it wants told, what it told, and the units that lie there."""

    place: Place
    wanted: int
    published: int | None
    published_seq: int | None
    state: str
    held: bool
    on_hand: int
    changed_at: datetime


class Drift(Value, frozen=True):
    """One place that is not the same everywhere. `amazon` is the quantity that Amazon has, None where it hides it."""

    ours: Ours
    amazon: int | None
    answer: Answer | None
    seller: int | None
    cause: Cause
    words: str


class Finding(Value, frozen=True):
    """A drift as it was written down."""

    place: Place
    told: int | None
    amazon: int | None
    amazon_seq: int | None
    seller: int | None
    run: str


def judge(ours: Ours, answer: Answer | None, seller: int | None) -> Drift | None:
    """Compare the three; None where they agree, or where Amazon is being told just now."""
    quantity = held_by_amazon(answer, ours.published)
    found = _at_amazon(ours, answer, quantity)
    if found is None and seller is not None and seller != ours.on_hand:
        words = f"The seller's system has {seller}, the ledger {ours.on_hand}: an entry is missing on one side."
        found = (Cause.SELLER, words)
    return Drift(ours, quantity, answer, seller, *found) if found else None


def held_by_amazon(answer: Answer | None, published: int | None) -> int | None:
    """Give the quantity that Amazon has: what can be bought and what is reserved.

    Where nothing can be bought Amazon shows only that it has no more than is reserved: what was told is believed
    as long as it fits.
    """
    if answer is None or answer.sellable is None:
        return None
    if answer.reserved is None or answer.sellable > 0:
        return answer.sellable + (answer.reserved or 0)
    return published if published is not None and published <= answer.reserved else answer.reserved


def _at_amazon(ours: Ours, answer: Answer | None, quantity: int | None) -> tuple[Cause, str] | None:
    if answer is not None and answer.verdict is Verdict.REFUSED:
        return Cause.UNKNOWN_SKU, f"Amazon cannot show it: {answer.error}."
    if ours.state == "refused":
        return Cause.REFUSED, "Amazon refused the last number; mend what it names, then publish again."
    if ours.held and ours.wanted != quantity:
        return Cause.HELD, "Publishing of this location is held; release it."
    if ours.state != "settled" or quantity is None or quantity == ours.published:
        return None
    return _unequal(ours, answer, quantity)


def _unequal(ours: Ours, answer: Answer | None, quantity: int) -> tuple[Cause, str]:
    theirs = answer.sequence if answer is not None else None
    known = ours.published_seq
    told = f"Amazon has {quantity}, it was told {ours.published}"
    if theirs is not None and known is not None and theirs > known:
        return Cause.OTHER_WRITER, f"{told}: another program told it with number {theirs}, above our {known}."
    if theirs is not None and known is not None and theirs < known:
        return Cause.LOST, f"{told}: our number {known} is gone there, it has {theirs}."
    if answer is not None and answer.reserved is None and ours.published is not None and quantity < ours.published:
        return Cause.UNSEEN_ORDERS, f"{told}: orders that were not taken in yet."
    return Cause.AMAZON, f"{told} with the same number: Amazon changed it, by a label or a sale not seen yet."
