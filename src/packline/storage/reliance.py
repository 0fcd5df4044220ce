"""What notifications told and what polling found without them (implements `ports.notifications.TellingStore`)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg
import msgspec

from packline.domain.reliance import Telling

SKEW = timedelta(minutes=5)
"""Amazon's clock and ours may differ so much."""
_TELLING = """
select s.account_id is not null as is_subscribed, s.read_at, f.told_at, f.missed_at, coalesce(f.missed_id, '') as
    missed_id
from (select 1) one
left join (
    select n.account_id, min(q.read_at) as read_at from notification_subscription n
    join notification_queue q on q.id = n.queue_id where n.account_id = $1 and q.enabled group by n.account_id
) s on true
left join notification_flow f on f.account_id = $1
"""
_FOUND = """
insert into notification_doubt (account_id, amazon_id, as_of, found_at)
select $1, amazon_id, max(as_of), $4 from unnest($2::text[], $3::timestamptz[]) as f(amazon_id, as_of)
where as_of > (select max(checked_at) from notification_subscription where account_id = $1)
group by amazon_id order by amazon_id
on conflict (account_id, amazon_id) do update set as_of = excluded.as_of, found_at = excluded.found_at
"""
_JUDGE = """
with due as (
    delete from notification_doubt where account_id = $1 and found_at <= $2 returning amazon_id, as_of
), missed as (
    select amazon_id from due where not exists (
        select from inbox i where i.account_id = $1 and i.amazon_id = due.amazon_id and i.source = 'notification'
            and i.received_at >= due.as_of - $4::interval
    )
), noted as (
    insert into notification_flow as f (account_id, missed_at, missed, missed_id)
    select $1, $3, count(*), min(amazon_id) from missed having count(*) > 0
    on conflict (account_id) do update set missed_at = excluded.missed_at, missed = f.missed + excluded.missed,
        missed_id = excluded.missed_id
)
select amazon_id from missed order by amazon_id
"""
_MISSED = """
insert into event (at, account_id, name, cause, data) values ($1, $2, 'notification.missed', 'packline', $3)
"""
NAMED = 20
"""So many shipments an event names at most."""


class Tellings:
    """Compare what polling found with what notifications told."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def telling(self, account: str) -> Telling:
        """Read what is known of an account's notifications."""
        return Telling(**await self._pool.fetchrow(_TELLING, account))

    async def note_found(self, account: str, news: Sequence[tuple[str, datetime]], now: datetime) -> None:
        """Note what polling found, as (Amazon's id, Amazon's time); what is older than the setup does not count."""
        await self._pool.execute(_FOUND, account, [one for one, _ in news], [at for _, at in news], now)

    async def judge(self, account: str, found_before: datetime, now: datetime) -> list[str]:
        """Give (count, and tell of as `notification.missed`) what was found before then and nothing has told by now."""
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(_JUDGE, account, found_before, now, SKEW)
            missed = [row["amazon_id"] for row in rows]
            if missed:
                event = {"type": "notification_missed", "count": len(missed), "shipments": missed[:NAMED]}
                told = msgspec.json.encode({"event": event, "account": {"id": account}})
                await connection.execute(_MISSED, now, account, told)
        return missed
