"""What the simulator remembers of an order: items, slots, packages, the whole of its life."""

from typing import Literal

import msgspec

from packline_sim.places import Place
from packline_sim.records import Intent, Transition

OrderStatus = Literal["PendingAvailability", "Pending", "Unshipped", "PartiallyShipped", "Shipped", "Canceled"]
EasyShipStatus = Literal[
    "PendingSchedule",
    "PendingPickUp",
    "PendingDropOff",
    "LabelCanceled",
    "PickedUp",
    "DroppedOff",
    "AtOriginFC",
    "AtDestinationFC",
    "OutForDelivery",
    "Delivered",
    "RejectedByBuyer",
    "Undeliverable",
    "ReturningToSeller",
    "ReturnedToSeller",
    "Lost",
    "Damaged",
]
PackageStatus = Literal[
    "ReadyForPickup",
    "PickedUp",
    "AtOriginFC",
    "AtDestinationFC",
    "OutForDelivery",
    "Delivered",
    "Rejected",
    "Undeliverable",
    "ReturnedToSeller",
    "LostInTransit",
    "DamagedInTransit",
    "LabelCanceled",
]
Handover = Literal["PICKUP", "DROPOFF"]


class OrderItem(msgspec.Struct, kw_only=True):
    """Remember one item of an order; `unit_price` is with tax, `tax_rate` a fraction."""

    order_item_id: str
    sku: str
    asin: str
    title: str
    quantity: int
    unit_price: str
    tax_rate: float
    currency: str
    serial_required: bool = False
    gift: bool = False
    cancel_requested: bool = False
    cancel_reason: str | None = None
    shipped: int = 0


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """Measure a parcel: centimetres and grams; `identifier` names a suggested container."""

    length_cm: float
    width_cm: float
    height_cm: float
    weight_g: float
    identifier: str | None = None


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """Remember one hand-over window as it was listed for one order and box."""

    slot_id: str
    order_id: str
    start_ms: int
    end_ms: int
    method: Handover
    listed_ms: int
    box: Box


class EasyShipPackage(msgspec.Struct, kw_only=True):
    """Remember one scheduled package; `serials` are by order item id."""

    package_id: str
    tracking_id: str
    slot: Slot
    box: Box
    status: PackageStatus
    serials: dict[str, list[str]]
    identifier: str | None
    invoice_number: str | None
    invoice_ms: int | None
    scheduled_ms: int
    call_seq: int = 0
    label_format: str = "PDF"
    documents_made: int = 0


class OwnPackage(msgspec.Struct, frozen=True, kw_only=True):
    """Remember a package that the seller shipped itself and confirmed; `units` are by order item id."""

    carrier: str
    tracking_id: str
    ship_ms: int
    units: dict[str, int]


class Order(msgspec.Struct, kw_only=True):
    """Remember one order; of its packages the last one is the live one, those with a cancelled label stay before it.

    `status` and `easy_ship_status` are in the words of Orders v0; `easy_ship_status` None: Amazon shows none.
    """

    order_id: str
    seller_id: str
    marketplace_id: str
    is_easy_ship: bool
    status: OrderStatus
    easy_ship_status: EasyShipStatus | None
    created_ms: int
    updated_ms: int
    ship_from_ms: int
    ship_by_ms: int
    deliver_from_ms: int
    deliver_by_ms: int
    items: list[OrderItem]
    packages: list[EasyShipPackage]
    place: Place
    buyer_name: str
    buyer_phone: str
    payment: Literal["COD", "Other"]
    is_prime: bool = False
    replaced_order_id: str | None = None
    cancelled_by: str | None = None
    cancel_reason: str | None = None
    label_from_ms: int | None = None
    in_store_pickup: bool = False
    own_packages: dict[str, OwnPackage] = {}
    holds_stock: bool = False
    intent: Intent | None = None
    history: list[Transition] = []
    version: int = 0
    touch: int = 0

    @property
    def live_package(self) -> EasyShipPackage | None:
        """Give the package that is scheduled now; None before, and after its label was cancelled."""
        if not self.packages or self.packages[-1].status == "LabelCanceled":
            return None
        return self.packages[-1]

    @property
    def units(self) -> int:
        """Count the units of all items."""
        return sum(item.quantity for item in self.items)

    def item(self, order_item_id: str) -> OrderItem | None:
        """Find an item by its id."""
        return next((item for item in self.items if item.order_item_id == order_item_id), None)
