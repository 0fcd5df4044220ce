"""How large a buffer must be so that nothing that is sold from a shared pool is oversold."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple


class Drawn(NamedTuple):
    """What happened to units of one SKU of a pool at one seller's place: sold, or labelled after an earlier sale."""

    at: datetime
    seller: str
    sold: int = 0
    labelled: int = 0


def buffer_needed(drawn: Sequence[Drawn], gap: timedelta) -> int:
    """Give the units that a buffer must hold back where Amazon learns of a change up to `gap` later.

    Until then a place is sold from a number that does not know what the others sold meanwhile. Its own sales Amazon
    takes off by itself, until their label is made: from then on they count as well. The worst `gap` of any place
    decides; a pool that only one place sells from needs a buffer for its labels only.
    """
    ordered = sorted(drawn)
    return max((_worst(ordered, seller, gap) for seller in {one.seller for one in ordered}), default=0)


def _worst(ordered: Sequence[Drawn], seller: str, gap: timedelta) -> int:
    worst = unseen = first = 0
    for one in ordered:
        unseen += _unknown(one, seller)
        while ordered[first].at < one.at - gap:
            unseen -= _unknown(ordered[first], seller)
            first += 1
        worst = max(worst, unseen)
    return worst


def _unknown(one: Drawn, seller: str) -> int:
    return one.labelled if one.seller == seller else one.sold
