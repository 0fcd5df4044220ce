"""Queues and notifications in the hands of tests and people: control API, handles, command line."""

import json
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from packline_sim.control.client import SimulatorError
from packline_sim.control.handles import Amazon, Seller
from packline_sim.control.running import RunningSimulator
from packline_sim.notifications.shapes import ORDER_CHANGE, SHIPMENT_STATUS


def call(method: str, url: str, body: Any, token: str | None = None) -> Any:
    headers = {"content-type": "application/json", **({"x-amz-access-token": token} if token else {})}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


@pytest.fixture
def subscribed(amazon: Amazon, seller: Seller) -> Seller:
    """Give a seller who is told of shipments and orders in the queue `told`, and told well."""
    amazon.notifications.deliver_well()
    queue = amazon.notifications.create_queue("told", visibility_s=10)
    who = {"client_id": seller.client_id, "client_secret": seller.client_secret}
    scope = {"grant_type": "client_credentials", "scope": "sellingpartnerapi::notifications", **who}
    grantless = call("POST", amazon.token_url, scope)["access_token"]
    own = {"grant_type": "refresh_token", "refresh_token": seller.refresh_token, **who}
    token = call("POST", amazon.token_url, own)["access_token"]
    base = f"{amazon.url}/notifications/v1"
    resource = {"name": "told", "resourceSpecification": {"sqs": {"arn": queue.arn}}}
    destination = call("POST", f"{base}/destinations", resource, grantless)["payload"]["destinationId"]
    for name in (SHIPMENT_STATUS, ORDER_CHANGE):
        body = {"payloadVersion": "1.0", "destinationId": destination}
        call("POST", f"{base}/subscriptions/{name}", body, token)
    return seller


def test_a_test_can_ask_whether_each_was_told(amazon: Amazon, subscribed: Seller) -> None:
    """What was sent is listed with what became of it, and counted."""
    orders = subscribed.orders(3)
    queue = amazon.notifications.queue("told")
    assert queue.show().visible == 3
    assert [row.subject for row in amazon.notifications.sent(received="false")] == [row.shipment_id for row in orders]
    got = call_queue(queue.url, "ReceiveMessage", MaxNumberOfMessages=2)["Messages"]
    call_queue(queue.url, "DeleteMessage", ReceiptHandle=got[0]["ReceiptHandle"])
    counts = amazon.notifications.counts()
    assert (counts.emitted, counts.put, counts.received, counts.deleted) == (3, 3, 2, 1)
    assert (counts.unread, counts.open) == (1, 2)
    assert counts.by_type == {SHIPMENT_STATUS: 3}
    shown = queue.show()
    assert (shown.visible, shown.in_flight, shown.deleted) == (1, 1, 1)
    amazon.check()


def call_queue(url: str, action: str, **fields: Any) -> Any:
    body = json.dumps({"QueueUrl": url, **fields}).encode()
    headers = {"x-amz-target": f"AmazonSQS.{action}", "content-type": "application/x-amz-json-1.0"}
    with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as answer:
        return json.loads(answer.read())


def test_notifications_can_be_published_by_hand(amazon: Amazon, subscribed: Seller) -> None:
    """Of what exists, of what does not, with a payload of one's own; nobody subscribed is told as such."""
    order = subscribed.order("MUG-BLUE")
    subject = subscribed.seller_id, SHIPMENT_STATUS
    amazon.notifications.publish(*subject, [order.shipment_id, "GHOST"], status="CANCELLED")
    amazon.notifications.publish(*subject, ["ODD"], payload={"anything": 1})
    bodies = [json.loads(row.body) for row in amazon.notifications.queue("told").messages()]
    inner = [body["payload"].get("externalFulfillmentShipmentNotification") for body in bodies]
    assert [row and (row["shipmentId"], row["shipmentStatus"]) for row in inner] == [
        (order.shipment_id, "ACCEPTED"), (order.shipment_id, "CANCELLED"), ("GHOST", "CANCELLED"), None
    ]  # fmt: skip
    with pytest.raises(SimulatorError, match="Nobody subscribed"):
        amazon.notifications.publish(subscribed.seller_id, "FEED_PROCESSING_FINISHED", ["1"])
    with pytest.raises(SimulatorError, match="no such type"):
        amazon.notifications.publish(subscribed.seller_id, "WEATHER_CHANGE", ["1"])


def test_anything_can_be_put_into_a_queue_and_thrown_away(amazon: Amazon, subscribed: Seller) -> None:
    """Broken and foreign messages for readers to choke on; emptying; dropping; what is missing is told."""
    queue = amazon.notifications.queue("told")
    queue.write("{not json", "hello")
    assert [row.body for row in queue.messages()] == ["{not json", "hello"]
    assert queue.empty() == 2
    amazon.control.delete("queues", "told")
    with pytest.raises(SimulatorError, match="There is no queue 'told'"):
        queue.show()
    amazon.notifications.create_queue("again")
    with pytest.raises(SimulatorError, match="exists"):
        amazon.notifications.create_queue("again")


def test_travel_is_changed_while_it_runs(amazon: Amazon, subscribed: Seller) -> None:
    """Shares and seconds can be changed at any time; nonsense is refused."""
    changed = amazon.notifications.deliver(lost=1)
    assert (changed.lost, changed.twice) == (1, 0)
    subscribed.order("MUG-BLUE")
    assert amazon.notifications.queue("told").show().sent == 0
    assert amazon.notifications.sent(fate="lost")[0].notification_type == SHIPMENT_STATUS
    with pytest.raises(SimulatorError, match="1 field needs mending"):
        amazon.notifications.deliver(lost=2)


def test_the_command_line_shows_and_steers(say, amazon: Amazon, subscribed: Seller) -> None:
    """Every verb of queue and notification works, for people and as JSON."""
    subscribed.order("MUG-BLUE")
    notification_id = amazon.notifications.sent()[0].notification_id
    for words in (
        "queue create other", "queue list", "queue show told", "queue look told", "queue write told hello",
        "queue empty told", "queue drop other", "notification list --unread", f"notification show {notification_id}",
        "notification counts", "notification delivery --late 0.5", "notification subscriptions",
        "notification destinations", f"notification publish {subscribed.seller_id} {SHIPMENT_STATUS} A B",
    ):  # fmt: skip
        for form in ([], ["--json"]):
            if form and "create" in words:
                continue
            if form and "drop" in words:
                amazon.notifications.create_queue("other")
            told = say(*words.split(), *form)
            assert not form or all(json.loads(line) for line in told.splitlines())


def test_a_server_that_ends_lets_no_reader_wait() -> None:
    """A long poll is answered at once, empty, when the simulator is stopped."""
    with ThreadPoolExecutor(1) as readers:
        with RunningSimulator() as running:
            queue = Amazon(running.url).notifications.create_queue("told")
            waiting = readers.submit(call_queue, queue.url, "ReceiveMessage", WaitTimeSeconds=20)
            deadline = time.monotonic() + 60
            while not running.world.bells.waiting("told") and time.monotonic() < deadline:
                time.sleep(0.01)  # the reader comes over a real connection
            began = time.monotonic()
        assert waiting.result(60) == {}
        assert time.monotonic() - began < 15, "it waited for the end of its twenty seconds"
