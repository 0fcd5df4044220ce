"""createSubscription, getSubscription, getSubscriptions, the two by id, and sendTestNotification."""

from typing import Any

import msgspec

from packline_sim.call import Call, Reply, json_reply, read_plain
from packline_sim.notifications.destinations import own_destination
from packline_sim.notifications.emission import send_test
from packline_sim.notifications.records import Destination, Subscription
from packline_sim.notifications.shapes import KINDS
from packline_sim.notifications.wire import CREATE_SUBSCRIPTION, SEND_TEST, Directive
from packline_sim.refusals import Problem, Refusal, bad_request, invalid_input, not_found


def create_subscription(call: Call) -> Reply:
    """Answer createSubscription; 409 where the seller's application has one of this type and version already."""
    request = read_plain(call, CREATE_SUBSCRIPTION)
    notification_type, version = call.ids[0], request.payload_version
    _check_type(notification_type, version)
    destination = own_destination(call, request.destination_id)
    _check_place(call, notification_type, destination)
    directive = _checked(request.processing_directive, notification_type)
    if any(row.payload_version == version for row in _own(call, notification_type)):
        raise Refusal(409, Problem("StateConflict", "The resource specified conflicts with the current state."))
    world = call.world
    subscription = Subscription(
        subscription_id=world.streams.uuid("subscription"),
        client_id=call.client_id,
        application_id=world.credentials.applications[call.client_id].application_id,
        seller_id=call.seller.seller_id,
        notification_type=notification_type,
        payload_version=version,
        destination_id=destination.destination_id,
        directive=directive,
    )
    world.notifications.subscribe(subscription)
    world.change_seq += 1
    return json_reply({"payload": _body(subscription)})


def get_subscription(call: Call) -> Reply:
    """Answer getSubscription: the seller's own of a type, of the newest version unless one is named."""
    notification_type, version = call.ids[0], call.query.get("payloadVersion")
    own = [row for row in _own(call, notification_type) if version in (None, row.payload_version)]
    if not own:
        raise not_found("notificationType", notification_type)
    return json_reply({"payload": _body(max(own, key=lambda row: row.payload_version))})


def get_subscriptions(call: Call) -> Reply:
    """Answer getSubscriptions: all of one type, page by page."""
    types = [name for name in call.query.get("notificationTypes", "").split(",") if name]
    if len(types) != 1:
        raise bad_request(invalid_input(",".join(types), "notificationTypes", "Name exactly one type."))
    version, size = call.query.get("payloadVersion"), _page_size(call)
    own = [row for row in _own(call, types[0]) if version in (None, row.payload_version)]
    start = _start(own, call.query.get("nextToken"))
    page = own[start : start + size]
    payload: dict[str, Any] = {"subscriptions": [_body(row) for row in page]}
    if start + size < len(own):
        payload["nextToken"] = page[-1].subscription_id
    return json_reply({"payload": payload})


def get_subscription_by_id(call: Call) -> Reply:
    """Answer getSubscriptionById, without a seller."""
    return json_reply({"payload": _body(_by_id(call))})


def delete_subscription_by_id(call: Call) -> Reply:
    """Answer deleteSubscriptionById, without a seller."""
    call.world.notifications.unsubscribe(_by_id(call))
    call.world.change_seq += 1
    return json_reply({})


def send_test_notification(call: Call) -> Reply:
    """Answer sendTestNotification: something made up goes to a destination's queue, whoever is subscribed."""
    request = read_plain(call, SEND_TEST)
    notification_type = call.ids[0]
    if request.destination_id is None:
        raise bad_request(Problem("InvalidInput", "Missing required parameter 'destinationId'"))
    destination = own_destination(call, request.destination_id)
    asked = request.test_notification
    version = KINDS[notification_type].versions[-1] if asked is None and notification_type in KINDS else "1.0"
    if asked is not None:
        version = asked.payload_version
    _check_type(notification_type, version)
    _check_place(call, notification_type, destination)
    application = call.world.credentials.applications[call.client_id]
    send_test(call.world, destination, notification_type, version, application.application_id)
    call.world.change_seq += 1
    return json_reply({"payload": {}})


def _check_type(notification_type: str, version: str) -> None:
    kind = KINDS.get(notification_type)
    if kind is None:
        raise bad_request(
            invalid_input(notification_type, "notificationType", f"Sent from here are: {', '.join(KINDS)}.")
        )
    if version not in kind.versions:
        raise bad_request(invalid_input(version, "payloadVersion", f"Must be one of: {', '.join(kind.versions)}."))


def _check_place(call: Call, notification_type: str, destination: Destination) -> None:
    goes_to = KINDS[notification_type].goes_to
    if goes_to == "event_bridge" and call.world.switches["listings_notifications"] == "any":
        return
    if (goes_to == "sqs") != (destination.arn is not None):
        word = "a queue" if goes_to == "sqs" else "an event bus"
        told = f"{notification_type} can be sent to {word} only."
        raise bad_request(invalid_input(destination.destination_id, "destinationId", told))


def _checked(directive: Directive | None, notification_type: str) -> dict[str, Any] | None:
    if directive is None:
        return None
    if directive.event_filter is not None and directive.filter_expression is not None:
        raise bad_request(invalid_input("", "processingDirective", "Give either eventFilter or filterExpression."))
    if directive.filter_expression is not None:
        told = f"{notification_type} cannot be chosen by an expression here."
        raise bad_request(invalid_input(directive.filter_expression, "filterExpression", told))
    chosen = directive.event_filter
    if chosen is not None and chosen.event_filter_type != notification_type:
        told = f"Must be {notification_type}, which the subscription is to."
        raise bad_request(invalid_input(chosen.event_filter_type, "eventFilterType", told))
    written: dict[str, Any] = msgspec.to_builtins(directive)
    return {
        name: {key: row for key, row in value.items() if row is not None}
        for name, value in written.items()
        if value is not None
    }


def _own(call: Call, notification_type: str) -> list[Subscription]:
    found = call.world.notifications.wanted(call.seller.seller_id, notification_type)
    return [row for row in found if row.client_id == call.client_id]


def _by_id(call: Call) -> Subscription:
    notification_type, subscription_id = call.ids
    found = call.world.notifications.subscriptions.get(subscription_id)
    if found is None or found.client_id != call.client_id or found.notification_type != notification_type:
        raise not_found("subscriptionId", subscription_id)
    return found


def _page_size(call: Call) -> int:
    text = call.query.get("pageSize", "30")
    if not (text.isascii() and text.isdigit()) or not 30 <= int(text) <= 100:
        raise bad_request(invalid_input(text, "pageSize", "Must be a whole number from 30 to 100."))
    return int(text)


def _start(own: list[Subscription], token: str | None) -> int:
    if token is None:
        return 0
    found = next((at for at, row in enumerate(own) if row.subscription_id == token), None)
    if found is None:
        raise bad_request(invalid_input(token, "nextToken", "The token is not one that was given for these arguments."))
    return found + 1


def _body(subscription: Subscription) -> dict[str, Any]:
    body: dict[str, Any] = {
        "subscriptionId": subscription.subscription_id,
        "payloadVersion": subscription.payload_version,
        "destinationId": subscription.destination_id,
    }
    if subscription.directive:
        body["processingDirective"] = subscription.directive
    return body
