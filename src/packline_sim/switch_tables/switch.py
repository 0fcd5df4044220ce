"""What one switch is."""

from typing import NamedTuple


class Switch(NamedTuple):
    """Describe one switch; the first of `values` is the default."""

    name: str
    values: tuple[str, ...]
    settles: str
    reason: str

    @property
    def default(self) -> str:
        """Give the value that holds until somebody changes it."""
        return self.values[0]
