"""A record of every call: bounded, filterable, with counters that are never lost."""

from collections import deque
from collections.abc import Iterator

import msgspec


class CallEntry(msgspec.Struct, frozen=True, gc=False):
    """Record one call; `ms` is real milliseconds inside the simulator, `status` 0 means that no answer was given.

    `had_effect` tells whether the call changed anything; `fault` names the kind of the fault that struck it.
    """

    seq: int
    at_ms: int
    seller_id: str | None
    client_id: str | None
    operation: str
    shipment_id: str | None
    status: int
    error_code: str | None
    request_id: str
    ms: float
    had_effect: bool
    fault: str | None


class CallFilter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Choose calls; every condition that is given must hold. `after_seq` is exclusive."""

    after_seq: int = 0
    seller_id: str | None = None
    operation: str | None = None
    shipment_id: str | None = None
    status: int | None = None
    had_effect: bool | None = None
    fault: str | None = None


class Journal:
    """Keep the last `capacity` calls, and count all of them by (operation, status)."""

    def __init__(self, capacity: int = 100_000) -> None:
        self._entries: deque[CallEntry] = deque(maxlen=capacity)
        self.counters: dict[tuple[str, int], int] = {}
        self.effects = 0
        self.total = 0

    @property
    def capacity(self) -> int:
        """Tell how many calls are kept."""
        return self._entries.maxlen or 0

    def resize(self, capacity: int) -> None:
        """Keep another number of calls; the newest stay. Raises ValueError below 1."""
        if capacity < 1:
            raise ValueError("The journal keeps at least one call.")
        self._entries = deque(self._entries, maxlen=capacity)

    def add(self, entry: CallEntry) -> None:
        """Record a call."""
        self._entries.append(entry)
        key = (entry.operation, entry.status)
        self.counters[key] = self.counters.get(key, 0) + 1
        self.total += 1
        if entry.had_effect:
            self.effects += 1

    def clear(self) -> None:
        """Forget all calls and counts."""
        self._entries.clear()
        self.counters.clear()
        self.effects = 0
        self.total = 0

    def entries(self, chosen: CallFilter | None = None) -> Iterator[CallEntry]:
        """Give the kept calls that fit, the oldest first."""
        for entry in tuple(self._entries):
            if chosen is None or _fits(entry, chosen):
                yield entry

    def tail(self, count: int, chosen: CallFilter | None = None) -> list[CallEntry]:
        """Give the last `count` calls that fit, the oldest first."""
        found: list[CallEntry] = []
        for entry in reversed(self._entries):
            if len(found) >= count or (chosen is not None and entry.seq <= chosen.after_seq):
                break
            if chosen is None or _fits(entry, chosen):
                found.append(entry)
        return found[::-1]


def _fits(entry: CallEntry, chosen: CallFilter) -> bool:
    return entry.seq > chosen.after_seq and all(
        wanted is None or wanted == found
        for wanted, found in (
            (chosen.seller_id, entry.seller_id),
            (chosen.operation, entry.operation),
            (chosen.shipment_id, entry.shipment_id),
            (chosen.status, entry.status),
            (chosen.had_effect, entry.had_effect),
            (chosen.fault, entry.fault),
        )
    )
