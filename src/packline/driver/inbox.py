"""The inbox: what messages name is read from Amazon, many at a time, the claimed cancellations first."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from packline.domain.location import Account
from packline.domain.notification import is_echo
from packline.domain.shipment import Shipment, Status
from packline.domain.values import shipment_id
from packline.driver.flood import FLOOD
from packline.driver.intake import Intake
from packline.driver.ownership import Guard
from packline.driver.tools import Tools
from packline.errors import AmazonError, Rejected
from packline.ports import Clock, Message, Page

READ_AT_ONCE = 48
RESERVED = 16
"""Reads beyond these that only claimed cancellations may use: they pass those that wait for the quota."""
WINDOW = 500
"""Messages looked at in one go where nothing is being read; those that name the same order are one read."""
REFILL = 128
"""Messages looked at while others are read: enough to have as many reads under way as may be."""
FAILURES_AT_MOST = 3
"""Reads in a row that may fail before Amazon is taken to be away; those read before are done all the same."""
REST = timedelta(seconds=5)
"""So long an order whose read failed is left alone, and all of them where Amazon is away."""
DOUBLINGS_AT_MOST = 5
"""An order whose reads fail while others are answered rests longer each time, so that it does not eat their quota."""
GATHER_S = 0.002
"""So long reads that come back together are gathered, to be stored in one go."""
UNDER_WAY = timedelta(milliseconds=300)
"""A message about a shipment whose own call is under way waits for the answer, which mostly says the same."""
STAY = timedelta(seconds=3)
"""So long after a message the next one is expected: a drain that goes on is quicker than one that begins."""
LOOK_AGAIN = timedelta(milliseconds=900)
"""Soon enough that the drain waits for it (`Pace.idle_s`)."""
PATIENCE = timedelta(seconds=10)
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)


class _Turn:
    """The guard of one read: it also tells when the read left, so that later messages are known to be news."""

    __slots__ = ("_clock", "_guard", "left_at")

    def __init__(self, guard: Guard, clock: Clock) -> None:
        self._guard, self._clock = guard, clock
        self.left_at: datetime | None = None

    async def __call__(self) -> None:
        await self._guard()
        self.left_at = self._clock.now()


class _Read:
    """One order that is being read, and the messages that name it."""

    __slots__ = ("numbers", "task", "turn")

    def __init__(self, numbers: list[int], turn: _Turn, task: asyncio.Task[Page | None]) -> None:
        self.numbers, self.turn, self.task = numbers, turn, task


class Inbox:
    """Work off the messages of one account, under one ownership (implements `driver.errand.Errand`)."""

    def __init__(self, tools: Tools, intake: Intake, account: Account, guard: Guard) -> None:
        """Store through `intake` while `guard` lets calls through."""
        self._tools, self._intake, self._account, self._guard = tools, intake, account, guard
        self._rung, self._stirred = asyncio.Event(), asyncio.Event()
        self._rung.set()
        self._away_until = self._look_at = self._came_at = _FIRST
        self._failures = 0
        self._rests: dict[str, datetime] = {}
        self._setbacks: dict[str, tuple[datetime, int]] = {}
        self._reads: dict[str, _Read] = {}
        self._has_more = False

    async def open(self) -> None:
        """Nothing is kept in memory: the messages in the store are all that there is."""

    def next_at(self) -> datetime:
        """Tell when the inbox is looked into next."""
        if self._rung.is_set():
            return max(self._away_until, self._tools.clock.now())
        return self._look_at if self._look_at > _FIRST else datetime.max.replace(tzinfo=UTC)

    def ring(self) -> None:
        """Look into the inbox at once."""
        self._rung.set()
        self._stirred.set()

    async def run(self) -> None:
        """Read what messages name until none is left that can be read now. Raises Fenced."""
        if self._look_at != _FIRST:
            self._rung.set()
        self._failures, self._look_at = 0, _FIRST
        try:
            while self._rung.is_set() or self._reads:
                if self._rung.is_set() and self._failures < FAILURES_AT_MOST:
                    self._rung.clear()
                    await self._begin()
                await self._finish(await self._arrived())
                if self._failures >= FAILURES_AT_MOST and not self._reads:
                    break
        finally:
            await self._drop()
        if self._failures >= FAILURES_AT_MOST:
            self._away_until = self._tools.clock.now() + REST
            self._rung.set()
        elif self._tools.clock.now() - self._came_at < STAY:
            self._look_again(self._tools.clock.now() + LOOK_AGAIN)

    async def _begin(self) -> None:
        """Start reading what waits and is not being read; messages that tell nothing new are done at once.

        Where enough is being read and more waits, only the first are looked at, among them cancellations that came.
        """
        is_full = self._has_more and len(self._reads) > READ_AT_ONCE // 2
        limit = RESERVED if is_full else REFILL if self._reads else WINDOW
        messages = await self._tools.intake.inbox_take(self._account.id, limit)
        waiting: dict[str, list[Message]] = {}
        for message in messages:
            waiting.setdefault(message.amazon_id, []).append(message)
        ids = {one: shipment_id(self._account.id, one) for one in waiting if one not in self._reads}
        found = await self._tools.shipments.load(list(ids.values())) if ids else {}
        self._has_more, done = is_full or len(messages) == limit, list[int]()
        now = self._tools.clock.now()
        self._rests = {one: until for one, until in self._rests.items() if until > now}
        for amazon_id, told in waiting.items():
            shipment = found.get(ids.get(amazon_id, ""))
            if amazon_id in self._reads:
                self._join(self._reads[amazon_id], told)
            elif shipment is not None and self._is_known(shipment, told):
                done += [message.id for message in told]
            elif amazon_id in self._rests:
                self._look_again(self._rests[amazon_id])
            elif shipment is not None and self._waits(shipment, told):
                self._look_again(now + UNDER_WAY)
            else:
                self._start(amazon_id, told, shipment)
        if len(waiting) >= FLOOD or (len(messages) == limit and not is_full):
            self._intake.catch_up()
        if done:
            await self._tools.intake.inbox_done(done, now)
            if self._has_more:
                self._rung.set()

    def _join(self, read: _Read, told: Sequence[Message]) -> None:
        """Let a read that has not left yet answer for these messages too."""
        if read.turn.left_at is None:
            read.numbers = [message.id for message in told]
        else:
            self._has_more = self._has_more or any(message.id not in read.numbers for message in told)

    def _is_known(self, shipment: Shipment, told: Sequence[Message]) -> bool:
        program = self._tools.gateway.program_for(shipment)
        if all(is_echo(shipment, program, message.hint, message.told_at) for message in told):
            return True
        return self._intake.flood.has_answered(shipment.amazon_id, told, program)

    def _waits(self, shipment: Shipment, told: Sequence[Message]) -> bool:
        if shipment.pending is None or shipment.pending.failure is not None:
            return False
        if any(not message.hint or message.hint == Status.CANCELLED for message in told):
            return False
        return self._tools.clock.now() - told[0].received_at < PATIENCE

    def _look_again(self, at: datetime) -> None:
        self._look_at = at if self._look_at == _FIRST else min(at, self._look_at)

    def _start(self, amazon_id: str, told: Sequence[Message], shipment: Shipment | None) -> None:
        is_urgent = any(message.hint == Status.CANCELLED for message in told)
        if len(self._reads) >= READ_AT_ONCE + (RESERVED if is_urgent else 0):
            self._has_more = True
            return
        waits_since = told[0].received_at.timestamp()
        urgency = 0.0 if is_urgent else min(waits_since, shipment.urgency if shipment else waits_since)
        turn = _Turn(self._guard, self._tools.clock)
        task = asyncio.create_task(self._read(amazon_id, turn, urgency))
        task.add_done_callback(lambda _: self._stirred.set())
        self._reads[amazon_id] = _Read([message.id for message in told], turn, task)

    async def _arrived(self) -> dict[str, Page | None]:
        """Wait for reads that came back, or for a ring; those that come together are given together."""
        if not self._reads:
            return {}
        await self._stirred.wait()
        self._stirred.clear()
        done = sum(read.task.done() for read in self._reads.values())
        if 0 < done < len(self._reads):
            await asyncio.sleep(GATHER_S)
        return {amazon_id: read.task.result() for amazon_id, read in self._reads.items() if read.task.done()}

    async def _finish(self, pages: Mapping[str, Page | None]) -> None:
        """Store what was read, then mark its messages handled."""
        if not pages:
            return
        reads = {amazon_id: self._reads.pop(amazon_id) for amazon_id in pages}
        found = [page for page in pages.values() if page is not None]
        self._failures = 0 if found else self._failures + len(pages)
        self._came_at = self._tools.clock.now() if found else self._came_at
        for amazon_id, page in pages.items():
            if page is None:
                self._let_rest(amazon_id)
            else:
                self._setbacks.pop(amazon_id, None)
        await self._tools.shipments.log_calls([call for page in found for call in page.calls])
        await self._intake.store(*found)
        done = [number for amazon_id, read in reads.items() if pages[amazon_id] for number in read.numbers]
        await self._tools.intake.inbox_done(done, self._tools.clock.now())
        if self._has_more and found and len(self._reads) <= READ_AT_ONCE // 2:
            self._rung.set()

    def _let_rest(self, amazon_id: str) -> None:
        """Leave an order alone; longer each time where Amazon answered for another since its first failure."""
        now = self._tools.clock.now()
        first, times = self._setbacks.get(amazon_id, (now, 0))
        times = min(times + 1, DOUBLINGS_AT_MOST) if self._came_at >= first else 0
        self._setbacks[amazon_id] = first, times
        self._rests[amazon_id] = now + REST * 2**times
        self._look_again(self._rests[amazon_id])

    async def _read(self, amazon_id: str, turn: _Turn, urgency: float) -> Page | None:
        """Read one order; None where Amazon cannot answer just now."""
        now = self._tools.clock.now
        try:
            page = await self._tools.gateway.read_one(self._account.id, amazon_id, turn, urgency)
        except (Rejected, ValueError) as error:  # the same again, however often: a person sees it, the next is read
            reason = f"A message names {amazon_id!r}, which Amazon does not let us read: {error}"
            await self._intake.park(amazon_id.encode(), reason, now())
            return Page((), (), None, now(), error.calls if isinstance(error, Rejected) else ())
        except AmazonError as error:
            await self._tools.shipments.log_calls(error.calls)
            return None
        return replace(page, read_at=turn.left_at or page.read_at)

    async def _drop(self) -> None:
        """Stop what is left: its messages stay unhandled."""
        left = [read.task for read in self._reads.values()]
        self._reads.clear()
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
