"""An index of records by status in the order of their last update, for listing without sorting."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar


class Touched(Protocol):
    """Anything that is listed: `touch` grows over all records with every update, and `updated_ms` never falls."""

    touch: int
    updated_ms: int


T = TypeVar("T", bound=Touched)


class Shelf(Generic[T]):
    """Keep records in the order of their last touch; an older entry of a touched record is skipped and swept later."""

    def __init__(self) -> None:
        self._touches: list[int] = []
        self._moments: list[int] = []
        self._records: list[T] = []
        self._live = 0

    def __len__(self) -> int:
        return self._live

    def put(self, record: T) -> None:
        """Add a record that was touched last."""
        self._touches.append(record.touch)
        self._moments.append(record.updated_ms)
        self._records.append(record)
        self._live += 1

    def leave(self) -> None:
        """Count one entry as gone: its record was touched again."""
        self._live -= 1
        if len(self._touches) > 64 and self._live * 2 < len(self._touches):
            self._sweep()

    def after(self, touch: int, since_ms: int = 0) -> Iterator[T]:
        """Give the records touched after `touch` and updated at `since_ms` or later, the oldest touch first."""
        first = max(bisect_right(self._touches, touch), bisect_left(self._moments, since_ms) if since_ms else 0)
        for index in range(first, len(self._touches)):
            record = self._records[index]
            if record.touch == self._touches[index]:
                yield record

    def _sweep(self) -> None:
        rows = zip(self._touches, self._moments, self._records, strict=True)
        kept = [row for row in rows if row[2].touch == row[0]]
        self._touches = [touch for touch, _, _ in kept]
        self._moments = [moment for _, moment, _ in kept]
        self._records = [record for _, _, record in kept]
        self._live = len(kept)


class Shelves(Generic[T]):
    """Hold one shelf for each (seller, status)."""

    def __init__(self) -> None:
        self._shelves: dict[tuple[str, str], Shelf[T]] = {}
        self._places: dict[int, tuple[str, str]] = {}

    def shelf(self, seller_id: str, status: str) -> Shelf[T]:
        """Give the shelf of a seller's records in a status."""
        key = (seller_id, status)
        shelf = self._shelves.get(key)
        if shelf is None:
            shelf = self._shelves[key] = Shelf()
        return shelf

    def move(self, record: T, seller_id: str, status: str, touch: int) -> None:
        """Put a record, touched now, on the shelf of its status."""
        before = self._places.pop(record.touch, None)
        record.touch = touch
        key = (seller_id, status)
        self._places[touch] = key
        self.shelf(*key).put(record)
        if before is not None:
            self._shelves[before].leave()
