"""An order in the words of the Orders API 2026-01-01."""

import hashlib
from decimal import Decimal
from typing import Any

from packline_sim.clock import to_iso
from packline_sim.marketplaces import MARKETPLACES
from packline_sim.orders.money import item_money, order_total
from packline_sim.orders.records import EasyShipPackage, Order, OrderItem
from packline_sim.orders.words import (
    CANCELLED_BY,
    INVOICE_2026,
    PACKAGE_2026,
    STATUS_2026,
    invoice_status,
    sales_channel,
    shows_money,
)
from packline_sim.places import Place
from packline_sim.world import World

INCLUDABLE = (
    "BUYER",
    "RECIPIENT",
    "PROCEEDS",
    "EXPENSE",
    "PROMOTION",
    "CANCELLATION",
    "FULFILLMENT",
    "PACKAGES",
    "TAX",
    "PAYMENT",
    "FULFILLMENT_ORDERS",
)


def order_body(world: World, order: Order, included: frozenset[str]) -> dict[str, Any]:
    """Write an order with the parts that were asked for."""
    body: dict[str, Any] = {
        "orderId": order.order_id,
        "orderAliases": [{"aliasId": order.order_id, "aliasType": "SELLER_ORDER_ID"}],
        "createdTime": to_iso(order.created_ms),
        "lastUpdatedTime": to_iso(order.updated_ms),
        "programs": _programs(order),
        "salesChannel": {
            "channelName": "AMAZON",
            "marketplaceId": order.marketplace_id,
            "marketplaceName": sales_channel(order.marketplace_id),
        },
        "orderItems": [_item(order, item, included) for item in order.items],
    }
    if order.replaced_order_id is not None:
        replaced = {"orderId": order.replaced_order_id, "associationType": "REPLACEMENT_ORIGINAL_ID"}
        body["associatedOrders"] = [replaced]
    if "FULFILLMENT" in included:
        body["fulfillment"] = _fulfillment(order)
    if "PACKAGES" in included:
        body["packages"] = _packages(world, order)
    if "FULFILLMENT_ORDERS" in included and order.is_easy_ship:
        body["fulfillmentOrders"] = [{"fulfillmentOrderId": fulfillment_order_id(order)}]
    _add_people(world, order, included, body)
    _add_money(order, included, body)
    return body


def fulfillment_order_id(order: Order) -> str:
    """Give the id by which the External Fulfillment APIs would know the order."""
    return hashlib.sha256(order.order_id.encode()).hexdigest()[:10].upper()


def _programs(order: Order) -> list[str]:
    programs = []
    if order.is_easy_ship:
        is_brazil = MARKETPLACES[order.marketplace_id].country == "BR"
        programs.append("DELIVERY_BY_AMAZON" if is_brazil else "AMAZON_EASY_SHIP")
    if order.is_prime:
        programs.append("PRIME")
    if order.in_store_pickup:
        programs.append("IN_STORE_PICK_UP")
    return programs


def _fulfillment(order: Order) -> dict[str, Any]:
    body: dict[str, Any] = {
        "fulfillmentStatus": STATUS_2026[order.status],
        "fulfilledBy": "MERCHANT",
        "fulfillmentServiceLevel": "STANDARD",
        "shipByWindow": _range(order.ship_from_ms, order.ship_by_ms),
        "deliverByWindow": _range(order.deliver_from_ms, order.deliver_by_ms),
    }
    if order.label_from_ms is not None:
        body["labelPrintingWindow"] = {"earliestDateTime": to_iso(order.label_from_ms)}
    return body


def _packages(world: World, order: Order) -> list[dict[str, Any]]:
    if not order.is_easy_ship:
        return [
            {
                "packageReferenceId": reference,
                "packageStatus": {"status": "SHIPPED"},
                "carrier": own.carrier,
                "shipTime": to_iso(own.ship_ms),
                "trackingNumber": own.tracking_id,
                "packageItems": [{"orderItemId": key, "quantity": units} for key, units in own.units.items()],
            }
            for reference, own in order.own_packages.items()
        ]
    if order.easy_ship_status is None:
        return []
    return [_easy_ship_package(world, order, order.packages[-1] if order.packages else None)]


def _easy_ship_package(world: World, order: Order, package: EasyShipPackage | None) -> dict[str, Any]:
    status, detailed = PACKAGE_2026[order.easy_ship_status or "PendingSchedule"]
    body: dict[str, Any] = {
        "packageReferenceId": "1",
        "packageStatus": {"status": status, "detailedStatus": detailed},
        "packageItems": [{"orderItemId": item.order_item_id, "quantity": item.quantity} for item in order.items],
    }
    if package is None:
        return body
    body |= {
        "createdTime": to_iso(package.scheduled_ms),
        "carrier": MARKETPLACES[order.marketplace_id].carrier,
        "shippingService": "Easy Ship",
        "trackingNumber": package.tracking_id,
    }
    left = next((row.at_ms for row in order.history if row.after in {"PickedUp", "DroppedOff"}), None)
    if left is not None:
        body["shipTime"] = to_iso(left)
    home = next((row.place for key, row in world.locations.items() if key[0] == order.seller_id), None)
    if home is not None:
        body["shipFromAddress"] = address(home, personal=False) | {"name": home.name, "addressLine1": home.line}
    return body


