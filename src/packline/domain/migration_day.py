"""Migration day: what must be so before a former integrator is switched off, each green or red with its cure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from packline.domain.values import Value

FRESH = timedelta(minutes=10)
"""A reading that succeeded so lately is at work."""
QUIET = timedelta(minutes=30)
"""So long nobody else may have acted before the former integrator is taken to be silent."""
LATELY = timedelta(hours=24)
"""A comparison that is older proves nothing of today."""
PARALLEL, DONE = "parallel", "done"


class Day(Value, frozen=True):
    """A migration: `state` is parallel or done; `confirms` are locations that confirmed by themselves before.

    `holds` are locations that were held for it.
    """

    account: str
    state: str
    began_at: datetime
    confirms: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    ended_at: datetime | None = None
    by: str = ""


class Standing(Value, frozen=True):
    """How an account stands, as the store tells it; counts and times are as of `now`.

    `flows` are listings with the time of their last success and their error. `compared_*` are the newest comparisons:
    when they ended, and what is still open of them.
    """

    account: str
    now: datetime
    day: Day | None
    enabled: bool
    paused_reason: str | None
    has_credentials: bool
    api: str
    locations: tuple[str, ...]
    confirming: tuple[str, ...]
    held: tuple[str, ...]
    flows: tuple[tuple[str, datetime | None, str], ...]
    returns_read_at: datetime | None
    parked: int
    strangers: int
    came_confirmed: int
    adopted: int
    skus: int
    unnumbered: int
    behind: int
    asks_first: bool
    numbering: str
    webhooks: int
    deaf: int
    compared_orders: tuple[datetime, int] | None
    compared_system: tuple[datetime, int] | None
    compared_stock: tuple[datetime, int] | None


class Check(NamedTuple):
    """One line of the list: its name, whether it is green, what it says, and the cure where it is red."""

    name: str
    green: bool
    says: str
    cure: str = ""


def checks(standing: Standing) -> list[Check]:
    """Go through the list, in the order in which a person mends it."""
    return [*_reading(standing), *_beside(standing), *_stock(standing), *_books(standing)]


def _reading(s: Standing) -> Iterator[Check]:
    yield Check(
        "begun",
        s.day is not None,
        f"Both run side by side since {s.day.began_at:%Y-%m-%d %H:%M} UTC." if s.day else "It has not begun.",
        f"Run `packline migration begin {s.account}`: it confirms nothing, holds stock, and reads along.",
    )
    works = s.enabled and s.has_credentials and s.paused_reason is None
    why = s.paused_reason or ("it is disabled" if not s.enabled else "it has no credentials")
    yield Check(
        "account",
        works,
        "Amazon accepts the account." if works else f"The account does not work: {why}.",
        f"Run `packline account doctor {s.account}`.",
    )
    yield Check(
        "locations",
        bool(s.locations) and not s.strangers,
        f"{len(s.locations)} locations; {s.strangers} shipments came from others.",
        "Add each of Amazon's location ids with `packline location set`; what was parked is read again by itself.",
    )
    old = [f"{name}: {error or 'no success yet'}" for name, at, error in s.flows if not _is_fresh(at, s.now)]
    yield Check(
        "orders_read",
        bool(s.flows) and not old,
        f"All {len(s.flows)} listings were read lately."
        if s.flows and not old
        else "; ".join(old[:3]) or "None is read.",
        "Let `packline worker` run; `packline doctor` says what hinders it.",
    )
    if s.api != "seller_central":
        yield Check(
            "returns_read",
            _is_fresh(s.returns_read_at, s.now),
            "Returns are read." if s.returns_read_at else "Returns were never read.",
            "Let `packline worker` run; the application needs the role that reads returns.",
        )
    yield Check(
        "nothing_parked",
        s.parked == 0,
        f"{s.parked} records could not be read.",
        "Look at `packline parked list` and mend what it says.",
    )


def _beside(s: Standing) -> Iterator[Check]:
    is_parallel = s.day is None or s.day.state == PARALLEL
    if is_parallel:
        yield Check(
            "confirms_nothing",
            not s.confirming,
            f"Confirming by itself: {', '.join(s.confirming) or 'nowhere'}.",
            f"Run `packline migration begin {s.account}` again, or `packline location set --no-auto-confirm`.",
        )
    yield Check(
        "orders_come_accepted",
        s.came_confirmed == 0,
        f"{s.came_confirmed} orders came confirmed by somebody else in the last {_minutes(QUIET)} minutes.",
        "Turn off the automatic confirmation of the former integrator: orders are taken over on ACCEPTED.",
    )
    yield Check(
        "nobody_else_acts",
        s.adopted == 0,
        f"{s.adopted} shipments were moved by somebody else in the last {_minutes(QUIET)} minutes.",
        "End the former integrator's program; people in SmartHub may go on, and then this says so too.",
    )
    yield Check(
        "system_hears",
        s.webhooks > 0 and s.deaf == 0,
        f"{s.webhooks} webhooks, {s.deaf} of them get nothing.",
        "Add one with `packline webhook add`, and try it with `packline webhook test`.",
    )


def _stock(s: Standing) -> Iterator[Check]:
    loose = sorted(set(s.locations) - set(s.held))
    if s.day is None or s.day.state == PARALLEL:
        yield Check(
            "stock_held",
            not loose,
            "No stock goes to Amazon." if not loose else f"Stock goes to Amazon from {', '.join(loose[:5])}.",
            f"Run `packline migration begin {s.account}` again, or `packline stock hold`.",
        )
    if s.api == "seller_central":
        return
    known = s.asks_first or s.unnumbered == 0
    yield Check(
        "numbers_taken_over",
        known and s.behind == 0,
        _numbers(s),
        "Give the former integrator's last numbers with `packline stock numbering --file`, or have Amazon asked first"
        " (`--ask-first`).",
    )
    yield Check(
        "stock_counted",
        s.skus > 0,
        f"{s.skus} SKUs are to be told.",
        "Say what there is with `packline stock set` or a file (`packline stock import`).",
    )


def _books(s: Standing) -> Iterator[Check]:
    asks = (
        ("stock_agrees", s.compared_stock, "Stock", f"packline reconcile stock {s.account}"),
        ("orders_agree", s.compared_orders, "Orders", f"packline reconcile orders {s.account}"),
        ("system_agrees", s.compared_system, "Your system", f"packline reconcile orders {s.account} --file ..."),
    )
    for name, compared, what, command in asks:
        is_of_today = compared is not None and compared[0] > s.now - LATELY
        if s.day is not None and compared is not None:
            is_of_today = is_of_today and compared[0] >= s.day.began_at
        left = compared[1] if compared else 0
        says = (
            f"{what} was compared; {left} differences are open." if is_of_today else f"{what} was not compared today."
        )
        yield Check(name, is_of_today and left == 0, says, f"Run `{command}`, and mend what it finds.")


def _numbers(s: Standing) -> str:
    if s.behind:
        return f"Of {s.behind} SKUs Amazon has a higher number than Packline would send."
    if s.asks_first:
        return "Amazon is asked for its number before a SKU is told for the first time."
    return f"{s.unnumbered} of {s.skus} SKUs have no number that was taken over."


def _is_fresh(at: datetime | None, now: datetime) -> bool:
    return at is not None and at > now - FRESH


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)
