"""What can be ordered of a seller of Seller Central, described as data."""

from typing import Literal

import msgspec

FirstStatus = Literal["PendingAvailability", "Pending", "Unshipped"]
OrderCancelledBy = Literal["BUYER", "SELLER", "AMAZON"]


class OrderLineSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describe one item of an order; `serial_required` None takes what the SKU says."""

    sku: str
    quantity: int = 1
    serial_required: bool | None = None


class OrderSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describe `count` orders of one seller; what is left out is chosen from the seed.

    `sku` with `quantity` is short for one line; without either and without `lines`, one or two of the seller's SKUs are
    drawn. A Pending order becomes Unshipped after `pending_minutes`, by `release` or not at all. `label_after_hours`
    gives the order a moment from which its labels may be printed. Hours count from now.
    """

    count: int = 1
    marketplace_id: str | None = None
    easy_ship: bool = True
    sku: str | None = None
    quantity: int = 1
    lines: tuple[OrderLineSpec, ...] = ()
    serial_required: bool | None = None
    status: FirstStatus = "Unshipped"
    pending_minutes: float | None = None
    cash_on_delivery: bool = False
    gift: bool = False
    prime: bool = False
    replaced_order_id: str | None = None
    ship_by_hours: float = 24.0
    label_after_hours: float | None = None
    in_store_pickup: bool = False
    ship_to_state: str | None = None
    ship_to_postal_code: str | None = None
