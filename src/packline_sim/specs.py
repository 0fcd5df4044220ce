"""What can be created in the simulator, described as data: sellers, locations, SKUs, shipments, returns."""

from typing import Literal

import msgspec

from packline_sim.programs import Program

Region = Literal["NA", "EU", "FE"]
LabelFormat = Literal["ZPL", "PNG", "PDF"]
StockSource = Literal["EXTERNAL_FULFILLMENT", "LISTINGS"]
ShipmentType = Literal["NEW", "REPLACEMENT", "EXCHANGE"]
CancelledBy = Literal["MARKETPLACE", "BUYER", "SYSTEM"]
ScanEvent = Literal["PICKED_UP", "OUT_FOR_DELIVERY", "DELIVERED", "NOT_DELIVERED", "UNDELIVERABLE", "LOST", "DAMAGED"]
ReturnStatus = Literal[
    "CREATED",
    "CARRIER_NOTIFIED_TO_PICK_UP_FROM_CUSTOMER",
    "CARRIER_OUT_FOR_PICK_UP_FROM_CUSTOMER",
    "CUSTOMER_CANCELLED_PICK_UP",
    "CUSTOMER_RESCHEDULED_PICK_UP",
    "PICKED_FROM_CUSTOMER",
    "IN_TRANSIT",
    "OUT_FOR_DELIVERY",
    "DELIVERED",
    "REPLANNED",
    "CUSTOMER_DROPPED_OFF",
    "PARTIALLY_PROCESSED",
    "PROCESSED",
    "REJECTED",
    "CANCELLED",
]


class SellerSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describe a seller and the authorisation it gave; ids and secrets that are left out are made from the seed.

    `marketplace_ids` must belong to `region`. With `client_id` of an application that exists, the seller authorises
    that one; otherwise an application is created for it.
    """

    name: str
    region: Region = "EU"
    marketplace_ids: tuple[str, ...] = ("A21TJRUUN4KGV",)
    seller_id: str | None = None
    client_id: str | None = None
    client_secret: str | None = None
    refresh_token: str | None = None
    tax_number: str | None = None


class LocationSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describe a place that a seller ships from.

    `stock_source` LISTINGS makes MFN shipments arrive as CREATED, as for sellers who publish stock through listings.
    `state` is the state's name; for India it decides between CGST and SGST, and IGST.
    """

    location_id: str | None = None
    name: str = ""
    marketplace_id: str | None = None
    label_format: LabelFormat = "ZPL"
    stock_source: StockSource = "EXTERNAL_FULFILLMENT"
    address_line: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None


class SkuSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describe a product: sizes in centimetres, weight in grams, price with tax in the marketplace's currency.

    `stock` is put on the floor, and published with sequence number 0, at `location_ids` (all of the seller's when
    empty), and listed at Seller Central. `pieces` above 1 makes the item travel in several boxes.
    """

    sku: str | None = None
    title: str = ""
    stock: int = 100
    location_ids: tuple[str, ...] = ()
    length_cm: float = 20.0
    width_cm: float = 15.0
    height_cm: float = 10.0
    weight_g: float = 500.0
    price: str = "999.00"
    tax_rate: str | None = None
    hsn_code: str | None = None
    serial_required: bool = False
    hazmat_required: bool = False
    origin_required: bool = False
    value_required: bool = False
    pieces: int = 1
    country_of_origin: str | None = None
    has_recommended_package: bool = True


class LineSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describe one line of a shipment."""

    sku: str
    units: int = 1


class ShipmentSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describe `count` shipments that buyers ordered; what is left out is chosen from the seed.

    `lines` empty: one or two of the seller's SKUs. `status` None: ACCEPTED when stock covers it, else CREATED (MFN) or
    no shipment at all (Seller Flex); a given status forces it, whatever the stock. `serial_required`, `multi_piece`
    override what the SKU says. `original_shipment_id` is needed for REPLACEMENT and EXCHANGE.
    """

    count: int = 1
    program: Program = "EASY_SHIP"
    location_id: str | None = None
    marketplace_id: str | None = None
    lines: tuple[LineSpec, ...] = ()
    status: Literal["CREATED", "ACCEPTED"] | None = None
    serial_required: bool | None = None
    multi_piece: bool | None = None
    gift: bool = False
    gift_message: str | None = None
    cash_on_delivery: bool = False
    shipment_type: ShipmentType = "NEW"
    original_shipment_id: str | None = None
    priority: Literal["HIGH", "LOW"] | None = None
    prime: bool = False
    ship_by_hours: float | None = None
    pack_after_hours: float = 0.0
    rejectable_states: tuple[str, ...] | None = None
    ship_to_state: str | None = None
    ship_to_postal_code: str | None = None


class ReturnSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describe the return of units of one line of a shipment; `line_id` None takes the first line."""

    shipment_id: str
    line_id: str | None = None
    units: int = 1
    return_type: Literal["CUSTOMER", "REJECT"] = "CUSTOMER"
    return_sub_type: Literal["NORMAL", "REPLACEMENT", "EXCHANGE"] = "NORMAL"
    reason: str = "Missed"
    status: ReturnStatus = "CREATED"
    return_location_id: str | None = None
    with_otp: bool = True


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """Carry what a connector needs to act for a seller."""

    seller_id: str
    region: Region
    marketplace_ids: tuple[str, ...]
    application_id: str
    client_id: str
    client_secret: str
    refresh_token: str
