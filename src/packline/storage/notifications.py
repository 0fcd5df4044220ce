"""What comes out of the queues: stored for many messages in one statement, before they are deleted there."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from packline.domain.values import body_hash
from packline.ports.notifications import Batch, Odd, Told
from packline.storage.columns import FORGETTABLE, split, texts

_KEEP = f"""
with given as (
    select * from unnest({split(1)}, {split(2)}, {split(3)}, {split(4)}, {split(5)}, {split(6)}, {split(7)},
        $8::timestamptz[], $9::bytea[]) with ordinality
    as g(account_id, dedupe, amazon_id, type, kind, hint, source, told_at, body, n)
), seen as (
    insert into inbox_seen (account_id, dedupe, received_at)
    select distinct on (account_id, dedupe) account_id, dedupe, $10::timestamptz from given order by account_id, dedupe
    on conflict do nothing returning account_id, dedupe
), fresh as (
    select distinct on (account_id, dedupe) given.* from given join seen using (account_id, dedupe)
    order by account_id, dedupe, n
), put as (
    insert into inbox (account_id, source, dedupe, amazon_id, body, received_at, kind, hint, told_at)
    select account_id, source, dedupe, amazon_id, body, $10, kind, coalesce(hint, ''), told_at from fresh order by n
)
select account_id, type, count(*) as count from fresh group by account_id, type
"""
# All batches touch the same few counters, and each would hold them until its own process comes to commit and the disk
# has it. So they are counted, and accounts rung, by a statement of its own; where nobody comes to it, what is stored is
# found by the sweep, and the messages come again, as they are deleted only after it.
_COUNT = f"""
with flow as (
    insert into notification_flow as f (account_id, told_at, told)
    select account_id, $1, told from unnest($2::text[], $3::bigint[]) as g(account_id, told) order by account_id
    on conflict (account_id) do update set told_at = excluded.told_at, told = f.told + excluded.told
), counted as (
    insert into notification_count as c (queue_id, type, outcome, count, last_at)
    select $4, type, outcome, count, $1 from unnest($5::text[], $6::text[], $7::bigint[]) as n(type, outcome, count)
    where exists (select from notification_queue where id = $4) order by type, outcome
    on conflict (queue_id, type, outcome) do update set count = c.count + excluded.count, last_at = excluded.last_at
), rung as (
    select ring_accounts($8::text[]) where cardinality($8::text[]) > 0
)
{FORGETTABLE}, (select count(*) from rung)
"""
_PARK = """
insert into parked (account_id, source, hash, body, reason, created_at)
select account_id, 'notification', hash, body, reason, $5
from unnest($1::text[], $2::bytea[], $3::bytea[], $4::text[]) as p(account_id, hash, body, reason)
order by account_id, hash on conflict (account_id, source, hash) do nothing
"""
UNREADABLE = "(unreadable)"
"""Stands for the type of messages that name none."""


async def keep(pool: asyncpg.Pool, queue: str, batch: Batch, now: datetime) -> int:
    """Store a batch, count it and ring its accounts; gives how many messages were new.

    Two that meet on the same messages could wait for each other in a ring: the one that PostgreSQL ends begins again.
    """
    try:
        return await _keep(pool, queue, batch, now)
    except asyncpg.DeadlockDetectedError:
        return await _keep(pool, queue, batch, now)


async def _keep(pool: asyncpg.Pool, queue: str, batch: Batch, now: datetime) -> int:
    async with pool.acquire() as connection:
        fresh = await _store(connection, batch, now)
        told = Counter(one.account for one in batch.told)
        counts = _counts(batch, fresh)
        kinds = [[type_ for type_, _ in counts], [outcome for _, outcome in counts], list(counts.values())]
        accounts = sorted({row["account_id"] for row in fresh})
        await connection.execute(_COUNT, now, list(told), list(told.values()), queue, *kinds, accounts)
    return sum(row["count"] for row in fresh)


async def _store(connection: asyncpg.Connection, batch: Batch, now: datetime) -> list[asyncpg.Record]:
    """Store what the messages tell and what is for a person; gives the new ones, counted by account and type."""
    if not batch.odd:
        return await connection.fetch(_KEEP, *_told(batch.told), now) if batch.told else []
    async with connection.transaction():
        fresh = await connection.fetch(_KEEP, *_told(batch.told), now) if batch.told else []
        await connection.execute(_PARK, *_odd(batch.odd), now)
    return fresh


def _told(told: Sequence[Told]) -> list[Any]:
    return [
        texts([one.account for one in told]),
        texts([one.dedupe for one in told]),
        texts([one.subject for one in told]),
        texts([one.type for one in told]),
        texts([one.kind for one in told]),
        texts([one.hint for one in told]),
        texts([one.source for one in told]),
        [one.told_at for one in told],
        [one.body for one in told],
    ]


def _odd(odd: Sequence[Odd]) -> list[Any]:
    return [
        [one.account for one in odd],
        [body_hash(one.mark.encode() or one.body) for one in odd],
        [one.body for one in odd],
        [one.reason for one in odd],
    ]


def _counts(batch: Batch, fresh: Sequence[asyncpg.Record]) -> dict[tuple[str, str], int]:
    """Count by (type, outcome): stored, repeated, ignored, test, parked."""
    given = Counter(one.type for one in batch.told)
    stored: Counter[str] = Counter()
    for row in fresh:
        stored[row["type"]] += row["count"]
    counts = {(type_, "stored"): count for type_, count in stored.items()}
    counts |= {(type_, "repeated"): count for type_, count in (given - stored).items()}
    counts |= {(type_, "ignored"): count for type_, count in batch.ignored.items()}
    counts |= {(type_, "test"): count for type_, count in batch.tests.items()}
    odd = Counter(one.type or UNREADABLE for one in batch.odd)
    return counts | {(type_, "parked"): count for type_, count in odd.items()}
