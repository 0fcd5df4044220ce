"""The keeper of stock: lays shipments into the ledger as the feed tells of them, and works off what waits there."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import structlog

from packline.ports import Clock

IDLE_S = 0.2
AFTER_FAILURE_S = 2.0
Chore = Callable[[datetime], Awaitable[bool]]
"""One piece of work; True where there may be more of it."""

log = structlog.get_logger(__name__)


class StockKeeper:
    """Do each chore in turn until there is nothing to do; several processes may do so at once."""

    def __init__(self, chores: Sequence[Chore], clock: Clock, idle_s: float = IDLE_S) -> None:
        """Take the chores in the order of their urgency."""
        self._chores, self._clock, self._idle_s = chores, clock, idle_s

    async def run(self, stop: asyncio.Event) -> None:
        """Go on until `stop`; a chore that fails is tried again, and does not hinder the others."""
        while not stop.is_set():
            pause = 0.0 if await self.round() else self._idle_s
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause or 0.001)

    async def round(self) -> bool:
        """Do every chore once; True where one of them has more to do."""
        has_more = False
        for chore in self._chores:
            try:
                has_more = await chore(self._clock.now()) or has_more
            except Exception as error:  # noqa: BLE001  the ledger must be kept whatever one chore meets
                log.warning("stock.chore_failed", error=repr(error))
                await self._clock.sleep(AFTER_FAILURE_S)
        return has_more
