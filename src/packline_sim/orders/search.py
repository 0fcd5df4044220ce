"""searchOrders and getOrder of the Orders API 2026-01-01."""

import re

from packline_sim.call import Call, Reply, json_reply
from packline_sim.clock import to_iso
from packline_sim.marketplaces import MARKETPLACES
from packline_sim.orders.body import INCLUDABLE, order_body
from packline_sim.orders.criteria import (
    V2026,
    Criteria,
    find_page,
    read_list,
    read_page_size,
    read_period,
    read_token,
    refused,
)
from packline_sim.orders.records import Order
from packline_sim.orders.words import STATUS_2026, STATUS_V0
from packline_sim.refusals import Problem, Refusal

_ORDER_ID = re.compile(r"[0-9A-Z]{3}-\d{7}-\d{7}")
_STATUSES = (*STATUS_2026.values(), "UNFULFILLABLE")


def search_orders(call: Call) -> Reply:
    """Answer searchOrders: a page of orders in the order of their update, or creation, the oldest first."""
    included = frozenset(read_list(call, "includedData", allowed=INCLUDABLE))
    criteria = read_token(call, V2026) or _criteria(call)
    fulfilled_by = criteria.filters.get("fulfilledBy", ())
    found, token = find_page(call, criteria, lambda _: not fulfilled_by or "MERCHANT" in fulfilled_by)
    return json_reply(
        {
            "orders": [order_body(call.world, order, included) for order in found],
            "pagination": {} if token is None else {"nextToken": token},
            criteria.echo(V2026): to_iso(criteria.before_ms),
        }
    )


def get_order(call: Call) -> Reply:
    """Answer getOrder."""
    included = frozenset(read_list(call, "includedData", allowed=INCLUDABLE))
    return json_reply({"order": order_body(call.world, find_order(call), included)})


def find_order(call: Call) -> Order:
    """Give the seller's order that the path names. Raises Refusal 400 (no order id), 404 (400 by switch)."""
    wanted = call.ids[0]
    if not _ORDER_ID.fullmatch(wanted):
        raise refused(f"'{wanted}' is not an order id.", "An order id has 3, 7 and 7 digits.")
    order = call.world.orders.get(wanted)
    if order is None or order.seller_id != call.seller.seller_id:
        status = int(call.world.switches["order_not_found"])
        raise Refusal(status, Problem("ResourceNotFound", f"The order {wanted} does not exist."))
    return order


def check_marketplaces(call: Call, marketplace_ids: tuple[str, ...]) -> None:
    """Refuse marketplaces of another region's host. Raises Refusal 400, 403."""
    for marketplace_id in marketplace_ids:
        known = MARKETPLACES.get(marketplace_id)
        if known is None:
            raise refused(f"'{marketplace_id}' is not a marketplace.")
        if known.region != call.seller.region:
            raise Refusal(403, Problem("Unauthorized", "The marketplaces you provided are not valid for region."))


def _criteria(call: Call) -> Criteria:
    marketplace_ids = read_list(call, "marketplaceIds")
    check_marketplaces(call, marketplace_ids)
    statuses = read_list(call, "fulfillmentStatuses", allowed=_STATUSES)
    by_update, after, before = read_period(call, V2026)
    return Criteria(
        seller_id=call.seller.seller_id,
        by_update=by_update,
        after_ms=after,
        before_ms=before,
        page_size=read_page_size(call, V2026),
        issued_ms=call.world.clock.now_ms(),
        marketplace_ids=marketplace_ids,
        statuses=tuple(STATUS_V0.get(word, word) for word in statuses),
        filters={"fulfilledBy": read_list(call, "fulfilledBy", allowed=("MERCHANT", "AMAZON"))},
    )
