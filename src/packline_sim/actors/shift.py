"""Whether somebody who acts by himself is at work, and whether what he planned is still of this time at work."""


class Shift:
    """Be at work or at home; each time at work has a number, so that what was planned in an earlier one is left."""

    def __init__(self) -> None:
        self._working = False
        self._number = 0

    @property
    def is_on(self) -> bool:
        """Tell whether he is at work."""
        return self._working

    @property
    def number(self) -> int:
        """Give the number to plan under."""
        return self._number

    def begin(self) -> bool:
        """Begin to work; False where he was at it."""
        if self._working:
            return False
        self._working = True
        self._number += 1
        return True

    def end(self) -> None:
        """Go home; what was planned is left."""
        self._working = False
        self._number += 1
