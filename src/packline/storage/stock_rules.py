"""Rules of stock as rows."""

from collections.abc import Sequence
from typing import Any

import asyncpg

from packline.domain.inventory.rules import Rule

SHOWN = (
    "account_id as account, location_id as location, sku, channel, pool, at_location as at, item, buffer_units,"
    " buffer_percent, minimum, maximum, stop_sale"
)
_FOR = f"""
select {SHOWN} from stock_rule where sku = ''
union all
select {SHOWN} from stock_rule where sku <> '' and (sku = any($1::text[])
    or sku in (select i.sku from stock_rule i where i.item = any($1::text[])))
"""


async def rules_for(connection: asyncpg.Connection, skus: Sequence[str]) -> list[Rule]:
    """Read the rules that are for no SKU in particular, and those for (or selling) some SKUs."""
    return [rule_of(row) for row in await connection.fetch(_FOR, list(skus))]


def rule_of(row: Any, *beside: str) -> Rule:
    """Make the rule of a row, which may hold more columns `beside` the rule's."""
    return Rule(**{name: value for name, value in row.items() if name not in beside})
