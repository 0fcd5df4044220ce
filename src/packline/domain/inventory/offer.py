"""What Amazon is told of a SKU at a location, and why: a pure function of the balance, the sales and the rules."""

import math
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from packline.domain.inventory.ledger import Balance, Key
from packline.domain.inventory.rules import Place, Terms
from packline.domain.values import Value


class Step(Value, frozen=True):
    """One step of the reckoning: what it is called, by how much it changes the number, the number after it, and why."""

    name: str
    change: int
    total: int
    why: str


class Offer(Value, frozen=True):
    """The quantity that Amazon is told, what buyers can have of it, and the steps that lead there."""

    quantity: int
    buyable: int
    steps: tuple[Step, ...]

    @property
    def sentence(self) -> str:
        """Say the reckoning in one sentence."""
        return "; ".join(step.why for step in self.steps)


def offer(balance: Balance, terms: Terms, own: int, *, amazon_subtracts: bool = True) -> Offer:
    """Reckon the quantity of one place.

    `own` are the units of open shipments without label that this account sold at this location. Where stock is
    published through External Fulfillment Inventory, Amazon takes these off by itself until the label is made, so that
    the number holds all sellable units that carry no label, picked ones too; what others sold from the same pool Amazon
    does not know, and it is taken off here. Where stock is published through listings (`amazon_subtracts` False),
    nobody else takes anything off. Negative never: an oversold place is told 0.
    """
    steps = [Step("on hand", balance.on_hand, balance.on_hand, _on_hand(balance, terms))]
    _sold(steps, balance, own, amazon_subtracts=amazon_subtracts)
    held = own if amazon_subtracts else 0
    _buffer(steps, terms)
    _minimum(steps, terms, held)
    _maximum(steps, terms, held)
    _stop(steps, terms)
    if steps[-1].total < 0:
        _add(steps, "floor", 0, f"{steps[-1].total} is less than nothing, so 0 is told")
    quantity = steps[-1].total
    return Offer(quantity, max(0, quantity - held), tuple(steps))


def _sold(steps: list[Step], balance: Balance, own: int, *, amazon_subtracts: bool) -> None:
    total = steps[-1].total
    others = balance.reserved - own
    if others:
        _add(steps, "sold by others", total - others, f"less {others} that others sold from the same pool")
    if own and not amazon_subtracts:
        _add(steps, "sold", steps[-1].total - own, f"less {own} of open shipments, which listings do not know")
    elif own:
        _add(
            steps, "sold here", steps[-1].total, f"with {own} of open shipments here, which Amazon takes off by itself"
        )


def _buffer(steps: list[Step], terms: Terms) -> None:
    total = steps[-1].total
    if terms.buffer_units:
        _add(
            steps, "buffer", total - terms.buffer_units, f"less a buffer of {terms.buffer_units}{_by(terms, 'buffer')}"
        )
    elif terms.buffer_percent:
        units = math.ceil(round(max(0, total) * terms.buffer_percent / 100, 6))
        share = f"{terms.buffer_percent:g} %"
        _add(steps, "buffer", total - units, f"less a buffer of {share}, which is {units}{_by(terms, 'buffer')}")


def _minimum(steps: list[Step], terms: Terms, held: int) -> None:
    total = steps[-1].total
    buyable = total - held
    if terms.minimum and 0 < buyable < terms.minimum:
        why = f"nothing is offered below {terms.minimum} to buy{_by(terms, 'minimum')}, and there are {buyable}"
        _add(steps, "minimum", held, why)


def _maximum(steps: list[Step], terms: Terms, held: int) -> None:
    total = steps[-1].total
    if terms.maximum is not None and total - held > terms.maximum:
        why = f"no more than {terms.maximum} to buy{_by(terms, 'maximum')}"
        _add(steps, "maximum", held + terms.maximum, why)


def _stop(steps: list[Step], terms: Terms) -> None:
    if terms.stop_sale and steps[-1].total:
        _add(steps, "stop sale", 0, f"the sale is stopped{_by(terms, 'stop_sale')}")


def _on_hand(balance: Balance, terms: Terms) -> str:
    picked = f", {balance.picked} of them picked and not yet labelled" if balance.picked else ""
    # An account's own pool has no name that people know.
    pool = f" in pool {terms.pool}" if "pool" in terms.said else ""
    return f"{balance.on_hand} on hand of {terms.item} at {terms.at}{pool}{picked}"


def _by(terms: Terms, setting: str) -> str:
    said = terms.said.get(setting)
    return f" ({said})" if said else ""


def _add(steps: list[Step], name: str, total: int, why: str) -> None:
    steps.append(Step(name, total - steps[-1].total, total, why))


class OfferState(StrEnum):
    """Where the telling of an offer stands."""

    WAITING = "waiting"  # Amazon does not know the wanted number yet
    SETTLED = "settled"  # Amazon has accepted it
    REFUSED = "refused"  # Amazon refused the item: a person must look; `error` says why


class Wanted(Value, frozen=True):
    """One row of the outbox: what Amazon should know of a place, and what it was last known to know."""

    place: Place
    key: Key
    quantity: int
    wanted_seq: int
    changed_at: datetime
    published: int | None = None
    published_seq: int | None = None
    state: OfferState = OfferState.WAITING
    error: str = ""

    @property
    def falls(self) -> bool:
        """Tell whether Amazon shows more than there is; a place that was never told counts as one."""
        return self.published is None or self.quantity < self.published


class Told(Value, frozen=True):
    """What came of telling Amazon: the quantity and sequence number it has now, or why it refused the item.

    `quantity` None leaves the quantity as it was known. `error` is `code: words`, shown to a person.
    """

    place: Place
    wanted_seq: int
    quantity: int | None
    sequence: int | None
    state: OfferState
    error: str = ""


def sending_order(waiting: Sequence[Wanted]) -> list[Wanted]:
    """Sort for sending: zero first, then what falls, then what rises; within these the longest waiting first."""
    return sorted(waiting, key=lambda w: (w.quantity != 0, not w.falls, w.changed_at, w.wanted_seq))
