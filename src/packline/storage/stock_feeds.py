"""Quantities in feeds: what waits for one, and the batch that takes it (implements `ports.feeds.StockFeedStore`)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg

from packline.domain.feed_plan import Backlog
from packline.domain.feed_wishes import StockWish
from packline.domain.feeds import FeedKind
from packline.domain.inventory.publishing import Telling
from packline.ports import Ownership
from packline.ports.feeds import Batch
from packline.storage.codec import encode_json

DEAD_FOR = timedelta(hours=1)
"""How long a feed that died is held against the size of the next."""
_BACKLOG = """
with last as (
    select created_at, items, failure, feed_id, ended_at from feed_batch
    where account_id = $1 and kind = 'stock' order by id desc limit 1
)
select count(*)::int as count, (count(*) filter (where wanted = 0))::int as sold_out, min(changed_at) as since,
    (select created_at from last) as last_at,
    coalesce((select items from last where failure <> '' and feed_id is not null and ended_at > $2), 0) as dead
from stock_offer o where account_id = $1 and state = 'waiting' and wanted >= 0 and batch_id is null
    and not exists (select 1 from stock_hold h where h.account_id = o.account_id and h.location_id = o.location_id)
"""
_BEGIN = """
with own as (select account_id from ownership where account_id = $1 and epoch = $2 for share),
batch as (
    insert into feed_batch (account_id, kind, marketplace_id, state, items, created_at, next_at)
    select account_id, 'stock', '', 'planned', $3, $4, $4 from own returning id
), items as (
    insert into feed_item (account_id, kind, key, subject, payload, since, state, batch_id, attempts)
    select $1, 'stock', i.location || ' ' || i.sku || ' ' || i.channel, i.sku, i.payload, $4, 'sent', batch.id, 1
    from batch, unnest($5::text[], $6::text[], $7::text[], $8::bytea[]) as i(location, sku, channel, payload)
), offers as (
    update stock_offer o set batch_id = batch.id
    from batch, unnest($5::text[], $6::text[], $7::text[]) as i(location, sku, channel)
    where o.account_id = $1 and o.location_id = i.location and o.sku = i.sku and o.channel = i.channel
)
select id from batch
"""


class StockFeeds:
    """Batches of quantities; a place in an open one is told by nothing else."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def backlog(self, account: str, now: datetime) -> Backlog:
        """Count what waits to be told, and say what became of the last feed."""
        return Backlog(**dict(await self._pool.fetchrow(_BACKLOG, account, now - DEAD_FOR)))

    async def begin(self, owner: Ownership, told: Sequence[Telling], now: datetime) -> Batch | None:
        """Plan a feed of these quantities; None where we are not the owner any more."""
        columns = [
            [t.place.location for t in told],
            [t.place.sku for t in told],
            [t.place.channel for t in told],
            [encode_json(_wish(t)) for t in told],
        ]
        batch_id = await self._pool.fetchval(_BEGIN, owner.account, owner.epoch, len(told), now, *columns)
        if batch_id is None:
            return None
        return Batch(batch_id, owner.account, FeedKind.STOCK, "", "planned", len(told), now, next_at=now)


def _wish(told: Telling) -> StockWish:
    return StockWish(told.place.location, told.place.channel, told.quantity, told.sequence, told.before)
