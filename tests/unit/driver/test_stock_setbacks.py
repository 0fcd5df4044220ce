"""Setbacks of publishing: who is told again at once, who rests, and when a person must look."""

from datetime import timedelta

from packline.domain.inventory.publishing import HIGHEST, STALE_AT_MOST, Answer, Telling, Verdict
from packline.domain.inventory.rules import Place
from packline.driver.stock.calls import Told
from packline.driver.stock.setbacks import LONGEST_REST_S, NEVER, Setbacks
from storage.stores import StillClock

PLACE = Place("acme-in", "EXSB", "SKU-1")


def said(verdict: Verdict, *, spoilt: bool = False) -> Told:
    """Make an answer about the place."""
    return Told((Answer(PLACE, verdict, Telling(PLACE, 5, 1000), code="STALE_DATA"),), spoilt)


def test_a_number_that_leaves_no_room_above_it_goes_to_a_person() -> None:
    """A former integrator may have used the last one: no number of ours is higher, and counting on would stop the SKUs
    beside it."""
    last, told = 2**63 - 1, Telling(PLACE, 5, 1000)
    for found in (Answer(PLACE, Verdict.STALE, told, last), Answer(PLACE, Verdict.TAKEN, None, last)):
        (answer,) = Setbacks(StillClock()).weigh(Told((found,)))
        assert (answer.verdict, answer.sequence) == (Verdict.REFUSED, None)
        assert str(last) in answer.error
    (fine,) = Setbacks(StillClock()).weigh(Told((Answer(PLACE, Verdict.STALE, told, HIGHEST - 1),)))
    assert fine.verdict is Verdict.STALE


def test_a_stale_number_is_overtaken_at_once_but_not_for_ever() -> None:
    """The first goes again without a rest; after eight in a row another program must be at work."""
    clock = StillClock()
    setbacks = Setbacks(clock)
    setbacks.weigh(said(Verdict.STALE))
    assert setbacks.resting() == []
    for _ in range(STALE_AT_MOST - 2):
        assert setbacks.weigh(said(Verdict.STALE))[0].verdict is Verdict.STALE
        assert setbacks.resting() == [PLACE]
    (last,) = setbacks.weigh(said(Verdict.STALE))
    assert last.verdict is Verdict.REFUSED
    assert "another program" in last.words


def test_a_failure_rests_longer_each_time_and_success_forgets_it() -> None:
    """1, 2, 4 ... seconds, never more than a minute."""
    clock = StillClock()
    setbacks = Setbacks(clock)
    for _ in range(12):
        setbacks.weigh(said(Verdict.LATER))
    assert setbacks.next_at() == clock.now() + timedelta(seconds=LONGEST_REST_S)
    clock.time += timedelta(seconds=LONGEST_REST_S)
    assert setbacks.resting() == []
    assert setbacks.next_at() == NEVER
    setbacks.weigh(said(Verdict.TAKEN))
    setbacks.weigh(said(Verdict.LATER))
    assert setbacks.next_at() == clock.now() + timedelta(seconds=1)


def test_places_of_a_call_that_was_refused_as_a_whole_go_alone() -> None:
    """One by one shows whose fault it was; the others are not punished."""
    setbacks = Setbacks(StillClock())
    setbacks.weigh(said(Verdict.LATER, spoilt=True))
    assert setbacks.goes_alone(PLACE)
    assert setbacks.resting() == []
    setbacks.weigh(said(Verdict.TAKEN))
    assert not setbacks.goes_alone(PLACE)
