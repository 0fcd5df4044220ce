"""The watch over flows: counts what came, judges who is silent, and tells of it once."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

import asyncpg
import msgspec

from packline.domain.silence import (
    WEEK,
    WEEKS,
    Habit,
    driven_expected,
    habit_of,
    longest,
    probable_cause,
    queue_expected,
    world_expected,
)
from packline.storage.flow_facts import Fact, read_facts

EVERY = timedelta(seconds=55)
"""Between two looks, whoever looks."""
ASLEEP = timedelta(minutes=5)
"""Where nobody looked for so long, Packline itself was away."""
SETTLE = timedelta(minutes=10)
"""So long after it has come back nothing is raised: what was missed is read first."""
_NEVER = datetime.max.replace(tzinfo=UTC)
_LOCK = 0x464C4F57
_WATCH = "select looked_at, awake_since, xid::text as xid, seq from flow_watch"
_LOOKED = "update flow_watch set looked_at = $1, awake_since = $2"
_NEWS = """
with news as (
    select e.xid, e.seq, e.account_id, e.at, e.name from event e
    where ($1::text is null or (e.xid, e.seq) > ($1::text::xid8, $2::bigint)) and e.at > $3 and e.xid < feed_horizon()
)
select account_id, case name when 'stock.published' then 'stock' else 'orders' end as name,
    date_trunc('hour', at, 'UTC') as hour, count(*) as count, max(at) as last_at, null as xid, null::bigint as seq
from news where name in ('shipment.received', 'stock.published') group by 1, 2, 3
union all
(select null, null, null, null, null, xid::text, seq from news order by news.xid desc, news.seq desc limit 1)
"""
_COUNT = """
insert into flow_hour as f (account_id, name, hour, count, last_at)
select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::bigint[], $5::timestamptz[])
on conflict (account_id, name, hour) do update
    set count = f.count + excluded.count, last_at = greatest(f.last_at, excluded.last_at)
"""
_COUNTED = "update flow_watch set xid = $1::text::xid8, seq = $2"
_TOLD = """
with fresh as (
    select n.account_id, n.told_at, n.told, n.told - coalesce(t.told, 0) as more
    from notification_flow n left join flow_told t using (account_id)
    where n.told_at > $1 and n.told > coalesce(t.told, 0)
), noted as (
    insert into flow_told select account_id, told from fresh
    on conflict (account_id) do update set told = excluded.told
)
insert into flow_hour as f (account_id, name, hour, count, last_at)
select account_id, 'notifications', date_trunc('hour', told_at, 'UTC'), more, told_at from fresh
on conflict (account_id, name, hour) do update set count = f.count + excluded.count, last_at = excluded.last_at
"""
# The newest hour of a flow stays whatever its age: it holds the last success.
_FORGET = """
delete from flow_hour f where hour < $1 and exists (
    select from flow_hour g where g.account_id = f.account_id and g.name = f.name and g.hour > f.hour)
"""
_HOURS = "select account_id, name, hour, count from flow_hour where hour >= $1 and name <> 'stock' order by 1, 2"
_GONE = """
delete from flow f where not exists (
    select from unnest($1::text[], $2::text[], $3::text[]) as k(account_id, name, subject)
    where (k.account_id, k.name, k.subject) = (f.account_id, f.name, f.subject))
"""
_PUT = """
insert into flow as f (account_id, name, subject, last_at, longest_s, expected_at, silent_since, cause, says)
select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::float8[], $6::timestamptz[],
    $7::timestamptz[], $8::text[], $9::text[])
on conflict (account_id, name, subject) do update set last_at = excluded.last_at, longest_s = excluded.longest_s,
    expected_at = excluded.expected_at, silent_since = excluded.silent_since, cause = excluded.cause,
    says = excluded.says
