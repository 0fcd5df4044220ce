"""Silence of a flow, over simulated weeks of orders by day and night."""

import math
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from packline.domain import silence
from packline.domain.silence import HOUR, WEEK, Circumstances, habit_of, longest, probable_cause, world_expected

START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
NIGHT = range(8)


def rate(at: datetime, daily: float) -> float:
    """Give orders an hour: none to speak of at night, half on Sundays."""
    share = 0.001 if at.hour in NIGHT else 1 / 16
    return daily * share * (0.5 if at.weekday() == 6 else 1)


def arrivals(seed: int, weeks: int, daily: float) -> list[datetime]:
    """Simulate orders of some weeks, by thinning."""
    chance, at, found, top = random.Random(seed), START, [], daily / 16
    while at < START + weeks * WEEK:
        at += HOUR * (-math.log(1 - chance.random()) / top)
        if chance.random() < rate(at, daily) / top:
            found.append(at)
    return found


def by_hour(orders: list[datetime]) -> dict[datetime, int]:
    return Counter(at.replace(minute=0, second=0, microsecond=0) for at in orders)


def alarms(orders: list[datetime]) -> list[datetime]:
    """Judge every gap with what was known at the end of the hour before it began; give when each alarm was raised."""
    hours, found, known = by_hour(orders), [], (START, None)
    for before, after in pairwise(orders):
        hour = before.replace(minute=0, second=0, microsecond=0)
        if known[0] != hour:
            known = (hour, habit_of({at: count for at, count in hours.items() if at < hour}, hour))
        due = world_expected(known[1], before)
        if due is not None and due < after:
            found.append(due)
    return found


def test_weeks_of_ordinary_days_and_nights_raise_nothing():
    """Four sellers of 3 to 150 orders a day: no night or Sunday, and of 140 judged days no accident, is an alarm."""
    sellers = ((11, 3), (12, 12), (13, 40), (14, 150))
    assert [at for seed, daily in sellers for at in alarms(arrivals(seed, 7, daily))] == []


def test_a_busy_hour_without_orders_is_an_alarm():
    """A seller of 400 a day misses them within the hour; one of 40 within half a day of trade."""
    monday_noon = START + 5 * WEEK + 12 * HOUR
    for daily, patience in ((400, HOUR), (40, 7 * HOUR)):
        past = [at for at in arrivals(1, 6, daily) if at < monday_noon]
        due = world_expected(habit_of(by_hour(past), monday_noon), past[-1])
        assert due is not None
        assert past[-1] + silence.PATIENCE <= due < past[-1] + patience


def test_a_gap_that_begins_in_the_evening_is_judged_in_the_morning():
    """The night itself takes nothing away: the alarm comes in the first busy hours."""
    evening = START + 5 * WEEK + timedelta(hours=23, minutes=55)
    past = [at for at in arrivals(2, 6, 400) if at < evening]
    due = world_expected(habit_of(by_hour(past), evening), past[-1])
    assert due is not None
    assert evening + timedelta(hours=8) < due < evening + timedelta(hours=10)


def test_a_cold_start_raises_nothing():
    """Before two whole weeks are known there is no habit, and no expectation."""
    past = arrivals(3, 2, 400)
    assert habit_of(by_hour(past), START + 2 * WEEK - 2 * HOUR) is None
    assert world_expected(None, past[-1]) is None
    assert habit_of({}, START) is None


def test_an_hour_of_catching_up_teaches_nearly_nothing():
    """Three thousand orders that an outage held up until three at night are not expected there next week."""
    now, odd = START + 5 * WEEK, START + 4 * WEEK + 3 * HOUR
    hours = by_hour(arrivals(4, 5, 400))
    plain = habit_of(hours, now)
    caught_up = habit_of({**hours, odd: 3000}, now)
    assert plain is not None
    assert caught_up is not None
    assert sum(caught_up.counts) - sum(plain.counts) <= 6


def test_a_flow_that_we_drive_is_silent_after_three_of_its_intervals():
    """At least a quarter of an hour; what was never read is no habit; an outage does not become one."""
    assert silence.driven_expected(None, None) is None
    assert silence.driven_expected(START, 30) == START + timedelta(minutes=15)
    assert silence.driven_expected(START, 1200) == START + timedelta(hours=1)
    assert longest(None, START, START + timedelta(seconds=40)) == 40
    assert longest(100, START, START + timedelta(seconds=40)) == 99
    assert longest(100, START, START + timedelta(hours=9)) == 100
    assert longest(100, START, START) == 100


def test_a_queue_is_silent_where_something_waits_and_nothing_leaves():
    """An empty queue may rest for ever; a long one that moves is not silent."""
    ten = timedelta(minutes=10)
    assert silence.queue_expected(None, START, ten) is None
    assert silence.queue_expected(START, None, ten) == START + ten
    assert silence.queue_expected(START, START + HOUR, ten) == START + HOUR + ten


@pytest.mark.parametrize(
    ("flow", "around", "cause"),
    [
        ("polling", Circumstances(paused_reason="x", is_refused=True), "credentials_refused"),
        ("orders", Circumstances(paused_reason="holiday"), "account_paused"),
        ("polling", Circumstances(has_worker=False, error="503"), "no_worker"),
        ("polling", Circumstances(error="503"), "amazon_failing"),
        ("notifications", Circumstances(missed="S-1"), "notifications_stopped"),
        ("orders", Circumstances(missed="S-1"), "no_orders"),
        ("webhooks", Circumstances(is_endpoint=True, has_worker=False), "endpoint_failing"),
        ("stock", Circumstances(), "unknown"),
    ],
)
def test_the_cause_is_the_first_that_explains_everything(flow: str, around: Circumstances, cause: str):
    """A paused account explains what no worker does for it, and a worker that is gone explains old errors."""
    assert probable_cause(flow, around)[0] == cause
