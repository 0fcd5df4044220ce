"""The audit as a list: acts, sign-ins and looks from the audit itself, commands on shipments from their tickets."""

from datetime import datetime
from typing import Any

import asyncpg
from typing_extensions import TypedDict

from packline.domain.audit import AuditKind
from packline.domain.values import Value
from packline.views.paging import EVERYTHING, Conditions, Rows, Scope, decode_cursor, encode_cursor, moment_of

_AUDIT = """
select at, id, who, kind, act, subject, shipment_id, account_id, location_id, address, outcome from audit
"""
_COMMANDS = """
select * from (
    select c.created_at as at, c.id, c.requested_by as who, 'act' as kind, 'shipments.' || c.kind as act, '' as subject,
        c.shipment_id, c.account_id, s.location_id, '' as address, coalesce(c.outcome, 'under way') as outcome
    from command c left join shipment s on s.id = c.shipment_id
) c
"""
_NAMES = "select id, name from api_key where id = any($1::text[])"
_SHIPMENTS = "select id, amazon_id from shipment where id = any($1::text[])"


class AuditRow(TypedDict):
    """One line: `who` as it is kept, `name` as people call it; `kind` act, look or sign_in.

    `act` is `<resource>.<verb>`, for a look the kind of personal data. `outcome` is done, seen, a refusal's reason, or
    a command's outcome; null where the process ended before it was known.
    """

    id: str
    at: datetime
    who: str
    name: str
    kind: str
    act: str
    subject: str
    shipment: str | None
    amazon_id: str | None
    account: str | None
    location: str | None
    address: str
    outcome: str | None


class AuditFilters(Value, frozen=True):
    """Which lines are wanted; fields left out do not count."""

    who: str | None = None
    kind: AuditKind | None = None
    act: str | None = None
    shipment: str | None = None
    account: str | None = None
    since: datetime | None = None
    until: datetime | None = None


ALL = AuditFilters()


async def audit(
    pool: asyncpg.Pool,
    filters: AuditFilters = ALL,
    scope: Scope = EVERYTHING,
    *,
    limit: int = 50,
    after: str | None = None,
) -> Rows[AuditRow]:
    """List who did and saw what, the newest first; whoever is bound to accounts sees what concerns them."""
    parts = [await _part(pool, _AUDIT, filters, scope, limit + 1, after)]
    if filters.kind in (None, AuditKind.ACT):
        parts.append(await _part(pool, _COMMANDS, filters, scope, limit + 1, after))
    rows = sorted((row for part in parts for row in part), key=lambda row: (row["at"], row["id"]), reverse=True)
    page = rows[:limit]
    following = encode_cursor(page[-1]["at"], page[-1]["id"]) if len(rows) > limit else None
    return Rows(await _named(pool, page), following)


async def key_names(pool: asyncpg.Pool) -> dict[str, str]:
    """Give the names of API keys by their ids, of a thousand at most."""
    rows = await pool.fetch("select id, name from api_key order by created_at desc limit 1000")
    return {row["id"]: row["name"] for row in rows}


async def _part(
    pool: asyncpg.Pool, sql: str, filters: AuditFilters, scope: Scope, limit: int, after: str | None
) -> list[Any]:
    conditions = Conditions(scope)
    conditions.add_if("who = {}", filters.who)
    conditions.add_if("kind = {}", filters.kind.value if filters.kind else None)
    conditions.add_if("act = {}", filters.act)
    conditions.add_if("shipment_id = {}", filters.shipment)
    conditions.add_if("account_id = {}", filters.account)
    conditions.add_if("at >= {}", filters.since)
    conditions.add_if("at < {}", filters.until)
    if after:
        moment, last = (*decode_cursor(after), "")[:2]
        conditions.add("(at, id) < ({}, {})", moment_of(moment), str(last))
    order = f"order by at desc, id desc limit {int(limit)}"
    return list(await pool.fetch(f"{sql} {conditions.where} {order}", *conditions.values))


async def _named(pool: asyncpg.Pool, rows: list[Any]) -> list[AuditRow]:
    keys = {row["who"] for row in rows if row["who"].startswith("key_")}
    names = {row["id"]: row["name"] for row in await pool.fetch(_NAMES, list(keys))} if keys else {}
    ids = {row["shipment_id"] for row in rows if row["shipment_id"]}
    known = {row["id"]: row["amazon_id"] for row in await pool.fetch(_SHIPMENTS, list(ids))} if ids else {}
    return [
        AuditRow(
            id=row["id"],
            at=row["at"],
            who=row["who"],
            name=names.get(row["who"]) or row["who"] or "",
            kind=row["kind"],
            act=row["act"],
            subject=row["subject"],
            shipment=row["shipment_id"],
            amazon_id=known.get(row["shipment_id"]),
            account=row["account_id"],
            location=row["location_id"],
            address=row["address"],
            outcome=row["outcome"],
        )
        for row in rows
    ]
