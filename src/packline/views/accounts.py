"""Accounts and locations, without their credentials."""

from typing import Any

import asyncpg

from packline.errors import NotFound
from packline.views.paging import EVERYTHING, Conditions, Scope
from packline.views.rows import AccountRow, LocationRow

_ACCOUNT = (
    "id, name, seller_id, region, marketplaces, endpoint, token_url, application_id, enabled, stock_on, usage_plan,"
    " api, orders_api, paused_reason"
)
_LOCATION = (
    "account_id, id, name, timezone, programs, auto_confirm, slot_policy, slot_method, slot_from, slot_to, enabled"
)


async def accounts(pool: asyncpg.Pool, scope: Scope = EVERYTHING) -> list[AccountRow]:
    """List accounts by name."""
    rows = await pool.fetch(
        f"select {_ACCOUNT} from account where $1::text[] is null or id = any($1::text[]) order by name, id",
        None if scope.accounts is None else list(scope.accounts),
    )
    return [_account(row) for row in rows]


async def account(pool: asyncpg.Pool, account_id: str, scope: Scope = EVERYTHING) -> AccountRow:
    """Read one account.

    Raises NotFound.
    """
    row = await pool.fetchrow(f"select {_ACCOUNT} from account where id = $1", account_id)
    if row is None or not scope.sees(account_id):
        raise NotFound(f"There is no account {account_id}.", hint="List them with GET /v1/accounts.")
    return _account(row)


async def locations(pool: asyncpg.Pool, account_id: str | None = None, scope: Scope = EVERYTHING) -> list[LocationRow]:
    """List locations, of one account or of all."""
    conditions = Conditions(scope, by_location=False)
    conditions.add_if("id = any({}::text[])", None if scope.locations is None else list(scope.locations))
    conditions.add_if("account_id = {}", account_id)
    rows = await pool.fetch(
        f"select {_LOCATION} from location {conditions.where} order by account_id, id", *conditions.values
    )
    return [_location(row) for row in rows]


def _account(row: Any) -> AccountRow:
    return AccountRow(
        id=row["id"],
        name=row["name"],
        seller_id=row["seller_id"],
        region=row["region"],
        marketplaces=list(row["marketplaces"]),
        endpoint=row["endpoint"],
        token_url=row["token_url"],
        application_id=row["application_id"],
        enabled=row["enabled"],
        stock_on=row["stock_on"],
        usage_plan=row["usage_plan"],
        api=row["api"],
        orders_api=row["orders_api"],
        paused_reason=row["paused_reason"],
    )


def _location(row: Any) -> LocationRow:
    return LocationRow(
        account=row["account_id"],
        id=row["id"],
        name=row["name"],
        timezone=row["timezone"],
        programs=list(row["programs"]),
        auto_confirm=row["auto_confirm"],
        slot_policy=row["slot_policy"],
        slot_method=row["slot_method"],
        slot_from=row["slot_from"],
        slot_to=row["slot_to"],
        enabled=row["enabled"],
    )
