"""Notifications: the queues and what came out of them, and how far each account relies on being told."""

from datetime import datetime
from typing import Any

import asyncpg
from typing_extensions import TypedDict

from packline.domain.reliance import Telling, doubt
from packline.views.paging import EVERYTHING, Scope

_QUEUES = (
    "select id, url, arn, region, endpoint, enabled, read_at, failed_at, error from notification_queue order by id"
)
_COUNTS = "select queue_id, type, outcome, count, last_at from notification_count order by queue_id, type, outcome"
_ACCOUNTS = """
select a.id as account, coalesce(s.types, '{}') as types, s.queue, s.read_at, s.queue_error, f.told_at,
    coalesce(f.told, 0) as told, f.missed_at, coalesce(f.missed, 0) as missed, coalesce(f.missed_id, '') as missed_id,
    (select count(*) from (
        select 1 from inbox i where i.account_id = a.id and i.handled_at is null and i.kind = 'order' limit 10000
    ) w) as waiting
from account a
left join (
    select n.account_id, array_agg(n.type order by n.type) as types, min(q.id) as queue, min(q.read_at) as read_at,
        max(q.error) as queue_error
    from notification_subscription n join notification_queue q on q.id = n.queue_id group by n.account_id
) s on s.account_id = a.id
left join notification_flow f on f.account_id = a.id
where ($1::text is null or a.id = $1) and ($2::text[] is null or a.id = any($2::text[]))
order by a.id
"""


class CountRow(TypedDict):
    """How many messages of a type came out of a queue, and what became of them."""

    type: str
    outcome: str
    count: int
    last_at: datetime


class QueueRow(TypedDict):
    """A queue that is read; `error` says why it cannot be, empty where it can."""

    id: str
    url: str
    arn: str
    region: str
    endpoint: str
    enabled: bool
    read_at: datetime | None
    failed_at: datetime | None
    error: str
    counts: list[CountRow]


class NotificationRow(TypedDict):
    """An account's notifications: `polling` is narrow while they tell everything, wide otherwise, and `why`."""

    account: str
    queue: str | None
    types: list[str]
    polling: str
    why: str
    told: int
    told_at: datetime | None
    waiting: int
    missed: int
    missed_at: datetime | None
    missed_id: str


async def queues(pool: asyncpg.Pool) -> list[QueueRow]:
    """List queues with what came out of them; never what they are read with."""
    counts: dict[str, list[CountRow]] = {}
    for row in await pool.fetch(_COUNTS):
        counts.setdefault(row["queue_id"], []).append(_count(row))
    return [_queue(row, counts.get(row["id"], [])) for row in await pool.fetch(_QUEUES)]


async def statuses(
    pool: asyncpg.Pool, now: datetime, account: str | None = None, scope: Scope = EVERYTHING
) -> list[NotificationRow]:
    """Tell of each account (or one) how its notifications fare."""
    accounts = None if scope.accounts is None else list(scope.accounts)
    return [_status(row, now) for row in await pool.fetch(_ACCOUNTS, account, accounts)]


def _count(row: Any) -> CountRow:
    return CountRow(type=row["type"], outcome=row["outcome"], count=row["count"], last_at=row["last_at"])


def _queue(row: Any, counts: list[CountRow]) -> QueueRow:
    return QueueRow(
        id=row["id"],
        url=row["url"],
        arn=row["arn"],
        region=row["region"],
        endpoint=row["endpoint"],
        enabled=row["enabled"],
        read_at=row["read_at"],
        failed_at=row["failed_at"],
        error=row["error"],
        counts=counts,
    )


def _status(row: Any, now: datetime) -> NotificationRow:
    types = list(row["types"])
    telling = Telling(bool(types), row["read_at"], row["told_at"], row["missed_at"], row["missed_id"])
    why = doubt(telling, now)
    return NotificationRow(
        account=row["account"],
        queue=row["queue"],
        types=types,
        polling="wide" if why else "narrow",
        why=why,
        told=row["told"],
        told_at=row["told_at"],
        waiting=row["waiting"],
        missed=row["missed"],
        missed_at=row["missed_at"],
        missed_id=row["missed_id"],
    )
