"""A flood of messages: where more wait than single reads can answer soon, listings are read by the page instead."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from packline.domain.notification import claims_more
from packline.domain.program import Program
from packline.domain.shipment import Status
from packline.ports import Clock, Message, Page

FLOOD = 100
"""Orders that wait to be read: at Amazon's two reads a second nearly a minute; a round of listings takes seconds."""
AGAIN = timedelta(seconds=30)
"""How soon listings are read at once again: a round is some ten calls, which other looks must share a quota with."""
REMEMBERED = timedelta(minutes=10)
KEPT = 20_000
"""Shipments that are remembered at most."""
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Flood:
    """What listings showed of one account since they were asked for at once."""

    def __init__(self, clock: Clock) -> None:
        """Ask for nothing yet."""
        self._clock = clock
        self.asked_at = _LONG_AGO
        self._shown: dict[str, tuple[datetime, str]] = {}

    def ask(self) -> bool:
        """Have every listing read at once; False where it was asked for a moment ago."""
        now = self._clock.now()
        if now - self.asked_at < AGAIN:
            return False
        self.asked_at = now
        self._shown = {one: shown for one, shown in self._shown.items() if now - shown[0] <= REMEMBERED}
        return True

    def note(self, page: Page) -> None:
        """Remember what a page showed, while listings are read because of a flood."""
        if page.read_at - self.asked_at > REMEMBERED:
            self._shown.clear()
            return
        for facts, _ in page.entries:
            if len(self._shown) < KEPT or facts.amazon_id in self._shown:
                self._shown[facts.amazon_id] = page.read_at, facts.status.upper()

    def has_answered(self, amazon_id: str, told: Sequence[Message], program: Program) -> bool:
        """Tell whether a page that was asked for after all these messages had come shows as much as they claim."""
        if amazon_id not in self._shown:
            return False
        read_at, status = self._shown[amazon_id]
        if status not in Status.__members__:
            return False
        return all(
            message.received_at <= read_at and not claims_more(message.hint, Status(status), program)
            for message in told
        )
