"""Payloads about things that need not exist: for test notifications, and for those that are published by hand."""

from typing import Any

from packline_sim.clock import to_iso
from packline_sim.notifications.shapes import (
    FEED_FINISHED,
    ORDER_CHANGE,
    QUANTITY_CHANGE,
    REPORT_FINISHED,
    SHIPMENT_STATUS,
    News,
    account_of,
)

TEST_SELLER = "A00000000TEST0"
TEST_SUBJECTS = {
    SHIPMENT_STATUS: "TEST000000",
    ORDER_CHANGE: "000-0000000-0000000",
    FEED_FINISHED: "000000000000",
    REPORT_FINISHED: "000000000000",
    QUANTITY_CHANGE: "TEST",
}
USUAL = {SHIPMENT_STATUS: "ACCEPTED", ORDER_CHANGE: "Unshipped", FEED_FINISHED: "DONE", REPORT_FINISHED: "DONE"}


def made_up(notification_type: str, seller_id: str, subject: str, status: str | None, now_ms: int) -> News:
    """Write news of a type about something; `status` None is the usual one, of a quantity 1."""
    told = status or USUAL.get(notification_type, "1")
    writers = {
        SHIPMENT_STATUS: lambda: _shipment(seller_id, subject, told),
        ORDER_CHANGE: lambda: _order(seller_id, subject, told, to_iso(now_ms)[:19] + "Z"),
        FEED_FINISHED: lambda: _work("feed", "JSON_LISTINGS_FEED", seller_id, subject, told),
        REPORT_FINISHED: lambda: _work("report", "GET_MERCHANT_LISTINGS_ALL_DATA", seller_id, subject, told),
        QUANTITY_CHANGE: lambda: _quantity(seller_id, subject, int(told)),
    }
    return News(notification_type, subject, told, writers[notification_type]())


def _shipment(seller_id: str, subject: str, status: str) -> dict[str, Any]:
    inner = {"merchantId": seller_id, "locationId": "TEST", "channelName": "MFN"}
    return {"externalFulfillmentShipmentNotification": {**inner, "shipmentId": subject, "shipmentStatus": status}}


def _work(word: str, work_type: str, seller_id: str, subject: str, status: str) -> dict[str, Any]:
    inner = {"sellerId": seller_id, "accountId": account_of(seller_id), f"{word}Id": subject, f"{word}Type": work_type}
    return {f"{word}ProcessingFinishedNotification": {**inner, "processingStatus": status}}


def _quantity(seller_id: str, subject: str, quantity: int) -> dict[str, Any]:
    return {"SellerId": seller_id, "FulfillmentChannelCode": "DEFAULT", "Sku": subject, "Quantity": quantity}


def _order(seller_id: str, subject: str, status: str, moment: str) -> dict[str, Any]:
    item = {"OrderItemId": "00000000000000", "SellerSKU": "TEST", "SupplySourceId": None, "Quantity": 1}
    summary = {
        "MarketplaceId": "A21TJRUUN4KGV",
        "OrderStatus": status,
        "PurchaseDate": moment,
        "DestinationPostalCode": None,
        "FulfillmentType": "MFN",
        "OrderType": "StandardOrder",
        "OrderItems": [item],
    }
    inner = {
        "NotificationLevel": "OrderLevel",
        "SellerId": seller_id,
        "AmazonOrderId": subject,
        "OrderChangeType": "OrderStatusChange",
        "OrderChangeTrigger": {"TimeOfOrderChange": moment, "ChangeReason": "Order Status Change"},
        "Summary": summary,
    }
    return {"OrderChangeNotification": inner}
