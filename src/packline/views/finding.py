"""Finding whatever was scanned or typed: a shipment, an order, a tracking id, a return, a manifest, a SKU, a serial."""

from collections.abc import Sequence

import asyncpg

from packline.domain.values import Value
from packline.views.paging import EVERYTHING, Scope

LIMIT = 20
_FIND = """
select * from (
    (select 'shipment' as kind, id, amazon_id as name, account_id, location_id, status as note, 1 as rank
     from shipment where id = $1 limit {limit})
    union all (select 'shipment', id, amazon_id, account_id, location_id, status, 2 from shipment
     where amazon_id = $1 and id <> $1 limit {limit})
    union all (select 'shipment', id, amazon_id, account_id, location_id, status, 3 from shipment
     where order_id = $1 and amazon_id <> $1 limit {limit})
    union all (select 'shipment', s.id, s.amazon_id, s.account_id, s.location_id, s.status, 4
     from package_label l join shipment s on s.id = l.shipment_id where l.tracking_id = $1 limit {limit})
    union all (select 'return', id, amazon_id, account_id, location_id, status, 5 from return_item
     where $1 in (id) or amazon_id = $1 or rma_id = $1 or tracking_id = $1 limit {limit})
    union all (select 'manifest', id, id, account_id, location_id, status, 6 from manifest where id = $1)
    union all (select 'sku', sku, sku, account_id, null, title, 7 from sku
     where account_id = any($2::text[]) and sku = $1 limit {limit})
    union all (select distinct 'sku', sku, sku, null, null, '', 7 from stock_balance where sku = $1
     and not exists (select from sku s where s.account_id = any($2::text[]) and s.sku = $1) limit {limit})
    union all (select 'serial', sku, serial, null, location, bin, 8 from stock_spot
     where serial = $1 and serial <> '' limit {limit})
) as hits order by rank limit {limit}
"""
_BEGINS = """
(select 'shipment' as kind, id, amazon_id as name, account_id, location_id, status as note from shipment
 where amazon_id >= $1 and amazon_id < $1 || chr(1114111) order by amazon_id limit {limit})
union all (select 'shipment', id, order_id, account_id, location_id, status from shipment
 where order_id >= $1 and order_id < $1 || chr(1114111) order by order_id limit {limit})
"""


class Hit(Value, frozen=True):
    """Something that bears this name: `kind` is shipment, return, manifest, sku or serial; `id` leads to it."""

    kind: str
    id: str
    name: str
    account: str
    location: str
    note: str


async def find(pool: asyncpg.Pool, reference: str, accounts: Sequence[str], scope: Scope = EVERYTHING) -> list[Hit]:
    """Find everything that is called exactly so, once each, the likeliest first; `accounts` are those with SKUs."""
    rows = await pool.fetch(_FIND.format(limit=LIMIT), reference, list(accounts))
    hits = [_hit(row) for row in rows if _sees(scope, row)]
    return list({(hit.kind, hit.id, hit.account): hit for hit in reversed(hits)}.values())[::-1]


async def beginning(pool: asyncpg.Pool, reference: str, scope: Scope = EVERYTHING, limit: int = 6) -> list[Hit]:
    """Find shipments and orders whose id begins so."""
    rows = await pool.fetch(_BEGINS.format(limit=int(limit)), reference)
    hits = [_hit(row) for row in rows if _sees(scope, row)]
    return list({hit.id: hit for hit in hits}.values())[:limit]


def _sees(scope: Scope, row: asyncpg.Record) -> bool:
    if row["account_id"] is None:  # a pool of stock may serve several sellers: only who sees all is told
        return scope.accounts is None
    return scope.sees(row["account_id"], row["location_id"])


def _hit(row: asyncpg.Record) -> Hit:
    return Hit(
        kind=row["kind"],
        id=row["id"],
        name=row["name"],
        account=row["account_id"] or "",
        location=row["location_id"] or "",
        note=row["note"] or "",
    )
