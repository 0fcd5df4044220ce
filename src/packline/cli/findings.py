"""What a check finds."""

from typing import NamedTuple


class Finding(NamedTuple):
    """One check: what it is about, whether it is good, in doubt or bad, what it says, and the cure."""

    about: str
    check: str
    state: str
    says: str
    cure: str = ""
