"""A worker: one process's share of all accounts, from the alarm clock to the graceful end."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from packline.domain.location import Account
from packline.driver.drain import Drain
from packline.driver.ownership import Room
from packline.driver.sweep import Sweep
from packline.driver.tools import Tools
from packline.ports import Ownership

NOTHING_MORE = 2**62
"""The wake number of an account that nobody may work for: no ring is worth coming back for."""

log = structlog.get_logger(__name__)


class Rings(Protocol):
    """What a worker needs of the alarm clock (see `storage.wake.Alarm`)."""

    async def run(
        self,
        handler: Callable[[str], Awaitable[int]],
        *,
        nudge: Callable[[str], None],
        concurrency: int,
        stop: asyncio.Event,
    ) -> None:
        """Hand rung accounts to `handler` until `stop`."""


class Worker:
    """Drain the accounts that ring, one drain for each account at a time."""

    def __init__(self, tools: Tools, alarm: Rings, sweep: Sweep, name: str) -> None:
        """Work under `name`, which the ownership rows show."""
        self.name = name
        self._tools, self._alarm, self._sweep = tools, alarm, sweep
        self._drains: dict[str, Drain] = {}
        self._ended: dict[str, asyncio.Event] = {}
        self._room = Room(tools.pace)
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def accounts(self) -> tuple[str, ...]:
        """List the accounts that this process works for now."""
        return tuple(self._drains)

    async def start(self) -> None:
        """Begin to listen and to sweep."""
        self._stop.clear()
        concurrency = self._tools.pace.accounts
        listening = self._alarm.run(self.drain, nudge=self.nudge, concurrency=concurrency, stop=self._stop)
        self._tasks = [asyncio.create_task(listening), asyncio.create_task(self._sweep.run(self._stop))]
        log.info("worker.started", worker=self.name)

    async def stop(self) -> None:
        """Finish the calls that have left, store their answers, give every account back."""
        self._stop.set()
        for drain in list(self._drains.values()):
            drain.stop()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        log.info("worker.stopped", worker=self.name)

    async def run(self, until: asyncio.Event) -> None:
        """Work until the event is set, then stop gracefully. Raises where the worker itself breaks."""
        await self.start()
        waiting = asyncio.create_task(until.wait())
        done, _ = await asyncio.wait([waiting, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        await self.stop()
        for task in done - {waiting}:
            task.result()

    def nudge(self, account: str) -> None:
        """Pass a ring on to the account's drain, if it runs here."""
        if account in self._drains:
            self._drains[account].nudge()

    async def drain(self, account_id: str) -> int:
        """Drain one account; returns the wake number up to which its work is done."""
        while account_id in self._ended:
            await self._ended[account_id].wait()
        ended = self._ended[account_id] = asyncio.Event()
        try:
            return await self._drain(account_id)
        finally:
            del self._ended[account_id]
            ended.set()

    async def _drain(self, account_id: str) -> int:
        tools = self._tools
        account = None if self._stop.is_set() else await tools.accounts.account(account_id)
        if account is None:
            return 0 if self._stop.is_set() else NOTHING_MORE
        ownership = await tools.owners.take(account_id, self.name, tools.clock.now())
        if ownership is None:
            return NOTHING_MORE
        return await self._own(account, ownership)

    async def _own(self, account: Account, ownership: Ownership) -> int:
        drain = self._drains[account.id] = Drain(self._tools, account, ownership, self._room)
        if self._stop.is_set():
            drain.stop()
        try:
            return await drain.run()
        finally:
            del self._drains[account.id]
