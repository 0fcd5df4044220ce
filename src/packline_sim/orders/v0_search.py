"""getOrders of the Orders API v0."""

from packline_sim.call import Call, Reply, json_reply, optional_moment
from packline_sim.orders.body import buyer_email
from packline_sim.orders.criteria import (
    V0,
    Criteria,
    find_page,
    read_list,
    read_page_size,
    read_period,
    read_token,
    refused,
)
from packline_sim.orders.records import Order
from packline_sim.orders.search import check_marketplaces
from packline_sim.orders.v0_body import moment, order_body
from packline_sim.orders.v0_personal import opened_elements
from packline_sim.orders.words import PACKAGE_2026, STATUS_2026, invoice_status

_ALLOWED: dict[str, tuple[str, ...] | None] = {
    "FulfillmentChannels": ("MFN", "AFN"),
    "PaymentMethods": ("COD", "CVS", "Other"),
    "EasyShipShipmentStatuses": tuple(PACKAGE_2026),
    "ElectronicInvoiceStatuses": ("NotRequired", "NotFound", "Processing", "Errored", "Accepted"),
    "AmazonOrderIds": None,
    "SellerOrderId": None,
    "BuyerEmail": None,
    "IsISPU": ("true", "false"),
    "StoreChainStoreId": None,
    "ActualFulfillmentSupplySourceId": None,
}
_DELIVERY = (
    "EarliestDeliveryDateBefore",
    "EarliestDeliveryDateAfter",
    "LatestDeliveryDateBefore",
    "LatestDeliveryDateAfter",
)
_NAMED = ("AmazonOrderIds", "SellerOrderId")
_STATUSES = (*STATUS_2026, "Unfulfillable", "InvoiceUnconfirmed")
QUERY = " ".join((*V0, "MarketplaceIds", "OrderStatuses", *_ALLOWED, *_DELIVERY))


def get_orders(call: Call) -> Reply:
    """Answer getOrders: a page of orders in the order of their update, or creation, the oldest first."""
    marketplace_ids = read_list(call, "MarketplaceIds")
    if not marketplace_ids:
        raise refused("Missing required parameter 'MarketplaceIds'")
    check_marketplaces(call, marketplace_ids)
    criteria = read_token(call, V0) or _criteria(call, marketplace_ids)
    found, token = find_page(call, criteria, lambda order: _matches(criteria.filters, order))
    opened = opened_elements(call, "/orders/v0/orders")
    payload: dict[str, object] = {"Orders": [order_body(order, opened) for order in found]}
    if token is not None:
        payload["NextToken"] = token
    payload[criteria.echo(V0)] = moment(criteria.before_ms)
    return json_reply({"payload": payload})


def _criteria(call: Call, marketplace_ids: tuple[str, ...]) -> Criteria:
    statuses = read_list(call, "OrderStatuses", allowed=_STATUSES)
    if call.world.switches["unshipped_alone"] == "refuse" and len({"Unshipped", "PartiallyShipped"} & {*statuses}) == 1:
        raise refused("Unshipped and PartiallyShipped must be asked for together.")
    filters = {name: read_list(call, name, allowed=allowed) for name, allowed in _ALLOWED.items()}
    filters |= {name: _bound(call, name) for name in _DELIVERY}
    dated = V0.created_after in call.query or V0.updated_after in call.query
    if not dated and any(filters[name] for name in _NAMED):
        by_update, after, before = False, 0, call.world.clock.now_ms()
    else:
        by_update, after, before = read_period(call, V0)
    return Criteria(
        seller_id=call.seller.seller_id,
        by_update=by_update,
        after_ms=after,
        before_ms=before,
        page_size=read_page_size(call, V0),
        issued_ms=call.world.clock.now_ms(),
        marketplace_ids=marketplace_ids,
        statuses=statuses,
        filters={name: values for name, values in filters.items() if values},
    )


def _bound(call: Call, name: str) -> tuple[str, ...]:
    at_ms = optional_moment(call, name)
    return () if at_ms is None else (str(at_ms),)


def _matches(filters: dict[str, tuple[str, ...]], order: Order) -> bool:
    return all(_has(order, name, values) for name, values in filters.items())


def _has(order: Order, name: str, values: tuple[str, ...]) -> bool:
    if name in _DELIVERY:
        at_ms = order.deliver_from_ms if name.startswith("Earliest") else order.deliver_by_ms
        return at_ms <= int(values[0]) if name.endswith("Before") else at_ms >= int(values[0])
    own = {
        "FulfillmentChannels": "MFN",
        "PaymentMethods": order.payment,
        "EasyShipShipmentStatuses": order.easy_ship_status,
        "ElectronicInvoiceStatuses": invoice_status(order),
        "AmazonOrderIds": order.order_id,
        "SellerOrderId": order.order_id,
        "BuyerEmail": buyer_email(order),
        "IsISPU": "true" if order.in_store_pickup else "false",
    }
    # No simulated order belongs to a store chain or a supply source.
    return own.get(name) in values
