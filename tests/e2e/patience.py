"""Waiting for what a worker will have done: for a condition, never for a moment."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from packline.bootstrap import Services

PATIENCE_S = 60.0
"""Real seconds, for a machine that is ten times slower."""
Found = TypeVar("Found")


async def until(done: Callable[[], Awaitable[Found]], seconds: float = PATIENCE_S) -> Found:
    """Wait until something is there or true, and give it. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not (found := await done()):  # noqa: ASYNC110  the store rings nobody here
            await asyncio.sleep(0.05)
    return found


async def holds(services: Services, sql: str, *values: object, seconds: float = PATIENCE_S) -> None:
    """Wait until a query gives true; who waited in vain is told for what."""
    try:
        await until(lambda: services.pool.fetchval(sql, *values), seconds)
    except TimeoutError:
        raise AssertionError(f"still not so after {seconds:.0f} s: {' '.join(sql.split())} {values}") from None
