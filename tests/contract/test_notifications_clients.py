"""Notifications with both public clients, nothing changed but the address, and the whole of the specification."""

import json
import urllib.request
from typing import Any

import jsonschema_rs
import pytest
import spapi
from sp_api.api import Notifications
from sp_api.auth import AccessTokenClient, access_token_client
from sp_api.base import SellingApiForbiddenException, SellingApiNotFoundException
from spapi import SPAPIClient, SPAPIConfig
from spapi.models import notifications_v1 as models
from spapi.rest import ApiException

from contract.simulator import RunningSimulator, Shop
from contract.specification import ABSENT, FOLDER, NOTIFICATIONS, is_present, operation_of, operations
from contract.test_official_sdk import client_of
from contract.test_python_amazon_sp_api import given
from contract.test_seller_central_specification import Caller
from packline_sim.faults import FaultRule
from packline_sim.notifications.records import Delivery
from packline_sim.notifications.shapes import (
    FEED_FINISHED,
    KINDS,
    ORDER_CHANGE,
    QUANTITY_CHANGE,
    REPORT_FINISHED,
    SHIPMENT_STATUS,
)
from packline_sim.orders.specs import OrderSpec
from packline_sim.reports import make

SCOPE = "sellingpartnerapi::notifications"
BASE = "/notifications/v1"
SCHEMAS = {
    ORDER_CHANGE: "notification_OrderChangeNotification.json",
    FEED_FINISHED: "notification_FeedProcessingFinishedNotification.json",
    REPORT_FINISHED: "notification_ReportProcessingFinishedNotification.json",
    QUANTITY_CHANGE: "notification_ListingsItemMfnQuantityChange.json",
}


@pytest.fixture
def own_shop(shop: Shop) -> Shop:
    """Give a shop beside an empty board, told well, and forget tokens that a client keeps for the whole process."""
    access_token_client.cache.clear()
    access_token_client.grantless_cache.clear()
    world = shop.simulator.world
    shop.simulator.call(clear, world)
    return shop


def clear(world: Any) -> None:
    world.notifications.delivery = Delivery(twice=0, late=0, out_of_order=0)
    for subscription in list(world.notifications.subscriptions.values()):
        world.notifications.unsubscribe(subscription)
    world.notifications.destinations.clear()
    for queue in world.queues:
        world.queues.drop(queue.name)


def queue_arn(simulator: RunningSimulator, name: str = "told") -> str:
    """Make a queue; gives its ARN."""
    return str(simulator.call(simulator.world.queues.create, name, 0).arn)


def bodies(simulator: RunningSimulator, name: str = "told") -> list[dict[str, Any]]:
    """Read everything that is in a queue."""
    return [json.loads(row.body) for row in simulator.call(simulator.world.queues.get(name).peek, 1000)]


def grantless_api(shop: Shop) -> spapi.NotificationsApi:
    """Configure the SDK for calls without a seller, as its documentation says."""
    config = SPAPIConfig(
        shop.credentials.client_id,
        shop.credentials.client_secret,
        region=shop.credentials.region,
        scope=SCOPE,
        grant_type="client_credentials",
    )
    address = shop.simulator.address
    client = SPAPIClient(config, oauth_endpoint=f"{address}/auth/o2/token", endpoint=address)
    return spapi.NotificationsApi(client.api_client)


def test_the_official_sdk_keeps_destinations(own_shop: Shop) -> None:
    """createDestination, getDestination, getDestinations, deleteDestination; 409 for a queue that has one."""
    api = grantless_api(own_shop)
    arn = queue_arn(own_shop.simulator)
    wanted = models.CreateDestinationRequest(
        name="queue", resource_specification=models.DestinationResourceSpecification(sqs=models.SqsResource(arn=arn))
    )
    made = api.create_destination(wanted).payload
    assert made.resource.sqs.arn == arn
    with pytest.raises(ApiException) as refused:
        api.create_destination(wanted)
    assert refused.value.status == 409
    bus = models.EventBridgeResourceSpecification(account_id="000000000000", region="eu-west-1")
    other = api.create_destination(
        models.CreateDestinationRequest(
            name="bus", resource_specification=models.DestinationResourceSpecification(event_bridge=bus)
        )
    ).payload
    assert other.resource.event_bridge.name.startswith("sellingpartnerapi.amazon.com/amzn1.sp.solution.")
    assert api.get_destination(made.destination_id).payload.name == "queue"
    assert {row.name for row in api.get_destinations().payload} == {"queue", "bus"}
    api.delete_destination(other.destination_id)
    with pytest.raises(ApiException) as refused:
        api.get_destination(other.destination_id)
    assert refused.value.status == 404


