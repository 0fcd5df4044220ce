"""SKUs: what is known of the size and weight of one packed unit, and from whom."""

from datetime import datetime
from typing import Any

import asyncpg
from typing_extensions import TypedDict

from packline.views.paging import EVERYTHING, Conditions, Rows, Scope, decode_cursor, encode_cursor

_COLUMNS = (
    "account_id, sku, asin, title, marketplace_id, product_type, listing_box, default_box, listing_at, updated_at"
)


class SkuRow(TypedDict):
    """One SKU; `source` says whose size it is: listing (Amazon's, read at `listing_at`), seller, or unknown."""

    account: str
    sku: str
    asin: str
    title: str
    marketplace: str
    product_type: str
    source: str
    length_cm: float | None
    width_cm: float | None
    height_cm: float | None
    weight_g: float | None
    listing_at: datetime | None
    updated_at: datetime


async def skus(
    pool: asyncpg.Pool,
    scope: Scope = EVERYTHING,
    *,
    account: str | None = None,
    sku: str | None = None,
    is_known: bool | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Rows[SkuRow]:
    """List SKUs by account and name; `is_known` False: those without a size."""
    conditions = Conditions(scope, by_location=False)
    conditions.add_if("account_id = {}", account)
    conditions.add_if("sku = {}", sku)
    conditions.add_if("(coalesce(listing_box, default_box) is not null) = {}", is_known)
    if after:
        conditions.add("(account_id, sku) > ({}, {})", *(str(part) for part in (*decode_cursor(after), "")[:2]))
    rows = await pool.fetch(
        f"select {_COLUMNS} from sku {conditions.where} order by account_id, sku limit {limit + 1}",
        *conditions.values,
    )
    page = [_row(row) for row in rows[:limit]]
    return Rows(page, encode_cursor(page[-1]["account"], page[-1]["sku"]) if len(rows) > limit else None)


def _row(row: Any) -> SkuRow:
    box = row["listing_box"] or row["default_box"] or [None] * 4
    return SkuRow(
        account=row["account_id"],
        sku=row["sku"],
        asin=row["asin"],
        title=row["title"],
        marketplace=row["marketplace_id"],
        product_type=row["product_type"],
        source="listing" if row["listing_box"] else "seller" if row["default_box"] else "unknown",
        length_cm=box[0],
        width_cm=box[1],
        height_cm=box[2],
        weight_g=box[3],
        listing_at=row["listing_at"],
        updated_at=row["updated_at"],
    )
