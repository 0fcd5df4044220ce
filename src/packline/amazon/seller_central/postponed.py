"""Orders whose second half Amazon cannot give just now: they stand aside, and none of them holds the others up."""

from datetime import datetime

from msgspec import Raw

from packline.amazon.seller_central import parse_v0
from packline.amazon.times import instant
from packline.domain.values import Value
from packline.errors import Unavailable

FAILURES_IN_A_ROW = 2
"""Orders in a row that fail are no order's fault: Amazon is away."""
LOOKS_AT_MOST = 3
KEPT = 1_000


class _Late(Value, frozen=True):
    first: datetime
    looks: int


class Postponed:
    """Remember, for each account, which orders failed and how often."""

    def __init__(self) -> None:
        """Remember none."""
        self._late: dict[tuple[str, str], _Late] = {}

    def begin(self, account: str) -> "Page":
        """Begin a page of one account's listing."""
        return Page(account, self._late)


class Page:
    """The orders of one page that stand aside; `oldest` is from when the listing must be read again."""

    def __init__(self, account: str, late: dict[tuple[str, str], _Late]) -> None:
        self._account, self._late = account, late
        self._row = 0
        self.oldest: datetime | None = None

    def completed(self, raw: Raw, *, by_a_call: bool) -> None:
        """Note that an order could be completed."""
        if by_a_call:
            self._row = 0
        if self._late:
            self._late.pop((self._account, parse_v0.head(raw).amazon_order_id), None)

    def postpone(
        self, raw: Raw, why: Unavailable, now: datetime, answered_at: datetime | None
    ) -> list[tuple[bytes, str]]:
        """Let an order stand aside; gives it back with the reason where it is given up to a person.

        It is given up when it failed in several looks while Amazon answered for others (`answered_at`). Raises `why`
        where orders in a row fail.
        """
        self._row += 1
        if self._row >= FAILURES_IN_A_ROW:
            raise why
        head = parse_v0.head(raw)
        key, at = (self._account, head.amazon_order_id), instant(head.last_update_date)
        known = self._late.pop(key, None) or _Late(now, 0)
        is_its_fault = answered_at is not None and answered_at >= known.first
        if at is None or (is_its_fault and known.looks + 1 >= LOOKS_AT_MOST):
            return [(bytes(raw), f"Amazon lists the order and does not give its items: {why.message}")]
        self._late[key] = _Late(known.first, known.looks + 1)
        while len(self._late) > KEPT:
            del self._late[next(iter(self._late))]
        self.oldest = at if self.oldest is None else min(self.oldest, at)
        return []
