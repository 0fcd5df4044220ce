"""What notifications say, in the letter case that each type is documented with, or in another one by switch."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from packline_sim.clock import to_iso
from packline_sim.orders.words import invoice_status

if TYPE_CHECKING:
    from packline_sim.orders.records import Order, OrderItem
    from packline_sim.records import Change
    from packline_sim.world import World

SHIPMENT_STATUS = "EXTERNAL_FULFILLMENT_SHIPMENT_STATUS_CHANGE"
ORDER_CHANGE = "ORDER_CHANGE"
FEED_FINISHED = "FEED_PROCESSING_FINISHED"
REPORT_FINISHED = "REPORT_PROCESSING_FINISHED"
QUANTITY_CHANGE = "LISTINGS_ITEM_MFN_QUANTITY_CHANGE"
FINISHED = frozenset({"CANCELLED", "DONE", "FATAL"})
SHIPMENT_KINDS = frozenset({"shipment_created", "shipment_status"})
ORDER_KINDS = frozenset({"order_created", "order_status", "easy_ship_status", "order_changed"})


class Kind(NamedTuple):
    """Describe a type: its payload's versions, where it may go, whether its documented keys begin with capitals."""

    versions: tuple[str, ...]
    is_pascal: bool
    goes_to: str = "sqs"


KINDS: dict[str, Kind] = {
    SHIPMENT_STATUS: Kind(("1.0",), False),
    ORDER_CHANGE: Kind(("1.0",), True),
    FEED_FINISHED: Kind(("2020-09-04",), False),
    REPORT_FINISHED: Kind(("2020-09-04",), False),
    QUANTITY_CHANGE: Kind(("1.0",), True, "event_bridge"),
}
"""The types that the simulator tells of."""


class News(NamedTuple):
    """Carry what is to be told: the type, what it is about, its state, the payload, and what filters look at."""

    notification_type: str
    subject: str
    status: str
    payload: dict[str, Any]
    order_change_type: str | None = None
    marketplace_id: str | None = None


def news_of(world: "World", change: "Change") -> News | None:
    """Tell what a change of the world is worth telling; None when it is nothing that Amazon notifies of."""
    writer = _WRITERS.get(change.kind)
    return None if writer is None else writer(world, change)


def shipment_news(world: "World", shipment_id: str, status: str | None = None) -> News:
    """Write that a shipment has its status, or another one."""
    shipment = world.shipments[shipment_id]
    told = status or shipment.status
    inner = {
        "merchantId": shipment.seller_id,
        "locationId": shipment.location_id,
        "channelName": shipment.channel,
        "shipmentId": shipment_id,
        "shipmentStatus": told,
    }
    payload = {"externalFulfillmentShipmentNotification": inner}
    return News(SHIPMENT_STATUS, shipment_id, told, payload, marketplace_id=shipment.marketplace_id)


def order_news(world: "World", order_id: str, *, reason: str, by_buyer: bool = False) -> News:
    """Write that an order has changed."""
    order = world.orders[order_id]
    change_type = "BuyerRequestedChange" if by_buyer else "OrderStatusChange"
    inner = {
        "NotificationLevel": "OrderLevel",
        "SellerId": order.seller_id,
        "AmazonOrderId": order_id,
        "OrderChangeType": change_type,
        "OrderChangeTrigger": {"TimeOfOrderChange": _moment(world.clock.now_ms()), "ChangeReason": reason},
        "Summary": _summary(order),
    }
    status = order.easy_ship_status or order.status
    return News(ORDER_CHANGE, order_id, status, {"OrderChangeNotification": inner}, change_type, order.marketplace_id)


def feed_news(world: "World", feed_id: str) -> News:
    """Write that a feed has ended."""
    feed = world.feeds[feed_id]
    inner = {
        "sellerId": feed.seller_id,
        "accountId": account_of(feed.seller_id),
        "feedId": feed_id,
        "feedType": feed.feed_type,
        "processingStatus": feed.status,
    }
    if feed.result_document_id is not None:
        inner["resultFeedDocumentId"] = feed.result_document_id
    return News(FEED_FINISHED, feed_id, feed.status, {"feedProcessingFinishedNotification": inner})


def report_news(world: "World", report_id: str) -> News:
    """Write that a report has ended."""
    report = world.reports[report_id]
    inner = {
        "sellerId": report.seller_id,
        "accountId": account_of(report.seller_id),
        "reportId": report_id,
        "reportType": report.report_type,
        "processingStatus": report.status,
    }
    if report.document_id is not None:
        inner["reportDocumentId"] = report.document_id
    return News(REPORT_FINISHED, report_id, report.status, {"reportProcessingFinishedNotification": inner})


def quantity_news(seller_id: str, sku: str, quantity: int) -> News:
    """Write that buyers can order another quantity of a listing."""
    payload = {"SellerId": seller_id, "FulfillmentChannelCode": "DEFAULT", "Sku": sku, "Quantity": quantity}
    return News(QUANTITY_CHANGE, sku, str(quantity), payload)


