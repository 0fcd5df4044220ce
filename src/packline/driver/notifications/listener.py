"""The listener of this process: readers for every queue that is enabled, as they are set now.

Every worker reads every queue: a queue gives each message to one reader, storing is the same whoever does it, and a
worker that dies holds nobody up. So no queue has an owner, unlike an account.
"""

import asyncio
from collections.abc import Mapping

import structlog

from packline.domain.location import Region
from packline.domain.notification import Known
from packline.driver.notifications.reader import Directory, QueueReaders, Shelf
from packline.driver.notifications.sorting import Read
from packline.errors import PacklineError
from packline.ports import Clock
from packline.ports.notifications import NotificationStore, Queue, QueueKey, Queues

LOOK_S = 5.0
"""Seconds between two looks for queues that were added, changed or taken away."""

log = structlog.get_logger(__name__)


class Listener:
    """Read all queues until told to stop."""

    def __init__(
        self,
        store: NotificationStore,
        queues: Queues,
        read: Read,
        regions: Mapping[str, Region],
        clock: Clock,
        readers: int,
    ) -> None:
        """Read each queue by `readers`; `read` takes a message's body apart, `regions` are those of marketplaces."""
        self._store, self._queues, self._read, self._clock = store, queues, read, clock
        self._regions, self._readers = regions, readers
        self._directory = Directory(self._known, clock)
        self._tasks: dict[tuple[Queue, QueueKey], asyncio.Task[None]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until `stop`; messages that were received and not stored come again."""
        try:
            while not stop.is_set():
                try:
                    await self.look()
                except Exception as error:  # noqa: BLE001  the store may be away: what is read goes on
                    log.warning("notification.look_failed", error=repr(error))
                await self._pause(stop)
        finally:
            await self._end(list(self._tasks))

    async def look(self) -> None:
        """Start and stop readers so that each enabled queue is read as it is set now."""
        wanted = {(queue, key) for queue in await self._store.queues() if (key := await self._key(queue)) is not None}
        await self._end([held for held in self._tasks if held not in wanted or self._tasks[held].done()])
        for queue, key in wanted - set(self._tasks):
            shelf = Shelf(queue.id, self._store, self._clock, self._read, self._directory)
            reading = QueueReaders(queue, key, self._queues, self._store, self._clock, shelf)
            self._tasks[queue, key] = asyncio.create_task(reading.run(self._readers))
            log.info("notification.listening", queue=queue.id, readers=self._readers)

    async def _key(self, queue: Queue) -> QueueKey | None:
        """Read what a queue is read with; None where it cannot be decrypted here."""
        try:
            return await self._store.key(queue.id)
        except PacklineError as error:
            await self._store.looked(queue.id, self._clock.now(), f"{error.message} {error.hint}")
            return None

    async def _known(self) -> Known:
        found = await self._store.known()
        return Known(found.accounts, self._regions, found.subscriptions, found.tested)

    async def _pause(self, stop: asyncio.Event) -> None:
        waiting = [asyncio.ensure_future(stop.wait()), asyncio.ensure_future(self._clock.sleep(LOOK_S))]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()

    async def _end(self, held: list[tuple[Queue, QueueKey]]) -> None:
        ended = [self._tasks.pop(one) for one in held]
        for task in ended:
            task.cancel()
        await asyncio.gather(*ended, return_exceptions=True)
