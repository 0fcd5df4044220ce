"""The operations of the Orders API: names, paths, queries, handlers."""

from packline_sim.operation import Operation, operation
from packline_sim.orders import search

BASE = "/orders/2026-01-01/orders"
V0_BASE = "/orders/v0/orders"

OPERATIONS: tuple[Operation, ...] = (
    operation(
        "searchOrders",
        "GET",
        BASE,
        "createdAfter createdBefore lastUpdatedAfter lastUpdatedBefore fulfillmentStatuses marketplaceIds fulfilledBy "
        "maxResultsPerPage paginationToken includedData",
        search.search_orders,
        writes=False,
    ),
    operation("getOrder", "GET", f"{BASE}/{{}}", "includedData", search.get_order, writes=False),
)
