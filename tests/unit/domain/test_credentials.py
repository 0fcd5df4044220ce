"""How long credentials live, and which alarm is due."""

from datetime import timedelta

import pytest

from builders import NOON
from packline.domain.credentials import Life, Secret, alarm_due

DAY = timedelta(days=1)


def life(days_left: float, kind: Secret = Secret.CLIENT_SECRET, **given: bool) -> Life:
    """Make a credential that ends so many days after noon."""
    lives = {Secret.CLIENT_SECRET: 180, Secret.CONSENT: 365}
    return Life("acme", kind, NOON + (days_left - lives[kind]) * DAY, **given)


@pytest.mark.parametrize(
    ("days_left", "state"),
    [(31, "ok"), (30, "expiring"), (8, "expiring"), (7, "urgent"), (0, "urgent"), (-1, "expired")],
)
@pytest.mark.parametrize("kind", list(Secret))
def test_a_credential_is_judged_by_the_days_that_are_left(kind, days_left, state):
    """A secret lives 180 days, a consent 365."""
    assert life(days_left, kind).state(NOON) == state
    assert bool(life(days_left, kind).says(NOON)) == (state != "ok")


def test_what_does_not_end_is_always_well():
    """A private application's own authorisation stays."""
    kept = life(-400, Secret.CONSENT, ends=False)
    assert (kept.state(NOON), kept.days(NOON), kept.says(NOON)) == ("ok", None, "")
    assert alarm_due(kept, NOON, None) is None


def test_each_alarm_is_told_once_and_a_gap_skips_to_the_nearest():
    """Thirty days before, then fourteen; who was away for weeks hears the last one only."""
    told = None
    heard = []
    for left in range(40, -5, -1):
        due = alarm_due(life(left), NOON, told)
        if due is not None:
            heard.append((left, due))
            told = due
    assert heard == [(30, 30), (14, 14), (7, 7), (3, 3), (1, 1), (0, 0)]
    assert alarm_due(life(5), NOON, None) == 7
    assert alarm_due(life(-90), NOON, 0) is None


def test_it_says_when_what_and_that_it_may_be_sooner():
    """Packline knows only since when it has had it, unless a person told."""
    assert life(5).says(NOON) == (
        "The application's client secret ends on 2026-11-26, in 5 days (perhaps sooner: nobody told when it was made)."
        " Rotate it in Seller Central or Solution Provider Portal, then store it: `packline account authorize acme`."
    )
    assert "perhaps" not in life(5, is_told=True).says(NOON)
    assert "ended on 2026-11-11" in life(-10).says(NOON)
