"""How full the bucket of createFeed is when an account is taken up: never believed fuller than it is."""

import json
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from builders import NOON
from packline.amazon.seller_central.feeds import SellerCentralFeeds, level_after
from packline.amazon.spapi.usage_plans import UsagePlan
from unit.amazon.driven_clock import DrivenClock
from unit.amazon.scripted_transport import ScriptedTransport
from unit.amazon.seller_central.seller import doors_of, told

PLAN = UsagePlan(0.0083, 15)


async def level_with(*created: datetime) -> tuple[float, int]:
    """Take an account up whose feeds were created then; give the level of its lane and the calls that it took."""
    rows = [
        {"feedId": str(n), "processingStatus": "DONE", "createdTime": at.isoformat()} for n, at in enumerate(created)
    ]
    transport, clock = ScriptedTransport(told({"feeds": rows})), DrivenClock()
    doors = doors_of(transport, clock, usage_plan="amazon")

    async def nothing(_: object) -> None: ...

    port = SellerCentralFeeds(doors, clock, nothing)
    await port.refill("acme-in", None)
    await port.refill("acme-in", None)
    lane = next(lane for lane in doors.quotas("acme-in") if lane["operation"] == "createFeed")
    return lane["level"], len(transport.calls)


async def test_a_quiet_account_begins_with_a_full_bucket():
    """Rule: no feed for an hour: 14 of 15 calls are free, one is kept back; Amazon is asked once."""
    level, calls = await level_with()
    assert (round(level, 1), calls) == (14.0, 1)


async def test_feeds_that_were_just_created_are_counted():
    """Rule: five feeds a moment ago leave nine of fifteen, and one is kept back."""
    now = DrivenClock().now()
    level, _ = await level_with(*[now - timedelta(seconds=1)] * 5)
    assert 8.9 < level < 9.1


async def test_a_spent_bucket_begins_empty():
    """Rule: fifteen and more feeds just now leave nothing: the next one waits, and meets no 429."""
    level, _ = await level_with(*[DrivenClock().now() - timedelta(seconds=1)] * 20)
    assert level == 0.0


async def test_the_levels_of_the_last_owner_need_no_question():
    """Rule: where the last owner left its levels, or a lane is in use, Amazon is not asked."""
    transport, clock = ScriptedTransport(), DrivenClock()
    doors = doors_of(transport, clock, usage_plan="amazon")
    left = {"at": clock.now().timestamp(), "lanes": [["client", "createFeed", 3.0]]}
    doors.take_up("acme-in", json.dumps(left).encode())

    async def nothing(_: object) -> None: ...

    await SellerCentralFeeds(doors, clock, nothing).refill("acme-in", None)
    (lane,) = doors.quotas("acme-in")
    assert (round(lane["level"], 3), transport.calls) == (3.0, [])


@given(
    start=st.floats(0, 15),
    calls=st.lists(st.floats(0, 3600), max_size=40),
)
def test_the_level_is_never_believed_too_high(start: float, calls: list[float]):
    """Rule: whatever was free before the window, Amazon's bucket is at least as full as the estimate."""
    level, at, taken = start, 0.0, []
    for moment in sorted(calls):
        level = min(PLAN.burst, level + (moment - at) * PLAN.rate)
        at = moment
        if level >= 1:  # Amazon takes it
            level -= 1
            taken.append(NOON + timedelta(seconds=moment))
    real = min(PLAN.burst, level + (3600 - at) * PLAN.rate)

    assert level_after(taken, NOON, NOON + timedelta(hours=1), PLAN) <= real + 1e-6
