"""Bells that wake those who wait at an empty queue; they are no part of the state that snapshots keep."""

import asyncio


class Bells:
    """Let callers wait at a queue until something may have come."""

    def __init__(self) -> None:
        self._waiting: dict[str, dict[asyncio.Future[None], None]] = {}
        self.closed = False

    def wait(self, queue: str) -> "asyncio.Future[None]":
        """Give what is done when the queue's bell rings."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(queue, {})
        waiting[future] = None
        future.add_done_callback(lambda done: waiting.pop(done, None))
        return future

    def waiting(self, queue: str) -> int:
        """Count those who wait at a queue."""
        return len(self._waiting.get(queue, ()))

    def call(self, queue: str) -> None:
        """Wake who has waited longest: one message is for one reader, and the others would find nothing."""
        for future in self._waiting.get(queue, ()):
            if not future.done():
                future.set_result(None)
                return

    def ring(self, queue: str) -> None:
        """Wake everybody who waits at a queue."""
        for future in list(self._waiting.get(queue, ())):
            if not future.done():
                future.set_result(None)

    def close(self) -> None:
        """Send everybody home: nothing will come any more."""
        self.closed = True
        self.ring_all()

    def ring_all(self) -> None:
        """Wake everybody."""
        for queue in self._waiting:
            self.ring(queue)