def test_the_official_sdk_subscribes(own_shop: Shop) -> None:
    """createSubscription, getSubscription, getSubscriptions, the two by id, sendTestNotification; then it is told."""
    grantless, own = grantless_api(own_shop), spapi.NotificationsApi(client_of(own_shop))
    arn = queue_arn(own_shop.simulator)
    resource = models.DestinationResourceSpecification(sqs=models.SqsResource(arn=arn))
    destination = grantless.create_destination(
        models.CreateDestinationRequest(name="queue", resource_specification=resource)
    ).payload
    wanted = models.CreateSubscriptionRequest(payload_version="1.0", destination_id=destination.destination_id)
    made = own.create_subscription(SHIPMENT_STATUS, wanted).payload
    with pytest.raises(ApiException) as refused:
        own.create_subscription(SHIPMENT_STATUS, wanted)
    assert refused.value.status == 409
    assert own.get_subscription(SHIPMENT_STATUS).payload.subscription_id == made.subscription_id
    listed = own.get_subscriptions([SHIPMENT_STATUS]).payload.subscriptions
    assert [row.subscription_id for row in listed] == [made.subscription_id]
    found = grantless.get_subscription_by_id(made.subscription_id, SHIPMENT_STATUS).payload
    assert found.destination_id == destination.destination_id
    asked = models.SendTestNotificationRequest(
        destination_id=destination.destination_id, test_notification=models.TestNotification(payload_version="1.0")
    )
    grantless.send_test_notification(SHIPMENT_STATUS, asked)
    own_shop.order()
    told = bodies(own_shop.simulator)
    assert [body["notificationType"] for body in told] == [SHIPMENT_STATUS] * 2
    assert told[1]["notificationMetadata"]["subscriptionId"] == made.subscription_id
    with pytest.raises(ApiException) as refused:
        grantless.delete_destination(destination.destination_id)
    assert refused.value.status == 403
    grantless.delete_subscription_by_id(made.subscription_id, SHIPMENT_STATUS)
    own_shop.order()
    assert len(bodies(own_shop.simulator)) == 2


def test_python_amazon_sp_api_keeps_destinations_and_subscribes(own_shop: Shop) -> None:
    """Every operation that the client has; those by a subscription's id it calls with the seller's token."""
    client = Notifications(**given(own_shop, AccessTokenClient))
    client.region = "eu-west-1"
    made = client.create_destination("queue", arn=queue_arn(own_shop.simulator)).payload
    destination_id = made["destinationId"]
    assert client.get_destination(destination_id).payload == made
    assert client.get_destinations().payload == [made]
    subscription = client.create_subscription("ORDER_CHANGE", destination_id=destination_id).payload
    subscription_id = subscription["subscriptionId"]
    assert client.get_subscription("ORDER_CHANGE").payload == subscription
    assert client.get_subscription_by_id("ORDER_CHANGE", subscription_id).payload == subscription
    with pytest.raises(SellingApiForbiddenException):
        client.delete_destination(destination_id)
    client.delete_notification_subscription("ORDER_CHANGE", subscription_id)
    with pytest.raises(SellingApiNotFoundException):
        client.get_subscription("ORDER_CHANGE")
    client.delete_destination(destination_id)
    assert not client.get_destinations().payload


