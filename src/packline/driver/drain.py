"""A drain: everything that one account has to do now, done by its owner, then given back."""

import asyncio
import contextlib
from datetime import datetime, timedelta
from functools import partial

import structlog

from packline.domain.location import Account
from packline.domain.shipment import Shipment
from packline.driver.errand import Errand
from packline.driver.inbox import Inbox
from packline.driver.intake import Intake
from packline.driver.journey import Journeys
from packline.driver.ownership import Guard, Room
from packline.driver.tools import Tools
from packline.errors import Fenced, PacklineError
from packline.ports import Ownership

ERRAND_RESTS_S = 60.0
"""An errand that broke on what it found rests so long; journeys and the other errands go on."""
_ITS_OWN = (PacklineError, ValueError, KeyError, TypeError, AttributeError)
OPENING = -1
"""The place of the task that opens the errands among those that are out."""
CALLS_END_S = 60.0
"""Real seconds in which a call that has left is answered or given up, by any time-out that is sensible."""
LONGEST_WAIT_S = 30.0
"""A drain looks around at least so often, whatever it was told."""

log = structlog.get_logger(__name__)


class Drain:
    """Work for one account until it is idle, fenced, paused or told to stop."""

    def __init__(self, tools: Tools, account: Account, ownership: Ownership, room: Room) -> None:
        """Work under `ownership`, with as many shipments in flight as `room` gives."""
        self.account, self._tools, self._ownership, self._room = account, tools, ownership, room
        self._guard = Guard(ownership, tools.owners, tools.clock)
        self._journeys = Journeys(tools, account, self._guard)
        intake = Intake(tools, account, self._guard, self._look_for_due)
        inbox = Inbox(tools, intake, account, self._guard)
        told = tools.errands(account, self._guard, self._look_for_due)
        self._errands: tuple[Errand, ...] = (intake, inbox, *told)
        self._out: dict[int, asyncio.Task[None]] = {}
        self._rests: dict[int, datetime] = {}
        self._running: dict[str, asyncio.Task[datetime | None]] = {}
        self._bell = asyncio.Event()
        self._is_open = self._is_stopping = False
        self._has_more = True
        self._later: set[datetime] = set()
        self._failure: BaseException | None = None

    async def run(self) -> int:
        """Drain; returns the wake number up to which all work is done.

        Raises what the store raised where it cannot be reached: the account is rung again by the sweep.
        """
        self._tools.gateway.take_up(self.account.id, self._ownership.levels)
        seq, look_at = 0, self._tools.clock.now()
        try:
            self._out[OPENING] = asyncio.create_task(self._open())
            self._out[OPENING].add_done_callback(self._opened)
            seq, look_at = await self._work()
        except Fenced:
            log.info("drain.fenced", account=self.account.id, epoch=self._ownership.epoch)
        finally:
            await self._end()
            levels = self._tools.gateway.lay_down(self.account.id)
            await self._release(levels, look_at)
        return seq

    async def _release(self, levels: bytes, look_at: datetime) -> None:
        """Give the account back; where the store is away its job is taken over instead."""
        try:
            await self._tools.owners.release(self._ownership, levels, look_at)
        except Exception as error:
            if not self._tools.is_away(error):
                raise

    async def _open(self) -> None:
        """Let errands read how far they are; shipments that are due do not wait for it."""
        for errand in self._errands:
            await errand.open()

    def _opened(self, done: asyncio.Task[None]) -> None:
        self._out.pop(OPENING, None)
        self._is_open = not done.cancelled() and done.exception() is None
        if not done.cancelled():
            self._failure = self._failure or done.exception()
        self._bell.set()

    def nudge(self) -> None:
        """Say that there is new work: shipments are looked for at once, and every errand looks too."""
        for errand in self._errands:
            errand.ring()
        self._look_for_due()

    def _look_for_due(self) -> None:
        self._has_more = True
        self._bell.set()

    def stop(self) -> None:
        """Finish the calls that have left, store their answers and give the account back."""
        self._is_stopping = True
        for shipment in self._journeys.stop():
            if shipment in self._running:
                self._running[shipment].cancel()
        for task in self._out.values():
            task.cancel()
        self._bell.set()

    async def _work(self) -> tuple[int, datetime]:
        while True:
            self._bell.clear()
            seq = await self._tools.owners.wake_seq(self.account.id) if not self._running else 0
            if not self._is_stopping:
                self._send_out()
                await self._start_due()
            self._raise_failure()
            look_at = await self._next_look() if self._is_idle else self._soonest()
            if self._is_idle and self._may_end(look_at):
                if self._is_stopping or await self._tools.owners.wake_seq(self.account.id) == seq:
                    return (0 if self._is_stopping else seq), look_at
                self._has_more = True
                continue
            self._later.add(look_at)
            await self._wait(look_at)

    @property
    def _is_idle(self) -> bool:
        return not self._running and not self._out

    def _may_end(self, look_at: datetime) -> bool:
        if self._is_stopping:
            return True
        return look_at > self._tools.clock.now() + timedelta(seconds=self._tools.pace.idle_s)

    async def _start_due(self) -> None:
        now = self._tools.clock.now()
        if self._later and min(self._later) <= now:
            self._later = {at for at in self._later if at > now}
            self._has_more = True
        free = self._room.free(len(self._running))
        if not self._has_more or free < max(1, min(self._tools.pace.floor, self._tools.pace.per_account // 4)):
            return
        exclude = [*self._running, *self._aside(now)]
        found = await self._tools.shipments.due(self.account.id, now, free, exclude)
        self._has_more = len(found) == free
        for shipment in found:
            self._start(shipment)

    def _aside(self, now: datetime) -> list[str]:
        return [shipment for shipment, until in self._journeys.aside.items() if until > now]

    def _start(self, shipment: Shipment) -> None:
        self._room.take()
        task = asyncio.create_task(self._journeys.travel(shipment))
        self._running[shipment.id] = task
        task.add_done_callback(lambda done: self._arrived(shipment.id, done))

    def _arrived(self, shipment: str, done: asyncio.Task[datetime | None]) -> None:
        self._room.leave()
        self._running.pop(shipment, None)
        if done.cancelled():
            self._failure = self._failure or asyncio.CancelledError()
        elif error := done.exception():
            self._failure = self._failure or error
        elif due := done.result():
            self._later.add(due)
        self._bell.set()

    def _send_out(self) -> None:
        """Start every errand that is due and not under way."""
        if not self._is_open:
            return
        for place, errand in enumerate(self._errands):
            if place not in self._out and self._wants(place, errand) <= self._tools.clock.now():
                task = self._out[place] = asyncio.create_task(errand.run())
                task.add_done_callback(partial(self._returned, place))

    def _returned(self, place: int, done: asyncio.Task[None]) -> None:
        self._out.pop(place, None)
        error = None if done.cancelled() else done.exception()
        if isinstance(error, _ITS_OWN) and not isinstance(error, Fenced):
            log.error(
                "errand.failed", account=self.account.id, errand=type(self._errands[place]).__name__, exc_info=error
            )
            self._rests[place] = self._tools.clock.now() + timedelta(seconds=ERRAND_RESTS_S)
        elif error is not None:
            self._failure = self._failure or error
        self._bell.set()

    def _wants(self, place: int, errand: Errand) -> datetime:
        """Tell when an errand is to run; one that broke rests first, whoever rings."""
        wanted, rests = errand.next_at(), self._rests.get(place)
        return wanted if rests is None else max(wanted, rests)

    def _raise_failure(self) -> None:
        if self._failure is not None and not isinstance(self._failure, asyncio.CancelledError):
            raise self._failure

    async def _next_look(self) -> datetime:
        stored = await self._tools.shipments.next_due(self.account.id)
        looks = [self._wants(place, errand) for place, errand in enumerate(self._errands)]
        if stored is not None:
            looks.append(max(stored, min(self._journeys.aside.values(), default=stored)))
        return min(looks)

    def _soonest(self) -> datetime:
        looks = [*self._later, self._tools.clock.now() + timedelta(seconds=LONGEST_WAIT_S)]
        if self._is_open and not self._is_stopping:
            looks += [
                self._wants(place, errand) for place, errand in enumerate(self._errands) if place not in self._out
            ]
        return min(looks)

    async def _wait(self, until: datetime) -> None:
        """Wait for a nudge, an arrival or the time."""
        seconds = min(LONGEST_WAIT_S, (until - self._tools.clock.now()).total_seconds())
        waiting = [
            asyncio.ensure_future(self._bell.wait()),
            asyncio.ensure_future(self._tools.clock.sleep(max(0.001, seconds))),
        ]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        if self._guard.is_paused and not self._is_stopping:
            self.stop()

    async def _end(self) -> None:
        """Stop everything, whatever ended the drain; a call that has left is waited for.

        Who comes next for this account begins with a probe, which proves nothing while Amazon still works on the call.
        """
        unsent = self._journeys.stop()
        under_way = [task for shipment, task in self._running.items() if shipment not in unsent]
        for shipment in unsent & self._running.keys():
            self._running[shipment].cancel()
        for errand in self._out.values():
            errand.cancel()
        left = [*self._running.values(), *self._out.values()]
        with contextlib.suppress(asyncio.CancelledError):
            if under_way:
                await asyncio.wait(under_way, timeout=CALLS_END_S)
            for task in under_way:
                task.cancel()
            if left:
                await asyncio.wait(left)
