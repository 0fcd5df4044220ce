"""The operations that Easy Ship needs, as Orders 2026-01-01 and v0, Easy Ship 2022-03-23, Feeds, Reports and Listings
Items define them."""

from __future__ import annotations

from collections.abc import Mapping

from packline.amazon.spapi.operation import Effect, Operation

_EASY_SHIP = "/easyShip/2022-03-23"
_ORDERS = "/orders/2026-01-01/orders"
_ORDERS_V0 = "/orders/v0/orders"
_FEEDS = "/feeds/2021-06-30"
_REPORTS = "/reports/2021-06-30"
_LISTINGS = "/listings/2021-08-01/items/{sellerId}/{sku}"


def _read(name: str, path: str, api: str) -> Operation:
    return Operation(name=name, method="GET", path=path, effect=Effect.READ, api=api)


def _write(name: str, method: str, path: str, api: str, success: int = 200) -> Operation:
    return Operation(name=name, method=method, path=path, effect=Effect.WRITE, api=api, success=(success,))


LIST_HANDOVER_SLOTS = Operation(
    name="listHandoverSlots", method="POST", path=_EASY_SHIP + "/timeSlot", effect=Effect.READ, api="easyShip"
)
"""A POST that makes nothing: it may be repeated."""
GET_SCHEDULED_PACKAGE = _read("getScheduledPackage", _EASY_SHIP + "/package", "easyShip")
CREATE_SCHEDULED_PACKAGE = _write("createScheduledPackage", "POST", _EASY_SHIP + "/package", "easyShip")
UPDATE_SCHEDULED_PACKAGES = _write("updateScheduledPackages", "PATCH", _EASY_SHIP + "/package", "easyShip")
CREATE_SCHEDULED_PACKAGE_BULK = _write("createScheduledPackageBulk", "POST", _EASY_SHIP + "/packages/bulk", "easyShip")

SEARCH_ORDERS = _read("searchOrders", _ORDERS, "orders")
GET_ORDER = _read("getOrder", _ORDERS + "/{orderId}", "orders")
GET_ORDERS = _read("getOrders", _ORDERS_V0, "ordersV0")
GET_ORDER_V0 = _read("getOrderV0", _ORDERS_V0 + "/{orderId}", "ordersV0")
"""Amazon names it getOrder too; its quota is its own, and so is its name here."""
GET_ORDER_ITEMS = _read("getOrderItems", _ORDERS_V0 + "/{orderId}/orderItems", "ordersV0")

CREATE_FEED_DOCUMENT = Operation(
    name="createFeedDocument", method="POST", path=_FEEDS + "/documents", effect=Effect.READ, api="feeds",
    success=(201,),
)  # fmt: skip
"""An upload address that is never used disturbs nobody: it may be asked for again."""
CREATE_FEED = _write("createFeed", "POST", _FEEDS + "/feeds", "feeds", 202)
CREATE_LISTINGS_FEED = _write("createListingsFeed", "POST", _FEEDS + "/feeds", "feeds", 202)
"""Amazon names it createFeed too; a JSON_LISTINGS_FEED has a quota of its own, and so a name here."""
GET_FEEDS = _read("getFeeds", _FEEDS + "/feeds", "feeds")
GET_FEED = _read("getFeed", _FEEDS + "/feeds/{feedId}", "feeds")
GET_FEED_DOCUMENT = _read("getFeedDocument", _FEEDS + "/documents/{feedDocumentId}", "feeds")

CREATE_REPORT = _write("createReport", "POST", _REPORTS + "/reports", "reports", 202)
GET_REPORTS = _read("getReports", _REPORTS + "/reports", "reports")
GET_REPORT = _read("getReport", _REPORTS + "/reports/{reportId}", "reports")
GET_REPORT_DOCUMENT = _read("getReportDocument", _REPORTS + "/documents/{reportDocumentId}", "reports")

GET_LISTINGS_ITEM = _read("getListingsItem", _LISTINGS, "listingsItems")
PATCH_LISTINGS_ITEM = Operation(
    name="patchListingsItem", method="PATCH", path=_LISTINGS, effect=Effect.READ, api="listingsItems"
)
"""A quantity that is told twice is the same quantity: it may be repeated."""

OPERATIONS: Mapping[str, Operation] = {
    operation.name: operation
    for operation in (
        LIST_HANDOVER_SLOTS,
        GET_SCHEDULED_PACKAGE,
        CREATE_SCHEDULED_PACKAGE,
        UPDATE_SCHEDULED_PACKAGES,
        CREATE_SCHEDULED_PACKAGE_BULK,
        SEARCH_ORDERS,
        GET_ORDER,
        GET_ORDERS,
        GET_ORDER_V0,
        GET_ORDER_ITEMS,
        CREATE_FEED_DOCUMENT,
        CREATE_FEED,
        CREATE_LISTINGS_FEED,
        GET_FEEDS,
        GET_FEED,
        GET_FEED_DOCUMENT,
        CREATE_REPORT,
        GET_REPORTS,
        GET_REPORT,
        GET_REPORT_DOCUMENT,
        GET_LISTINGS_ITEM,
        PATCH_LISTINGS_ITEM,
    )
}
"""All operations by the name of their quota: the operationId, but `getOrderV0` and `createListingsFeed`."""
