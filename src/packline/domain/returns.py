"""Returns: what Amazon tells of one returned item, and the news in it.

Statuses and fields: External Fulfillment Returns 2024-09-11. Nothing moves a return but Amazon and its carriers; what a
seller says (received, restocked) is kept beside it.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Literal, get_args

from msgspec.structs import replace

from packline.domain.inventory.ledger import CONDITIONS
from packline.domain.values import Value, stable_id

ReturnStatus = Literal[
    "CREATED",
    "CARRIER_NOTIFIED_TO_PICK_UP_FROM_CUSTOMER",
    "CARRIER_OUT_FOR_PICK_UP_FROM_CUSTOMER",
    "CUSTOMER_CANCELLED_PICK_UP",
    "CUSTOMER_RESCHEDULED_PICK_UP",
    "PICKED_FROM_CUSTOMER",
    "CUSTOMER_DROPPED_OFF",
    "IN_TRANSIT",
    "OUT_FOR_DELIVERY",
    "DELIVERED",
    "REPLANNED",
    "PARTIALLY_PROCESSED",
    "PROCESSED",
    "REJECTED",
    "CANCELLED",
]
STATUSES: tuple[str, ...] = get_args(ReturnStatus)
CALLED_OFF = frozenset({"CANCELLED", "CUSTOMER_CANCELLED_PICK_UP", "REJECTED"})
ARRIVED = frozenset({"DELIVERED", "PARTIALLY_PROCESSED", "PROCESSED"})
NOT_STOCK = ("wrong_item", "missing", "elsewhere")
RECEIVED_AS = (*CONDITIONS, *NOT_STOCK)
"""In which condition units come in: the ledger's, and three that are no stock of this SKU here.

Amazon's older returns API knows a wrong item too; missing is an empty parcel; elsewhere is what SmartHub or another
system took in.
"""
NAMES = {
    "PICKED_FROM_CUSTOMER": "return.picked_up",
    "CUSTOMER_DROPPED_OFF": "return.picked_up",
    "IN_TRANSIT": "return.in_transit",
    "OUT_FOR_DELIVERY": "return.out_for_delivery",
    "DELIVERED": "return.delivered",
    "REPLANNED": "return.replanned",
    "PARTIALLY_PROCESSED": "return.processed",
    "PROCESSED": "return.processed",
    "REJECTED": "return.rejected",
    "CANCELLED": "return.cancelled",
    "CUSTOMER_CANCELLED_PICK_UP": "return.cancelled",
}
"""The event of a return that came to a status; other statuses are told as `return.updated`."""
_TOLD = (
    "location",
    "sku",
    "units",
    "kind",
    "sub_type",
    "rma_id",
    "order_id",
    "carrier",
    "tracking_id",
    "exchange_order_id",
    "delivery_mode",
)
"""Fields whose change is told; a reason is free text, and who knows what a buyer wrote there."""


_KEPT = (
    *(name for name in _TOLD if name not in ("kind", "units")),
    "reason",
    "shipped_from",
    "amazon_shipment",
    "channel",
    "forward_carrier",
    "forward_tracking_id",
    "previous",
    "created_at",
    "picked_up_at",
    "delivered_at",
)

Condition = Literal[
    "sellable",
    "defective",
    "customer_damaged",
    "carrier_damaged",
    "warehouse_damaged",
    "expired",
    "unknown",
    "wrong_item",
    "missing",
    "elsewhere",
]
"""In what condition a piece can come in at the dock; the last three never become stock."""


class Kind(StrEnum):
    """Why units come back."""

    CUSTOMER = "customer"  # the buyer had them and sends them back
    ORIGIN = "origin"  # refused or undeliverable: the parcel returns to its origin, the buyer never had it


class Password(Value, frozen=True):
    """The one-time password that the carrier asks for at the dock; never logged, never in an event."""

    word: str
    valid_till: datetime

    def __repr__(self) -> str:
        return f"Password(…, {self.valid_till})"


class SeenReturn(Value, frozen=True):
    """One returned item as Amazon tells of it; `location` is where it arrives, `shipped_from` where it left.

    `amazon_shipment` is Amazon's id of the shipment that it comes from. `previous` are carriers and tracking ids from
    before the delivery to the seller was planned again.
    """

    amazon_id: str
    status: str
    kind: Kind
    as_of: datetime
    location: str
    sku: str
    units: int
    shipped_from: str = ""
    sub_type: str = ""
    reason: str = ""
    rma_id: str = ""
    order_id: str = ""
    amazon_shipment: str = ""
    exchange_order_id: str = ""
    channel: str = ""
    carrier: str = ""
    tracking_id: str = ""
    forward_carrier: str = ""
    forward_tracking_id: str = ""
    previous: tuple[tuple[str, str], ...] = ()
    delivery_mode: str = ""
    created_at: datetime | None = None
    picked_up_at: datetime | None = None
    delivered_at: datetime | None = None
    source: str = "returns_api"
    password: Password | None = None


class ReturnNews(Value, frozen=True, tag_field="type", tag="return_told"):
    """What is new of a return, with what changed (field, before, after); no password is ever in it."""

    name: str
    status: str
    changes: tuple[tuple[str, str, str], ...] = ()


def return_id(account: str, amazon_id: str) -> str:
    """Name one return of one account."""
    return stable_id("ret", account, amazon_id)


def merged(before: SeenReturn | None, seen: SeenReturn) -> SeenReturn:
    """Keep what a later answer leaves out: it did not go away. A password does."""
    if before is None:
        return seen
    kept = {name: getattr(before, name) for name in _KEPT if not getattr(seen, name) and getattr(before, name)}
    return replace(seen, **kept) if kept else seen


def news(before: SeenReturn | None, seen: SeenReturn) -> tuple[ReturnNews, ...]:
    """Tell what is new in `seen`; nothing where it is older than what is known, or says the same."""
    if before is None:
        first = ReturnNews("return.created", seen.status)
        name = NAMES.get(seen.status)
        return (first, ReturnNews(name, seen.status, (("status", "", seen.status),))) if name else (first,)
    if seen.as_of < before.as_of:
        return ()
    changes = tuple(_changes(before, seen))
    if not changes:
        return ()
    moved = seen.status != before.status
    name = NAMES.get(seen.status, "return.updated") if moved else "return.updated"
    return (ReturnNews(name, seen.status, changes),)


def _changes(before: SeenReturn, seen: SeenReturn) -> Iterator[tuple[str, str, str]]:
    if before.status != seen.status:
        yield "status", before.status, seen.status
    for field in _TOLD:
        old, new = str(getattr(before, field)), str(getattr(seen, field))
        if new and old != new:
            yield field, old, new