def _add_people(world: World, order: Order, included: frozenset[str], body: dict[str, Any]) -> None:
    personal = world.switches["order_personal_data"] == "given"
    if "BUYER" in included:
        body["buyer"] = {"buyerName": order.buyer_name, "buyerEmail": buyer_email(order)} if personal else {}
    if "RECIPIENT" in included and shows_money(order):
        body["recipient"] = {"deliveryAddress": address(order.place, personal=personal)}


def _add_money(order: Order, included: frozenset[str], body: dict[str, Any]) -> None:
    if "TAX" in included:
        status = invoice_status(order)
        body["tax"] = {} if status is None else {"taxInvoicing": {"invoiceStatus": INVOICE_2026[status]}}
    if not shows_money(order):
        return
    currency = order.items[0].currency
    total = _money(order_total(order), currency)
    if "PROCEEDS" in included:
        body["proceeds"] = {"grandTotal": total}
    if "PAYMENT" in included:
        method = "COD" if order.payment == "COD" else "Other"
        body["payment"] = {"paymentExecutions": [{"paymentMethod": method, "paymentAmount": total}]}


def _item(order: Order, item: OrderItem, included: frozenset[str]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "orderItemId": item.order_item_id,
        "quantityOrdered": item.quantity,
        "product": {
            "asin": item.asin,
            "title": item.title,
            "sellerSku": item.sku,
            "condition": {"conditionType": "NEW", "conditionSubtype": "NEW"},
        },
    }
    if shows_money(order):
        price = _money(Decimal(item.unit_price), item.currency)
        body["product"]["price"] = {"unitPrice": price}
        if "PROCEEDS" in included:
            body["proceeds"] = _proceeds(item)
    if "FULFILLMENT" in included:
        body["fulfillment"] = _item_fulfillment(order, item)
    if "CANCELLATION" in included:
        body["cancellation"] = _cancellation(order, item)
    return body


def _item_fulfillment(order: Order, item: OrderItem) -> dict[str, Any]:
    left = 0 if order.status == "Canceled" else item.quantity - item.shipped
    body: dict[str, Any] = {"quantityFulfilled": item.shipped, "quantityUnfulfilled": left}
    packing: dict[str, Any] = {}
    if item.serial_required:
        packing["serialNumberRequirement"] = {"requirementType": "REQUIRED"}
    if item.gift:
        packing["giftOption"] = {"giftWrapLevel": "Classic"}
    if packing:
        body["packing"] = packing
    if order.payment == "COD":
        body["shipping"] = {"shippingConstraints": {"cashOnDelivery": "MANDATORY"}}
    return body


def _cancellation(order: Order, item: OrderItem) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if item.cancel_requested:
        body["cancellationRequest"] = {"requester": "BUYER", "cancelReason": item.cancel_reason or ""}
    if order.cancelled_by is not None:
        execution = {"cancelledBy": CANCELLED_BY[order.cancelled_by], "cancelReason": order.cancel_reason or ""}
        body["cancellationExecution"] = execution
    return body


def _proceeds(item: OrderItem) -> dict[str, Any]:
    money = item_money(item)
    parts = (("ITEM", money.net), ("TAX", money.tax))
    return {
        "proceedsTotal": _money(money.gross, item.currency),
        "breakdowns": [{"type": kind, "subtotal": _money(value, item.currency)} for kind, value in parts],
    }


def address(place: Place, *, personal: bool) -> dict[str, str]:
    """Write an address; without the personal parts only where it is."""
    body = {
        "city": place.city,
        "stateOrRegion": place.state,
        "postalCode": place.postal_code,
        "countryCode": place.country,
    }
    if personal:
        body |= {
            "name": place.name,
            "addressLine1": place.line,
            "phone": place.phone,
            "addressType": "RESIDENTIAL",
        }
    return body


def buyer_email(order: Order) -> str:
    """Give the buyer's address at the marketplace, which hides the real one."""
    mailbox = hashlib.sha256(f"buyer|{order.buyer_name}|{order.order_id}".encode()).hexdigest()[:14]
    return f"{mailbox}@marketplace.example.com"


def _range(first_ms: int, last_ms: int) -> dict[str, str]:
    return {"earliestDateTime": to_iso(first_ms), "latestDateTime": to_iso(last_ms)}


def _money(value: Decimal, currency: str) -> dict[str, str]:
    return {"amount": f"{value:.2f}", "currencyCode": currency}
