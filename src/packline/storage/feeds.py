"""What waits for feeds, and the feeds that are under way (implements `ports.FeedStore`)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from packline.domain.feed_plan import Waiting
from packline.domain.feeds import FeedItem, FeedKind
from packline.ports import Ownership
from packline.ports.feeds import Batch, Repeat, WaitingItem

_MARKETPLACE = "convert_from(payload, 'UTF8')::jsonb ->> 'marketplace'"
_WAITING = f"""
select kind, {_MARKETPLACE} as marketplace, count(*) as count, min(since) as since from feed_item
where account_id = $1 and state = 'waiting' and (not_before is null or not_before <= $2)
group by 1, 2
"""
_NEXT = """
select min(not_before) from feed_item where account_id = $1 and state = 'waiting' and not_before > $2
"""
_PLAN = f"""
with own as (select account_id from ownership where account_id = $1 and epoch = $2 for share),
ready as (
    select key, attempts, urgent_at, since, not_before from feed_item
    where account_id = $1 and kind = $3 and state = 'waiting' and (not_before is null or not_before <= $4)
        and {_MARKETPLACE} is not distinct from $5 and exists (select 1 from own)
), level as (
    select attempts from ready order by coalesce(not_before, since), attempts limit 1
), taken as (
    select key from feed_item
    where account_id = $1 and kind = $3 and state = 'waiting' and attempts = (select attempts from level)
        and key in (select key from ready)
    order by urgent_at nulls last, since, key
    limit (select greatest(1, $6::int >> least(attempts, 30)) from level) for update
), batch as (
    insert into feed_batch (account_id, kind, marketplace_id, state, items, created_at, next_at)
    select $1, $3, coalesce($5, ''), 'planned', (select count(*) from taken), $4, $4
    where exists (select 1 from taken) returning id
), moved as (
    update feed_item set state = 'sent', batch_id = (select id from batch), attempts = attempts + 1
    where account_id = $1 and kind = $3 and key in (select key from taken)
)
select id from batch
"""
# Items of equal attempts go together, in a feed half as large each time: one that lets every feed die is alone after
# some feeds, and those that had bad luck with it are through. The longest ready go first, so that nobody starves.
_COLUMNS = """id, account_id, kind, marketplace_id, state, items, document_id, feed_id, result_document_id, reports,
    attempts, failure, created_at, sent_at, next_at, subjects"""
_OPEN = f"select {_COLUMNS} from feed_batch where account_id = $1 and ended_at is null order by id"
_ITEMS = """
select key, subject, payload, since, attempts from feed_item
where account_id = $1 and batch_id = $2 and state = 'sent' order by urgent_at nulls last, key
"""
_SAVE = """
with own as (select account_id from ownership where account_id = $1 and epoch = $14 for share)
update feed_batch set state = $3, document_id = $4, feed_id = $5, result_document_id = $6, reports = $7, attempts = $8,
    failure = $9, sent_at = $10, next_at = $11, ended_at = case when $3 = 'ended' then $12 else ended_at end,
    subjects = $13
where id = $2 and account_id = $1 and exists (select 1 from own)
"""
_DONE = "delete from feed_item where account_id = $1 and batch_id = $2 and key = any($3::text[]) and state = 'sent'"
_LET_GO = "update stock_offer set batch_id = null where batch_id = $1"
_AGAIN = """
update feed_item f set state = r.state, batch_id = null, not_before = r.not_before, reason = r.reason
from unnest($3::text[], $4::text[], $5::timestamptz[], $6::text[]) as r(key, state, not_before, reason)
where f.account_id = $1 and f.batch_id = $2 and f.key = r.key and f.state = 'sent'
"""
_KNOWN = "select feed_id from feed_batch where account_id = $1 and feed_id = any($2::text[])"
_EXPECTED = """
select key, subject, payload, since, attempts from feed_item where account_id = $1 and kind = $2
    and state in ('waiting', 'sent', 'failed') order by since limit $3
