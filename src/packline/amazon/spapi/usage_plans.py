"""Usage plans: how often each operation may be called for one account and application.

Amazon grants `rate` calls a second and lets `burst` of them come at once, for each pair of account and application
and each operation (Selling Partner API, "Usage Plans and Rate Limits"). The figures are those of the External
Fulfillment rate limits page; the burst of the shipments operations is inferred (on that page it is twice the rate).
Those of Orders, Easy Ship, Feeds, Reports and Listings Items are the usage plans in the models of these APIs.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class UsagePlan(msgspec.Struct, frozen=True):
    """Calls a second and calls at once; a rate of 0 means that nothing is counted."""

    rate: float
    burst: float

    @property
    def is_unlimited(self) -> bool:
        """Tell whether this plan counts nothing."""
        return self.rate <= 0


UNLIMITED = UsagePlan(0, 0)
CAUTIOUS = UsagePlan(1, 1)
"""For operations that no table names; the default of Amazon's own SDK."""

_READS = UsagePlan(2, 4)
_WRITES = UsagePlan(1, 2)
_RETURNS = UsagePlan(10, 20)
_EASY_SHIP = UsagePlan(1, 5)
_ONE_ORDER = UsagePlan(0.5, 30)
_SLOW_LISTS = UsagePlan(0.0222, 10)

DOCUMENTED: Mapping[str, UsagePlan] = {
    "getShipments": _READS,
    "getShipment": _READS,
    "processShipment": _WRITES,
    "createPackages": _WRITES,
    "updatePackage": _WRITES,
    "updatePackageStatus": _WRITES,
    "retrieveShippingOptions": _WRITES,
    "generateInvoice": _WRITES,
    "retrieveInvoice": _WRITES,
    "generateShipLabels": _WRITES,
    "batchInventory": UsagePlan(50, 100),
    "listReturns": _RETURNS,
    "getReturn": _RETURNS,
    "createRestrictedDataToken": UsagePlan(1, 10),
    **dict.fromkeys(
        (
            "getDestinations",
            "getDestination",
            "createDestination",
            "deleteDestination",
            "getSubscription",
            "getSubscriptions",
            "createSubscription",
            "getSubscriptionById",
            "deleteSubscriptionById",
            "sendTestNotification",
        ),
        UsagePlan(1, 5),
    ),
    "listHandoverSlots": _EASY_SHIP,
    "getScheduledPackage": _EASY_SHIP,
    "createScheduledPackage": _EASY_SHIP,
    "updateScheduledPackages": _EASY_SHIP,
    "createScheduledPackageBulk": _EASY_SHIP,
    "searchOrders": UsagePlan(0.0056, 20),
    "getOrder": _ONE_ORDER,
    "getOrders": UsagePlan(0.0167, 20),
    "getOrderV0": _ONE_ORDER,  # its operationId is getOrder too
    "getOrderItems": _ONE_ORDER,
    "getOrderAddress": _ONE_ORDER,
    "getOrderBuyerInfo": _ONE_ORDER,
    "getOrderItemsBuyerInfo": _ONE_ORDER,
    "confirmShipment": UsagePlan(2, 10),
    "updateShipmentStatus": UsagePlan(5, 15),
    "createFeed": UsagePlan(0.0083, 15),
    "createListingsFeed": UsagePlan(5 / 300, 5),  # createFeed with JSON_LISTINGS_FEED: five in five minutes
    "createFeedDocument": UsagePlan(0.5, 15),
    "getFeed": UsagePlan(2, 15),
    "cancelFeed": UsagePlan(2, 15),
    "getFeeds": _SLOW_LISTS,
    "getFeedDocument": _SLOW_LISTS,
    "createReport": UsagePlan(0.0167, 15),
    "getReport": UsagePlan(2, 15),
    "getReportDocument": UsagePlan(0.0167, 15),
    "getReports": _SLOW_LISTS,
    "cancelReport": _SLOW_LISTS,
    "patchListingsItem": UsagePlan(5, 5),
    "deleteListingsItem": UsagePlan(5, 5),
    "searchListingsItems": UsagePlan(5, 5),
    "getListingsItem": UsagePlan(5, 10),
    "putListingsItem": UsagePlan(5, 10),
}
LEGACY_SHARED_FEED: Mapping[str, UsagePlan] = {**DOCUMENTED, "createFeed": UsagePlan(1 / 120, 15)}
"""As in the days of Amazon MWS: one bucket of 15 feeds, one token every two minutes, for every kind of feed."""
LEGACY_INVENTORY: Mapping[str, UsagePlan] = {**DOCUMENTED, "batchInventory": UsagePlan(6, 6)}
"""As with the older inventory API: six calls a second, one SKU in each; the burst is inferred."""
_GENEROUS = UsagePlan(10, 20)
PRESETS: Mapping[str, Mapping[str, UsagePlan]] = {
    "amazon": DOCUMENTED,
    "generous": {**dict.fromkeys(DOCUMENTED, _GENEROUS), "batchInventory": UsagePlan(50, 100)},
    "sdk": {**dict.fromkeys(DOCUMENTED, CAUTIOUS), "batchInventory": UsagePlan(50, 50)},
    "off": dict.fromkeys(DOCUMENTED, UNLIMITED),
    "legacy-shared-feed": LEGACY_SHARED_FEED,
    "legacy-inventory": LEGACY_INVENTORY,
}
"""`amazon`: as documented; `generous`: a raised plan; `sdk`: the defaults inside Amazon's SDK; `off`: no counting;
`legacy-shared-feed`: one feed every two minutes, whatever its kind; `legacy-inventory`: six SKUs a second."""


class UsagePlans(msgspec.Struct, frozen=True):
    """The plan of each operation: a preset, changed for single operations by `overrides`."""

    preset: str = "amazon"
    overrides: Mapping[str, UsagePlan] = {}

    def __post_init__(self) -> None:
        """Refuse a preset that does not exist, with ValueError."""
        if self.preset not in PRESETS:
            raise ValueError(f"there is no usage plan preset {self.preset!r}; choose one of {', '.join(PRESETS)}")

    def plan(self, operation: str) -> UsagePlan:
        """Find the plan of an operation, by its operationId."""
        unknown = UNLIMITED if self.preset == "off" else CAUTIOUS
        return self.overrides.get(operation) or PRESETS[self.preset].get(operation, unknown)