class Teller(Caller):
    """Make calls without any SDK, with a seller's token and one without a seller."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop)
        credentials = shop.credentials
        body = {
            "grant_type": "client_credentials",
            "scope": SCOPE,
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
        }
        self.grantless = {"x_amz_access_token": self("POST", "/auth/o2/token", body)[1]["access_token"]}

    def destination(self, name: str = "told") -> str:
        """Make a queue and a destination; gives the destination's id."""
        resource = {"sqs": {"arn": queue_arn(self.shop.simulator, name)}}
        body = {"name": name, "resourceSpecification": resource}
        status, answer = self("POST", f"{BASE}/destinations", body, **self.grantless)
        assert status == 200, answer
        return str(answer["payload"]["destinationId"])

    def subscribe(self, notification_type: str, destination_id: str, **directive: Any) -> tuple[int, Any]:
        """Subscribe to the newest version of a type."""
        body = {"payloadVersion": KINDS[notification_type].versions[-1], "destinationId": destination_id, **directive}
        return self("POST", f"{BASE}/subscriptions/{notification_type}", body)


@pytest.fixture
def teller(own_shop: Shop) -> Teller:
    """Give a caller for a shop."""
    return Teller(own_shop)


@pytest.mark.skipif(not is_present(), reason=ABSENT)
def test_every_documented_operation_is_there(teller: Teller) -> None:
    """Each operation of the specification answers with a documented status; none of it is unknown here."""
    destination_id = teller.destination()
    subscription_id = teller.subscribe(ORDER_CHANGE, destination_id)[1]["payload"]["subscriptionId"]
    by_id = f"{BASE}/subscriptions/{ORDER_CHANGE}/{subscription_id}"
    test = {"destinationId": destination_id, "testNotification": {"payloadVersion": "1.0", "testScenario": "ANY"}}
    assert teller("GET", f"{BASE}/subscriptions?notificationTypes={ORDER_CHANGE}")[0] == 200
    assert teller("GET", f"{BASE}/subscriptions/{ORDER_CHANGE}?payloadVersion=1.0")[0] == 200
    assert teller("GET", by_id, **teller.grantless)[0] == 200
    assert teller("POST", f"{BASE}/subscriptions/{ORDER_CHANGE}/testNotification", test, **teller.grantless)[0] == 200
    assert teller("GET", f"{BASE}/destinations", **teller.grantless)[0] == 200
    assert teller("GET", f"{BASE}/destinations/{destination_id}", **teller.grantless)[0] == 200
    assert teller("DELETE", by_id, **teller.grantless)[0] == 200
    assert teller("DELETE", f"{BASE}/destinations/{destination_id}", **teller.grantless)[0] == 200
    found = [operation_of(exchange) for exchange in teller.shop.simulator.exchanges]
    seen = {row.operation_id for row in found if row is not None}
    assert seen == {row.operation_id for row in operations(NOTIFICATIONS)}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "destinations", {"name": "x"}, 400),
        ("POST", "destinations", {"name": "x", "resourceSpecification": {}}, 400),
        ("POST", "destinations", {"name": "x", "resourceSpecification": {"sqs": {"arn": "queue"}}}, 400),
        (
            "POST",
            "destinations",
            {"name": "x", "resourceSpecification": {"sqs": {"arn": "arn:aws:sqs:eu-west-1:000000000000:not-there"}}},
            400,
        ),
        ("GET", "destinations/nobody", None, 404),
        ("DELETE", "destinations/nobody", None, 404),
        ("GET", f"subscriptions/{ORDER_CHANGE}/nobody", None, 404),
        ("DELETE", f"subscriptions/{ORDER_CHANGE}/nobody", None, 404),
        ("POST", f"subscriptions/{ORDER_CHANGE}/testNotification", {}, 400),
        ("POST", f"subscriptions/{ORDER_CHANGE}/testNotification", {"destinationId": "nobody"}, 404),
    ],
)
def test_what_does_not_fit_is_refused_in_amazons_words(
    teller: Teller, method: str, path: str, body: object, status: int
) -> None:
    """Bad input is 400, what is not there 404; each answer is one that the specification has."""
    answer = teller(method, f"{BASE}/{path}", body, **teller.grantless)
    assert answer[0] == status, answer
    assert answer[1]["errors"][0]["code"]


