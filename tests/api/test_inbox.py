"""The inbox over REST: single orders are read at once."""

import json

from api.house import House


async def test_named_orders_wait_in_the_inbox(house: House) -> None:
    """Each id becomes a message that the account's owner reads from Amazon."""
    answer = await house.client.post("/v1/accounts/acme-in/inbox/look", json={"ids": ["403-1", "403-2", "403-1"]})
    assert (answer.status_code, answer.json()) == (202, {"taken": 2})
    assert await house.services.pool.fetchval("select count(*) from inbox where handled_at is null") == 2


async def test_a_notification_that_comes_twice_is_taken_once(house: House) -> None:
    """Queues deliver at least once."""
    body = {
        "NotificationType": "ORDER_CHANGE",
        "Payload": {"OrderChangeNotification": {"AmazonOrderId": "403-1"}},
        "NotificationMetadata": {"NotificationId": "n-1"},
    }
    told = [
        (await house.client.post("/v1/accounts/acme-in/inbox/notifications", content=json.dumps(body))).json()
        for _ in range(2)
    ]
    assert told == [{"taken": 1}, {"taken": 0}]


async def test_a_notification_of_another_seller_is_refused(house: House) -> None:
    """It would bring a stranger's order in."""
    body = {
        "NotificationType": "ORDER_CHANGE",
        "Payload": {"OrderChangeNotification": {"AmazonOrderId": "403-1", "SellerId": "SOMEBODY"}},
        "NotificationMetadata": {"NotificationId": "n-1"},
    }
    answer = await house.client.post("/v1/accounts/acme-in/inbox/notifications", content=json.dumps(body))
    assert answer.status_code == 422
    assert await house.services.pool.fetchval("select count(*) from inbox") == 0
