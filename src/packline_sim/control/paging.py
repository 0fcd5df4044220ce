"""Pages of long listings: a cursor that is the last item's key, so that nothing is counted or skipped twice."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Annotated, Generic, TypeVar

import msgspec

T = TypeVar("T")
Limit = Annotated[int, msgspec.Meta(ge=1, le=1000, description="Items in one page.")]
After = Annotated[str | None, msgspec.Meta(description="The `next` of the page before.")]


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Hold some items of a listing; `next`, when there is one, is the `after` of the next page."""

    items: list[T]
    next: str | None = None


def page(items: Iterable[T], limit: int, key: Callable[[T], str]) -> Page[T]:
    """Take `limit` items; the last one's key leads to the next page when there are more."""
    taken = list(islice(items, limit + 1))
    shown = taken[:limit]
    return Page(items=shown, next=key(shown[-1]) if len(taken) > limit else None)


def beyond(keys: Iterable[str], after: str | None) -> Iterator[str]:
    """Give the keys that follow `after` in their own order, all of them when it is None."""
    iterator = iter(keys)
    if after is not None:
        for key in iterator:
            if key == after:
                break
    return iterator
