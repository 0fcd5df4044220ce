"""Shared pools: sellers who are told of each other late sell no more than there is, with the buffer that it takes."""

from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from builders import at
from packline.domain.inventory.buffer import Drawn, buffer_needed
from packline.domain.inventory.ledger import Balance
from packline.domain.inventory.offer import offer
from packline.domain.inventory.rules import Terms

GAP = 4
"""Minutes after which every seller's number knows of a change, at the latest."""
LONGEST = 3
MOST = 3
"""Units of the largest order."""
sellers = st.integers(0, 2)
acts = st.lists(
    st.tuples(
        sellers, st.sampled_from(["buy", "buy", "label", "cancel"]), st.integers(1, MOST), st.integers(0, LONGEST)
    ),
    max_size=40,
)


class Sale(NamedTuple):
    """Units of an open order: who sold them."""

    seller: int
    units: int


class Shelf:
    """Units that several sell; the numbers that Amazon shows are as old as each draw says, and never run backwards."""

    def __init__(self, units: int, buffer: int) -> None:
        self.past = [Balance(on_hand=units, counted_at=at(-1))]
        self.own = [[0, 0, 0]]
        self.known, self.buffer = [0, 0, 0], buffer
        self.sales: list[Sale] = []
        self.drawn: list[Drawn] = []

    def told(self, seller: int, late: int) -> int:
        """Give the number that Amazon has, reckoned from what was known some acts ago."""
        self.known[seller] = max(self.known[seller], len(self.past) - 1 - late)
        moment = self.known[seller]
        terms = Terms("pool", "SHELF", "SKU", buffer_units=self.buffer)
        return offer(self.past[moment], terms, self.own[moment][seller]).quantity

    def act(self, seller: int, what: str, units: int, late: int) -> None:
        """Let a buyer buy if Amazon lets him, or a label be made, or an order be cancelled before its label."""
        now, own, minute = self.past[-1], list(self.own[-1]), at(len(self.past))
        mine = [sale for sale in self.sales if sale.seller == seller]
        if what == "buy" and self.told(seller, late) - own[seller] >= units:
            self.sales.append(Sale(seller, units))
            self.drawn.append(Drawn(minute, str(seller), sold=units))
            own[seller] += units
            now = Balance(now.on_hand, now.reserved + units, counted_at=now.counted_at)
        elif what != "buy" and mine:
            self.sales.remove(mine[0])
            units = mine[0].units
            gone = units if what == "label" else 0
            self.drawn.append(Drawn(minute, str(seller), labelled=gone))
            own[seller] -= units
            now = Balance(now.on_hand - gone, now.reserved - units, counted_at=now.counted_at)
        self.past.append(now)
        self.own.append(own)

    @property
    def oversold(self) -> int:
        """Give the most units that were ever sold and not there."""
        return max(balance.oversold for balance in self.past)


@settings(max_examples=500)
@given(acts, st.integers(0, 20))
def test_with_the_buffer_that_the_model_asks_for_nothing_is_oversold(told, units):
    """However late within the gap each number is: a buffer of what can be drawn in it keeps all that is sold there."""
    drawn = [
        Drawn(at(n), str(seller), count if what == "buy" else 0, MOST if what == "label" else 0)
        for n, (seller, what, count, _) in enumerate(told)
    ]
    shelf = Shelf(units, buffer_needed(drawn, at(GAP) - at(0)))
    for one in told:
        shelf.act(*one)
    assert shelf.oversold == 0


@settings(max_examples=200)
@given(acts, st.integers(0, 20))
def test_where_every_number_is_known_at_once_no_buffer_is_needed(told, units):
    """Without a gap, sellers of one shelf see each other's sales before the next one."""
    shelf = Shelf(units, 0)
    for seller, what, count, _ in told:
        shelf.act(seller, what, count, 0)
    assert shelf.oversold == 0


def test_a_sale_in_the_gap_oversells_and_is_seen_in_the_ledger():
    """One unit, two sellers, the second told late: both sell it. The buffer asked for would have prevented it."""
    shelf = Shelf(1, 0)
    shelf.act(0, "buy", 1, 0)
    shelf.act(1, "buy", 1, 1)
    assert shelf.oversold == 1
    needed = buffer_needed(shelf.drawn, at(GAP) - at(0))
    assert needed == 1
    careful = Shelf(1, needed)
    careful.act(0, "buy", 1, 0)
    careful.act(1, "buy", 1, 1)
    assert careful.oversold == 0


def test_only_what_others_sell_in_the_worst_gap_counts_and_own_labels():
    """Three sold by B within four minutes, two more later; A's own sales need no buffer, A's labels do."""
    sold = [Drawn(at(0), "A", sold=9), Drawn(at(1), "B", sold=2), Drawn(at(3), "B", sold=1), Drawn(at(9), "B", sold=2)]
    assert buffer_needed(sold[1:], at(4) - at(0)) == 0
    assert buffer_needed(sold, at(4) - at(0)) == 9  # B does not know of A's nine
    assert buffer_needed([*sold[1:], Drawn(at(2), "A", labelled=4)], at(4) - at(0)) == 7
    assert buffer_needed([], at(4) - at(0)) == 0
