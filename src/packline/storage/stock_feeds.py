"""Listings feeds of quantities under way (implements `ports.stock.StockFeedStore`)."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from packline.domain.inventory.publishing import Telling
from packline.domain.inventory.rules import Place
from packline.ports import Ownership
from packline.ports.stock import StockFeed
from packline.storage.stock_offers import places_columns

_COLUMNS = "id, state, document_id, feed_id, attempts, failure, created_at, sent_at, next_at"
_BEGIN = """
with own as (select account_id from ownership where account_id = $1 and epoch = $2 for share),
feed as (
    insert into stock_feed (account_id, state, created_at, next_at)
    select account_id, 'planned', $3, $3 from own returning id
), items as (
    insert into stock_feed_item (stock_feed_id, number, account_id, location_id, sku, channel, quantity, sequence)
    select feed.id, i.number, i.account_id, i.location_id, i.sku, i.channel, i.quantity, i.sequence from feed,
        unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::int[], $9::bigint[]) with ordinality
            as i(account_id, location_id, sku, channel, quantity, sequence, number)
)
select id from feed
"""
_OPEN = f"select {_COLUMNS} from stock_feed where account_id = $1 and ended_at is null order by id"
_LAST = "select max(created_at) from stock_feed where account_id = $1"
_ITEMS = """
select account_id, location_id, sku, channel, quantity, sequence from stock_feed_item
where stock_feed_id = $1 order by number
"""
_SAVE = """
update stock_feed set state = $2, document_id = $3, feed_id = $4, attempts = $5, failure = $6, sent_at = $7,
    next_at = $8, ended_at = case when $2 = 'ended' then $9::timestamptz end
where id = $1
"""
_WAITING = """
select count(*)::int from stock_offer o where account_id = $1 and state = 'waiting' and wanted >= 0
    and not exists (select 1 from stock_hold h where h.account_id = o.account_id and h.location_id = o.location_id)
"""
_KNOWN = "select feed_id from stock_feed where account_id = $1 and feed_id = any($2::text[])"


class StockFeeds:
    """Feeds of quantities; a SKU in an open one is told by nothing else."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def waiting(self, account: str) -> int:
        """Count the places that Amazon does not know the number of yet."""
        return int(await self._pool.fetchval(_WAITING, account))

    async def begin(self, owner: Ownership, told: Sequence[Telling], now: datetime) -> int | None:
        """Plan a feed; None where we are not the owner any more."""
        places = places_columns([telling.place for telling in told])
        numbers = [[t.quantity for t in told], [t.sequence for t in told]]
        found: int | None = await self._pool.fetchval(_BEGIN, owner.account, owner.epoch, now, *places, *numbers)
        return found

    async def open(self, account: str) -> list[StockFeed]:
        """List feeds that are not over."""
        return [StockFeed(account=account, **dict(row)) for row in await self._pool.fetch(_OPEN, account)]

    async def last(self, account: str) -> datetime | None:
        """Tell when the last feed was planned."""
        found: datetime | None = await self._pool.fetchval(_LAST, account)
        return found

    async def items(self, feed: StockFeed) -> list[Telling]:
        """Read what a feed tells, in its order."""
        return [
            Telling(
                Place(row["account_id"], row["location_id"], row["sku"], row["channel"]),
                row["quantity"],
                row["sequence"],
            )
            for row in await self._pool.fetch(_ITEMS, feed.id)
        ]

    async def save(self, feed: StockFeed, now: datetime) -> None:
        """Write how far a feed is; one that ended lets its SKUs go."""
        await self._pool.execute(
            _SAVE, feed.id, feed.state, feed.document_id, feed.feed_id, feed.attempts, feed.failure, feed.sent_at,
            feed.next_at, now,
        )  # fmt: skip

    async def known(self, account: str, feed_ids: Sequence[str]) -> set[str]:
        """Tell which of these feeds of Amazon's are ours."""
        return {row["feed_id"] for row in await self._pool.fetch(_KNOWN, account, list(feed_ids))}
