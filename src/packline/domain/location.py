"""Accounts and locations as data: who sells, from where, in which programs, and what is done without being asked."""

from enum import StrEnum

from packline.domain.slot import SlotPolicy
from packline.domain.values import Value

USAGE_PLANS = ("amazon", "generous", "sdk", "off", "legacy-shared-feed", "legacy-inventory")
"""How many calls Amazon grants: as documented, a raised plan, the SDK's defaults, none, one bucket for all feeds,
six SKUs of stock a second."""


class Region(StrEnum):
    """Amazon's three regions; a marketplace belongs to one of them."""

    NA = "NA"
    EU = "EU"
    FE = "FE"


class StockOn(StrEnum):
    """Where the seller's stock is published: it decides which status new orders come in."""

    INVENTORY = "inventory"  # External Fulfillment Inventory: new orders are ACCEPTED
    LISTINGS = "listings"  # Listings Items: new MFN orders are CREATED


class Api(StrEnum):
    """Through which of Amazon's APIs a seller's shipments run."""

    EXTERNAL_FULFILLMENT = "external_fulfillment"  # SmartConnect: every program, one API
    SELLER_CENTRAL = "seller_central"  # Easy Ship by Orders, Easy Ship, Feeds, Reports, Listings


TOKEN_URL = "https://api.amazon.com/auth/o2/token"  # noqa: S105  Login with Amazon: an address, not a secret
ORDERS_APIS = ("2026-01-01", "v0")
"""The version of the Orders API that is read; v0 ends on 2027-03-27."""
DEFAULT_LOCATION = "DEFAULT"
"""The one place of a Seller Central account, named as Amazon names its fulfilment channel."""
NAMED_PROGRAMS = {"pharmacy": "Pharmacy", "local_shops": "Local Shops"}
"""Programs that Amazon names and that no field of its API tells apart: a location's, by what the seller says of it.

Their shipments go by the rules of the program that their channel and shipping type show.
"""


class Account(Value, frozen=True):
    """One authorisation of one seller in one region; credentials are kept apart, encrypted."""

    id: str
    name: str
    seller_id: str
    region: Region
    marketplaces: tuple[str, ...]
    endpoint: str
    token_url: str
    application_id: str
    enabled: bool = True
    stock_on: StockOn = StockOn.INVENTORY
    usage_plan: str = "amazon"
    paused_reason: str | None = None
    api: Api = Api.EXTERNAL_FULFILLMENT
    orders_api: str = ORDERS_APIS[0]


class Credentials(Value, frozen=True):
    """Login with Amazon: the application's id and secret and the seller's refresh token; never logged, never shown."""

    client_id: str
    client_secret: str
    refresh_token: str

    def __repr__(self) -> str:
        return "Credentials(…)"


class Location(Value, frozen=True):
    """One place that ships; `id` is Amazon's location id. Slots in `slot_from`-`slot_to` are local times `HH:MM`.

    `programs` are what the seller says of it; those of `NAMED_PROGRAMS` are known from here only.
    """

    account: str
    id: str
    name: str = ""
    timezone: str = "UTC"
    programs: tuple[str, ...] = ()
    auto_confirm: bool = False
    slot_policy: SlotPolicy = SlotPolicy.RECOMMENDED
    slot_method: str | None = None
    slot_from: str | None = None
    slot_to: str | None = None
    enabled: bool = True


def stranger(location: str) -> str:
    """Say why a shipment from an unknown location is parked; its records are found by this when it is added."""
    return f"Location {location!r} is not one of this account's"
