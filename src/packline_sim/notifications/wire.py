"""What the Notifications API reads, as its specification (v1) describes it."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from packline_sim.external_fulfillment.wire import Wire

Arn = Annotated[str, Meta(pattern=r"^arn:aws:sqs:\S+:\S+:\S+", max_length=1000)]


class Sqs(Wire, frozen=True):
    """Name a queue."""

    arn: Arn


class EventBridge(Wire, frozen=True):
    """Name an event bus's place."""

    account_id: str
    region: str


class Resource(Wire, frozen=True):
    """Name one queue or one event bus."""

    sqs: Sqs | None = None
    event_bridge: EventBridge | None = None


class CreateDestination(Wire, frozen=True):
    """The body of createDestination."""

    name: Annotated[str, Meta(min_length=1, max_length=256)]
    resource_specification: Resource


class EventFilter(Wire, frozen=True):
    """Choose what of a type is sent."""

    event_filter_type: Literal["ANY_OFFER_CHANGED", "ORDER_CHANGE", "SHIPMENT_TRACKING_MILESTONE_CHANGED"]
    order_change_types: list[Literal["BuyerRequestedChange", "DeliveryTipChange", "OrderStatusChange"]] | None = None
    marketplace_ids: list[str] | None = None
    aggregation_settings: dict[str, Any] | None = None
    tracking_identifier: dict[str, Any] | None = None


class Directive(Wire, frozen=True):
    """Say how notifications are chosen; a filter or an expression."""

    event_filter: EventFilter | None = None
    filter_expression: Annotated[str, Meta(min_length=1, max_length=256)] | None = None


class CreateSubscription(Wire, frozen=True):
    """The body of createSubscription."""

    payload_version: str
    destination_id: str
    processing_directive: Directive | None = None


class TestNotification(Wire, frozen=True):
    """Describe the notification that is made up."""

    payload_version: str
    test_scenario: str | None = None


class SendTestNotification(Wire, frozen=True):
    """The body of sendTestNotification."""

    destination_id: str | None = None
    test_notification: TestNotification | None = None


CREATE_DESTINATION = msgspec.json.Decoder(CreateDestination)
CREATE_SUBSCRIPTION = msgspec.json.Decoder(CreateSubscription)
SEND_TEST = msgspec.json.Decoder(SendTestNotification)