@pytest.mark.parametrize(
    ("notification_type", "directive", "status"),
    [
        ("NO_SUCH_TYPE", {}, 400),
        (ORDER_CHANGE, {"payloadVersion": "2.0"}, 400),
        (ORDER_CHANGE, {"destinationId": "nobody"}, 404),
        (QUANTITY_CHANGE, {}, 400),
        (ORDER_CHANGE, {"processingDirective": {"eventFilter": {"eventFilterType": "ANY_OFFER_CHANGED"}}}, 400),
        (ORDER_CHANGE, {"processingDirective": {"filterExpression": "true"}}, 400),
        (
            ORDER_CHANGE,
            {
                "processingDirective": {
                    "filterExpression": "true",
                    "eventFilter": {"eventFilterType": "ORDER_CHANGE"},
                }
            },
            400,
        ),
    ],
)
def test_a_subscription_that_makes_no_sense_is_refused(
    teller: Teller, notification_type: str, directive: dict[str, Any], status: int
) -> None:
    """Unknown types, versions and destinations, listings to a queue, and filters that do not belong."""
    body = {"payloadVersion": "1.0", "destinationId": teller.destination(), **directive}
    assert teller("POST", f"{BASE}/subscriptions/{notification_type}", body)[0] == status


def test_each_operation_wants_its_own_kind_of_token(teller: Teller) -> None:
    """Destinations need no seller and refuse one; subscribing needs one and refuses a token without."""
    assert teller("GET", f"{BASE}/destinations")[0] == 403
    body = {"payloadVersion": "1.0", "destinationId": teller.destination()}
    assert teller("POST", f"{BASE}/subscriptions/{ORDER_CHANGE}", body, **teller.grantless)[0] == 403
    subscription_id = teller.subscribe(ORDER_CHANGE, body["destinationId"])[1]["payload"]["subscriptionId"]
    by_id = f"{BASE}/subscriptions/{ORDER_CHANGE}/{subscription_id}"
    assert teller("GET", by_id)[0] == 200
    world = teller.shop.simulator.world
    teller.shop.simulator.call(world.switches.update, {"grantless_calls": "documented"})
    assert teller("GET", by_id)[0] == 403


def test_notifications_can_fail_like_every_operation(teller: Teller) -> None:
    """A fault strikes a call that has no seller too."""
    simulator = teller.shop.simulator
    simulator.call(simulator.world.faults.add, FaultRule(kind="503", operations=("getDestinations",)))
    try:
        assert teller("GET", f"{BASE}/destinations", **teller.grantless)[0] == 503
    finally:
        simulator.call(simulator.world.faults.clear)


@pytest.mark.skipif(not is_present(), reason=ABSENT)
@pytest.mark.parametrize("notification_type", sorted(SCHEMAS))
def test_what_is_told_fits_its_schema(teller: Teller, notification_type: str) -> None:
    """Notifications of each type whose schema is published are as it says: real ones and test ones."""
    simulator = teller.shop.simulator
    world, seller_id = simulator.world, teller.shop.seller_id
    simulator.call(
        world.switches.update,
        {"listings_notifications": "any", "feed_seconds": "0", "listings_feed_seconds": "0", "report_seconds": "0"},
    )
    destination_id = teller.destination()
    assert teller.subscribe(notification_type, destination_id)[0] == 200
    test = {"destinationId": destination_id}
    assert (
        teller("POST", f"{BASE}/subscriptions/{notification_type}/testNotification", test, **teller.grantless)[0] == 200
    )
    teller.feed()
    simulator.call(make.create_report, world, seller_id, "GET_X", (), "merchant_listings", None, delay_ms=0)
    orders = simulator.call(world.create_orders, seller_id, OrderSpec(sku=teller.shop.sku.sku, count=2))
    simulator.call(_ask_to_cancel, world, orders[0])
    told = bodies(simulator)
    judge = jsonschema_rs.Draft7Validator(json.loads((FOLDER / SCHEMAS[notification_type]).read_text("utf-8")))
    assert len(told) > 1
    for body in told:
        assert [f"{list(e.instance_path)}: {e.message}" for e in judge.iter_errors(body)] == []


def _ask_to_cancel(world: Any, order: Any) -> None:
    from packline_sim.orders.progress import request_cancel

    request_cancel(world, order)


def test_the_simulators_address_serves_both_apis_and_queues(own_shop: Shop) -> None:
    """A wrong path still gets the page that says what is where, not a queue's refusal."""
    with pytest.raises(urllib.error.HTTPError) as missing:
        urllib.request.urlopen(f"{own_shop.simulator.address}/nothing/here")
    assert "/_sim" in missing.value.read().decode()
