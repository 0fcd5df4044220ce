"""Feeds that share a bucket: none is sent without a call, none starves, a reserve is kept for who is more urgent."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from builders import NOON
from packline.domain.feed_plan import (
    FULL_OF_STOCK,
    RANK,
    RULES,
    Backlog,
    Bucket,
    Waiting,
    choose,
    choose_apart,
    choose_together,
    forecast,
    left_to_calls,
    most_of_stock,
)
from packline.domain.feeds import FeedKind

waitings = st.lists(
    st.builds(
        lambda kind, count, age: Waiting(kind, "A21TJRUUN4KGV", count, NOON - timedelta(seconds=age)),
        st.sampled_from(list(FeedKind)),
        st.integers(1, 500),
        st.floats(0, 7200),
    ),
    max_size=6,
)
buckets = st.builds(lambda level: Bucket(level, 0.0083, 15.0), st.floats(0, 15))


@given(waitings, buckets)
def test_nothing_is_sent_without_a_call(waiting: list[Waiting], bucket: Bucket) -> None:
    """A feed goes only where a whole call is free; where none goes, it is known when to look again."""
    choice = choose(waiting, bucket, NOON)

    if choice.send is not None:
        assert bucket.level >= 1
        assert choice.send in waiting
    elif waiting:
        assert choice.look_at is not None
        assert choice.look_at > NOON


@given(waitings, buckets)
def test_the_reserve_is_kept_for_who_is_more_urgent(waiting: list[Waiting], bucket: Bucket) -> None:
    """Stock leaves two calls and documents one, unless they have waited so long that they starve."""
    chosen = choose(waiting, bucket, NOON).send

    if chosen is not None and chosen.kind is not FeedKind.CANCEL:
        starving = {FeedKind.DOCUMENTS: RULES.documents_starving_s, FeedKind.STOCK: RULES.stock_starving_s}
        kept = {FeedKind.DOCUMENTS: 1.0, FeedKind.STOCK: RULES.reserve}[chosen.kind]
        age = (NOON - chosen.since).total_seconds()
        assert bucket.level >= 1 + kept or age >= starving[chosen.kind]


@given(waitings.filter(bool), st.floats(0, 1))
def test_nobody_starves(waiting: list[Waiting], level: float) -> None:
    """With one call every two minutes, and the higher ranks never empty, every kind goes in the end."""
    left = {w.kind for w in waiting}
    since: dict[FeedKind, datetime] = {w.kind: w.since for w in waiting}
    now = NOON
    for _ in range(400):
        queue = [Waiting(kind, "", 100, since[kind]) for kind in RANK if kind in since]
        choice = choose(queue, Bucket(level, 0.0083, 15.0), now)
        if choice.send is not None:
            left.discard(choice.send.kind)
            since[choice.send.kind] = now  # more of it comes at once
            level -= 1
            continue
        if not left:
            return
        assert choice.look_at is not None
        level = min(15.0, level + (choice.look_at - now).total_seconds() * 0.0083)
        now = choice.look_at
    assert not left


@given(waitings, buckets)
def test_a_forecast_counts_every_feed_before_it(waiting: list[Waiting], bucket: Bucket) -> None:
    """What goes later is done later, and nothing is done before its calls have come back."""
    told = forecast(waiting, bucket, NOON)

    assert [one.kind for one in told] == [kind for kind in RANK if any(w.kind is kind for w in waiting)]
    assert [one.done_at for one in told] == sorted(one.done_at for one in told)
    feeds = 0
    for one in told:
        feeds += one.feeds
        assert one.done_at >= NOON + timedelta(seconds=max(0.0, (feeds - bucket.level) / bucket.rate) - 1)


@given(waitings, buckets)
def test_stock_with_a_bucket_of_its_own_takes_no_call_of_others(waiting: list[Waiting], bucket: Bucket) -> None:
    """Stock goes while its own bucket has a call, however empty the other is, and the other way round."""
    own_only = choose_apart(waiting, Bucket(0.0, 0.0083, 15.0), Bucket(1.0, 5 / 300, 5.0), NOON)
    others_only = choose_apart(waiting, bucket, Bucket(0.0, 5 / 300, 5.0), NOON)

    assert own_only.send is None or own_only.send.kind is FeedKind.STOCK
    assert others_only.send is None or others_only.send.kind is not FeedKind.STOCK


backlogs = st.builds(
    lambda count, share, dead: Backlog(count, round(count * share), NOON, None, dead),
    st.integers(0, 200_000),
    st.floats(0, 1),
    st.integers(0, 25_000),
)


@given(backlogs, st.floats(0.1, 50))
def test_few_quantities_go_by_calls_and_many_by_feeds(backlog: Backlog, rate: float) -> None:
    """What calls tell within a minute needs no feed; of more, calls are left what they tell within a minute at most."""
    left = left_to_calls(backlog, rate)

    assert left <= max(backlog.count, round(rate * RULES.stock_worth_s))
    if backlog.count <= rate * RULES.stock_worth_s:
        assert left == backlog.count
    else:
        assert min(backlog.sold_out, round(rate * RULES.stock_worth_s)) <= left <= round(rate * RULES.stock_worth_s)


@given(backlogs)
def test_feeds_that_die_get_smaller_until_calls_find_what_kills_them(backlog: Backlog) -> None:
    """A feed that died is followed by one of half its size at most, down to none."""
    most = most_of_stock(backlog)

    assert most <= (backlog.dead // 2 if backlog.dead else FULL_OF_STOCK)


@given(waitings, buckets)
def test_in_a_shared_bucket_quantities_gather_unless_a_call_would_be_lost(
    waiting: list[Waiting], bucket: Bucket
) -> None:
    """Numbers that changed a moment ago take no call that documents may need, but one that would be lost."""
    chosen = choose_together(waiting, bucket, NOON).send

    if chosen is not None and chosen.kind is FeedKind.STOCK and chosen.count < FULL_OF_STOCK:
        age = (NOON - chosen.since).total_seconds()
        assert age >= RULES.shared_stock_wait_s or (bucket.level >= bucket.burst - 1 and age >= RULES.stock_wait_s)
