"""Places that failed: who rests for how long, who goes alone, and when a person must look."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from packline.domain.inventory.publishing import STALE_AT_MOST, Answer, Verdict
from packline.domain.inventory.rules import Place
from packline.driver.stock.calls import Told
from packline.driver.timing import backoff
from packline.ports import Clock

LONGEST_REST_S = 60.0
NEVER = datetime.max.replace(tzinfo=UTC)
USED_UP = "Amazon has sequence number {} for it, and none is above: have Amazon's support reset it, then publish again."
RIVAL = "Amazon had a newer sequence number each time: another program tells the same SKU. End it, then publish again."


class Setbacks:
    """Remember failures in a row, place by place, for as long as this ownership lasts."""

    def __init__(self, clock: Clock) -> None:
        """Begin without any."""
        self._clock = clock
        self._failures: dict[Place, int] = {}
        self._rests: dict[Place, datetime] = {}
        self._alone: set[Place] = set()

    def weigh(self, told: Told) -> list[Answer]:
        """Take note of answers and give those that are to be written."""
        return [self._weighed(ended(answer), spoilt=told.spoilt) for answer in told.answers]

    def resting(self) -> list[Place]:
        """List places that are not to be told just now."""
        now = self._clock.now()
        self._rests = {place: until for place, until in self._rests.items() if until > now}
        return list(self._rests)

    def goes_alone(self, place: Place) -> bool:
        """Tell whether a place was in a call that Amazon refused as a whole: one by one shows whose fault it is."""
        return place in self._alone

    def next_at(self) -> datetime:
        """Tell when the next place has rested."""
        return min(self._rests.values(), default=NEVER)

    def _weighed(self, answer: Answer, *, spoilt: bool) -> Answer:
        place = answer.place
        if answer.verdict in (Verdict.TAKEN, Verdict.REFUSED):
            self._failures.pop(place, None)
            self._alone.discard(place)
            return answer
        if spoilt:
            self._alone.add(place)
            return answer
        failures = self._failures[place] = self._failures.get(place, 0) + 1
        if answer.verdict is Verdict.STALE:
            return self._stale(answer, failures)
        self._rest(place, backoff(failures))
        return answer

    def _stale(self, answer: Answer, failures: int) -> Answer:
        """Overtake at once where Amazon told its number; else, and when it happens again and again, with pauses."""
        if failures >= STALE_AT_MOST:
            self._failures.pop(answer.place)
            return replace(answer, verdict=Verdict.REFUSED, words=RIVAL)
        if failures > 1:
            self._rest(answer.place, backoff(failures - 1))
        return answer

    def _rest(self, place: Place, seconds: float) -> None:
        self._rests[place] = self._clock.now() + timedelta(seconds=min(LONGEST_REST_S, seconds))


def ended(answer: Answer) -> Answer:
    """Leave to a person what Amazon holds the last sequence number of; the others of its call go on."""
    is_read = answer.verdict is Verdict.TAKEN and answer.telling is None
    if not answer.is_at_the_end or not (is_read or answer.verdict is Verdict.STALE):
        return answer
    return replace(answer, verdict=Verdict.REFUSED, sequence=None, words=USED_UP.format(answer.sequence))