"""
_REVIVE = """
update feed_item set state = 'waiting', batch_id = null, not_before = null, attempts = 0, reason = '', since = $4
where account_id = $1 and kind = $2 and state = 'failed' and ($3::text[] is null or key = any($3::text[]))
"""


class Feeds:
    """Items that wait for a feed of their kind, and batches on their way to Amazon and back."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def waiting(self, account: str, now: datetime) -> tuple[list[Waiting], datetime | None]:
        """Tell what may go now, by kind and marketplace, and when the next item that pauses may."""
        rows = await self._pool.fetch(_WAITING, account, now)
        found = [
            Waiting(FeedKind(row["kind"]), row["marketplace"] or "", row["count"], row["since"])
            for row in rows
            if row["kind"] in FeedKind.__members__.values()
        ]
        return found, await self._pool.fetchval(_NEXT, account, now)

    async def plan(self, owner: Ownership, kind: FeedKind, marketplace: str, limit: int, now: datetime) -> Batch | None:
        """Take waiting items into a new batch, in one statement; None where there are none or we are not the owner."""
        batch_id = await self._pool.fetchval(
            _PLAN, owner.account, owner.epoch, kind.value, now, marketplace or None, limit
        )
        if batch_id is None:
            return None
        return next(batch for batch in await self.open(owner.account) if batch.id == batch_id)

    async def open(self, account: str) -> list[Batch]:
        """List batches that are not over."""
        return [_batch(row) for row in await self._pool.fetch(_OPEN, account)]

    async def items(self, batch: Batch) -> list[WaitingItem]:
        """Read the items of a batch that still want it."""
        return [_item(row) for row in await self._pool.fetch(_ITEMS, batch.account, batch.id)]

    async def expected(self, account: str, kind: FeedKind, limit: int) -> list[WaitingItem]:
        """Read all items of a kind, whatever their state, the oldest first."""
        return [_item(row) for row in await self._pool.fetch(_EXPECTED, account, kind.value, limit)]

    async def save(self, owner: Ownership, batch: Batch, now: datetime) -> bool:
        """Write how far a batch is; False where we are not the owner any more."""
        done: str = await self._pool.execute(_SAVE, *_saved(owner, batch, now))
        return done == "UPDATE 1"

    async def settle(
        self, owner: Ownership, batch: Batch, done: Sequence[str], again: Sequence[Repeat], now: datetime
    ) -> bool:
        """Write how far a batch is, end items that are done, let others wait or fail; all or nothing."""
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.execute(_SAVE, *_saved(owner, batch, now)) != "UPDATE 1":
                return False
            if done:
                await connection.execute(_DONE, batch.account, batch.id, list(done))
            if batch.kind is FeedKind.STOCK:
                await connection.execute(_LET_GO, batch.id)
            if again:
                columns = [
                    [r.key for r in again],
                    ["failed" if r.not_before is None else "waiting" for r in again],
                    [r.not_before for r in again],
                    [r.reason for r in again],
                ]
                await connection.execute(_AGAIN, batch.account, batch.id, *columns)
        return True

    async def revive(self, account: str, kind: str, keys: Sequence[str] | None, now: datetime) -> int:
        """Let failed items of a kind wait for a feed again (all of them where no keys are given); tell how many."""
        done: str = await self._pool.execute(_REVIVE, account, kind, None if keys is None else list(keys), now)
        return int(done.removeprefix("UPDATE "))

    async def known(self, account: str, feed_ids: Sequence[str]) -> set[str]:
        """Tell which of these feeds belong to a batch already."""
        return {row["feed_id"] for row in await self._pool.fetch(_KNOWN, account, list(feed_ids))}


def _saved(owner: Ownership, batch: Batch, now: datetime) -> list[Any]:
    return [
        batch.account, batch.id, batch.state, batch.document_id, batch.feed_id, batch.result_document_id,
        list(batch.reports), batch.attempts, batch.failure, batch.sent_at, batch.next_at, now,
        list(batch.subjects), owner.epoch,
    ]  # fmt: skip


def _batch(row: asyncpg.Record) -> Batch:
    values = dict(row)
    values["account"], values["marketplace"] = values.pop("account_id"), values.pop("marketplace_id")
    return Batch(
        **values | {"kind": FeedKind(row["kind"]), "reports": tuple(row["reports"]), "subjects": tuple(row["subjects"])}
    )


def _item(row: asyncpg.Record) -> WaitingItem:
    return WaitingItem(FeedItem(row["key"], row["subject"], row["payload"]), row["since"], row["attempts"])
