"""The stock errand: keeps as many calls under way as the lane lets through, always with the last values."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog

from packline.domain.inventory.publishing import Pace, Sending, Telling
from packline.domain.inventory.rules import Place
from packline.domain.location import Account
from packline.driver.ownership import Guard
from packline.driver.stock.calls import StockCalls, Told
from packline.driver.stock.setbacks import Setbacks
from packline.driver.stock.tools import StockTools
from packline.driver.tools import Tools

LOOK_EVERY = timedelta(seconds=30)
"""Every change rings; so often the errand looks by itself."""

log = structlog.get_logger(__name__)


class StockErrand:
    """The publishing of one account by single calls, under one ownership (implements `driver.errand.Errand`)."""

    def __init__(self, tools: Tools, stock: StockTools, account: Account, guard: Guard) -> None:
        """Work while `guard` lets calls through."""
        self._tools, self._stock, self._account, self._guard = tools, stock, account, guard
        self._calls = StockCalls(tools, stock, account, guard)
        self._setbacks = Setbacks(tools.clock)
        self._look_at = datetime.min.replace(tzinfo=UTC)
        self._bell = asyncio.Event()
        self._out: dict[asyncio.Task[Told], tuple[Place, ...]] = {}
        self.turn = asyncio.Lock()
        """Held while offers are taken: two must not take the same."""

    @property
    def under_way(self) -> list[Place]:
        """List places with a call under way."""
        return [place for places in self._out.values() for place in places]

    @property
    def busy(self) -> list[Place]:
        """List places with a call under way, and those that rest after a failure."""
        return [*self.under_way, *self._setbacks.resting()]

    async def open(self) -> None:
        """Nothing is kept in memory: the outbox is all that there is."""

    def next_at(self) -> datetime:
        """Tell when something may have to be told."""
        return self._look_at

    def ring(self) -> None:
        """Look at once: numbers may have changed."""
        self._look_at = datetime.min.replace(tzinfo=UTC)
        self._bell.set()

    async def run(self) -> None:
        """Tell Amazon what it does not know, until it knows everything that it can be told now. Raises Fenced."""
        pace = await self._stock.gateway.pace(self._account.id)
        try:
            while True:
                self._bell.clear()
                self._look_at = self._tools.clock.now() + LOOK_EVERY
                if not self._guard.is_paused and len(self._out) <= pace.calls // 2:
                    await self._send(pace)
                if not self._out:
                    break
                await self._hear()
        finally:
            await self._end()
        self._look_at = min(self._look_at, self._setbacks.next_at())

    async def _send(self, pace: Pace) -> None:
        """Take what is to be told and let it go; a place never has two calls under way."""
        async with self.turn:
            room = (pace.calls - len(self._out)) * pace.batch
            now = self._tools.clock.now()
            sending: Sending = await self._stock.store.send_next(self._guard.ownership, room, self.busy, now)
            self._begin(sending, pace)

    def _begin(self, sending: Sending, pace: Pace) -> None:
        for told in self._batches(sending.tellings, pace.batch):
            self._start(self._calls.tell(told), tuple(telling.place for telling in told))
        for first in range(0, len(sending.unknown), pace.batch):
            places = sending.unknown[first : first + pace.batch]
            self._start(self._calls.ask(places), places)

    def _batches(self, tellings: Sequence[Telling], size: int) -> list[list[Telling]]:
        """Cut into calls in the order of sending; what spoilt a whole call before goes by itself."""
        alone = [telling for telling in tellings if self._setbacks.goes_alone(telling.place)]
        rest = [telling for telling in tellings if not self._setbacks.goes_alone(telling.place)]
        return [rest[at : at + size] for at in range(0, len(rest), size)] + [[telling] for telling in alone]

    def _start(self, call: "asyncio._CoroutineLike[Told]", places: tuple[Place, ...]) -> None:
        self._out[asyncio.create_task(call)] = places

    async def _hear(self) -> None:
        """Wait for an answer or a ring, then write all that was answered in one group."""
        ringing = asyncio.ensure_future(self._bell.wait())
        try:
            await asyncio.wait({ringing, *self._out}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ringing.cancel()
        over = [task for task in self._out if task.done()]
        told = [task.result() for task in over]  # raises what must end the errand
        answers = [answer for one in told for answer in self._setbacks.weigh(one)]
        if answers:
            await self._stock.store.told(self._guard.ownership, answers, self._tools.clock.now())
        for task in over:
            del self._out[task]

    async def _end(self) -> None:
        for task in self._out:
            task.cancel()
        if self._out:
            await asyncio.wait(self._out)
        self._out.clear()
