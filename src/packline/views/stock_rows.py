"""The plain rows of stock that the faces show."""

from datetime import datetime

from typing_extensions import TypedDict

PLACE_KEY = ("account", "location", "sku", "channel")
"""What a place is known by in lists."""
AFTER_PLACE = "(account_id, location_id, sku, channel) > ({}, {}, {}, {})"
"""The places after one."""


class OfferRow(TypedDict):
    """What Amazon is told for a SKU at a location: wanted, and what it was last known to have accepted."""

    account: str
    location: str
    sku: str
    channel: str
    wanted: int
    published: int | None
    published_seq: int | None
    published_at: datetime | None
    state: str
    error: str


class StockRow(TypedDict):
    """Units of a SKU in a pool at a location; `available` is what is on hand and not sold."""

    pool: str
    location: str
    sku: str
    on_hand: int
    reserved: int
    available: int
    picked: int
    labelled: int
    unsellable: int
    oversold: int
    counted_at: datetime | None
    to_count: bool
    offers: list[OfferRow]


class SpotRow(TypedDict):
    """Units by bin and serial number."""

    bin: str
    serial: str
    units: int


class StepRow(TypedDict):
    """One step of the reckoning."""

    name: str
    change: int
    total: int
    why: str


class WhyRow(TypedDict):
    """Why Amazon is told a number."""

    account: str
    location: str
    sku: str
    channel: str
    quantity: int
    buyable: int
    sentence: str
    steps: list[StepRow]
    pool: str
    at: str
    item: str
    published: int | None
    state: str
    error: str
    held: str | None
    kept: bool
    oversold: int
    spots: list[SpotRow]


class StockEntryRow(TypedDict):
    """One line of the ledger: what happened, and what it changed."""

    seq: int
    at: datetime
    recorded_at: datetime
    kind: str
    units: int
    on_hand: int
    reserved: int
    picked: int
    labelled: int
    unsellable: int
    pool: str
    location: str
    sku: str
    condition: str
    bin: str
    serial: str
    account: str
    place: str
    merchant_sku: str
    shipment: str
    cause: str
    reason: str
    by: str


class StockRuleRow(TypedDict):
    """One rule: its scope (empty: all) and its settings (null: says nothing)."""

    account: str
    location: str
    sku: str
    channel: str
    pool: str | None
    at: str | None
    item: str | None
    buffer_units: int | None
    buffer_percent: float | None
    minimum: int | None
    maximum: int | None
    stop_sale: bool | None
    pending: bool


class HoldRow(TypedDict):
    """A location whose publishing is held."""

    account: str
    location: str
    reason: str
    since: datetime
    by: str
