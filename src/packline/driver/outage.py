"""After a silence Amazon is told no quantity before every status was read: others may have shipped meanwhile."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from packline.driver.tools import Tools
from packline.ports import Cursor

AGAIN = timedelta(seconds=2)
"""How soon to look again whether the ledger has taken what the sweep found."""
_NEVER = datetime.max.replace(tzinfo=UTC)

log = structlog.get_logger(__name__)


class Outage:
    """Hold an account's numbers from the moment at which intake is found silent until it has caught up."""

    def __init__(self, tools: Tools, account: str) -> None:
        """Judge by the account's cursors."""
        self._store, self._clock, self._account = tools.outages, tools.clock, account
        self._silence = timedelta(seconds=max(tools.pace.outage_s, 3 * tools.pace.poll_net_s))
        self._since: datetime | None = None
        self._read_at: datetime | None = None
        self._tried_at = _NEVER

    async def open(self) -> None:
        """Remember a sweep that a process before us did not finish."""
        if self._store is not None:
            self._since = await self._store.held_since(self._account)

    def next_at(self) -> datetime:
        """Tell when to look again; never, unless all is read and only the ledger is behind."""
        return self._tried_at + AGAIN if self._read_at is not None else _NEVER

    async def begin(self, cursors: Iterable[Cursor | None]) -> None:
        """Hold what is told where a listing has not been read for too long, or where the first look failed."""
        if self._store is None or self._since is not None:
            return
        tried = [cursor for cursor in cursors if cursor is not None]
        looks = [cursor.succeeded_at for cursor in tried if cursor.succeeded_at is not None]
        now, healthy = self._clock.now(), min(looks, default=None)
        if healthy is None and any(cursor.failed_at for cursor in tried):
            await self._hold("Nothing was read from Amazon yet; every status is read first.", now)
        elif healthy is not None and now - healthy > self._silence:
            since = f"{healthy:%Y-%m-%d %H:%M} UTC"
            await self._hold(f"Nothing was read from Amazon since {since}; every status is read first.", now)

    async def _hold(self, reason: str, now: datetime) -> None:
        assert self._store is not None  # noqa: S101  asked by the caller
        await self._store.hold(self._account, reason, now)
        self._since = now
        log.warning("outage.noticed", account=self._account, why=reason)

    async def end(self, cursors: Iterable[Cursor | None]) -> None:
        """Release what is told once every listing was read since then, and the ledger has taken it.

        A listing that Amazon still refuses once it gives others, such as one that the account may not read, is not
        waited for.
        """
        if self._store is None or self._since is None:
            return
        now = self._clock.now()
        if self._read_at is None:
            self._read_at = now if _are_read(list(cursors), self._since) else None
        self._tried_at = now
        if self._read_at is not None and await self._store.release(self._account, self._read_at, now):
            log.info("outage.over", account=self._account, held_since=self._since.isoformat())
            self._since = self._read_at = None


def _are_read(cursors: Sequence[Cursor | None], since: datetime) -> bool:
    """What failed before the first one was given failed with the outage: it is waited for."""
    given = [cursor.succeeded_at for cursor in cursors if cursor is not None and cursor.succeeded_at is not None]
    back = min((at for at in given if at >= since), default=None)
    return back is not None and all(_is_read(cursor, since, back) for cursor in cursors)


def _is_read(cursor: Cursor | None, since: datetime, back: datetime) -> bool:
    if cursor is None:
        return False
    if cursor.succeeded_at is None:
        return cursor.failed_at is not None and cursor.failed_at >= back
    return cursor.succeeded_at >= since
