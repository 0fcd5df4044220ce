"""Units of all SKUs as one number, a lane for each SKU: what a thousand lines still lack, subtracted at once."""

import sys
from array import array
from collections.abc import Sequence

from packline.domain.routing.shelf import Shelf

_TYPES = {16: "H", 32: "I", 64: "Q"}
LARGEST = 64


class Units:
    """Reckon with units of `needs` (by lane): `row` makes numbers, `lack` subtracts them, `count` sums lanes up."""

    def __init__(self, needs: Sequence[int]) -> None:
        """Choose lanes so wide that all units together fit into one, with a bit to spare."""
        most = sum(needs)
        self._width = next((width for width in _TYPES if most < 1 << (width - 1)), LARGEST)
        self._top = 1 << (self._width - 1)
        self._lanes = len(needs)
        self._tops = self._number([self._top] * self._lanes)
        self._ones = (1 << self._width) - 1
        self.needed = self._number(list(needs))

    def row(self, shelf: Shelf) -> int:
        """Give what a location has, as far as it fits into lanes."""
        lanes = shelf.have if isinstance(shelf.have, list) else self._spread(shelf.have)
        try:
            number = self._number(lanes)
        except OverflowError:
            number = self._tops
        return self._number([self._fitting(units) for units in lanes]) if number & self._tops else number

    def lack(self, missing: int, row: int) -> int:
        """Give what is still missing after a location gave what it has: lane by lane, never below 0."""
        less = (missing | self._tops) - row  # the top bit of a lane stays where it is not below 0
        kept = less & self._tops
        return less & (kept - (kept >> (self._width - 1)))

    def count(self, number: int) -> int:
        """Sum up all lanes: a number is as its digits are, modulo the base less one."""
        return number % self._ones

    def _spread(self, have: dict[int, int]) -> list[int]:
        lanes = [0] * self._lanes
        for lane, units in have.items():
            lanes[lane] = units
        return lanes

    def _number(self, lanes: list[int]) -> int:
        return int.from_bytes(array(_TYPES[self._width], lanes).tobytes(), sys.byteorder)

    def _fitting(self, units: int) -> int:
        return max(0, min(units, self._top - 1))
