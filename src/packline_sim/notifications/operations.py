"""The operations of the Notifications API: names, paths, queries, handlers; most act without a seller."""

from packline_sim.call import Handler
from packline_sim.notifications import destinations, subscriptions
from packline_sim.operation import Operation, operation

BASE = "/notifications/v1"
TYPED = f"{BASE}/subscriptions/{{}}"
SCOPE = "sellingpartnerapi::notifications"


def _grantless(name: str, method: str, path: str, handler: Handler) -> Operation:
    return operation(name, method, path, "", handler, writes=False)._replace(scope=SCOPE)


OPERATIONS: tuple[Operation, ...] = (
    _grantless("createDestination", "POST", f"{BASE}/destinations", destinations.create_destination),
    _grantless("getDestinations", "GET", f"{BASE}/destinations", destinations.get_destinations),
    _grantless("getDestination", "GET", f"{BASE}/destinations/{{}}", destinations.get_destination),
    _grantless("deleteDestination", "DELETE", f"{BASE}/destinations/{{}}", destinations.delete_destination),
    operation("createSubscription", "POST", TYPED, "", subscriptions.create_subscription, writes=False),
    operation("getSubscription", "GET", TYPED, "payloadVersion", subscriptions.get_subscription, writes=False),
    operation(
        "getSubscriptions",
        "GET",
        f"{BASE}/subscriptions",
        "notificationTypes payloadVersion pageSize nextToken",
        subscriptions.get_subscriptions,
        writes=False,
    ),
    _grantless("getSubscriptionById", "GET", f"{TYPED}/{{}}", subscriptions.get_subscription_by_id),
    _grantless("deleteSubscriptionById", "DELETE", f"{TYPED}/{{}}", subscriptions.delete_subscription_by_id),
    _grantless("sendTestNotification", "POST", f"{TYPED}/testNotification", subscriptions.send_test_notification),
)
