"""The words of the two versions of the Orders API for one life cycle."""

from packline_sim.easy_ship.capabilities import CAPABILITIES
from packline_sim.marketplaces import MARKETPLACES
from packline_sim.orders.records import Order

STATUS_2026 = {
    "PendingAvailability": "PENDING_AVAILABILITY",
    "Pending": "PENDING",
    "Unshipped": "UNSHIPPED",
    "PartiallyShipped": "PARTIALLY_SHIPPED",
    "Shipped": "SHIPPED",
    "Canceled": "CANCELLED",
}
STATUS_V0 = {word: status for status, word in STATUS_2026.items()}
# Easy Ship status of v0 -> (status, detailedStatus) of a package in 2026-01-01.
PACKAGE_2026 = {
    "PendingSchedule": ("PENDING", "PENDING_SCHEDULE"),
    "PendingPickUp": ("PENDING", "PENDING_PICK_UP"),
    "PendingDropOff": ("PENDING", "PENDING_DROP_OFF"),
    "LabelCanceled": ("CANCELLED", "LABEL_CANCELLED"),
    "PickedUp": ("SHIPPED", "PICKED_UP"),
    "DroppedOff": ("SHIPPED", "DROPPED_OFF"),
    "AtOriginFC": ("IN_TRANSIT", "AT_ORIGIN_FC"),
    "AtDestinationFC": ("IN_TRANSIT", "AT_DESTINATION_FC"),
    "OutForDelivery": ("IN_TRANSIT", "OUT_FOR_DELIVERY"),
    "Delivered": ("DELIVERED", "DELIVERED"),
    "RejectedByBuyer": ("UNDELIVERABLE", "REJECTED_BY_BUYER"),
    "Undeliverable": ("UNDELIVERABLE", "UNDELIVERABLE"),
    "ReturningToSeller": ("UNDELIVERABLE", "RETURNING_TO_SELLER"),
    "ReturnedToSeller": ("UNDELIVERABLE", "RETURNED_TO_SELLER"),
    "Lost": ("UNDELIVERABLE", "LOST"),
    "Damaged": ("UNDELIVERABLE", "DAMAGED"),
}
INVOICE_2026 = {"NotRequired": "NOT_REQUIRED", "NotFound": "NOT_FOUND", "Accepted": "ACCEPTED"}
CANCELLED_BY = {"BUYER": "BUYER", "SELLER": "MERCHANT", "AMAZON": "AMAZON"}
_DOMAINS = {
    "GB": "co.uk",
    "JP": "co.jp",
    "ZA": "co.za",
    "US": "com",
    **{country: f"com.{country.lower()}" for country in ("TR", "AU", "MX", "BR")},
}


def sales_channel(marketplace_id: str) -> str:
    """Name a marketplace as orders do: Amazon.in."""
    country = MARKETPLACES[marketplace_id].country
    return f"Amazon.{_DOMAINS.get(country, country.lower())}"


def invoice_status(order: Order) -> str | None:
    """Tell the state of the tax invoice, in the words of v0; None where Amazon shows none."""
    if not order.is_easy_ship and MARKETPLACES[order.marketplace_id].country != "BR":
        return None
    row = CAPABILITIES.get(order.marketplace_id)
    if row is None or not row.invoice:
        return "NotRequired"
    return "Accepted" if order.live_package is not None else "NotFound"


def shows_money(order: Order) -> bool:
    """Tell whether prices and address are shown: not while the payment is pending."""
    return order.status not in {"Pending", "PendingAvailability"}
