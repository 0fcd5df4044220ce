"""Lanes keep to Amazon's bucket, use all of it, and serve the most urgent first."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packline.amazon.spapi.lanes import JITTER, Lane, Lanes
from packline.amazon.spapi.usage_plans import UNLIMITED, UsagePlan, UsagePlans
from unit.amazon.driven_clock import DrivenClock, settle


class AmazonsBucket:
    """Count arrivals the way Amazon does, full at the start."""

    def __init__(self, plan: UsagePlan) -> None:
        self.plan, self.level, self.at = plan, plan.burst, 0.0

    def admits(self, at: float) -> bool:
        self.level = min(self.plan.burst, self.level + (at - self.at) * self.plan.rate)
        self.at = at
        self.level -= 1
        return self.level > -1e-6


async def _queue(lane: Lane, urgencies: list[float], order: list[int]) -> list[asyncio.Task[None]]:
    async def wait(number: int, urgency: float) -> None:
        await lane.acquire(urgency)
        order.append(number)

    tasks = [asyncio.create_task(wait(number, urgency)) for number, urgency in enumerate(urgencies)]
    await settle()
    return tasks


async def _backlog(plan: UsagePlan, seconds: float, calls: int) -> list[float]:
    clock = DrivenClock()
    lane = Lane(plan, clock, level=plan.burst)
    sent: list[float] = []

    async def one() -> None:
        await lane.acquire()
        sent.append(clock.elapsed)

    tasks = [asyncio.create_task(one()) for _ in range(calls)]
    await clock.advance(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return sent


@pytest.mark.parametrize("plan", [UsagePlan(1, 2), UsagePlan(2, 4), UsagePlan(1, 1), UsagePlan(50, 100)])
async def test_a_backlog_uses_at_least_98_percent_of_what_amazon_grants(plan):
    """Rule: with work waiting, the lane gives away at most two percent of rate and burst."""
    seconds = 300 / plan.rate
    sent = await _backlog(plan, seconds, 450)
    assert len(sent) >= 0.98 * int(plan.burst + plan.rate * seconds)


@settings(max_examples=60, deadline=None)
@given(
    rate=st.sampled_from([0.5, 1.0, 2.0, 10.0]),
    burst=st.sampled_from([2.0, 4.0, 20.0]),
    travel=st.lists(st.floats(0, 1), min_size=40, max_size=40),
)
def test_amazon_never_counts_one_call_too_many_however_calls_overtake_each_other(rate, burst, travel):
    """Rule: calls that travel up to the margin faster or slower than others are still within the bucket."""
    plan = UsagePlan(rate, burst)
    margin = min(JITTER, (burst - 1) / 2 / rate)
    sent = asyncio.run(_backlog(plan, 40 / rate, 40))
    arrivals = sorted(at + share * margin for at, share in zip(sent, travel, strict=False))
    bucket = AmazonsBucket(plan)
    assert all(bucket.admits(at) for at in arrivals)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=20))
def test_the_most_urgent_goes_first_and_equals_in_the_order_they_came(urgencies):
    """Rule: lowest urgency first; among equals nobody is overtaken, so nobody starves."""

    async def run() -> list[int]:
        clock, order = DrivenClock(), []
        lane = Lane(UsagePlan(1, 2), clock, level=0)
        await _queue(lane, urgencies, order)
        await clock.advance(len(urgencies) + 5)
        return order

    expected = sorted(range(len(urgencies)), key=lambda number: (urgencies[number], number))
    assert asyncio.run(run()) == expected


@settings(max_examples=50, deadline=None)
@given(st.lists(st.booleans(), min_size=2, max_size=20), st.floats(0, 10))
def test_cancelled_waiters_cost_no_turn_and_block_nobody(cancelled, when):
    """Rule: who leaves the queue, even just after being served, leaves its turn to the next."""

    async def run() -> tuple[int, int, float]:
        clock, order = DrivenClock(), []
        lane = Lane(UsagePlan(1, 2), clock, level=0)
        tasks = await _queue(lane, [0.0] * len(cancelled), order)
        await clock.advance(when)
        served_before = len(order)
        for task, leaves in zip(tasks, cancelled, strict=True):
            if leaves:
                task.cancel()
        await clock.advance(len(cancelled) + 5)
        stayed = sum(1 for number in range(served_before, len(tasks)) if not cancelled[number])
        assert lane.is_idle
        return len(order) - served_before, stayed, lane.eta()

    served, stayed, _ = asyncio.run(run())
    assert served == stayed


async def test_a_turn_granted_to_a_cancelled_waiter_goes_to_the_next():
    """Rule: a turn is given back when its owner is cancelled in the same moment as it is granted."""
    clock, order = DrivenClock(), []
    lane = Lane(UsagePlan(1, 2), clock, level=0)
    first, _second = await _queue(lane, [0.0, 1.0], order)
    clock.elapsed = 1.0
    lane._ring()
    first.cancel()
    await settle()
    assert order == [1]


async def test_after_a_429_the_lane_pauses_and_the_same_ticket_goes_first():
    """Rule: a throttled call keeps its place before later ones of the same urgency."""
    clock, order = DrivenClock(), []
    lane = Lane(UsagePlan(1, 2), clock, level=1)
    ticket = lane.take()
    await _queue(lane, [0.0], order)
    lane.throttled()

    async def again() -> None:
        await lane.acquire(0.0, ticket)
        order.append(99)

    task = asyncio.create_task(again())
    await clock.advance(0.9)
    assert order == []
    await clock.advance(0.3)
    assert order == [99]
    await clock.advance(1.0)
    assert order == [99, 0]
    await task


async def test_pauses_grow_while_amazon_keeps_refusing_and_end_with_an_answer():
    """Rule: each 429 in a row doubles the pause; the first answer ends the series."""
    clock = DrivenClock()
    lane = Lane(UsagePlan(1, 2), clock)
    pauses = []
    for _ in range(3):
        lane.throttled()
        pauses.append(lane.snapshot("a", "o").pause)
    assert pauses == [1, 2, 4]
    lane.answered("")
    lane.throttled()
    assert lane.snapshot("a", "o").pause == 1


async def test_the_lane_adopts_the_rate_that_amazon_states():
    """Rule: x-amzn-RateLimit-Limit replaces the planned rate at once, nonsense in it does not."""
    clock, order = DrivenClock(), []
    lane = Lane(UsagePlan(1, 2), clock, level=0)
    await _queue(lane, [0.0] * 11, order)
    for limit in ("10.0", "lots", "-1", "nan", "inf"):
        lane.answered(limit)
    await clock.advance(1.0 + 1e-6)
    assert len(order) == 10
    assert lane.snapshot("a", "o").rate == 10.0


async def test_eta_tells_when_more_calls_could_have_gone():
    """Rule: who waits already is counted before."""
    clock, order = DrivenClock(), []
    lane = Lane(UsagePlan(2, 4), clock, level=0)
    await _queue(lane, [0.0] * 3, order)
    assert lane.eta(1) == 2.0
    assert lane.snapshot("a", "o").eta == 1.5
    await clock.advance(10)
    assert lane.eta(1) == 0.0


async def test_nothing_is_counted_or_awaited_where_quotas_are_off():
    """Rule: a lane without a rate lets everybody through and never refuses."""
    lane = Lane(UNLIMITED, DrivenClock())
    assert all(lane.take() for _ in range(1000))
    lane.throttled()
    assert await lane.acquire() > 0
    assert lane.level is None
    assert lane.eta(100) == 0.0


async def test_an_unknown_bucket_is_taken_to_hold_one_call():
    """Rule: after a start nobody knows who has just used the burst, so it is not used until time has passed."""
    lane = Lane(UsagePlan(1, 2), DrivenClock())
    assert lane.take()
    assert not lane.take()


async def test_each_account_and_operation_has_its_own_lane():
    """Rule: quotas are per account, application and operation."""
    lanes = Lanes(UsagePlans(), DrivenClock())
    lane = lanes.lane("a", "app", "getShipment")
    assert lanes.lane("a", "app", "getShipment") is lane
    others = [lanes.lane(*key) for key in (("b", "app", "getShipment"), ("a", "app2", "getShipment"))]
    others.append(lanes.lane("a", "app", "processShipment"))
    assert all(other is not lane for other in others)
    assert [snapshot.operation for snapshot in lanes.snapshots("b")] == ["getShipment"]
    lanes.forget("a")
    assert {snapshot.account for snapshot in lanes.snapshots()} == {"b"}


def test_an_unknown_preset_is_refused():
    """Rule: a misspelt preset is an error, not a default."""
    with pytest.raises(ValueError, match="choose one of"):
        UsagePlans("amazonn")


def test_overrides_win_over_the_preset_and_unknown_operations_are_called_with_caution():
    """Rule: one operation can be given another plan; what no table names gets one call a second."""
    plans = UsagePlans("generous", {"getShipment": UsagePlan(5, 5)})
    assert plans.plan("getShipment") == UsagePlan(5, 5)
    assert plans.plan("getShipments") == UsagePlan(10, 20)
    assert plans.plan("somethingNew") == UsagePlan(1, 1)
    assert UsagePlans("off").plan("somethingNew").is_unlimited


def test_a_slow_lane_of_unknown_level_starts_full_and_a_quick_one_with_one_call():
    """Rule: a feed waits two minutes for its next call, a 429 costs one; where calls come back at once, be careful."""
    lanes = Lanes(UsagePlans(), DrivenClock())
    levels = {name: lanes.lane("a", "app", name).level for name in ("createFeed", "searchOrders", "getShipment")}
    assert levels == {
        "createFeed": pytest.approx(15, abs=0.02),
        "searchOrders": pytest.approx(20, abs=0.02),
        "getShipment": 1,
    }
    lanes.resume("b", [("app", "createFeed", 2.0)], 0)
    assert lanes.lane("b", "app", "createFeed").level == 2
