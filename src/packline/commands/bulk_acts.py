"""Acts on many shipments: what would happen to each is kept, then each is given; whoever is up goes on with it."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec.structs import replace

from packline.commands.confirm import Confirm
from packline.commands.desk import Desk
from packline.commands.hand_over import HandOver
from packline.commands.order import Order
from packline.commands.pack import Pack
from packline.commands.relabel import Relabel
from packline.commands.reschedule import Reschedule
from packline.commands.retry import Retry
from packline.domain.bulk_act import BulkAct, BulkLine
from packline.domain.ticket import Ticket
from packline.domain.values import Value
from packline.errors import PacklineError
from packline.ports import Clock

CHUNK = 200
REQUESTS: Mapping[str, Callable[[], Value]] = {
    "confirm": Confirm,
    "pack": Pack,
    "hand_over": HandOver,
    "relabel": Relabel,
    "reschedule": Reschedule,
    "retry": Retry,
}
"""What can be asked of many shipments: all that needs no more than its name."""


class BulkStore(Protocol):
    """Where acts and their rows are kept."""

    async def begin(self, act: BulkAct) -> None:
        """Keep an act whose rows are looked at."""

    async def counted(self, act_id: str, total: int, *, is_more: bool) -> None:
        """Note how many rows there are, and whether the filter fits more."""

    async def foreseen(self, act_id: str, lines: Sequence[BulkLine], now: datetime) -> None:
        """Keep what would happen to rows; whoever looks is alive."""

    async def ready(self, act_id: str) -> None:
        """Note that every row was looked at."""

    async def give(self, act_id: str, now: datetime) -> bool:
        """Say yes; False where that was said before, or there is nothing to say yes to."""

    async def claim(self, now: datetime, only: str | None = None) -> BulkAct | None:
        """Take the oldest act that is being given (or only this one) and that nobody works on, for some seconds."""

    async def waiting(self, act_id: str, limit: int) -> list[BulkLine]:
        """Read rows that are still to be given."""

    async def answered(self, act_id: str, lines: Sequence[BulkLine]) -> None:
        """Note what the desk said of rows; the claim ends."""

    async def finish(self, act_id: str) -> None:
        """Note that every row was given."""

    async def fail(self, act_id: str, error: str) -> None:
        """Note that it cannot go on."""


class BulkDesk:
    """Where acts on many shipments are begun and given."""

    def __init__(self, store: BulkStore, desk: Desk, clock: Clock) -> None:
        """Keep acts in `store`, and give each row at `desk`."""
        self._store, self._desk, self._clock = store, desk, clock

    async def begin(self, name: str, owner: str, by: str) -> BulkAct:
        """Begin to look; nothing is given before its owner says so."""
        act = BulkAct(f"act_{secrets.token_urlsafe(12)}", name, owner, by, self._clock.now())
        await self._store.begin(act)
        return act

    async def look(self, act: BulkAct, lines: Sequence[BulkLine], *, is_more: bool = False) -> None:
        """Foresee what would happen to each row, some hundred at a time."""
        await self._store.counted(act.id, len(lines), is_more=is_more)
        for start in range(0, len(lines), CHUNK):
            chunk = lines[start : start + CHUNK]
            answers = await self._desk.foresee([_order(act, line) for line in chunk])
            told = [_foreseen(line, answer) for line, answer in zip(chunk, answers, strict=True)]
            await self._store.foreseen(act.id, told, self._clock.now())
        await self._store.ready(act.id)

    async def fail(self, act: BulkAct, error: PacklineError) -> None:
        """Say why an act cannot go on."""
        await self._store.fail(act.id, error.message)

    async def give(self, act_id: str) -> bool:
        """Say yes to an act whose rows were looked at; False where that was said before."""
        return await self._store.give(act_id, self._clock.now())

    async def work(self, now: datetime, only: str | None = None) -> bool:
        """Give the next rows of one act; False where none waits.

        A row is given under a name of its own, so that rows which a dead process had given already are given once.
        """
        act = await self._store.claim(now, only)
        if act is None:
            return False
        chunk = await self._store.waiting(act.id, CHUNK)
        if not chunk:
            await self._store.finish(act.id)
            return True
        answers = await self._desk.give_many([_order(act, line) for line in chunk])
        told = [_answered(line, answer) for line, answer in zip(chunk, answers, strict=True)]
        await self._store.answered(act.id, told)
        return True

    async def run(self, act_id: str) -> None:
        """Give all rows of an act here and now, together with whoever else is up."""
        while await self.work(self._clock.now(), act_id):
            pass


def _order(act: BulkAct, line: BulkLine) -> Order:
    return Order(line.shipment, REQUESTS[act.name](), f"bulk-{act.id}", act.by)


def _foreseen(line: BulkLine, answer: Ticket | PacklineError) -> BulkLine:
    if isinstance(answer, PacklineError):
        return replace(line, fate="refused", says=answer.message, hint=answer.hint)
    return replace(line, warnings=tuple(answer.warnings))


def _answered(line: BulkLine, answer: Ticket | PacklineError) -> BulkLine:
    if isinstance(answer, PacklineError):
        return replace(line, fate="refused", says=answer.message, hint=answer.hint)
    return replace(line, fate="given", ticket=answer.id)
