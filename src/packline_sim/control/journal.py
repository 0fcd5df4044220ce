"""The journal: every call that connectors made, filtered, tailed and counted."""

import msgspec

from packline_sim.control.endpoint import Endpoint, get
from packline_sim.control.paging import Limit
from packline_sim.control.stage import Stage
from packline_sim.journal import CallEntry, CallFilter


class JournalQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Choose calls; without `after_seq` the last ones, with it those that follow. Oldest first."""

    after_seq: int | None = None
    seller_id: str | None = None
    operation: str | None = None
    shipment_id: str | None = None
    status: int | None = None
    had_effect: bool | None = None
    fault: str | None = None
    limit: Limit = 100


class JournalPage(msgspec.Struct, frozen=True, kw_only=True):
    """Hold calls, oldest first; `last_seq` is the `after_seq` that continues from here."""

    items: list[CallEntry]
    last_seq: int


class CallCount(msgspec.Struct, frozen=True, kw_only=True):
    """Count the calls of one operation that ended with one status; 0 means that no answer was given."""

    operation: str
    status: int
    count: int


class CallCounters(msgspec.Struct, frozen=True, kw_only=True):
    """Count all calls since the last reset; `effects` are those that changed something."""

    total: int
    effects: int
    calls: list[CallCount]


def read_journal(stage: Stage, query: JournalQuery) -> JournalPage:
    """Read calls, the last ones or those after a number."""
    fields = {name: getattr(query, name) for name in CallFilter.__struct_fields__}
    chosen = CallFilter(**{**fields, "after_seq": query.after_seq or 0})
    journal = stage.world.journal
    if query.after_seq is None:
        items = journal.tail(query.limit, chosen)
    else:
        items = [entry for entry, _ in zip(journal.entries(chosen), range(query.limit), strict=False)]
    return JournalPage(items=items, last_seq=items[-1].seq if items else query.after_seq or 0)


def count_calls(stage: Stage) -> CallCounters:
    """Count all calls by operation and status; the counts outlive the journal's own limit."""
    journal = stage.world.journal
    calls = [
        CallCount(operation=operation, status=status, count=count)
        for (operation, status), count in sorted(journal.counters.items())
    ]
    return CallCounters(total=journal.total, effects=journal.effects, calls=calls)


ENDPOINTS: tuple[Endpoint, ...] = (
    get("/journal", read_journal),
    get("/journal/counters", count_calls),
)
