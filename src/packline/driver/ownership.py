"""The right to work for an account, checked before every call, and the room that its shipments may take."""

import asyncio

from packline.driver.pace import Pace
from packline.errors import Fenced
from packline.ports import Clock, Ownership, OwnershipStore

FRESH_S = 1.0
"""Seconds for which a verified epoch is trusted: less than the time after which another worker may take over."""


class Guard:
    """Stop calls of a worker that is no longer the owner (implements `ports.Guard`).

    A worker that was frozen finds its last check old when it wakes up, and asks before it sends anything.
    """

    def __init__(self, ownership: Ownership, owners: OwnershipStore, clock: Clock) -> None:
        """Trust the ownership as just taken."""
        self.ownership = ownership
        self._owners, self._clock = owners, clock
        self._checked = clock.monotonic()
        self._check: asyncio.Task[bool] | None = None
        self._lost = ""
        self.is_paused = False

    @property
    def is_lost(self) -> bool:
        """Nothing may be sent for this account any more."""
        return bool(self._lost)

    async def __call__(self) -> None:
        """Pass where the epoch was verified a moment ago; else ask. Raises Fenced."""
        if not self._lost and self._clock.monotonic() - self._checked >= FRESH_S:
            await self._ask()
        if self._lost:
            raise Fenced(self._lost)

    def verified(self, since: float) -> None:
        """Note that a commit that began at `since` (monotonic seconds) found the epoch still ours."""
        self._checked = max(self._checked, since)

    def lose(self, why: str = "Another worker owns this account now.") -> None:
        """Let nothing be sent any more, and let nothing be written."""
        self._lost = self._lost or why

    def pause(self, why: str) -> None:
        """Let nothing be sent any more; what was answered is still ours to write."""
        self.is_paused = True
        self._lost = self._lost or why

    async def _ask(self) -> None:
        if self._check is None:
            self._check = asyncio.create_task(self._verify())
        check = self._check
        try:
            if not await asyncio.shield(check):
                self.lose()
        finally:
            if check.done() and self._check is check:
                self._check = None

    async def _verify(self) -> bool:
        since = self._clock.monotonic()
        mine = await self._owners.still_mine(self.ownership)
        if mine:
            self.verified(since)
        return mine


class Turn:
    """One call's guard: it also tells whether the call has left, for whoever wants to stop it."""

    __slots__ = ("_guard", "left")

    def __init__(self, guard: Guard) -> None:
        """Guard one call by its account's guard."""
        self._guard = guard
        self.left = False

    async def __call__(self) -> None:
        """Pass or raise as the account's guard does."""
        await self._guard()
        self.left = True


class Room:
    """How many shipments this process has in flight, shared by its accounts."""

    def __init__(self, pace: Pace) -> None:
        """Share `per_worker` places; every account may hold `floor` of them even when all are taken."""
        self._pace = pace
        self._taken = 0

    def free(self, held: int) -> int:
        """Tell how many more an account that holds `held` may take."""
        shared = max(self._pace.per_worker - self._taken, self._pace.floor - held)
        return max(0, min(self._pace.per_account - held, shared))

    def take(self) -> None:
        """Take one place."""
        self._taken += 1

    def leave(self) -> None:
        """Give one place back."""
        self._taken -= 1
