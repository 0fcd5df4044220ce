"""Readers of one queue: long polls, one store for what several of them receive, and only then the deletion."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import structlog

from packline.domain.notification import Known
from packline.driver.notifications.sorting import Read, sort
from packline.errors import PacklineError
from packline.ports import Clock
from packline.ports.notifications import Arrived, Batch, NotificationStore, OpenQueue, Queue, QueueKey, Queues

WAIT_S = 20
"""The longest that a queue lets a reader wait for messages (Amazon SQS, WaitTimeSeconds)."""
FIRST_WAIT_S = 1
"""The first look is short: it shows whether the queue can be read at all."""
FULL = 10
"""The most messages that a queue gives at once (Amazon SQS, MaxNumberOfMessages)."""
GATHER_S = 0.03
"""So long a reader that got fewer lets messages come together before it asks again: each call is paid for."""
KNOWN_FOR = timedelta(seconds=30)
"""Whose a notification is was read from the store so long ago at most."""
TOLD_EVERY = timedelta(seconds=5)
"""How often it is written down that a queue is being read."""
LONGEST_PAUSE_S = 30.0

log = structlog.get_logger(__name__)


class Shelf:
    """Store what readers receive: what comes while a batch is being stored makes the next one."""

    def __init__(self, queue: str, store: NotificationStore, clock: Clock, read: Read, known: "Directory") -> None:
        """Sort with `read`, by what is `known`."""
        self._queue, self._store, self._clock, self._read, self._known = queue, store, clock, read, known
        self._waiting: list[Arrived] = []
        self._turn = asyncio.Lock()
        self._done: asyncio.Future[None] | None = None

    async def put(self, messages: Sequence[Arrived]) -> None:
        """Return when these messages are stored; raises what the store raised."""
        self._waiting += messages
        if self._done is None:
            self._done = asyncio.get_running_loop().create_future()
        done = self._done
        async with self._turn:
            if not done.done():
                await self._store_all(done)
        done.result()

    async def _store_all(self, done: "asyncio.Future[None]") -> None:
        messages, self._waiting, self._done = self._waiting, [], None
        try:
            batch = await self._sorted(messages)
            await self._store.keep(self._queue, batch, self._clock.now())
        except BaseException as error:
            done.set_exception(error if isinstance(error, Exception) else RuntimeError("the reader was stopped"))
            done.exception()  # heard by those whose messages these are, where anybody is left
            raise
        done.set_result(None)

    async def _sorted(self, messages: Sequence[Arrived]) -> Batch:
        batch = sort(self._queue, messages, self._read, await self._known.get())
        if batch.odd and await self._known.refresh():
            batch = sort(
                self._queue, messages, self._read, await self._known.get()
            )  # an account may be new, or a test awaited
        return batch


class Directory:
    """Whose a notification is, read from the store every half minute."""

    def __init__(self, load: Callable[[], Awaitable[Known]], clock: Clock) -> None:
        """Read by `load`."""
        self._load, self._clock = load, clock
        self._known: Known | None = None
        self._read_at = clock.now()

    async def get(self) -> Known:
        """Give what is known."""
        if self._known is None or self._clock.now() - self._read_at >= KNOWN_FOR:
            await self._reload()
        return self._known or Known()

    async def refresh(self) -> bool:
        """Read it again where that is a second or more ago; False where it was read just now."""
        if self._clock.now() - self._read_at < timedelta(seconds=1):
            return False
        await self._reload()
        return True

    async def _reload(self) -> None:
        self._read_at = self._clock.now()
        self._known = await self._load()


class QueueReaders:
    """Read one queue by several readers until told to stop."""

    def __init__(
        self, queue: Queue, key: QueueKey, queues: Queues, store: NotificationStore, clock: Clock, shelf: Shelf
    ) -> None:
        """Read `queue`; what comes is stored by `shelf`."""
        self._queue, self._key, self._queues, self._store = queue, key, queues, store
        self._clock, self._shelf = clock, shelf
        self._told_at: datetime | None = None
        self._error, self._was_read, self._failures = "", False, 0

    async def run(self, readers: int) -> None:
        """Read until cancelled; failures are written down and tried again after a pause.

        The connection stays whatever fails, and mends itself: making one takes longer than a thousand calls.
        """
        while True:
            try:
                async with self._queues.open(self._queue, self._key) as opened:
                    while True:
                        await self._read_on(opened, readers)
            except Exception as failed:  # noqa: BLE001  it could not even be opened
                await self._rest(failed)

    async def _read_on(self, opened: OpenQueue, readers: int) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(readers):
                    group.create_task(self._read(opened))
        except* Exception as failed:  # noqa: BLE001  whatever ended them, the queue must go on being read
            await self._rest(failed)

    async def _rest(self, failed: BaseException) -> None:
        self._failures = 1 if self._was_read else self._failures + 1
        self._was_read = False
        await self._note(_first(failed))
        await self._clock.sleep(min(LONGEST_PAUSE_S, 2.0 ** min(self._failures, 6)))

    async def _read(self, opened: OpenQueue) -> None:
        while True:
            messages = await opened.receive(WAIT_S if self._was_read else FIRST_WAIT_S)
            self._was_read = True
            await self._note("")
            if not messages:
                continue
            await self._shelf.put(messages)
            left = await opened.delete([message.receipt for message in messages])
            if left:  # they come again, and are known then
                log.info("notification.undeleted", queue=self._queue.id, count=len(left))
            if len(messages) < FULL:
                await self._clock.sleep(GATHER_S)

    async def _note(self, error: str) -> None:
        now = self._clock.now()
        if error == self._error and self._told_at is not None and now - self._told_at < TOLD_EVERY:
            return
        if error and error != self._error:
            log.warning("notification.queue_failed", queue=self._queue.id, error=error)
        self._error, self._told_at = error, now
        try:
            await self._store.looked(self._queue.id, now, error)
        except Exception as why:  # noqa: BLE001  it is only the note that is missing
            log.warning("notification.note_failed", queue=self._queue.id, error=repr(why))


def _first(group: BaseException) -> str:
    error = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if not isinstance(error, PacklineError):
        return repr(error)
    return f"{error.message.rstrip('.')}. {error.hint}".strip()
