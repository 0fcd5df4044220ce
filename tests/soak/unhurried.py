"""What a worker does for itself keeps its real pace in a week that is rushed, where nothing of Amazon's hangs on it.

In a real week a worker looks into its tables, reads its accounts again and waits for answers under way by seconds that
are long beside its work. Where a second of the simulator is over in one of a thousandth, it would do nothing else.
"""

import time
from datetime import datetime, timedelta
from types import ModuleType

from packline import running
from packline.amazon.spapi import doors
from packline.bootstrap import Services
from packline.domain import reliance as judging
from packline.domain.location import Account
from packline.driver import catalogue, flood, inbox, reliance, sweep
from packline.driver.errand import Errand, Nudge
from packline.driver.feeds import errand as feeding
from packline.driver.notifications import listener, reader
from packline.driver.ownership import Guard
from packline.driver.reconciling import errand as reconciling
from packline.driver.stock import errand as publishing
from packline.driver.tools import Tools
from packline.storage import flows
from soak.clock import LEAST_S, RushedClock

UPKEEP_S = 5.0
"""Real seconds between two looks after the tables: some hours of the simulator's time, in which no day is missed."""
FLOWS_S = 3.0
"""Real seconds between two judgements of the flows: at full speed an hour of the simulator's time."""
_KEPT: tuple[tuple[ModuleType, str, float], ...] = (
    (doors, "FRESH", 1.0),
    (flood, "AGAIN", 1.0),
    (flood, "REMEMBERED", 10.0),
    (inbox, "PATIENCE", 1.0),
    (inbox, "UNDER_WAY", 0.25),
    (reader, "KNOWN_FOR", 1.0),
    (reader, "TOLD_EVERY", 1.0),
    (listener, "LOOK_S", 1.0),
    (judging, "FRESH", 3.0),
    (reliance, "LOOK_EVERY", 1.0),
    (reliance, "GRACE", 2.0),
    (publishing, "LOOK_EVERY", 0.5),
    (catalogue, "EVERY", 1.0),
    (feeding, "LOOK_EVERY", 0.5),
    (reconciling, "IDLE", 1.0),
    (flows, "EVERY", 1.0),
    (flows, "ASLEEP", 5.0),
)
"""Where a pause is written down, and how many real seconds it lasts at least."""
AT_ONCE = 4
"""By how many times more orders are read at the same time, of those that messages name."""
IDLE_S = 0.25
"""Real seconds that a drain waits for its next work at full speed, before it gives its account back."""
_WRITTEN = {(module, name): getattr(module, name) for module, name, _ in _KEPT}
"""Every pause as the source has it, whatever the speed has made of it since."""


def stretch(speed: float) -> None:
    """Let pauses last as long as in a week that is not rushed, at the speed that time has now."""
    for module, name, seconds in _KEPT:
        setattr(module, name, _longer(_WRITTEN[module, name], seconds * speed))


def unhurry(clock: RushedClock, speed: float) -> None:
    """Let errands rest and drains wait in this process, whose time runs `speed` times as fast as the machine's."""
    sweep.UPKEEP_S, running.FLOWS_IDLE_S = UPKEEP_S, FLOWS_S
    inbox.READ_AT_ONCE *= AT_ONCE
    inbox.REFILL *= AT_ONCE
    made, pace = running._errands, running.Pace

    def errands(
        services: Services, tools: Tools, stores: running.Stores, account: Account, guard: Guard, nudge: Nudge
    ) -> tuple[Errand, ...]:
        return tuple(Unhurried(errand, clock) for errand in made(services, tools, stores, account, guard, nudge))

    running._errands = errands
    running.Pace = lambda **given: pace(**given, idle_s=IDLE_S * speed)  # type: ignore[misc, assignment]  # this process only


def _longer(pause: float | timedelta, seconds: float) -> float | timedelta:
    return max(pause, timedelta(seconds=seconds)) if isinstance(pause, timedelta) else max(pause, seconds)


class Unhurried:
    """An errand that rests for `LEAST_S` real seconds after it has run, whoever rings."""

    def __init__(self, errand: Errand, clock: RushedClock) -> None:
        """Do `errand` in the time of `clock`."""
        self._errand, self._clock = errand, clock
        self._rested = 0.0

    async def open(self) -> None:
        """Open it."""
        await self._errand.open()

    def next_at(self) -> datetime:
        """Tell when it wants to run, and may."""
        wanted, rests = self._errand.next_at(), self._rested - time.monotonic()
        return wanted if rests <= 0 else max(wanted, self._clock.in_real(rests))

    def ring(self) -> None:
        """Ring it."""
        self._errand.ring()

    async def run(self) -> None:
        """Run it."""
        try:
            await self._errand.run()
        finally:
            self._rested = time.monotonic() + LEAST_S
