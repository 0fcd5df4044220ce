"""Feeds: what was sent, what waits, when it can leave, and what Amazon did not take."""

from datetime import datetime
from typing import Any, cast

import asyncpg
from typing_extensions import TypedDict

from packline.domain.feed_plan import RULES, Bucket, FeedRules, Waiting, forecast
from packline.domain.feeds import FeedKind
from packline.errors import NotFound
from packline.ports import Gateway
from packline.views.paging import EVERYTHING, Conditions, Rows, Scope, decode_cursor, encode_cursor
from packline.views.quotas import lanes_of

CREATE_FEED = "createFeed"
_COLUMNS = (
    "id, account_id as account, kind, marketplace_id as marketplace, state, items, feed_id, attempts, failure,"
    " created_at, sent_at, next_at, ended_at"
)
_ITEMS = """
select account_id as account, kind, key, subject, state, attempts, reason, since, not_before from feed_item
"""
_WAITING = """
select kind, convert_from(payload, 'UTF8')::jsonb ->> 'marketplace' as marketplace, count(*) as count,
    min(since) as since, max(not_before) as latest
from feed_item where account_id = $1 and state = 'waiting' group by 1, 2
"""


class FeedRow(TypedDict):
    """One feed: planned, uploaded, submitting (its answer is not known), submitted, answered or ended.

    `feed_id` is Amazon's; `failure` what hindered it last; `next_at` when it is looked at again.
    """

    id: int
    account: str
    kind: str
    marketplace: str
    state: str
    items: int
    feed_id: str | None
    attempts: int
    failure: str
    created_at: datetime
    sent_at: datetime | None
    next_at: datetime | None
    ended_at: datetime | None


class FeedItemRow(TypedDict):
    """One order or SKU: waiting (not before `not_before`), sent, or failed; `attempts` counts the feeds it was in."""

    account: str
    kind: str
    key: str
    subject: str
    state: str
    attempts: int
    reason: str
    since: datetime
    not_before: datetime | None


class FeedDetail(FeedRow):
    """One feed with the items that are still in it."""

    item_list: list[FeedItemRow]


class ForecastRow(TypedDict):
    """What waits of a kind, in how many feeds it goes, and when the last of them can leave.

    `done_at` is null where no worker has made a call of createFeed yet, so that its quota is not known.
    """

    account: str
    kind: str
    count: int
    feeds: int
    since: datetime
    done_at: datetime | None


async def feeds(
    pool: asyncpg.Pool,
    scope: Scope = EVERYTHING,
    *,
    account: str | None = None,
    is_open: bool | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Rows[FeedRow]:
    """List feeds, the newest first."""
    conditions = Conditions(scope, by_location=False)
    conditions.add_if("account_id = {}", account)
    conditions.add_if("(ended_at is null) = {}", is_open)
    if after:
        conditions.add("id < {}", int(decode_cursor(after)[0]))
    rows = await pool.fetch(
        f"select {_COLUMNS} from feed_batch {conditions.where} order by id desc limit {limit + 1}", *conditions.values
    )
    page = [cast("FeedRow", dict(row)) for row in rows[:limit]]
    return Rows(page, encode_cursor(page[-1]["id"]) if len(rows) > limit else None)


async def one_feed(pool: asyncpg.Pool, feed: int, scope: Scope = EVERYTHING) -> FeedDetail:
    """Show one feed by our number, with the items that are still in it.

    Raises NotFound.
    """
    row = await pool.fetchrow(f"select {_COLUMNS} from feed_batch where id = $1", feed)
    if row is None or not scope.sees(row["account"]):
        raise NotFound(f"There is no feed {feed}.", hint="List them with `packline feed list`.")
    items = await pool.fetch(f"{_ITEMS} where batch_id = $1 and account_id = $2 order by key", feed, row["account"])
    return cast("FeedDetail", {**dict(row), "item_list": [_item(item) for item in items]})


async def failed_items(
    pool: asyncpg.Pool,
    scope: Scope = EVERYTHING,
    *,
    account: str | None = None,
    kind: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Rows[FeedItemRow]:
    """List what Amazon did not take, with its reason, by account, kind and key."""
    conditions = Conditions(scope, by_location=False)
    conditions.parts.append("state = 'failed'")
    conditions.add_if("account_id = {}", account)
    conditions.add_if("kind = {}", kind)
    if after:
        conditions.add("(account_id, kind, key) > ({}, {}, {})", *(str(part) for part in decode_cursor(after)[:3]))
    rows = await pool.fetch(
        f"{_ITEMS} {conditions.where} order by account_id, kind, key limit {limit + 1}", *conditions.values
    )
    page = [_item(row) for row in rows[:limit]]
    last = (page[-1]["account"], page[-1]["kind"], page[-1]["key"]) if len(rows) > limit else None
    return Rows(page, encode_cursor(*last) if last else None)


async def forecast_of(
    pool: asyncpg.Pool, gateway: Gateway, account: str, now: datetime, rules: FeedRules = RULES
) -> list[ForecastRow]:
    """Tell when each kind of feed that waits will have left, by the quota as its owner sees it."""
    waiting = await _waiting(pool, account)
    lanes = await lanes_of(pool, gateway, account, now)
    lane = next((one for one in lanes if one["operation"] == CREATE_FEED), None)
    bucket = Bucket(lane["level"], lane["rate"], lane["burst"]) if lane else None
    since = {kind: min(w.since for w, _ in waiting if w.kind is kind) for kind in {w.kind for w, _ in waiting}}
    latest = {kind: max(at for w, at in waiting if w.kind is kind) for kind in since}
    return [
        ForecastRow(
            account=account,
            kind=told.kind.value,
            count=told.count,
            feeds=told.feeds,
            since=since[told.kind],
            done_at=max(told.done_at, latest[told.kind]) if bucket else None,
        )
        for told in forecast([w for w, _ in waiting], bucket or Bucket(1, 1, 1), now, rules)
    ]


async def _waiting(pool: asyncpg.Pool, account: str) -> list[tuple[Waiting, datetime]]:
    rows = await pool.fetch(_WAITING, account)
    return [
        (
            Waiting(FeedKind(row["kind"]), row["marketplace"] or "", row["count"], row["since"]),
            row["latest"] or row["since"],
        )
        for row in rows
        if row["kind"] in FeedKind.__members__.values()
    ]


def _item(row: Any) -> FeedItemRow:
    return cast("FeedItemRow", dict(row))
