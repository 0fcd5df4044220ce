"""Orders of Seller Central: the newest that fit, each with what can be done to it."""

from collections import Counter
from collections.abc import Mapping
from itertools import islice
from typing import Any

from packline_sim.control.stage import Stage
from packline_sim.orders.records import Order
from packline_sim.page.acts import order_acts
from packline_sim.page.frame import names

SHOWN = 40


def facts(stage: Stage, query: Mapping[str, str]) -> dict[str, Any]:
    """Gather the list: filters are status (either kind), seller and text."""
    orders = stage.world.orders
    found = list(islice((row for row in reversed(orders.values()) if _fits(row, query)), SHOWN + 1))
    counted = Counter(row.easy_ship_status or row.status for row in orders.values())
    return {
        "rows": [(row, order_acts(row)) for row in found[:SHOWN]],
        "has_more": len(found) > SHOWN,
        "shown": SHOWN,
        "counted": counted.most_common(),
        "names": names(stage),
    }


def _fits(row: Order, query: Mapping[str, str]) -> bool:
    text = query.get("text", "").strip()
    return (
        query.get("status") in (None, "", row.easy_ship_status or row.status)
        and query.get("seller") in (None, "", row.seller_id)
        and (not text or text in row.order_id)
    )
