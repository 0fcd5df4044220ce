"""Acts on many shipments as who gave them sees them: what would happen, then what did, row by row."""

from datetime import datetime
from typing import Any, NamedTuple

import asyncpg

from packline.errors import NotFound

SHOWN = 300
_ACT = "id, name, owner, by_whom, state, total, is_more, error, began_at, given_at, claimed_until"
_COUNTS = """
select l.fate, c.outcome, count(*)::int as n, min(l.account_id) as account
from bulk_line l left join command c on c.id = l.ticket
where l.act_id = $1 group by l.fate, c.outcome, l.account_id
"""
_REASONS = """
select says, hint, count(*)::int as n from bulk_line where act_id = $1 and fate = 'refused'
group by says, hint order by n desc, says limit 50
"""
_WARNINGS = """
select warning, count(*)::int as n from bulk_line, unnest(warnings) as warning where act_id = $1
group by warning order by n desc, warning limit 50
"""
_LINES = """
select l.shipment_id, l.spoken, l.fate, l.says, l.hint, c.outcome
from bulk_line l left join command c on c.id = l.ticket
where l.act_id = $1
order by case when l.fate = 'refused' or c.outcome = 'rejected' then 0 when l.fate = 'ready' then 2
    when c.outcome is null then 1 when c.outcome = 'succeeded' then 3 else 1 end, l.number
limit $2
"""
_MINE = f"select {_ACT} from bulk_act where owner = $1 order by began_at desc limit $2"


class Act(NamedTuple):
    """One act with its counts: rows that may be given, were left out, are under way, succeeded, were rejected.

    `open` counts rows by account that Amazon has not answered yet. `overtaken` rows gave way to another command.
    """

    id: str
    name: str
    owner: str
    by: str
    state: str
    total: int
    is_more: bool
    error: str
    began_at: datetime
    given_at: datetime | None
    ready: int
    refused: int
    under_way: int
    succeeded: int
    rejected: int
    overtaken: int
    open: dict[str, int]

    @property
    def looked_at(self) -> int:
        """Count the rows that were looked at."""
        return self.ready + self.refused + self.given

    @property
    def given(self) -> int:
        """Count the rows that were given."""
        return self.under_way + self.settled

    @property
    def settled(self) -> int:
        """Count the rows that Amazon has answered."""
        return self.succeeded + self.rejected + self.overtaken

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more will change."""
        return self.state == "failed" or (self.state == "given" and not self.under_way)


class Line(NamedTuple):
    """One row's fate: refused, rejected, overtaken, given (under way), waiting or succeeded."""

    id: str
    name: str
    state: str
    says: str
    hint: str


async def act(pool: asyncpg.Pool, act_id: str, owner: str, now: datetime) -> Act:
    """Read one act of its owner.

    Raises NotFound. One whose rows nobody looks at any more is told as failed.
    """
    row = await pool.fetchrow(f"select {_ACT} from bulk_act where id = $1 and owner = $2", act_id, owner)
    if row is None:
        raise NotFound("This act is not known (any more).", hint="What was given is on each shipment's page.")
    return await _counted(pool, row, now)


async def acts(pool: asyncpg.Pool, owner: str, now: datetime, limit: int = 20) -> list[Act]:
    """List the newest acts of somebody."""
    return [await _counted(pool, row, now) for row in await pool.fetch(_MINE, owner, limit)]


async def reasons(pool: asyncpg.Pool, act_id: str) -> list[tuple[str, str, int]]:
    """Give why rows are left out, the most frequent first, with what can be done."""
    return [(row["says"], row["hint"], row["n"]) for row in await pool.fetch(_REASONS, act_id)]


async def warnings(pool: asyncpg.Pool, act_id: str) -> list[tuple[str, int]]:
    """Give what must be looked at, the most frequent first."""
    return [(row["warning"], row["n"]) for row in await pool.fetch(_WARNINGS, act_id)]


async def lines(pool: asyncpg.Pool, act_id: str, limit: int = SHOWN) -> list[Line]:
    """List rows with their fates, those that need a person first."""
    rows = await pool.fetch(_LINES, act_id, limit)
    return [Line(row["shipment_id"], row["spoken"], _state(row), row["says"], row["hint"]) for row in rows]


def _state(row: Any) -> str:
    if row["fate"] == "refused":
        return "refused"
    if row["fate"] == "ready":
        return "waiting"
    return row["outcome"] or "given"


async def _counted(pool: asyncpg.Pool, row: Any, now: datetime) -> Act:
    state, error = row["state"], row["error"]
    if state == "looking" and row["claimed_until"] is not None and row["claimed_until"] < now:
        state, error = "failed", "The process that looked at the rows has ended; nothing was given. Choose them again."
    counts = {"ready": 0, "refused": 0, "under_way": 0, "succeeded": 0, "rejected": 0, "overtaken": 0}
    waits: dict[str, int] = {}
    for one in await pool.fetch(_COUNTS, row["id"]):
        name = one["fate"] if one["fate"] != "given" else _settled(one["outcome"])
        counts[name] += one["n"]
        if name in ("ready", "under_way"):
            waits[one["account"]] = waits.get(one["account"], 0) + one["n"]
    return Act(
        row["id"], row["name"], row["owner"], row["by_whom"], state, row["total"], row["is_more"], error,
        row["began_at"], row["given_at"], **counts, open=waits,
    )  # fmt: skip


def _settled(outcome: str | None) -> str:
    if outcome is None:
        return "under_way"
    return outcome if outcome in ("succeeded", "rejected") else "overtaken"
