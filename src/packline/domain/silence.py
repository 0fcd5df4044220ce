"""When a flow is unusually silent, judged by its own past, and why it probably is.

Three kinds of flows: those that we drive ourselves (a listing is read every so often), those of the world (orders come
when buyers buy: the hours of the week tell how many), and queues (something waits, and nothing has left since).
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from packline.domain.values import Value

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
HOURS = 168
WEEKS = 4
"""So many weeks back are learnt from, at most."""
WEEKS_AT_LEAST = 2
"""Below it nothing is known of a week, and nothing is raised."""
PATIENCE = timedelta(minutes=15)
"""No flow is called silent sooner: a quota that is used up or a restart holds one up for minutes."""
TIMES = 3
"""A flow that we drive is silent after so many of its longest intervals."""
LONGEST = timedelta(hours=8)
"""An interval beyond it is no habit but a failure, and teaches nothing."""
UNLIKELY = 0.001
"""A gap of which less than this chance is left, on a day as this one was learnt, is no accident."""
_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)


class Habit(Value, frozen=True):
    """What a flow of the world did in the last `weeks` weeks: how many came in each of the 168 hours, from Monday."""

    weeks: int
    counts: tuple[int, ...]

    @property
    def daily(self) -> float:
        """How many come on a day."""
        return sum(self.counts) / (7 * self.weeks)


class Circumstances(Value, frozen=True):
    """What is known beside a flow when it falls silent; `error` is its own last one, after its last success."""

    paused_reason: str = ""
    is_refused: bool = False
    has_worker: bool = True
    error: str = ""
    missed: str = ""
    is_endpoint: bool = False


def habit_of(hours: Mapping[datetime, int], now: datetime) -> Habit | None:
    """Learn from counts per full hour (UTC); None where fewer than two whole weeks are known.

    One odd week, such as the hour in which hundreds are caught up after an outage, teaches nearly nothing: an hour
    counts for little more than twice what it had in the next best week.
    """
    until = now.replace(minute=0, second=0, microsecond=0)
    known = [at for at in hours if at < until]
    weeks = min(WEEKS, (until - min(known)) // WEEK) if known else 0
    if weeks < WEEKS_AT_LEAST:
        return None
    counts = [0] * HOURS
    for hour in range(HOURS):
        at = until - (hour + 1) * HOUR
        seen = sorted(hours.get(at - week * WEEK, 0) for week in range(weeks))
        most = 2 * seen[-2] + 2
        counts[_place(at)] = sum(min(count, most) for count in seen)
    return Habit(weeks, tuple(counts))


def world_expected(habit: Habit | None, last_at: datetime | None) -> datetime | None:
    """Tell by when the next one must have come; None where nothing can be said within a week.

    The chance that none comes in a part f of an hour that had k in n weeks is (n / (n + f)) ** k (Poisson, its rate
    known from n weeks only). Quiet hours have few and so take nothing from the chance of a gap: a night may be as long
    as it likes. A day has as many gaps as arrivals, each of which could be the long one: `UNLIKELY` is for all of them.
    """
    if habit is None or last_at is None:
        return None
    wanted = -math.log(UNLIKELY) + math.log(max(1.0, habit.daily))
    at, doubt = last_at, 0.0
    while at < last_at + WEEK:
        end = at.replace(minute=0, second=0, microsecond=0) + HOUR
        count = habit.counts[_place(at)]
        adds = count * math.log1p((end - at) / HOUR / habit.weeks)
        if doubt + adds >= wanted:
            part = habit.weeks * math.expm1((wanted - doubt) / count)
            return max(at + part * HOUR, last_at + PATIENCE)
        at, doubt = end, doubt + adds
    return None


def driven_expected(last_at: datetime | None, longest_s: float | None) -> datetime | None:
    """Tell by when a flow that we drive must have succeeded again; one that never did is no habit."""
    if last_at is None:
        return None
    return last_at + max(PATIENCE, TIMES * timedelta(seconds=longest_s or 0))


def queue_expected(waits_since: datetime | None, last_at: datetime | None, patience: timedelta) -> datetime | None:
    """Tell by when something of a queue must leave; None where nothing waits."""
    if waits_since is None:
        return None
    return max(waits_since, last_at or waits_since) + patience


def longest(known_s: float | None, before: datetime | None, last_at: datetime | None) -> float | None:
    """Learn the longest interval between two successes, in seconds; it fades by a hundredth with each shorter one."""
    if before is None or last_at is None or last_at <= before or last_at - before > LONGEST:
        return known_s
    return max((last_at - before).total_seconds(), (known_s or 0) * 0.99)


def probable_cause(flow: str, around: Circumstances) -> tuple[str, str]:
    """Name what is most probably behind a silence: a code, and a sentence with what to do."""
    if around.is_refused:
        return "credentials_refused", "Amazon refuses the account's authorisation: `packline account authorize`."
    if around.paused_reason:
        return "account_paused", f"The account is paused ({around.paused_reason}): `packline account resume`."
    if around.is_endpoint:
        return "endpoint_failing", f"The endpoint does not take events: {around.error or 'nobody sends them'}."
    if not around.has_worker:
        return "no_worker", "No worker runs: start `packline serve` or `packline worker`."
    if around.error:
        return "amazon_failing", f"The last call failed: {around.error}"
    if flow == "notifications" and around.missed:
        said = f"Polling found {around.missed} and no notification told of it: `packline notification check`."
        return "notifications_stopped", said
    if flow in ("orders", "notifications"):
        return "no_orders", "Amazon answers and has none: simply no orders, or the offers are not shown to buyers."
    return "unknown", "Nothing fails that Packline sees; look at its log and at `packline quota show`."


def _place(at: datetime) -> int:
    return int((at - _MONDAY) // HOUR) % HOURS
