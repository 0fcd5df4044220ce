"""Who holds how much of what is asked for, as masks: one byte a SKU, so that a thousand SKUs are one number."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, repeat
from operator import ge
from typing import NamedTuple

LANE = 8  # bits a SKU
MOST_ADDED = 255  # masks whose sum cannot carry from one lane into the next


class Shelf(NamedTuple):
    """One location: of the SKUs in `any` it has some units, of those in `whole` all that are asked for.

    `late`, `priority` and `metres` are what choosing it costs, in this order. `have` gives units by the number of a
    SKU in `any`.
    """

    place: int
    late: int
    priority: int
    metres: int
    whole: int
    any: int
    have: list[int] | dict[int, int]

    @property
    def cost(self) -> tuple[int, int, int, int]:
        """Give what choosing it costs, with its place to decide between equals."""
        return self.late, self.priority, self.metres, self.place

    @property
    def part(self) -> int:
        """Give the SKUs of which it has some units, but not all."""
        return self.any & ~self.whole


class Asked:
    """What is needed of each SKU, and the numbers that SKUs have in the masks."""

    def __init__(self, needs: dict[str, int]) -> None:
        """Number the SKUs in their order."""
        self.skus, self.needs = list(needs), list(needs.values())
        self._lane = {sku: lane for lane, sku in enumerate(needs)}
        self._none = dict.fromkeys(needs, 0)

    def shelf(self, place: int, cost: tuple[int, int, int], stock: Mapping[str, int]) -> Shelf:
        """Compare a location's stock with what is needed."""
        if len(stock) * 4 < len(self.skus):
            return self._sparse(place, cost, stock)
        have = list(islice({**self._none, **stock}.values(), len(self.skus)))  # in the order of what is asked for
        whole = int.from_bytes(bytes(map(ge, have, self.needs)), "little")
        any_ = int.from_bytes(bytes(map(ge, have, repeat(1))), "little")
        return Shelf(place, *cost, whole, any_, have)

    def _sparse(self, place: int, cost: tuple[int, int, int], stock: Mapping[str, int]) -> Shelf:
        whole, any_ = bytearray(len(self.skus)), bytearray(len(self.skus))
        have = {}
        for sku, units in stock.items():
            lane = self._lane.get(sku)
            if lane is not None and units > 0:
                have[lane] = units
                any_[lane] = 1
                whole[lane] = units >= self.needs[lane]
        return Shelf(place, *cost, int.from_bytes(whole, "little"), int.from_bytes(any_, "little"), have)


def lanes(mask: int) -> Iterator[int]:
    """Give the numbers of the SKUs in a mask, the lowest first."""
    content = mask.to_bytes((mask.bit_length() + LANE - 1) // LANE, "little")
    lane = content.find(1)
    while lane >= 0:
        yield lane
        lane = content.find(1, lane + 1)


def has(mask: int, lane: int) -> bool:
    """Tell whether a SKU is in a mask."""
    return bool(mask >> (LANE * lane) & 1)


def holders(masks: Sequence[int], count: int) -> list[int]:
    """Count for each of `count` SKUs how many of the masks have it."""
    sums = [0] * count
    for start in range(0, len(masks), MOST_ADDED):
        added = sum(masks[start : start + MOST_ADDED]).to_bytes(count, "little")
        sums = list(added) if start == 0 else [one + other for one, other in zip(sums, added, strict=True)]
    return sums
