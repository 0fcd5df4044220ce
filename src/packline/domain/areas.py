"""Amazon's APIs as an application is let into them: by role, so that one may be closed while the others are open.

Source: Selling Partner API, roles; the operations are those of Orders, Easy Ship, Feeds, Reports and Listings Items.
"""

from packline.domain.values import Value


class Area(Value, frozen=True):
    """One API: its operations, and the roles that open it."""

    name: str
    operations: tuple[str, ...]
    roles: str


AREAS = (
    Area(
        "Easy Ship",
        (
            "listHandoverSlots",
            "getScheduledPackage",
            "createScheduledPackage",
            "updateScheduledPackages",
            "createScheduledPackageBulk",
        ),
        "Direct-to-Consumer Shipping (Restricted)",
    ),
    Area(
        "Orders",
        ("searchOrders", "getOrder", "getOrders", "getOrderV0", "getOrderItems"),
        "Inventory and Order Tracking",
    ),
    Area(
        "Feeds and Reports",
        (
            "createFeedDocument",
            "createFeed",
            "createListingsFeed",
            "getFeeds",
            "getFeed",
            "getFeedDocument",
            "getReport",
            "getReportDocument",
        ),
        "Inventory and Order Tracking, Direct-to-Consumer Shipping (Restricted) and Tax Invoicing (Restricted)",
    ),
    Area("Listings Items", ("patchListingsItem", "getListingsItem"), "Product Listing"),
)


def area_of(operation: str) -> Area | None:
    """Find the API of an operation of Seller Central's; None for any other."""
    return next((area for area in AREAS if operation in area.operations), None)
