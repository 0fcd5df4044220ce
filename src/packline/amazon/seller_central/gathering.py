"""Orders on their way into one call: gathered, sent one call at a time, halved where one of them spoils it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from packline.amazon.spapi.clock import Clock
from packline.amazon.spapi.doors import Door
from packline.domain.shipment import Shipment
from packline.domain.step import Step
from packline.domain.values import Value
from packline.errors import AmazonError
from packline.ports import Call, Guard, Performed

Key = tuple[str, str]


class Patience(Value, frozen=True):
    """How long orders wait for one another, in seconds: `quiet` after the last one came, `longest` in all."""

    quiet: float
    longest: float


class SomebodyLeft(Exception):
    """An order was taken back after the batch was made up: the batch must be made up anew."""


class Waiting:
    """One order on its way into a batch."""

    __slots__ = ("fate", "guard", "shipment", "step")

    def __init__(self, shipment: Shipment, step: Step, guard: Guard | None) -> None:
        """Wait for the call of one step."""
        self.shipment, self.step, self.guard = shipment, step, guard
        self.fate: asyncio.Future[Performed] = asyncio.get_running_loop().create_future()

    def answer(self, performed: Performed) -> None:
        """Give what came of it, unless the order left."""
        if not self.fate.done():
            self.fate.set_result(performed)

    def fail(self, error: BaseException) -> None:
        """Raise for whoever waits, unless the order left."""
        if not self.fate.done():
            self.fate.set_exception(error)


Send = Callable[[Door, list[Waiting], list[Call]], Awaitable[None]]
"""Send a batch and answer each of its orders; calls are noted in the list. Raises the AmazonError family for all."""


class Gathering:
    """Gather orders of one account and marketplace into calls, one call at a time."""

    def __init__(self, clock: Clock, send: Send, most: int, patience: Patience) -> None:
        """Send at most `most` orders in one call."""
        self._clock, self._send, self._most, self._patience = clock, send, most, patience
        self._waiting: dict[Key, list[Waiting]] = {}
        self._running: dict[Key, asyncio.Task[None]] = {}

    async def join(self, door: Door, waiting: Waiting) -> Performed:
        """Let one order wait for its call and give what came of it.

        Raises the AmazonError family and what its guard raises. An order that is cancelled while it waits leaves its
        place; once the call left, its fate is found by a probe.
        """
        key = (door.settings.id, waiting.shipment.marketplace)
        self._waiting.setdefault(key, []).append(waiting)
        if key not in self._running:
            self._running[key] = asyncio.create_task(self._run(key, door), name=f"gathering {key}")
        return await waiting.fate

    async def _run(self, key: Key, door: Door) -> None:
        try:
            while self._waiting.get(key):
                await self._gather(key)
                batch = self._take(key)
                if batch:
                    await self._try(key, door, batch)
        finally:
            self._running.pop(key, None)
            for late in self._waiting.pop(key, []):
                late.fate.cancel()

    async def _gather(self, key: Key) -> None:
        """Wait until no more orders come, the batch is full, or the first has waited long enough."""
        began, count = self._clock.monotonic(), -1
        while count < len(self._waiting[key]) < self._most:
            count = len(self._waiting[key])
            await self._clock.sleep(self._patience.quiet)
            if self._clock.monotonic() - began >= self._patience.longest:
                return

    def _take(self, key: Key) -> list[Waiting]:
        alive = sorted((w for w in self._waiting[key] if not w.fate.done()), key=lambda w: w.shipment.urgency)
        batch, self._waiting[key] = alive[: self._most], alive[self._most :]
        return batch

    async def _try(self, key: Key, door: Door, batch: list[Waiting]) -> None:
        calls: list[Call] = []
        try:
            await self._send(door, batch, calls)
        except SomebodyLeft:
            self._waiting[key] = [*batch, *self._waiting[key]]
        except AmazonError as error:
            fail_all(batch, error, calls)
        except Exception as error:  # noqa: BLE001  it is raised again for every order: nobody may wait for ever
            for waiting in batch:
                waiting.fail(error)


def together(batch: Sequence[Waiting]) -> Guard:
    """Guard one call for all its orders: nobody may have left, and every order's own guard must pass."""

    async def guard() -> None:
        if any(waiting.fate.done() for waiting in batch):
            raise SomebodyLeft
        for waiting in batch:
            if waiting.guard is not None:
                await waiting.guard()

    return guard


def name_in_log(batch: Sequence[Waiting]) -> str | None:
    """Give the shipment that a call is logged under: none, where it is about several."""
    return batch[0].shipment.id if len(batch) == 1 else None


def fail_all(batch: Sequence[Waiting], error: AmazonError, calls: Sequence[Call]) -> None:
    """Raise the error for every order, its calls logged once."""
    told: dict[str, Any] = {
        "operation": error.operation, "status": error.status, "amazon_code": error.amazon_code,
        "request_id": error.request_id, "details": error.details, "reread": error.reread, "hint": error.hint,
    }  # fmt: skip
    for number, waiting in enumerate(batch):
        own = type(error)(error.message, **told)
        own.calls = () if number else tuple(calls)
        waiting.fail(own)
