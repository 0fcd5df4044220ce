"""Drift as people and programs read it: what differs with its cause, and how far comparisons are."""

from typing import Any, cast

import asyncpg
from typing_extensions import TypedDict

from packline.errors import NotFound
from packline.views.paging import EVERYTHING, Conditions, Scope, decode_cursor
from packline.views.stock_rows import AFTER_PLACE


class DriftRow(TypedDict):
    """A place that is not the same everywhere; `amazon` is what it has, `told` what it was last told."""

    account: str
    location: str
    sku: str
    channel: str
    cause: str
    words: str
    wanted: int | None
    told: int | None
    told_sequence: int | None
    amazon: int | None
    amazon_sellable: int | None
    amazon_reserved: int | None
    amazon_sequence: int | None
    on_hand: int | None
    seller: int | None
    comparison: str
    found_at: Any


class ComparisonRow(TypedDict):
    """How far a comparison is: waiting, running or done; `total` is null until it began."""

    id: str
    account: str
    location: str
    sku: str
    state: str
    total: int | None
    done: int
    found: int
    created_at: Any
    ended_at: Any


_DRIFT = """account_id as account, location_id as location, sku, channel, cause, words, wanted, published as told,
    published_seq as told_sequence, amazon, amazon_sellable, amazon_reserved, amazon_seq as amazon_sequence, on_hand,
    seller, run_id as comparison, found_at"""


async def drifts(
    pool: asyncpg.Pool,
    account: str | None = None,
    location: str | None = None,
    scope: Scope = EVERYTHING,
    *,
    limit: int = 1000,
    after: str | None = None,
) -> list[DriftRow]:
    """List what differs, by account, location, SKU and channel."""
    conditions = Conditions(scope)
    conditions.add_if("account_id = {}", account)
    conditions.add_if("location_id = {}", location)
    if after:
        conditions.add(AFTER_PLACE, *decode_cursor(after, str, str, str, str))
    rows = await pool.fetch(
        f"select {_DRIFT} from stock_drift {conditions.where}"
        f" order by account_id, location_id, sku, channel limit {int(limit)}",
        *conditions.values,
    )
    return [cast("DriftRow", dict(row)) for row in rows]


async def comparison(pool: asyncpg.Pool, run: str, scope: Scope = EVERYTHING) -> ComparisonRow:
    """Read how far a comparison is. Raises NotFound."""
    row = await pool.fetchrow(
        "select id, account_id as account, location_id as location, sku, state, total, done, found, created_at,"
        " ended_at"
        " from stock_drift_run where id = $1",
        run,
    )
    if row is None or not scope.sees(row["account"], row["location"] or None):
        raise NotFound(f"There is no comparison {run}.")
    return cast("ComparisonRow", dict(row))
