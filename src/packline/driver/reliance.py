"""Reliance: polling narrows to a safety net while notifications tell everything, and widens when they do not."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog
from msgspec.structs import replace

from packline.domain.reliance import doubt
from packline.driver.tools import Tools

LOOK_EVERY = timedelta(seconds=60)
"""How often an account that relies on its notifications looks whether it still can."""
NOT_SOONER = timedelta(seconds=5)
GRACE = timedelta(seconds=60)
"""A notification may come so much later than the look that found what it tells."""
SEARCHES = 4
"""A listing with a pace of its own (Easy Ship: 20 searches an hour) is read so many times less often."""
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

log = structlog.get_logger(__name__)


class Reliance:
    """Tells intake of one account how often to look."""

    def __init__(self, tools: Tools, account: str) -> None:
        """Look into what the store knows of the account's notifications."""
        self._store, self._clock, self._pace, self._account = tools.telling, tools.clock, tools.pace, account
        self._looked_at = _LONG_AGO
        self._doubt: str | None = None

    @property
    def is_sure(self) -> bool:
        """Notifications tell everything, as far as is known."""
        return self._doubt == ""

    def every(self, seconds: float, *, has_own_pace: bool) -> timedelta:
        """Give the time between two looks of a flow that is otherwise looked at each so many seconds."""
        if not self.is_sure:
            return timedelta(seconds=seconds)
        return timedelta(seconds=max(self._pace.poll_net_s, seconds * (SEARCHES if has_own_pace else 1)))

    def next_at(self) -> datetime:
        """Tell when to look again whether polling may stay narrow."""
        return self._looked_at + LOOK_EVERY if self.is_sure else datetime.max.replace(tzinfo=UTC)

    async def look(self) -> None:
        """Judge what polling found a while ago, and decide anew."""
        now = self._clock.now()
        if self._store is None or now - self._looked_at < NOT_SOONER:
            return
        self._looked_at = now
        telling = await self._store.telling(self._account)
        missed = await self._store.judge(self._account, now - GRACE, now) if telling.is_subscribed else []
        if missed:
            log.warning("notification.missed", account=self._account, count=len(missed), first=missed[0])
            telling = replace(telling, missed_at=now, missed_id=missed[0])
        before, self._doubt = self._doubt, doubt(telling, now)
        if (before == "") != self.is_sure and before is not None:
            log.info("intake.narrowed" if self.is_sure else "intake.widened", account=self._account, why=self._doubt)

    async def found(self, news: Sequence[tuple[str, datetime]]) -> None:
        """Note what polling found (Amazon's id, Amazon's time of it): a notification should have told it."""
        if self._store is not None and news:
            await self._store.note_found(self._account, news, self._clock.now())
