"""What a check finds, whoever asked for it: the doctor on the command line, the console, a program."""

from collections.abc import Iterable
from typing import NamedTuple


class Finding(NamedTuple):
    """One check: what it is about, whether it is good, in doubt or bad, what it says, and the cure."""

    about: str
    check: str
    state: str
    says: str
    cure: str = ""


def worst(findings: Iterable[Finding]) -> str:
    """Give the worst state among findings; "" where there are none."""
    states = {finding.state for finding in findings}
    return next((state for state in ("bad", "doubt", "good") if state in states), "")
