"""Group commit: results that come at the same time are written by one transaction."""

import asyncio
from collections.abc import Callable

import structlog

from packline.ports import Change, Clock, Committed, ShipmentStore

log = structlog.get_logger(__name__)


WRITERS = 2
"""Commits under way at the same time at most: while one waits for the database, another one's answer is read."""
ENOUGH = 64
"""Changes that are worth a commit of their own while another one is under way."""


class Committer:
    """The one committer of a process: while a commit runs, the next batch gathers."""

    def __init__(
        self,
        store: ShipmentStore,
        clock: Clock,
        *,
        linger: float = 0.003,
        batch: int = 256,
        is_away: Callable[[Exception], bool] = lambda error: isinstance(error, OSError),
    ) -> None:
        """Wait `linger` seconds for company before a commit; write at most `batch` changes at once.

        `is_away` tells that an error is about the store, not about what is written: then nothing is tried by itself.
        """
        self._store, self._clock, self._linger, self._batch = store, clock, linger, batch
        self._is_away = is_away
        self._waiting: list[tuple[Change, asyncio.Future[Committed]]] = []
        self._busy = 0
        self._writers: set[asyncio.Task[None]] = set()

    async def write(self, change: Change) -> Committed:
        """Write one change with whatever else is ready, and tell its fate.

        At most one change of a shipment may wait. Raises what the store raised where it cannot write; a change that
        alone makes the store refuse does not hinder the others.
        """
        future: asyncio.Future[Committed] = asyncio.get_running_loop().create_future()
        self._waiting.append((change, future))
        if not self._busy or (self._busy < WRITERS and len(self._waiting) >= ENOUGH):
            self._busy += 1
            writer = asyncio.create_task(self._run())
            self._writers.add(writer)
            writer.add_done_callback(self._writers.discard)
        return await future

    async def _run(self) -> None:
        while self._waiting:
            if self._linger and len(self._waiting) < ENOUGH:
                await self._clock.sleep(self._linger)
            batch, self._waiting = self._waiting[: self._batch], self._waiting[self._batch :]
            if batch:
                await self._write(batch)
        self._busy -= 1  # with nothing between this and the look at `_waiting`, so that no change is left lying

    async def _write(self, batch: list[tuple[Change, asyncio.Future[Committed]]]) -> None:
        try:
            fates = await self._store.commit([change for change, _ in batch])
        except Exception as error:  # noqa: BLE001  the waiters must hear of it, whatever it is
            await self._separate(batch, error)
            return
        for (_, future), fate in zip(batch, fates, strict=True):
            if not future.done():
                future.set_result(fate)

    async def _separate(self, batch: list[tuple[Change, asyncio.Future[Committed]]], error: Exception) -> None:
        if len(batch) > 1 and not self._is_away(error):
            log.warning("commit.separated", changes=len(batch), error=repr(error))
            middle = len(batch) // 2
            await self._write(batch[:middle])
            await self._write(batch[middle:])
            return
        for _, future in batch:
            if not future.done():
                future.set_exception(error)
