"""Time as the client sees it: the wall, a monotonic count, sleep, and an alarm."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol


class Alarm(Protocol):
    """Can be called off before it rings."""

    def cancel(self) -> None:
        """Do not ring."""


class Clock(Protocol):
    """Everything that takes time takes it from here, so that a test can drive it."""

    def now(self) -> datetime:
        """Tell the wall time, aware, in UTC."""

    def monotonic(self) -> float:
        """Count seconds from an arbitrary start, never backwards."""

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds."""

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Alarm:
        """Run `callback` on this loop after that many seconds."""


class SystemClock:
    """The machine's clock and the running event loop."""

    def now(self) -> datetime:
        """Tell the wall time, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251  this is the clock

    def monotonic(self) -> float:
        """Count seconds from an arbitrary start, never backwards."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds."""
        await asyncio.sleep(seconds)

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Alarm:
        """Run `callback` on the running loop after that many seconds."""
        return asyncio.get_running_loop().call_later(seconds, callback)
