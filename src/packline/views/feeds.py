"""Feeds: what was sent, what waits, when it can leave, and what Amazon did not take."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import asyncpg
from typing_extensions import TypedDict

from packline.domain.feed_plan import (
    CALLS_A_SECOND,
    RULES,
    SHARED_FEED_PLAN,
    Backlog,
    Bucket,
    FeedRules,
    Forecast,
    Waiting,
    forecast,
    left_to_calls,
)
from packline.domain.feeds import FeedKind
from packline.errors import NotFound
from packline.ports import Gateway
from packline.views.paging import EVERYTHING, Conditions, Rows, Scope, decode_cursor, encode_cursor
from packline.views.quotas import lanes_of
from packline.views.rows import LaneRow

CREATE_FEED, CREATE_LISTINGS_FEED, PATCH = "createFeed", "createListingsFeed", "patchListingsItem"
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
_STOCK = """
select count(*)::int as count, (count(*) filter (where wanted = 0))::int as sold_out, min(changed_at) as since
from stock_offer o join account a on a.id = o.account_id and a.api = 'seller_central'
where o.account_id = $1 and o.state = 'waiting' and o.wanted >= 0 and o.batch_id is null
    and not exists (select 1 from stock_hold h where h.account_id = o.account_id and h.location_id = o.location_id)
"""


class FeedRow(TypedDict):
    """One feed: planned, submitting (its answer is not known), submitted, answered or ended.

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

    Quantities that are not worth a feed go by single calls: `feeds` is 0. `done_at` is null where no worker has made a
    call of createFeed yet, so that its quota is not known.
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
        conditions.add("id < {}", *decode_cursor(after, int))
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
        conditions.add("(account_id, kind, key) > ({}, {}, {})", *decode_cursor(after, str, str, str))
    rows = await pool.fetch(
        f"{_ITEMS} {conditions.where} order by account_id, kind, key limit {limit + 1}", *conditions.values
    )
    page = [_item(row) for row in rows[:limit]]
    last = (page[-1]["account"], page[-1]["kind"], page[-1]["key"]) if len(rows) > limit else None
    return Rows(page, encode_cursor(*last) if last else None)


async def forecast_of(
    pool: asyncpg.Pool, gateway: Gateway, account: str, now: datetime, rules: FeedRules = RULES
) -> list[ForecastRow]:
    """Tell when each kind that waits will have left, by the quotas as their owner sees them.

    Quantities go by single calls and feeds side by side: no feed where none is worth it.
    """
    lanes = {lane["operation"]: lane for lane in await lanes_of(pool, gateway, account, now)}
    backlog = Backlog(**dict(await pool.fetchrow(_STOCK, account)))
    left = left_to_calls(backlog, _rate(lanes), rules)
    waiting = await _waiting(pool, account)
    orders = [w for w, _ in waiting]
    stock = [Waiting(FeedKind.STOCK, "", backlog.count - left, backlog.since or now)] if backlog.count > left else []
    if await pool.fetchval("select usage_plan from account where id = $1", account) == SHARED_FEED_PLAN:
        told = _leaves(orders + stock, lanes.get(CREATE_FEED), now, rules)
    else:
        told = _leaves(orders, lanes.get(CREATE_FEED), now, rules)
        told |= _leaves(stock, lanes.get(CREATE_LISTINGS_FEED), now, rules)
    rows = [_told(account, kind, one, at, waiting) for kind, (one, at) in told.items() if kind is not FeedKind.STOCK]
    if backlog.count:
        feeds, at = told.get(FeedKind.STOCK, (None, now))
        called = now + timedelta(seconds=left / _rate(lanes))
        row = ForecastRow(
            account=account, kind="stock", count=backlog.count, feeds=feeds.feeds if feeds else 0,
            since=backlog.since or now, done_at=max(at, called) if at else None,
        )  # fmt: skip
        rows.append(row)
    return rows


def _leaves(
    waiting: Sequence[Waiting], lane: LaneRow | None, now: datetime, rules: FeedRules
) -> dict[FeedKind, tuple[Forecast, datetime | None]]:
    """Forecast what shares a bucket; no time where no worker has used it yet."""
    bucket = Bucket(lane["level"], lane["rate"], lane["burst"]) if lane else None
    found = forecast(waiting, bucket or Bucket(1, 1, 1), now, rules)
    return {one.kind: (one, one.done_at if bucket else None) for one in found}


def _told(
    account: str, kind: FeedKind, one: Forecast, at: datetime | None, waiting: list[tuple[Waiting, datetime]]
) -> ForecastRow:
    mine = [(w.since, latest) for w, latest in waiting if w.kind is kind]
    return ForecastRow(
        account=account,
        kind=kind.value,
        count=one.count,
        feeds=one.feeds,
        since=min(since for since, _ in mine),
        done_at=max(at, *(latest for _, latest in mine)) if at else None,
    )


def _rate(lanes: Mapping[str, LaneRow]) -> float:
    return lanes[PATCH]["rate"] or CALLS_A_SECOND if PATCH in lanes else CALLS_A_SECOND


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
