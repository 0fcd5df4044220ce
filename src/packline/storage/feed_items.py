"""What waits for a feed, written beside the shipments that want it, in their own transaction."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from packline.storage.effects import FeedRow

_WANT = """
insert into feed_item (account_id, kind, key, subject, payload, urgent_at, since)
select w.*, $7 from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::timestamptz[])
    as w(account_id, kind, key, subject, payload, urgent_at)
on conflict (account_id, kind, key) do update set payload = excluded.payload, urgent_at = excluded.urgent_at,
    since = excluded.since, not_before = null, state = 'waiting', batch_id = null, attempts = 0, reason = ''
"""
_TAKE_BACK = """
delete from feed_item using unnest($1::text[], $2::text[], $3::text[]) as w(account_id, kind, key)
where feed_item.account_id = w.account_id and feed_item.kind = w.kind and feed_item.key = w.key
"""


async def write_feeds(connection: asyncpg.Connection, rows: Sequence[FeedRow], now: datetime) -> None:
    """Note wishes for feeds, and take back those that are fulfilled or no longer wanted; the last word counts."""
    if not rows:
        return
    last = {(row.account, row.kind, row.key): row for row in rows}.values()
    wanted = [row for row in last if row.payload is not None]
    if wanted:
        await connection.execute(_WANT, *[list(column) for column in zip(*wanted, strict=True)], now)
    gone = [row[:3] for row in last if row.payload is None]
    if gone:
        await connection.execute(_TAKE_BACK, *[list(column) for column in zip(*gone, strict=True)])
