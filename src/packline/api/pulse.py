"""One watcher of the feed for a whole process: it looks only while somebody waits, and wakes all of them at once."""

import asyncio
import contextlib

import asyncpg

from packline.storage.database import AWAY
from packline.views.events import newest

LOOKS_EVERY = 0.1  # seconds


class Pulse:
    """Tell waiters that the feed has moved."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Watch the feed of this database, once somebody waits."""
        self._pool = pool
        self._moved = asyncio.Event()
        self._waiting = 0
        self._seen = ""
        self._watcher: asyncio.Task[None] | None = None
        self.is_closed = False

    async def wait(self, seconds: float) -> None:
        """Return when the feed has moved, at the latest after `seconds`; at once when the server is going down."""
        if self.is_closed:
            return
        self._waiting += 1
        if self._watcher is None or self._watcher.done():
            self._watcher = asyncio.create_task(self._watch())
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), seconds)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let everybody who waits answer now, so that the server can stop."""
        self.is_closed = True
        self._moved.set()
        if self._watcher is not None:
            self._watcher.cancel()

    async def _watch(self) -> None:
        """Go on from where the last watch ended: what moved while nobody waited wakes the next one who does."""
        while self._waiting and not self.is_closed:
            await asyncio.sleep(LOOKS_EVERY)
            now = await self._newest(self._seen)
            if now != self._seen:
                self._seen = now
                self._moved.set()
                self._moved = asyncio.Event()

    async def _newest(self, seen: str) -> str:
        """Read how far the feed is; a database that does not answer for a moment leaves it where it was."""
        try:
            return await newest(self._pool)
        except (*AWAY, asyncpg.PostgresError):
            return seen
