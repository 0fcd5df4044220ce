"""Notifications as Amazon writes them: either letter case, every type, whatever carried them."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from packline.amazon.notifications.parse import notification
from packline.domain.notification import Kind
from packline.errors import Invalid

AT = datetime(2026, 1, 1, tzinfo=UTC)


def camel(type_: str, **payload: Any) -> dict[str, Any]:
    """Write a notification with small letters."""
    return {
        "notificationVersion": "1.0",
        "notificationType": type_,
        "payloadVersion": "1.0",
        "eventTime": "2026-01-01T00:00:00.000Z",
        "payload": payload,
        "notificationMetadata": {"applicationId": "a", "subscriptionId": "sub-1", "notificationId": "n-1"},
    }


def pascal(value: Any) -> Any:
    """Write the same with capitals."""
    if isinstance(value, dict):
        return {name[0].upper() + name[1:]: pascal(inner) for name, inner in value.items()}
    return value


SHIPMENT = camel(
    "EXTERNAL_FULFILLMENT_SHIPMENT_STATUS_CHANGE",
    externalFulfillmentShipmentNotification={
        "merchantId": "A1ACME", "locationId": "BLR1", "channelName": "MFN", "shipmentId": "S-1",
        "shipmentStatus": "Cancelled",
    },
)  # fmt: skip
ORDER = camel(
    "ORDER_CHANGE",
    orderChangeNotification={
        "sellerId": "A1ACME", "amazonOrderId": "403-1", "orderChangeType": "OrderStatusChange",
        "summary": {"marketplaceId": "A21TJRUUN4KGV", "orderStatus": "Unshipped",
                    "easyShipShipmentStatus": "PendingPickUp", "orderItems": [{"sellerSku": "X"}]},
    },
)  # fmt: skip
FEED = camel(
    "FEED_PROCESSING_FINISHED",
    feedProcessingFinishedNotification={
        "sellerId": "A1ACME", "accountId": "amzn1.merchant.o.A1", "feedId": 7001, "processingStatus": "DONE",
    },
)  # fmt: skip
REPORT = camel(
    "REPORT_PROCESSING_FINISHED",
    reportProcessingFinishedNotification={"accountId": "x", "reportId": "r-1", "processingStatus": "DONE"},
)


@pytest.mark.parametrize("write", [lambda body: body, pascal])
@pytest.mark.parametrize(
    ("body", "kind", "subject", "seller", "hint"),
    [
        (SHIPMENT, Kind.ORDER, "S-1", "A1ACME", "CANCELLED"),
        (ORDER, Kind.ORDER, "403-1", "A1ACME", "SHIPLABEL_GENERATED"),
        (FEED, Kind.FEED, "7001", "A1ACME", "DONE"),
        (REPORT, Kind.REPORT, "r-1", "", "DONE"),
    ],
)
def test_every_type_is_read_in_either_letter_case(
    write: Any, body: dict[str, Any], kind: Kind, subject: str, seller: str, hint: str
) -> None:
    """Amazon's published shapes use both; the id, the seller and the time are found in either."""
    told = notification(json.dumps(write(body)).encode())
    assert (told.kind, told.subject, told.seller_id, told.hint) == (kind, subject, seller, hint)
    assert (told.id, told.subscription_id, told.at) == ("n-1", "sub-1", AT)


def test_marketplace_and_location_are_kept_for_whose_it_is() -> None:
    """A seller can be in several regions."""
    assert notification(json.dumps(pascal(ORDER)).encode()).marketplace == "A21TJRUUN4KGV"
    assert notification(json.dumps(SHIPMENT).encode()).location == "BLR1"


def test_what_carried_it_does_not_matter() -> None:
    """EventBridge puts it below `detail`, SNS as text into `Message`."""
    bus = {"version": "0", "id": "e-1", "detail-type": "ORDER_CHANGE", "detail": pascal(ORDER)}
    topic = {"Type": "Notification", "MessageId": "m-1", "Message": json.dumps(ORDER)}
    assert notification(json.dumps(bus).encode()).subject == "403-1"
    assert notification(json.dumps(topic).encode()).subject == "403-1"


def test_a_type_that_nobody_needs_is_ignored() -> None:
    """It is counted and deleted, whatever it lacks."""
    assert notification(b'{"notificationType": "ANY_OFFER_CHANGED"}').kind is Kind.IGNORED


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b"{}", b"[" * 100_000,
        b'{"notificationType": "ORDER_CHANGE"}',
        json.dumps(camel("ORDER_CHANGE")).encode(),
        json.dumps(SHIPMENT | {"notificationMetadata": {}}).encode(),
        json.dumps(camel("ORDER_CHANGE", amazonOrderId="4" * 300)).encode(),
        json.dumps(camel("ORDER_CHANGE", amazonOrderId="4\x1f3")).encode(),
        json.dumps(camel("ORDER_CHANGE", amazonOrderId={"a": 1})).encode(),
    ],
)  # fmt: skip
def test_what_is_no_notification_says_so(body: bytes) -> None:
    """A person gets the reason; nothing but Invalid ever comes out."""
    with pytest.raises(Invalid) as refused:
        notification(body)
    assert refused.value.reason == "not_a_notification"
    assert refused.value.hint
