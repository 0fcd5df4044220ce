"""The payloads of test notifications: whole, and about nothing that exists."""

from typing import Any

from packline_sim.clock import to_iso
from packline_sim.notifications.shapes import (
    FEED_FINISHED,
    ORDER_CHANGE,
    QUANTITY_CHANGE,
    REPORT_FINISHED,
    SHIPMENT_STATUS,
)

SELLER = "A00000000TEST0"
ACCOUNT = f"amzn1.merchant.o.{SELLER}"
ORDER = "000-0000000-0000000"


def made_up(notification_type: str, now_ms: int) -> dict[str, Any]:
    """Write the payload of a test notification of a type."""
    if notification_type == ORDER_CHANGE:
        return {"OrderChangeNotification": _order_change(to_iso(now_ms)[:19] + "Z")}
    return _PLAIN[notification_type]


_PLAIN: dict[str, dict[str, Any]] = {
    SHIPMENT_STATUS: {
        "externalFulfillmentShipmentNotification": {
            "merchantId": SELLER,
            "locationId": "TEST",
            "channelName": "MFN",
            "shipmentId": "00000000-test",
            "shipmentStatus": "ACCEPTED",
        }
    },
    FEED_FINISHED: {
        "feedProcessingFinishedNotification": {
            "sellerId": SELLER,
            "accountId": ACCOUNT,
            "feedId": "000000000000",
            "feedType": "JSON_LISTINGS_FEED",
            "processingStatus": "DONE",
        }
    },
    REPORT_FINISHED: {
        "reportProcessingFinishedNotification": {
            "sellerId": SELLER,
            "accountId": ACCOUNT,
            "reportId": "000000000000",
            "reportType": "GET_MERCHANT_LISTINGS_ALL_DATA",
            "processingStatus": "DONE",
        }
    },
    QUANTITY_CHANGE: {"SellerId": SELLER, "FulfillmentChannelCode": "DEFAULT", "Sku": "TEST", "Quantity": 1},
}


def _order_change(moment: str) -> dict[str, Any]:
    item = {"OrderItemId": "00000000000000", "SellerSKU": "TEST", "SupplySourceId": None, "Quantity": 1}
    return {
        "NotificationLevel": "OrderLevel",
        "SellerId": SELLER,
        "AmazonOrderId": ORDER,
        "OrderChangeType": "OrderStatusChange",
        "OrderChangeTrigger": {"TimeOfOrderChange": moment, "ChangeReason": "Order Status Change"},
        "Summary": {
            "MarketplaceId": "A21TJRUUN4KGV",
            "OrderStatus": "Unshipped",
            "PurchaseDate": moment,
            "DestinationPostalCode": None,
            "FulfillmentType": "MFN",
            "OrderType": "StandardOrder",
            "OrderItems": [item],
        },
    }
