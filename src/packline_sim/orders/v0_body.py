"""An order in the words of the Orders API v0."""

from decimal import Decimal
from typing import Any

from packline_sim.clock import to_iso
from packline_sim.orders.body import buyer_email
from packline_sim.orders.money import item_money, order_total
from packline_sim.orders.records import Order, OrderItem
from packline_sim.orders.words import invoice_status, sales_channel, shows_money
from packline_sim.places import Place

ADDRESS = "shippingAddress"
BUYER = "buyerInfo"


def order_body(order: Order, opened: frozenset[str]) -> dict[str, Any]:
    """Write an order; `opened` are the data elements that a restricted token opens."""
    shipped = sum(item.shipped for item in order.items)
    body: dict[str, Any] = {
        "AmazonOrderId": order.order_id,
        "SellerOrderId": order.order_id,
        "PurchaseDate": moment(order.created_ms),
        "LastUpdateDate": moment(order.updated_ms),
        "OrderStatus": order.status,
        "FulfillmentChannel": "MFN",
        "SalesChannel": sales_channel(order.marketplace_id),
        "ShipServiceLevel": "Std EZ Local" if order.is_easy_ship else "Std Domestic",
        "ShipmentServiceLevelCategory": "Standard",
        "NumberOfItemsShipped": shipped,
        "NumberOfItemsUnshipped": 0 if order.status == "Canceled" else order.units - shipped,
        "PaymentMethod": order.payment,
        "PaymentMethodDetails": ["CashOnDelivery" if order.payment == "COD" else "Standard"],
        "MarketplaceId": order.marketplace_id,
        "OrderType": "StandardOrder",
        "EarliestShipDate": moment(order.ship_from_ms),
        "LatestShipDate": moment(order.ship_by_ms),
        "EarliestDeliveryDate": moment(order.deliver_from_ms),
        "LatestDeliveryDate": moment(order.deliver_by_ms),
        "IsBusinessOrder": False,
        "IsPrime": order.is_prime,
        "IsPremiumOrder": False,
        "IsGlobalExpressEnabled": False,
        "IsReplacementOrder": order.replaced_order_id is not None,
        "IsSoldByAB": False,
        "IsISPU": order.in_store_pickup,
        "IsAccessPointOrder": False,
        "HasRegulatedItems": False,
    }
    if order.replaced_order_id is not None:
        body["ReplacedOrderId"] = order.replaced_order_id
    if order.easy_ship_status is not None:
        body["EasyShipShipmentStatus"] = order.easy_ship_status
    status = invoice_status(order)
    if status is not None:
        body["ElectronicInvoiceStatus"] = status
    _add_shown(order, opened, body)
    return body


def _add_shown(order: Order, opened: frozenset[str], body: dict[str, Any]) -> None:
    if shows_money(order):
        body["OrderTotal"] = money(order_total(order), order.items[0].currency)
    if order.status in {"Unshipped", "PartiallyShipped", "Shipped"}:
        body["ShippingAddress"] = address(order.place, personal=ADDRESS in opened)
    if BUYER in opened:
        body["BuyerInfo"] = buyer_info(order)


def item_body(order: Order, item: OrderItem, *, with_buyer: bool) -> dict[str, Any]:
    """Write one item of an order."""
    body: dict[str, Any] = {
        "ASIN": item.asin,
        "SellerSKU": item.sku,
        "OrderItemId": item.order_item_id,
        "Title": item.title,
        "QuantityOrdered": item.quantity,
        "QuantityShipped": item.shipped,
        "ProductInfo": {"NumberOfItems": "1"},
        "IsGift": "true" if item.gift else "false",
        "ConditionId": "New",
        "ConditionSubtypeId": "New",
        "IsTransparency": False,
        "BuyerRequestedCancel": {
            "IsBuyerRequestedCancel": "true" if item.cancel_requested else "false",
            "BuyerCancelReason": item.cancel_reason or "",
        },
    }
    if order.is_easy_ship:
        body["SerialNumberRequired"] = item.serial_required
    if shows_money(order):
        paid, none = item_money(item), money(Decimal(0), item.currency)
        body |= {
            "ItemPrice": money(paid.gross, item.currency),
            "ItemTax": money(paid.tax, item.currency),
            "PromotionDiscount": none,
            "PromotionDiscountTax": none,
        }
    if with_buyer:
        body["BuyerInfo"] = item_buyer_info(item)
    return body


def item_buyer_info(item: OrderItem) -> dict[str, Any]:
    """Write what the buyer wished for an item."""
    return {"GiftWrapLevel": "Classic", "GiftMessageText": "With best wishes"} if item.gift else {}


def buyer_info(order: Order) -> dict[str, Any]:
    """Write who ordered."""
    return {"BuyerEmail": buyer_email(order), "BuyerName": order.buyer_name}


def address(place: Place, *, personal: bool) -> dict[str, str]:
    """Write an address; without the personal parts only where it is."""
    body = {
        "City": place.city,
        "StateOrRegion": place.state,
        "PostalCode": place.postal_code,
        "CountryCode": place.country,
    }
    if personal:
        body |= {"Name": place.name, "AddressLine1": place.line, "Phone": place.phone, "AddressType": "Residential"}
    return body


def moment(at_ms: int) -> str:
    """Write a moment in whole seconds, UTC."""
    return to_iso(at_ms)[:19] + "Z"


def money(value: Decimal, currency: str) -> dict[str, str]:
    """Write an amount."""
    return {"CurrencyCode": currency, "Amount": f"{value:.2f}"}
