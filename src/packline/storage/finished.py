"""Feeds and reports that Amazon says are over (implements `ports.notifications.FinishedStore`)."""

from datetime import datetime, timedelta

import asyncpg

PATIENCE = timedelta(seconds=10)
"""So long a message waits for its feed to be over here too; then the next poll will see it."""
_WAKE = """
with told as (
    select id, kind, amazon_id, received_at from inbox
    where account_id = $1 and handled_at is null and kind <> 'order' order by id limit 1000
), woken as (
    update feed_batch b set next_at = $2 from told t
    where b.account_id = $1 and b.ended_at is null and (b.next_at is null or b.next_at > $2)
        and (t.kind = 'feed' and b.feed_id = t.amazon_id or t.kind = 'report' and t.amazon_id = any(b.reports))
    returning b.id
), done as (
    update inbox set handled_at = $2 where id in (
        select id from told t where t.received_at <= $2 - $3::interval or exists (
            select from feed_batch b where b.account_id = $1 and b.ended_at is not null
                and (t.kind = 'feed' and b.feed_id = t.amazon_id or t.kind = 'report' and t.amazon_id = any(b.reports))
        )
    ) and handled_at is null returning id
)
select (select count(*) from woken) as woken, (select count(*) from told) - (select count(*) from done) as left
"""


class Finished:
    """Wake batches of feeds by the ids that Amazon gave."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def wake(self, account: str, now: datetime) -> tuple[int, int]:
        """Let feeds that messages name be looked at now; gives how many, and how many messages are not done with."""
        row = await self._pool.fetchrow(_WAKE, account, now, PATIENCE)
        return row["woken"], row["left"]
