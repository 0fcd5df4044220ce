"""Writing one shipment's change under one ownership: what the commit tells of the epoch is told to the guard."""

from packline.driver.ownership import Guard
from packline.driver.tools import Tools
from packline.ports import Change, Committed


async def write(tools: Tools, guard: Guard, change: Change) -> Committed:
    """Write a change with those that come at the same time; it is written, or stale: read the row again.

    Raises Fenced where another worker is the owner; the guard lets nothing through from then on.
    """
    since = tools.clock.monotonic()
    fate = await tools.committer.write(change)
    if fate.outcome == "fenced":
        guard.lose()
        await guard()
    guard.verified(since)
    return fate
