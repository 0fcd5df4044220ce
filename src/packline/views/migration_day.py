"""How an account stands on migration day, read for the check list."""

from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from packline.domain.location import stranger
from packline.domain.migration_day import QUIET, Check, Day, Standing, checks
from packline.errors import NotFound

_DAY = "select account_id, state, began_at, confirms, holds, ended_at, by_whom from migration_day"
_COUNTS = """
select
    (select count(*) from parked where account_id = $1 and resolved_at is null)::int as parked,
    (select count(*) from parked where account_id = $1 and resolved_at is null and starts_with(reason, $2))::int
        as strangers,
    (select count(*) from (select 1 from event where account_id = $1 and name = 'shipment.adopted' and at > $3
        limit 1000) e)::int as adopted,
    (select count(*) from stock_offer where account_id = $1 and wanted >= 0)::int as skus,
    (select count(*) from stock_offer o where o.account_id = $1 and o.wanted >= 0 and not exists (
        select 1 from stock_sequence q where q.account_id = o.account_id and q.location_id = o.location_id
            and q.sku = o.sku and q.channel = o.channel))::int as unnumbered,
    (select count(*) from stock_drift d left join stock_sequence q using (account_id, location_id, sku, channel)
        where d.account_id = $1 and d.amazon_seq > greatest(coalesce(q.last, 0), $4))::int as behind,
    (select count(*) from webhook where enabled and (accounts = '{}' or $1 = any(accounts)))::int as webhooks,
    (select count(*) from webhook where enabled and (accounts = '{}' or $1 = any(accounts))
        and (paused_reason is not null or failures > 0))::int as deaf,
    (select min(succeeded_at) from return_cursor where account_id = $1 and status in ('CREATED', 'DELIVERED'))
        as returns_read_at
"""
_FLOWS = (
    "select location_id, status, succeeded_at, coalesce(error, '') as error from intake_cursor where account_id = $1"
)
_CAME = """
select data from event where account_id = $1 and name = 'shipment.received' and at > $2 order by at desc limit 2000
"""
_COMPARED = """
select r.ended_at,
    (select count(*) from reconciliation_item i where i.run_id = r.id and i.mended_at is null)::int as left
from reconciliation r
where r.account_id = $1 and r.what = 'orders' and r.side = $2 and r.location_id = '' and r.state = 'done'
order by r.created_at desc limit 1
"""
_STOCK = """
select r.ended_at,
    (select count(*) from stock_drift d where d.account_id = $1 and d.amazon is distinct from d.wanted)::int as left
from stock_drift_run r where r.account_id = $1 and r.location_id = '' and r.sku = '' and r.ended_at is not null
order by r.created_at desc limit 1
"""


class _Shipment(msgspec.Struct, frozen=True):
    status: str = ""


class _Data(msgspec.Struct, frozen=True):
    shipment: _Shipment = _Shipment()


_data = msgspec.json.Decoder(_Data)
_NEW = ("CREATED", "ACCEPTED")


async def check_list(pool: asyncpg.Pool, account: str, now: datetime) -> list[Check]:
    """Go through the list of an account. Raises NotFound."""
    return checks(await standing(pool, account, now))


async def standing(pool: asyncpg.Pool, account: str, now: datetime) -> Standing:
    """Read how an account stands. Raises NotFound."""
    row = await pool.fetchrow(
        "select enabled, paused_reason, credentials is not null as has_credentials, api from account where id = $1",
        account,
    )
    if row is None:
        raise NotFound(f"There is no account {account}.", hint="List them with `packline account list`.")
    settings = await pool.fetchrow("select numbering, ask_first from stock_publishing where account_id = $1", account)
    numbering = settings["numbering"] if settings else "milliseconds"
    places = await pool.fetch("select id, auto_confirm from location where account_id = $1 and enabled", account)
    held = await pool.fetch("select location_id from stock_hold where account_id = $1", account)
    ours = int(now.timestamp() * 1000) if numbering == "milliseconds" else 0
    # every reason of a strange location begins with the same words
    words = stranger("").partition("''")[0]
    counts = await pool.fetchrow(_COUNTS, account, words, now - QUIET, ours)
    return Standing(
        account=account,
        now=now,
        day=await day(pool, account),
        enabled=row["enabled"],
        paused_reason=row["paused_reason"],
        has_credentials=row["has_credentials"],
        api=row["api"],
        locations=tuple(sorted(place["id"] for place in places)),
        confirming=tuple(sorted(place["id"] for place in places if place["auto_confirm"])),
        held=tuple(sorted(one["location_id"] for one in held)),
        flows=await _flows(pool, account),
        came_confirmed=await _came_confirmed(pool, account, now - QUIET),
        asks_first=bool(settings and settings["ask_first"]),
        numbering=numbering,
        compared_orders=_compared(await pool.fetchrow(_COMPARED, account, "amazon")),
        compared_system=_compared(await pool.fetchrow(_COMPARED, account, "seller")),
        compared_stock=_compared(await pool.fetchrow(_STOCK, account)),
        **dict(counts),
    )


async def day(pool: asyncpg.Pool, account: str) -> Day | None:
    """Read an account's migration."""
    row = await pool.fetchrow(f"{_DAY} where account_id = $1", account)
    if row is None:
        return None
    return Day(
        row["account_id"],
        row["state"],
        row["began_at"],
        tuple(row["confirms"]),
        tuple(row["holds"]),
        row["ended_at"],
        row["by_whom"],
    )


async def _flows(pool: asyncpg.Pool, account: str) -> tuple[tuple[str, datetime | None, str], ...]:
    rows = await pool.fetch(_FLOWS, account)
    return tuple((f"{row['location_id']} {row['status']}".strip(), row["succeeded_at"], row["error"]) for row in rows)


async def _came_confirmed(pool: asyncpg.Pool, account: str, since: datetime) -> int:
    """Count orders that were further than ACCEPTED when we first saw them: somebody else confirmed them."""
    rows = await pool.fetch(_CAME, account, since)
    seen = [_data.decode(row["data"]).shipment.status for row in rows]
    return sum(status not in ("", "CANCELLED", *_NEW) for status in seen)


def _compared(row: Any) -> tuple[datetime, int] | None:
    return (row["ended_at"], row["left"]) if row else None