"""
_EVENTS = """
insert into event (at, account_id, name, cause, data)
select $1, account_id, name, 'packline', data
from unnest($2::text[], $3::text[], $4::bytea[]) as e(account_id, name, data)
"""


class State(NamedTuple):
    """One flow or part of it as it is judged; `silent_since` is when that was found."""

    account: str
    flow: str
    subject: str
    last_at: datetime | None
    longest_s: float | None
    expected_at: datetime | None
    silent_since: datetime | None = None
    cause: str = ""
    says: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """Name the row."""
        return self.account, self.flow, self.subject


class FlowWatch:
    """Look after the flows of all accounts; several processes may do so at once, one of them does each look."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool
        self._habits: dict[tuple[str, str], Habit] = {}
        self._learnt: datetime | None = None

    async def look(self, now: datetime) -> bool:
        """Judge every flow and tell of those that fell silent or resumed; False where a look was made just now.

        Reading comes first and writing last: an open transaction that has written holds the feed of events up. What
        is told is stored with the state it is told of, so a process that dies tells nothing twice.
        """
        async with self._pool.acquire() as connection:
            if not await connection.fetchval("select pg_try_advisory_lock($1)", _LOCK):
                return False
            try:
                return await self._look(connection, now)
            finally:
                await connection.execute("select pg_advisory_unlock($1)", _LOCK)

    async def _look(self, connection: asyncpg.Connection, now: datetime) -> bool:
        watch = await connection.fetchrow(_WATCH)
        looked_at = watch["looked_at"]
        if looked_at is not None and now - EVERY < looked_at <= now:
            return False
        is_awake = looked_at is not None and watch["awake_since"] is not None and now - looked_at < ASLEEP
        awake_since = watch["awake_since"] if is_awake else now
        await self._count(connection, watch, now)
        before = {state.key: state for state in await _read_states(connection)}
        may_raise = now - awake_since >= SETTLE
        facts = await read_facts(connection, now)
        after = [self._judge(fact, before.get(fact.key), now, may_raise=may_raise) for fact in facts]
        async with connection.transaction():
            await _write(connection, before, after, now)
            await connection.execute(_LOOKED, now, awake_since)
        return True

    async def _count(self, connection: asyncpg.Connection, watch: asyncpg.Record, now: datetime) -> None:
        """Count what came since the last look; learn the hours of the week anew once an hour is over."""
        oldest = now - (WEEKS + 1) * WEEK
        news = await connection.fetch(_NEWS, watch["xid"], watch["seq"], oldest)
        counted = [tuple(row)[:5] for row in news if row["xid"] is None]
        async with connection.transaction():
            if counted:
                await connection.execute(_COUNT, *(list(column) for column in zip(*counted, strict=True)))
            for row in news:
                if row["xid"] is not None:
                    await connection.execute(_COUNTED, row["xid"], row["seq"])
            await connection.execute(_TOLD, oldest)
        await self._learn(connection, oldest, now)

    async def _learn(self, connection: asyncpg.Connection, oldest: datetime, now: datetime) -> None:
        hour = now.replace(minute=0, second=0, microsecond=0)
        if self._learnt == hour:
            return
        await connection.execute(_FORGET, oldest)
        rows = await connection.fetch(_HOURS, oldest)
        learnt = {}
        for key, counted in groupby(rows, lambda row: (row["account_id"], row["name"])):
            habit = habit_of({row["hour"]: row["count"] for row in counted}, now)
            if habit is not None:
                learnt[key] = habit
            await asyncio.sleep(0)  # a thousand accounts take a second: calls to Amazon go on between them
        self._habits, self._learnt = learnt, hour

    def _judge(self, fact: Fact, before: State | None, now: datetime, *, may_raise: bool) -> State:
        longest_s = before.longest_s if before else None
        if fact.kind == "driven":
            longest_s = longest(longest_s, before.last_at if before else None, fact.last_at)
            expected = driven_expected(fact.last_at, longest_s)
        elif fact.kind == "world":
            expected = world_expected(self._habits.get((fact.account, fact.flow)), fact.last_at)
        else:
            expected = queue_expected(fact.waits_since, fact.last_at, fact.patience)
        state = State(fact.account, fact.flow, fact.subject, fact.last_at, longest_s, expected)
        since = before.silent_since if before else None
        if expected is None or now < expected or (since is None and not may_raise):
            return state
        cause, says = probable_cause(fact.flow, fact.around)
        return state._replace(silent_since=since or now, cause=cause, says=says)


async def _read_states(connection: asyncpg.Connection) -> list[State]:
    columns = "account_id, name, subject, last_at, longest_s, expected_at, silent_since, cause, says"
    return [State(*row) for row in await connection.fetch(f"select {columns} from flow")]


async def _write(
    connection: asyncpg.Connection, before: dict[tuple[str, str, str], State], after: Sequence[State], now: datetime
) -> None:
    """Store what changed, and tell of flows that fell silent or resumed; one that is gone resumes untold."""
    changed = [state for state in after if before.get(state.key) != state]
    keys = list(zip(*(state.key for state in after), strict=True)) or [(), (), ()]
    await connection.execute(_GONE, *(list(column) for column in keys))
    if changed:
        await connection.execute(_PUT, *(list(column) for column in zip(*changed, strict=True)))
    told = list(_events(before, after))
    if told:
        await connection.execute(_EVENTS, now, *(list(column) for column in zip(*told, strict=True)))


def _events(before: dict[tuple[str, str, str], State], after: Iterable[State]) -> Iterable[tuple[str, str, bytes]]:
    """Tell once for a flow: when the first of its parts falls silent, and when none is silent any more."""
    flows: dict[tuple[str, str], list[State]] = {}
    for state in after:
        flows.setdefault((state.account, state.flow), []).append(state)
    for (account, flow), states in flows.items():
        was = [old for state in states if (old := before.get(state.key)) is not None and old.silent_since is not None]
        silent = [state for state in states if state.silent_since is not None]
        if silent and not was:
            yield account, "flow.silent", _told("flow_silent", flow, silent)
        elif was and not silent:
            yield account, "flow.resumed", _told("flow_resumed", flow, [s for s in states if s.last_at is not None])


def _told(kind: str, flow: str, states: Sequence[State]) -> bytes:
    """Describe a flow by the part of it that succeeded first (silent) or last (resumed)."""
    told: dict[str, Any] = {"type": kind, "flow": flow, "last_at": None}
    looks = sorted(state.last_at for state in states if state.last_at is not None)
    if kind == "flow_resumed":
        told["last_at"] = looks[-1] if looks else None
        return msgspec.json.encode({"event": told})
    first = min(states, key=lambda state: state.expected_at or _NEVER)
    told |= {"last_at": first.last_at, "expected_at": first.expected_at, "cause": first.cause, "says": first.says}
    told["parts"] = [state.subject for state in states if state.subject]
    return msgspec.json.encode({"event": told})
