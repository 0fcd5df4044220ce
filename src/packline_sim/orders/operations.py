"""The operations of the Orders API: names, paths, queries, handlers."""

from packline_sim.call import Handler
from packline_sim.operation import Operation, operation
from packline_sim.orders import search, v0_reading, v0_search, v0_writing

BASE = "/orders/2026-01-01/orders"
V0_BASE = "/orders/v0/orders"
_ONE = f"{V0_BASE}/{{}}"
_SEARCH = (
    "createdAfter createdBefore lastUpdatedAfter lastUpdatedBefore fulfillmentStatuses marketplaceIds fulfilledBy "
    "maxResultsPerPage paginationToken includedData"
)


def _read(name: str, path: str, query: str, handler: Handler) -> Operation:
    return operation(name, "GET", path, query, handler, writes=False)


OPERATIONS: tuple[Operation, ...] = (
    _read("searchOrders", BASE, _SEARCH, search.search_orders),
    _read("getOrder", f"{BASE}/{{}}", "includedData", search.get_order),
    _read("getOrders", V0_BASE, v0_search.QUERY, v0_search.get_orders),
    # Amazon calls this one getOrder too.
    _read("getOrderV0", _ONE, "", v0_reading.get_order),
    _read("getOrderBuyerInfo", f"{_ONE}/buyerInfo", "", v0_reading.get_order_buyer_info),
    _read("getOrderAddress", f"{_ONE}/address", "", v0_reading.get_order_address),
    _read("getOrderItems", f"{_ONE}/orderItems", "NextToken", v0_reading.get_order_items),
    _read("getOrderItemsBuyerInfo", f"{_ONE}/orderItems/buyerInfo", "NextToken", v0_reading.get_order_items_buyer_info),
    _read("getOrderRegulatedInfo", f"{_ONE}/regulatedInfo", "", v0_reading.get_order_regulated_info),
    operation(
        "updateVerificationStatus",
        "PATCH",
        f"{_ONE}/regulatedInfo",
        "",
        v0_writing.update_verification_status,
        writes=False,
    ),
    operation("updateShipmentStatus", "POST", f"{_ONE}/shipment", "", v0_writing.update_shipment_status, writes=False),
    operation("confirmShipment", "POST", f"{_ONE}/shipmentConfirmation", "", v0_writing.confirm_shipment, writes=False),
)
