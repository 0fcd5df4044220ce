"""What Amazon did not take in a feed: tried again, one or many."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from packline.errors import Invalid
from packline.ports import Clock, Wake


class FailedItems(Protocol):
    """Items that were given up."""

    async def revive(self, account: str, kind: str, keys: Sequence[str] | None, now: datetime) -> int:
        """Let failed items of a kind wait for a feed again (all of them where no keys are given); tell how many."""


async def retry_items(
    store: FailedItems, wake: Wake, clock: Clock, account: str, kind: str, keys: Sequence[str] | None
) -> int:
    """Send failed items again with the next feed of their kind, their attempts forgotten; tell how many there were.

    Raises Invalid for an empty list: it would mean nothing, and leaving it out means all.
    """
    if keys is not None and not keys:
        raise Invalid("No item is named.", hint="Name keys, or leave them out to retry all of this kind.")
    count = await store.revive(account, kind, keys, clock.now())
    if count:
        await wake.wake([account])
    return count
