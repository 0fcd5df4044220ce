"""Errands: what an owner does for a whole account beside its shipments' journeys, each in its own task."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from packline.domain.location import Account
from packline.driver.ownership import Guard


class Errand(Protocol):
    """Work of one account that comes again and again: intake, feeds, publishing of stock."""

    async def open(self) -> None:
        """Read where the last owner left off; called once, before anything else."""

    def next_at(self) -> datetime:
        """Tell when it wants to run; the past where that is now."""

    def ring(self) -> None:
        """Note that something may have come for it: it wants to run now."""

    async def run(self) -> None:
        """Do what is due. Raises Fenced, and what the store raises; Amazon's failures stay inside."""


class Nudge(Protocol):
    """Tells the drain that shipments became due."""

    def __call__(self) -> None: ...


Errands = Callable[[Account, Guard, Nudge], tuple[Errand, ...]]
"""Makes an account's errands for one ownership."""


def no_errands(_account: Account, _guard: Guard, _nudge: Nudge) -> tuple[Errand, ...]:
    """Have nothing to do beside intake and journeys."""
    return ()
