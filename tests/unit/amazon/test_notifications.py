"""What notifications tell of, in either letter case."""

import json
from typing import Any

import pytest

from packline.amazon.notifications.parse import notification
from packline.errors import Invalid


def order_change(**given: Any) -> dict[str, Any]:
    """Build an ORDER_CHANGE as the queue has it."""
    change = {"SellerId": "A1ACME", "AmazonOrderId": "403-1234567-1234567", "Summary": {"OrderStatus": "Unshipped"}}
    return {
        "NotificationType": "ORDER_CHANGE",
        "Payload": {"OrderChangeNotification": change},
        "NotificationMetadata": {"NotificationId": "n-1"},
        **given,
    }


def lowered(value: Any) -> Any:
    """Write every name with a small first letter, as the other notifications do."""
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: lowered(inner) for name, inner in value.items()}
    return value


@pytest.mark.parametrize("body", [order_change(), lowered(order_change())])
def test_an_order_change_names_its_order_in_either_case(body: dict[str, Any]) -> None:
    """Amazon writes some types in PascalCase and some in camelCase."""
    told = notification(json.dumps(body).encode())
    assert (told.id, told.type, told.subject, told.seller_id) == (
        "n-1",
        "ORDER_CHANGE",
        "403-1234567-1234567",
        "A1ACME",
    )


def test_a_status_change_of_external_fulfillment_names_its_shipment() -> None:
    """The other type that brings an order in."""
    body = {
        "notificationType": "EXTERNAL_FULFILLMENT_SHIPMENT_STATUS_CHANGE",
        "payload": {"shipmentId": "XLUSJBWXOU", "merchantId": "A1ACME"},
        "notificationMetadata": {"notificationId": "n-2"},
    }
    assert notification(json.dumps(body).encode()).subject == "XLUSJBWXOU"


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b"[]",
        json.dumps(order_change(NotificationType="FEED_PROCESSING_FINISHED")).encode(),
        json.dumps(order_change(NotificationMetadata={})).encode(),
        json.dumps(order_change(Payload={})).encode(),
    ],
)
def test_what_names_no_order_is_refused(body: bytes) -> None:
    """Nothing is stored that nobody could act on."""
    with pytest.raises(Invalid):
        notification(body)
