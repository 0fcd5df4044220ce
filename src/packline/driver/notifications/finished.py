"""Finished feeds and reports: what waits for one looks at once, instead of at its next poll."""

from datetime import UTC, datetime, timedelta

from packline.domain.location import Account
from packline.driver.errand import Nudge
from packline.driver.tools import Tools
from packline.ports.notifications import FinishedStore

AGAIN = timedelta(seconds=2)
"""A batch that was being written while it was woken is woken again."""
_NEVER = datetime.max.replace(tzinfo=UTC)


class FinishedErrand:
    """Wake the feeds of one account that Amazon says are over (implements `driver.errand.Errand`)."""

    def __init__(self, tools: Tools, store: FinishedStore, account: Account, nudge: Nudge) -> None:
        """Wake through `store`; `nudge` lets whoever waits for feeds look again."""
        self._tools, self._store, self._account, self._nudge = tools, store, account, nudge
        self._look_at = tools.clock.now()

    async def open(self) -> None:
        """Nothing is kept in memory: the messages in the store are all that there is."""

    def next_at(self) -> datetime:
        """Tell when to look next; only a ring can bring something new."""
        return self._look_at

    def ring(self) -> None:
        """Look at once."""
        self._look_at = self._tools.clock.now()

    async def run(self) -> None:
        """Wake what the messages name; the polls of whoever waits stay as they are."""
        now = self._tools.clock.now()
        self._look_at = _NEVER
        woken, left = await self._store.wake(self._account.id, now)
        if left:
            self._look_at = min(self._look_at, now + AGAIN)
        if woken:
            self._nudge()
