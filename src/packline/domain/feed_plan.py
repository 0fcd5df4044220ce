"""Which feed goes next: kinds that share a bucket go by urgency, with a reserve, and none of them starves."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from packline.domain.feeds import FeedKind
from packline.domain.values import Value


class FeedRules(Value, frozen=True):
    """When a feed is worth a call: when it is full, when its oldest item has waited, when a call would be lost.

    `reserve` calls are kept for kinds of higher rank than the one that asks; a kind that has waited `starving` goes
    before every other. Quantities are worth a feed when single calls would take `stock_worth_s` to tell them; what
    calls tell in `stock_by_call_s` is left to them. Times in seconds.
    """

    full: int = 100
    documents_wait_s: float = 20.0
    cancel_wait_s: float = 10.0
    stock_wait_s: float = 5.0
    shared_stock_wait_s: float = 900.0
    stock_worth_s: float = 60.0
    stock_by_call_s: float = 5.0
    reserve: float = 2.0
    documents_starving_s: float = 600.0
    cancel_starving_s: float = 900.0
    stock_starving_s: float = 3540.0


RULES = FeedRules()
RANK = (FeedKind.CANCEL, FeedKind.DOCUMENTS, FeedKind.STOCK)
"""A cancellation must reach Amazon before the order is scheduled; packing goes before stock, which collapses."""
SHARED_FEED_PLAN = "legacy-shared-feed"
"""The usage plan under which listings feeds count with all others; else they have a bucket of their own."""
CALLS_A_SECOND = 5.0
"""Listings Items 2021-08-01, usage plan of patchListingsItem; used where no call was made yet or none is counted."""
FULL_OF_STOCK = 25_000  # Listings feed, messages in one file


class Waiting(Value, frozen=True):
    """What waits for a feed of one kind in one marketplace."""

    kind: FeedKind
    marketplace: str
    count: int
    since: datetime


class Backlog(Value, frozen=True):
    """Places of an account that Amazon does not know the number of yet, `sold_out` of them with none left to sell.

    `dead` are the items of the last feed where Amazon let it die as a whole within the last hour, else 0.
    """

    count: int
    sold_out: int = 0
    since: datetime | None = None
    last_at: datetime | None = None
    dead: int = 0


class Bucket(Value, frozen=True):
    """Calls of createFeed that are free, what comes back in a second (0: nothing is counted), and how many fit."""

    level: float
    rate: float
    burst: float

    @property
    def is_counted(self) -> bool:
        """Tell whether Amazon counts at all."""
        return self.rate > 0

    def until(self, level: float) -> timedelta:
        """Tell how long it takes until so many calls are free."""
        missing = max(0.0, level - self.level)
        return timedelta(seconds=missing / self.rate) if self.is_counted else timedelta()


class Choice(Value, frozen=True):
    """The feed to send now (None: none yet), and when to look again."""

    send: Waiting | None
    look_at: datetime | None


class Forecast(Value, frozen=True):
    """What waits of one kind, in how many feeds it goes, and when the last of them can leave."""

    kind: FeedKind
    count: int
    feeds: int
    done_at: datetime


def choose(waiting: Sequence[Waiting], bucket: Bucket, now: datetime, rules: FeedRules = RULES) -> Choice:
    """Choose the feed that goes next, or tell when one may."""
    if not waiting:
        return Choice(None, None)
    ready = [w for w in waiting if _is_ready(w, bucket, now, rules)]
    looks = [w.since + _patience(w.kind, bucket, rules) for w in waiting if w not in ready]
    for candidate in sorted(ready, key=lambda w: (*_turn(w, now, rules), w.since)):
        starving = _is_starving(candidate, now, rules)
        needed = 1.0 if starving else 1.0 + _reserve(candidate.kind, bucket, rules)
        if not bucket.is_counted or bucket.level >= needed:
            return Choice(candidate, now)
        looks.append(now + bucket.until(needed))
        if not starving:
            looks.append(candidate.since + _starving(candidate.kind, rules))
    return Choice(None, max(min(looks), now + timedelta(milliseconds=50)))


def choose_together(waiting: Sequence[Waiting], bucket: Bucket, now: datetime, rules: FeedRules = RULES) -> Choice:
    """Choose where all kinds share one bucket: there quantities gather for longer, unless a call would be lost."""
    is_full = bucket.is_counted and bucket.level >= bucket.burst - 1
    wait = rules.stock_wait_s if is_full else max(rules.stock_wait_s, rules.shared_stock_wait_s)
    return choose(waiting, bucket, now, replace(rules, stock_wait_s=wait))


def choose_apart(
    waiting: Sequence[Waiting], bucket: Bucket, of_stock: Bucket, now: datetime, rules: FeedRules = RULES
) -> Choice:
    """Choose where listings feeds have a bucket of their own: there they leave nothing for others."""
    others = choose([w for w in waiting if w.kind is not FeedKind.STOCK], bucket, now, rules)
    if others.send is not None:
        return others
    stock = choose([w for w in waiting if w.kind is FeedKind.STOCK], of_stock, now, replace(rules, reserve=0.0))
    if stock.send is not None:
        return stock
    return Choice(None, min((c.look_at for c in (others, stock) if c.look_at is not None), default=None))


def left_to_calls(backlog: Backlog, calls_a_second: float, rules: FeedRules = RULES) -> int:
    """Tell how many places of a backlog, the most urgent, single calls are to tell; all where no feed is worth it.

    A feed tells thousands at once but takes about a minute; what calls can tell sooner goes by call where it is sold
    out. After a feed that died as a whole the next takes half as many, so that what kills it is found by calls.
    """
    if backlog.count <= calls_a_second * rules.stock_worth_s:
        return backlog.count
    urgent = min(backlog.sold_out, round(calls_a_second * rules.stock_worth_s))
    return max(urgent, round(calls_a_second * rules.stock_by_call_s))


def most_of_stock(backlog: Backlog) -> int:
    """Tell how many quantities the next feed takes at most: half of the last one where that one died."""
    return min(FULL_OF_STOCK, backlog.dead // 2) if backlog.dead else FULL_OF_STOCK


def forecast(
    waiting: Sequence[Waiting], bucket: Bucket, now: datetime, rules: FeedRules = RULES
) -> tuple[Forecast, ...]:
    """Tell for each kind when its backlog has left, the higher ranks going first."""
    told, feeds_before = [], 0
    for kind in RANK:
        mine = [w for w in waiting if w.kind is kind]
        if not mine:
            continue
        feeds = sum(-(-w.count // size(kind, rules)) for w in mine)
        feeds_before += feeds
        told.append(Forecast(kind, sum(w.count for w in mine), feeds, now + bucket.until(float(feeds_before))))
    return tuple(told)


def size(kind: FeedKind, rules: FeedRules) -> int:
    """Tell how many items one feed takes."""
    return FULL_OF_STOCK if kind is FeedKind.STOCK else rules.full


def _is_ready(waiting: Waiting, bucket: Bucket, now: datetime, rules: FeedRules) -> bool:
    if waiting.count >= size(waiting.kind, rules) or now >= waiting.since + _patience(waiting.kind, bucket, rules):
        return True
    if waiting.kind is FeedKind.STOCK:
        return False  # many numbers change at once: the first of them wait for the rest
    return bucket.is_counted and bucket.level >= bucket.burst - 1  # the next call that comes back would be lost


def _patience(kind: FeedKind, bucket: Bucket, rules: FeedRules) -> timedelta:
    """Tell how long the oldest waits: documents wait for their feed to fill while less than half the calls are left.

    A burst that is spent on small feeds is missed by the rest of the hour; the next call would not come sooner.
    """
    wait = _wait(kind, rules)
    if kind is FeedKind.DOCUMENTS and wait and bucket.is_counted and bucket.level < bucket.burst / 2:
        return max(wait, bucket.until(bucket.level + 1))
    return wait


def _wait(kind: FeedKind, rules: FeedRules) -> timedelta:
    return timedelta(
        seconds={
            FeedKind.DOCUMENTS: rules.documents_wait_s,
            FeedKind.CANCEL: rules.cancel_wait_s,
            FeedKind.STOCK: rules.stock_wait_s,
        }[kind]
    )


def _starving(kind: FeedKind, rules: FeedRules) -> timedelta:
    return timedelta(
        seconds={
            FeedKind.DOCUMENTS: rules.documents_starving_s,
            FeedKind.CANCEL: rules.cancel_starving_s,
            FeedKind.STOCK: rules.stock_starving_s,
        }[kind]
    )


def _turn(waiting: Waiting, now: datetime, rules: FeedRules) -> tuple[bool, float]:
    """Say who goes first: whoever starves, and of those the kind that starves last, as it asks so rarely.

    Documents that outrun their bucket starve all the time; were they first, nothing else would ever leave.
    """
    if _is_starving(waiting, now, rules):
        return False, -_starving(waiting.kind, rules).total_seconds()
    return True, RANK.index(waiting.kind)


def _is_starving(waiting: Waiting, now: datetime, rules: FeedRules) -> bool:
    return now >= waiting.since + _starving(waiting.kind, rules)


def _reserve(kind: FeedKind, bucket: Bucket, rules: FeedRules) -> float:
    """Keep calls for those of higher rank: none for cancellations, one for documents, all for stock."""
    share = {FeedKind.CANCEL: 0.0, FeedKind.DOCUMENTS: min(1.0, rules.reserve), FeedKind.STOCK: rules.reserve}[kind]
    return min(share, max(0.0, bucket.burst - 1))