def envelope(news: News, *, version: str, metadata: dict[str, str], event_ms: int, case: str) -> dict[str, Any]:
    """Put a payload into its envelope; `case` is documented, camel or pascal."""
    kind = KINDS.get(news.notification_type)
    whole = {
        "notificationVersion": "1.0",
        "notificationType": news.notification_type,
        "payloadVersion": version,
        "eventTime": to_iso(event_ms),
        "payload": news.payload,
        "notificationMetadata": metadata,
    }
    if case == "documented":
        return _pascal(whole) if kind is not None and kind.is_pascal else whole
    written: dict[str, Any] = _pascal(whole) if case == "pascal" else _camel(whole)
    return written


def account_of(seller_id: str) -> str:
    """Give the account id that goes with a seller: another name for the same one."""
    return f"amzn1.merchant.o.{seller_id}"


def _of_shipment(world: "World", change: "Change") -> News | None:
    if change.after == "CREATED" and world.switches["notify_created_shipments"] == "no":
        return None
    return shipment_news(world, change.subject, change.after)


def _of_order(world: "World", change: "Change") -> News | None:
    if change.kind == "easy_ship_status" and world.switches["notify_easy_ship_status"] == "no":
        return None
    if change.kind != "order_changed":
        return order_news(world, change.subject, reason="Order Status Change")
    if change.after != "BuyerRequestedCancel":
        return None
    return order_news(world, change.subject, reason="Buyer Requested Cancel", by_buyer=True)


def _of_feed(world: "World", change: "Change") -> News | None:
    return feed_news(world, change.subject) if change.after in FINISHED else None


def _of_report(world: "World", change: "Change") -> News | None:
    return report_news(world, change.subject) if change.after in FINISHED else None


def _of_quantity(_: "World", change: "Change") -> News | None:
    return quantity_news(change.seller_id, change.subject, int(change.after or 0))


def news_about(world: "World", notification_type: str, subject: str, status: str | None) -> News | None:
    """Write news of a type about something that exists; None where it does not. `status` is for shipments."""
    if notification_type == SHIPMENT_STATUS and subject in world.shipments:
        return shipment_news(world, subject, status)
    if notification_type == ORDER_CHANGE and subject in world.orders:
        return order_news(world, subject, reason="Order Status Change")
    if notification_type == FEED_FINISHED and subject in world.feeds:
        return feed_news(world, subject)
    if notification_type == REPORT_FINISHED and subject in world.reports:
        return report_news(world, subject)
    return None


_WRITERS: dict[str, Callable[["World", "Change"], News | None]] = {
    **dict.fromkeys(SHIPMENT_KINDS, _of_shipment),
    **dict.fromkeys(ORDER_KINDS, _of_order),
    "feed_status": _of_feed,
    "report_status": _of_report,
    "listing_quantity": _of_quantity,
}


def _summary(order: "Order") -> dict[str, Any]:
    shipped = sum(item.shipped for item in order.items)
    summary: dict[str, Any] = {
        "MarketplaceId": order.marketplace_id,
        "OrderStatus": order.status,
        "PurchaseDate": _moment(order.created_ms),
        "DestinationPostalCode": order.place.postal_code,
        "FulfillmentType": "MFN",
        "OrderType": "StandardOrder",
        "NumberOfItemsShipped": shipped,
        "NumberOfItemsUnshipped": 0 if order.status == "Canceled" else order.units - shipped,
        "EarliestDeliveryDate": _moment(order.deliver_from_ms),
        "LatestDeliveryDate": _moment(order.deliver_by_ms),
        "EarliestShipDate": _moment(order.ship_from_ms),
        "LatestShipDate": _moment(order.ship_by_ms),
        "OrderPrograms": _named(("Prime", order.is_prime), ("Replacement", order.replaced_order_id is not None)),
        "ShippingPrograms": _named(("EasyShip", order.is_easy_ship), ("ISPU", order.in_store_pickup)),
        "OrderItems": [_item(order, item) for item in order.items],
    }
    if order.easy_ship_status is not None:
        summary["EasyShipShipmentStatus"] = order.easy_ship_status
    invoice = invoice_status(order)
    if invoice is not None:
        summary["ElectronicInvoiceStatus"] = invoice
    return summary


def _item(order: "Order", item: "OrderItem") -> dict[str, Any]:
    return {
        "OrderItemId": item.order_item_id,
        "SellerSKU": item.sku,
        "SupplySourceId": None,
        "OrderItemStatus": "Shipped" if item.shipped >= item.quantity else "Unshipped",
        "Quantity": item.quantity,
        "QuantityShipped": item.shipped,
        "IsBuyerRequestedCancel": item.cancel_requested,
        "ItemEarliestDeliveryDate": _moment(order.deliver_from_ms),
        "ItemLatestDeliveryDate": _moment(order.deliver_by_ms),
    }


def _named(*pairs: tuple[str, bool]) -> list[str]:
    return [name for name, holds in pairs if holds]


def _moment(at_ms: int) -> str:
    return to_iso(at_ms)[:19] + "Z"


def _pascal(value: Any) -> Any:
    return _recased(value, str.upper)


def _camel(value: Any) -> Any:
    return _recased(value, str.lower)


def _recased(value: Any, case: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {case(name[:1]) + name[1:]: _recased(inner, case) for name, inner in value.items()}
    if isinstance(value, list):
        return [_recased(inner, case) for inner in value]
    return value
