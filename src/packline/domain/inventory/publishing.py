"""What is told to Amazon and what Amazon says of it, place by place."""

from enum import StrEnum

from packline.domain.inventory.rules import Place
from packline.domain.values import Value

STALE_AT_MOST = 8
"""Stale numbers in a row after which somebody else must be telling the same SKU."""
HIGHEST = 2**62
"""Sequence numbers from here on leave no room above them: a database counts to twice as many."""
COUNTER, MILLISECONDS = "counter", "milliseconds"


class Telling(Value, frozen=True):
    """A quantity with its sequence number; `before` is what Amazon was known to have, None where nobody knew."""

    place: Place
    quantity: int
    sequence: int
    wanted_seq: int = 0
    before: int | None = None

    @property
    def urgency(self) -> float:
        """Rank it in the lane: zero first, then what falls, then what rises."""
        if self.quantity == 0:
            return 0.0
        return 1.0 if self.before is None or self.quantity < self.before else 2.0


class Sending(Value, frozen=True):
    """What goes out now, and the places whose numbers Amazon must be asked for first."""

    tellings: tuple[Telling, ...] = ()
    unknown: tuple[Place, ...] = ()
    waiting: int = 0


class Pace(Value, frozen=True):
    """Places in one call, and calls that may be under way at once."""

    batch: int
    calls: int


class Verdict(StrEnum):
    """What Amazon said of one place."""

    TAKEN = "taken"  # it has the quantity now, or, of a read, shows what it has
    STALE = "stale"  # it has a sequence number that is not below ours; nothing changed
    REFUSED = "refused"  # a person must mend it before it can be told
    LATER = "later"  # it could not do it just now


class Answer(Value, frozen=True):
    """Amazon's answer about one place; `telling` is what it was told, None for a read.

    `sequence` is the number that Amazon has; `sellable` can be bought now, `reserved` are units of open shipments.
    """

    place: Place
    verdict: Verdict
    telling: Telling | None = None
    sequence: int | None = None
    sellable: int | None = None
    reserved: int | None = None
    code: str = ""
    words: str = ""

    @property
    def is_at_the_end(self) -> bool:
        """Tell whether a former integrator used up the numbers of this place."""
        return self.sequence is not None and self.sequence >= HIGHEST

    @property
    def error(self) -> str:
        """Say what is wrong, for a person."""
        return f"{self.code}: {self.words}" if self.words else self.code
