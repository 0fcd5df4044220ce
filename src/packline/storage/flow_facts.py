"""What is known of each flow at a moment, read from the tables that hold it anyway; nothing is written for it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import asyncpg

from packline.domain.silence import PATIENCE, Circumstances

FEEDS_PATIENCE = timedelta(hours=1)
"""A feed is gathered for minutes and worked off by Amazon for many more."""
WORKERLESS = timedelta(minutes=10)
"""Every account is worked for at least once in five minutes; so long without means that no worker lives."""
_LISTING = "case when c.location_id = '' then c.status else c.location_id || ' ' || c.status end"
_ERROR = "case when c.failed_at is not null and c.failed_at >= c.succeeded_at then coalesce(c.error, '') else '' end"
_AT_WORK = """c.succeeded_at is not null and a.enabled and (c.location_id = '' or exists (
    select from location l where l.account_id = c.account_id and l.id = c.location_id and l.enabled))"""
# A listing that is read by location is read for all no more; CREATED is listed only where stock is on listings.
_DRIVEN = f"""
select c.account_id, 'polling' as flow, {_LISTING} as subject, c.succeeded_at as last_at, {_ERROR} as error
from intake_cursor c join account a on a.id = c.account_id
where {_AT_WORK} and (c.status <> 'CREATED' or a.stock_on = 'listings') and (c.location_id <> '' or not exists (
    select from intake_cursor d where d.account_id = c.account_id and d.status = c.status and d.location_id <> ''))
union all
select c.account_id, 'returns', {_LISTING}, c.succeeded_at, {_ERROR}
from return_cursor c join account a on a.id = c.account_id where {_AT_WORK}
"""
_WORLD = """
select a.id as account_id, f.flow, h.last_at, coalesce(case
    when f.flow = 'notifications' then (
        select max(q.error) from notification_subscription n join notification_queue q on q.id = n.queue_id
        where n.account_id = a.id and q.enabled and q.failed_at >= coalesce(q.read_at, q.failed_at))
    else (select max(c.error) from intake_cursor c where c.account_id = a.id and c.failed_at >= c.succeeded_at)
    end, '') as error,
    case when n.missed_at > coalesce(n.told_at, '-infinity') then n.missed_id else '' end as missed
from account a cross join (values ('orders'), ('notifications')) f (flow)
join lateral (select last_at from flow_hour h where h.account_id = a.id and h.name = f.flow
    order by hour desc limit 1) h on true
left join notification_flow n on n.account_id = a.id
where a.enabled and (f.flow = 'orders' or exists (
    select from notification_subscription s where s.account_id = a.id))
"""
_STOCK = """
select a.id as account_id, 'stock' as flow, '' as subject, w.since as waits_since, h.last_at, '' as error
from account a
left join (
    select o.account_id, min(o.changed_at) as since from stock_offer o
    where o.state = 'waiting' and o.wanted >= 0 and o.batch_id is null and not exists (
        select from stock_hold k where k.account_id = o.account_id and k.location_id = o.location_id)
    group by 1
) w on w.account_id = a.id
left join lateral (select last_at from flow_hour h where h.account_id = a.id and h.name = 'stock'
    order by hour desc limit 1) h on true
where a.enabled and (w.since is not null or h.last_at is not null)
"""
_FEEDS = """
select a.id as account_id, 'documents' as flow, '' as subject, least(i.since, b.since) as waits_since,
    d.last_at, coalesce(b.failure, '') as error
from account a
left join (select account_id, min(coalesce(not_before, since)) as since from feed_item
    where state = 'waiting' and coalesce(not_before, since) <= $1::timestamptz group by 1) i on i.account_id = a.id
left join (select account_id, min(created_at) as since, max(failure) as failure from feed_batch
    where ended_at is null group by 1) b on b.account_id = a.id
left join lateral (select max(ended_at) as last_at from feed_batch e
    where e.account_id = a.id and e.failure = '' and e.created_at > $1::timestamptz - interval '2 days') d on true
where a.enabled and (i.since is not null or b.since is not null or d.last_at is not null)
"""
_WEBHOOKS = """
select '' as account_id, 'webhooks' as flow, w.id as subject, t.last_at,
    coalesce(w.paused_reason, t.error, '') as error,
    least(w.failing_since, (select min(since) from webhook_waiting x where x.webhook_id = w.id),
        (select at from event e where (e.xid, e.seq) > (w.cursor_xid, w.cursor_seq) order by e.xid, e.seq limit 1)
    ) as waits_since
from webhook w left join lateral (
    select max(at) filter (where status between 200 and 299) as last_at,
        (array_agg(error order by at desc) filter (where error <> ''))[1] as error
    from (select * from webhook_attempt t where t.webhook_id = w.id and t.at > $1::timestamptz - interval '1 day'
        order by at desc limit 500) t
) t on true
where w.enabled
"""
_ACCOUNTS = """
select a.id, coalesce(a.paused_reason, '') as paused_reason, a.paused_reason is not null and coalesce((
    select name from event e where e.account_id = a.id and e.name in ('account.unauthorized', 'account.paused')
    order by at desc limit 1), '') = 'account.unauthorized' as is_refused
from account a where a.paused_reason is not null
"""
_HAS_WORKER = """
select exists (select from ownership where taken_at > $1) or exists (
    select from pgqueuer where status = 'picked' and heartbeat > now() - interval '1 minute')
"""


class Fact(NamedTuple):
    """One flow, or one part of it: its kind, last success, since when something waits, and what is known beside it."""

    account: str
    flow: str
    subject: str
    kind: str
    last_at: datetime | None
    waits_since: datetime | None
    patience: timedelta
    around: Circumstances

    @property
    def key(self) -> tuple[str, str, str]:
        """Name the row."""
        return self.account, self.flow, self.subject


async def read_facts(connection: asyncpg.Connection, now: datetime) -> list[Fact]:
    """Read every flow of every account that is enabled, and the endpoints."""
    paused = {row["id"]: row for row in await connection.fetch(_ACCOUNTS)}
    has_worker = await connection.fetchval(_HAS_WORKER, now - WORKERLESS)
    found = [("driven", row) for row in await connection.fetch(_DRIVEN)]
    found += [("world", row) for row in await connection.fetch(_WORLD)]
    found += [("queue", row) for row in await connection.fetch(_STOCK)]
    for sql in (_FEEDS, _WEBHOOKS):
        found += [("queue", row) for row in await connection.fetch(sql, now)]
    return [_fact(kind, row, paused.get(row["account_id"]), has_worker=has_worker) for kind, row in found]


def _fact(kind: str, row: asyncpg.Record, paused: Mapping[str, Any] | None, *, has_worker: bool) -> Fact:
    flow = row["flow"]
    around = Circumstances(
        paused_reason=paused["paused_reason"] or "paused" if paused else "",
        is_refused=bool(paused and paused["is_refused"]),
        has_worker=has_worker,
        error=row["error"],
        missed=row.get("missed") or "",
        is_endpoint=flow == "webhooks",
    )
    patience = FEEDS_PATIENCE if flow == "documents" else PATIENCE
    subject, waits = row.get("subject") or "", row.get("waits_since")
    return Fact(row["account_id"], flow, subject, kind, row["last_at"], waits, patience, around)
