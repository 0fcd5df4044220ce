"""One watcher of the feed for a whole process: it looks only while somebody waits, and wakes all of them at once."""

import asyncio
import contextlib

import asyncpg

from packline.views.events import newest

LOOKS_EVERY = 0.1  # seconds


class Pulse:
    """Tell waiters that the feed has moved."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Watch the feed of this database, once somebody waits."""
        self._pool = pool
        self._moved: asyncio.Event = asyncio.Event()
        self._waiting = 0
        self._watcher: asyncio.Task[None] | None = None

    async def wait(self, seconds: float) -> None:
        """Return when the feed has moved, at the latest after `seconds`."""
        self._waiting += 1
        if self._watcher is None or self._watcher.done():
            self._watcher = asyncio.create_task(self._watch())
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), seconds)
        finally:
            self._waiting -= 1

    async def _watch(self) -> None:
        seen = await newest(self._pool)
        while self._waiting:
            await asyncio.sleep(LOOKS_EVERY)
            now = await newest(self._pool)
            if now != seen:
                seen = now
                self._moved.set()
                self._moved = asyncio.Event()
