"""Who goes first where all feeds share one bucket and more waits than it lets through, hour after hour."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from packline.domain.feed_plan import Bucket, FeedRules, Waiting, choose
from packline.domain.feeds import FeedKind

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
RATE, BURST = 1 / 120, 15.0
HOURS = 5


def _hours(kinds: tuple[FeedKind, ...]) -> list[Counter[FeedKind]]:
    """Live through hours in which every kind has something to send all the time; documents pile up."""
    level, sent, since = BURST, list[tuple[datetime, FeedKind]](), dict.fromkeys(kinds, NOON)
    rules = FeedRules(full=1, documents_wait_s=0)
    for second in range(0, (HOURS + 1) * 3600, 5):
        now = NOON + timedelta(seconds=second)
        level = min(BURST, level + 5 * RATE)
        waiting = [Waiting(kind, "IN", 10_000 if kind is FeedKind.DOCUMENTS else 5, since[kind]) for kind in kinds]
        choice = choose(waiting, Bucket(level, RATE, BURST), now, rules)
        if choice.send is not None:
            level -= 1
            sent.append((now, choice.send.kind))
            if choice.send.kind is not FeedKind.DOCUMENTS:
                since[choice.send.kind] = now + timedelta(seconds=10)  # the next change waits already
    first = NOON + timedelta(hours=1)
    return [
        Counter(kind for at, kind in sent if timedelta() <= at - first - timedelta(hours=hour) < timedelta(hours=1))
        for hour in range(HOURS)
    ]


def test_inventory_leaves_every_hour_however_many_documents_wait() -> None:
    """Rule: of thirty calls an hour documents get 29 and inventory one, in every hour."""
    hours = _hours((FeedKind.DOCUMENTS, FeedKind.STOCK))
    assert [hour[FeedKind.STOCK] for hour in hours] == [1] * HOURS
    assert all(hour[FeedKind.DOCUMENTS] >= 29 for hour in hours)


def test_cancellations_leave_too_where_documents_never_end() -> None:
    """Rule: a cancellation waits a quarter of an hour at most before its turn, inventory an hour."""
    hours = _hours((FeedKind.CANCEL, FeedKind.DOCUMENTS, FeedKind.STOCK))
    assert all(hour[FeedKind.CANCEL] >= 3 and hour[FeedKind.STOCK] >= 1 for hour in hours)
    assert all(hour[FeedKind.DOCUMENTS] >= 20 for hour in hours)


def test_an_hour_of_orders_gets_its_labels_within_the_hour() -> None:
    """Rule: at an order a second the burst is not spent on small feeds: 3,000 of 3,600 and more are asked for."""
    level, waiting_since, waiting, asked = BURST, NOON, 0, 0
    rate = 0.0083  # createFeed: Feeds 2021-06-30, usage plan
    for second in range(3600):
        now = NOON + timedelta(seconds=second)
        level, waiting = min(BURST, level + rate), waiting + 1
        choice = choose([Waiting(FeedKind.DOCUMENTS, "IN", waiting, waiting_since)], Bucket(level, rate, BURST), now)
        if choice.send is not None:
            level, asked, waiting = level - 1, asked + min(100, waiting), max(0, waiting - 100)
            waiting_since = now - timedelta(seconds=waiting)
    assert asked > 3400
