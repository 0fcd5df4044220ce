"""The operations of Notifications v1 that setup needs, and what their records may hold."""

from collections.abc import Mapping

from packline.amazon.spapi.call_log import Kept
from packline.amazon.spapi.operation import Effect, Operation

SCOPE = "sellingpartnerapi::notifications"
"""Operations that concern no seller are signed in by the application alone, for this scope."""
_DESTINATIONS = "/notifications/v1/destinations"
_TYPE = "/notifications/v1/subscriptions/{notificationType}"


def _operation(name: str, method: str, path: str) -> Operation:
    effect = Effect.READ if method == "GET" else Effect.WRITE
    return Operation(name=name, method=method, path=path, effect=effect, api="notifications")


GET_DESTINATIONS = _operation("getDestinations", "GET", _DESTINATIONS)
CREATE_DESTINATION = _operation("createDestination", "POST", _DESTINATIONS)
GET_SUBSCRIPTION = _operation("getSubscription", "GET", _TYPE)
CREATE_SUBSCRIPTION = _operation("createSubscription", "POST", _TYPE)
DELETE_SUBSCRIPTION = _operation("deleteSubscriptionById", "DELETE", _TYPE + "/{subscriptionId}")
SEND_TEST = _operation("sendTestNotification", "POST", _TYPE + "/testNotification")

_DESTINATION: Kept = {"destinationId": None, "name": None, "resource": {"sqs": {"arn": None}}}
_SUBSCRIPTION: Kept = {"subscriptionId": None, "payloadVersion": None, "destinationId": None}
KEPT_FIELDS: Mapping[str, Kept] = {
    "getDestinations": {"payload": _DESTINATION},
    "createDestination": {
        "name": None,
        "resourceSpecification": {"sqs": {"arn": None}},
        "payload": _DESTINATION,
    },
    "getSubscription": {"payload": _SUBSCRIPTION},
    "createSubscription": {"payloadVersion": None, "destinationId": None, "payload": _SUBSCRIPTION},
    "sendTestNotification": {"destinationId": None, "testNotification": {"payloadVersion": None}},
}
