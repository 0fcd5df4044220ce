"""Work of this process while the database does its own, on two cores instead of one."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Asked = TypeVar("Asked")
Done = TypeVar("Done")


async def meanwhile(asking: Awaitable[Asked], work: Callable[[], Done]) -> tuple[Asked, Done]:
    """Send a question to the database and do `work` until its answer is there; give both.

    Raises what either raises; the connection is free again in any case.
    """
    asked = asyncio.ensure_future(asking)
    try:
        await asyncio.sleep(0)  # it begins,
        await asyncio.sleep(0)  # and what it wrote leaves
        done = work()
    except BaseException:
        asked.cancel()
        await asyncio.wait([asked])
        raise
    return await asked, done
