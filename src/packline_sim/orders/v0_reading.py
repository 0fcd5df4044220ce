"""The reads of one order in the Orders API v0."""

from typing import Any

from packline_sim.call import Call, Reply, json_reply
from packline_sim.orders.criteria import refused
from packline_sim.orders.search import find_order
from packline_sim.orders.v0_body import BUYER, address, buyer_info, item_body, item_buyer_info, order_body
from packline_sim.orders.v0_personal import demand_restricted_token, opened_elements


def get_order(call: Call) -> Reply:
    """Answer getOrder of v0."""
    order = find_order(call)
    return _payload(order_body(order, opened_elements(call, f"/orders/v0/orders/{order.order_id}")))


def get_order_buyer_info(call: Call) -> Reply:
    """Answer getOrderBuyerInfo."""
    demand_restricted_token(call)
    order = find_order(call)
    return _payload({"AmazonOrderId": order.order_id, **buyer_info(order)})


def get_order_address(call: Call) -> Reply:
    """Answer getOrderAddress; a pending or cancelled order shows none."""
    demand_restricted_token(call)
    order = find_order(call)
    body: dict[str, Any] = {"AmazonOrderId": order.order_id}
    if order.status in {"Unshipped", "PartiallyShipped", "Shipped"}:
        body["ShippingAddress"] = address(order.place, personal=True)
    return _payload(body)


def get_order_items(call: Call) -> Reply:
    """Answer getOrderItems: all items on one page."""
    order = find_order(call)
    _check_first_page(call)
    opened = opened_elements(call, f"/orders/v0/orders/{order.order_id}/orderItems")
    items = [item_body(order, item, with_buyer=BUYER in opened) for item in order.items]
    return _payload({"AmazonOrderId": order.order_id, "OrderItems": items})


def get_order_items_buyer_info(call: Call) -> Reply:
    """Answer getOrderItemsBuyerInfo: all items on one page."""
    demand_restricted_token(call)
    order = find_order(call)
    _check_first_page(call)
    items = [{"OrderItemId": item.order_item_id, **item_buyer_info(item)} for item in order.items]
    return _payload({"AmazonOrderId": order.order_id, "OrderItems": items})


def get_order_regulated_info(call: Call) -> Reply:
    """Answer getOrderRegulatedInfo: no simulated order has regulated items, so nothing waits for a review."""
    order = find_order(call)
    status = {"Status": "Approved", "RequiresMerchantAction": False, "ValidRejectionReasons": []}
    return _payload(
        {
            "AmazonOrderId": order.order_id,
            "RegulatedInformation": {"Fields": []},
            "RequiresDosageLabel": False,
            "RegulatedOrderVerificationStatus": status,
        }
    )


def _check_first_page(call: Call) -> None:
    if call.query.get("NextToken"):
        raise refused("The parameter 'NextToken' is not one of ours.", "Items come on one page.")


def _payload(content: dict[str, Any]) -> Reply:
    return json_reply({"payload": content})
