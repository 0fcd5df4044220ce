"""Bodies of requests: what the API takes, with examples that run, and their translation to commands."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from packline.commands.pack import Pack, PackageRequest
from packline.commands.reject import Reject
from packline.commands.relabel import Relabel
from packline.commands.repack import Repack
from packline.commands.reschedule import Reschedule
from packline.commands.slots import SlotRequest
from packline.domain.shipment import Goal, PackageLine
from packline.domain.slot import Courier, SlotPolicy
from packline.domain.values import Box, Money

Size = Annotated[float, Field(allow_inf_nan=False, le=1e7)]
Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


def _with_example(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [example]})


class Body(BaseModel):
    """A body without unknown fields, so that a misspelt one is said and not lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Body):
    """An empty body."""


class BoxIn(Body):
    """Outer size in centimetres and weight in grams."""

    length_cm: Size = Field(examples=[30])
    width_cm: Size = Field(examples=[20])
    height_cm: Size = Field(examples=[10])
    weight_g: Size = Field(examples=[850])

    def box(self) -> Box:
        """Give the box."""
        return Box(self.length_cm, self.width_cm, self.height_cm, self.weight_g)


class MoneyIn(Body):
    """A decimal in a string, and an ISO 4217 currency."""

    amount: Text = Field(examples=["499.00"])
    currency: Text = Field(examples=["INR"])


class PackedLineIn(Body):
    """Units of one shipment line, with what Amazon requires for it."""

    line_id: Text = Field(examples=["1"])
    quantity: int = Field(ge=0, le=1_000_000, examples=[1])
    serial_numbers: list[Text] = Field(default=[], max_length=10_000)
    pieces: int | None = Field(default=None, le=1_000_000)
    country_of_origin: Text | None = None
    item_value: MoneyIn | None = None

    def line(self) -> PackageLine:
        """Give the packed line."""
        value = Money(self.item_value.amount, self.item_value.currency) if self.item_value else None
        return PackageLine(
            self.line_id, self.quantity, tuple(self.serial_numbers), self.pieces, self.country_of_origin, value
        )


class PackageIn(Body):
    """One box as the packer closed it; without an id it is named by its place (`PKG-1`...)."""

    id: Text | None = Field(default=None, examples=["PKG-1"])
    box: BoxIn
    lines: list[PackedLineIn] = Field(max_length=1000)
    hazmat_labels: list[Text] = Field(default=[], max_length=50)
    fragile: bool = False

    def package(self) -> PackageRequest:
        """Give the package."""
        lines = tuple(line.line() for line in self.lines)
        return PackageRequest(self.box.box(), lines, self.id or "", tuple(self.hazmat_labels), self.fragile)


class SlotIn(Body):
    """A wish for the handover; without one the location's habit counts, then Amazon's recommendation."""

    policy: SlotPolicy | None = None
    method: Literal["PICKUP", "DROPOFF"] | None = None
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None
    option_id: Text | None = None

    def slot(self) -> SlotRequest:
        """Give the wish."""
        return SlotRequest(self.policy, self.method, self.start, self.end, self.option_id)


class CourierIn(Body):
    """The seller's own carrier and its tracking id (Self Ship)."""

    carrier: Text
    tracking_id: Text

    def courier(self) -> Courier:
        """Give the courier."""
        return Courier(self.carrier, self.tracking_id)


class RejectIn(Body):
    """Why the seller refuses the shipment."""

    model_config = _with_example({"reason": "OUT_OF_STOCK"})

    reason: Literal["OUT_OF_STOCK", "CUSTOMER_REQUESTED"]

    def command(self) -> Reject:
        """Give the command."""
        return Reject(self.reason)


Until = Literal["packed", "labeled"]


class PackIn(Body):
    """What was packed; Packline confirms, tells the packages, takes the slot, and brings invoice and labels."""

    model_config = _with_example({"packages": "recommended", "slot": {"policy": "earliest"}})

    packages: list[PackageIn] | Literal["recommended"] = Field(
        default="recommended",
        examples=[
            "recommended",
            [
                {
                    "box": {"length_cm": 30, "width_cm": 20, "height_cm": 10, "weight_g": 850},
                    "lines": [{"line_id": "1", "quantity": 1}],
                }
            ],
        ],
    )
    slot: SlotIn | None = None
    courier: CourierIn | None = None
    until: Until = "labeled"

    def command(self) -> Pack:
        """Give the command."""
        packages = None if self.packages == "recommended" else tuple(p.package() for p in _list(self.packages))
        return Pack(packages, _slot(self.slot), _courier(self.courier), Goal(self.until))


class RepackIn(Body):
    """All packages as they are now, with the ids that Amazon has."""

    model_config = _with_example(
        {
            "packages": [
                {
                    "id": "PKG-1",
                    "box": {"length_cm": 32, "width_cm": 20, "height_cm": 10, "weight_g": 900},
                    "lines": [{"line_id": "1", "quantity": 1}],
                }
            ]
        }
    )

    packages: list[PackageIn]
    slot: SlotIn | None = None
    courier: CourierIn | None = None
    until: Until = "labeled"

    def command(self) -> Repack:
        """Give the command."""
        packages = tuple(p.package() for p in self.packages)
        return Repack(packages, _slot(self.slot), _courier(self.courier), Goal(self.until))


class RelabelIn(Body):
    """Another label, with another slot where one is wished."""

    model_config = _with_example({"slot": {"method": "PICKUP", "policy": "earliest"}})

    slot: SlotIn | None = None
    courier: CourierIn | None = None

    def command(self) -> Relabel:
        """Give the command."""
        return Relabel(_slot(self.slot), _courier(self.courier))


class RescheduleIn(Body):
    """Another handover slot for a label that is made; without a wish, the earliest that Amazon offers."""

    model_config = _with_example({"slot": {"policy": "earliest"}})

    slot: SlotIn | None = None

    def command(self) -> Reschedule:
        """Give the command."""
        return Reschedule(_slot(self.slot))


class BulkItem(Body):
    """One command of many: its shipment (our id or Amazon's) and the body that the single command takes."""

    shipment: Text
    body: dict[str, object] = {}


class BulkIn(Body):
    """Up to 1,000 commands of one kind."""

    model_config = _with_example({"items": [{"shipment": "shp_one"}, {"shipment": "shp_two"}]})

    items: list[BulkItem] = Field(max_length=1000)


class ApiKeyIn(Body):
    """A new API key: its role and what it may see (left out: everything)."""

    model_config = _with_example({"name": "Warehouse BLR7", "role": "packer", "locations": ["BLR7"]})

    name: Text = Field(examples=["Warehouse BLR7"])
    role: Literal["reader", "packer", "operator", "admin"] = "packer"
    accounts: list[Text] | None = None
    locations: list[Text] | None = None
    expires_at: AwareDatetime | None = None


class WebhookIn(Body):
    """An endpoint and the events that it wants (left out: all); a name may end in `*`."""

    model_config = _with_example({"url": "https://example.com/packline", "events": ["shipment.*", "command.*"]})

    url: Annotated[str, Field(max_length=2000)] = Field(examples=["https://example.com/packline"])
    events: list[Text] = Field(default=[], examples=[["shipment.*", "command.*"]], max_length=100)
    accounts: list[Text] = Field(default=[], max_length=1000)
    description: str = Field(default="", max_length=500, pattern=r"^[^\x00]*$")


class WebhookPatch(Body):
    """Start or stop an endpoint."""

    model_config = _with_example({"enabled": True})

    enabled: bool


class ReplayIn(Body):
    """The cursor after which events are sent again."""

    model_config = _with_example({"after": "0.0"})

    after: str = Field(examples=["0.0"], max_length=60)


class CredentialsIn(Body):
    """Login with Amazon: the application's id and secret, the seller's refresh token; stored encrypted, never shown."""

    client_id: Text
    client_secret: Text
    refresh_token: Annotated[str, Field(min_length=1, max_length=4000, pattern=r"^[^\x00]*$")]


class AccountIn(Body):
    """One authorisation of one seller in one region."""

    model_config = _with_example(
        {
            "name": "Acme Traders",
            "seller_id": "A1EXAMPLE",
            "region": "EU",
            "marketplaces": ["A21TJRUUN4KGV"],
            "credentials": {"client_id": "the-app", "client_secret": "its-secret", "refresh_token": "the-sellers"},
        }
    )

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None
    name: Text = Field(examples=["Acme Traders"])
    seller_id: Text
    region: Literal["NA", "EU", "FE"]
    marketplaces: list[Text] = Field(min_length=1, max_length=50)
    application_id: str = Field(default="", max_length=200, pattern=r"^[^\x00]*$")
    endpoint: str = Field(default="", max_length=500, pattern=r"^[^\x00]*$")
    token_url: str = Field(default="", max_length=500, pattern=r"^[^\x00]*$")
    stock_on: Literal["inventory", "listings"] = "inventory"
    usage_plan: Text = "amazon"
    api: Literal["external_fulfillment", "seller_central"] = "external_fulfillment"
    orders_api: Literal["2026-01-01", "v0"] = "2026-01-01"
    credentials: CredentialsIn


class AccountPatch(Body):
    """What may change in an account; new credentials let a paused one go on."""

    model_config = _with_example({"name": "Acme Traders India"})

    name: Text | None = None
    marketplaces: list[Text] | None = Field(default=None, min_length=1, max_length=50)
    endpoint: Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")] | None = None
    token_url: Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")] | None = None
    stock_on: Literal["inventory", "listings"] | None = None
    usage_plan: Text | None = None
    orders_api: Literal["2026-01-01", "v0"] | None = None
    enabled: bool | None = None
    credentials: CredentialsIn | None = None


class PauseIn(Body):
    """Why the account is paused."""

    model_config = _with_example({"reason": "stock-taking"})

    reason: Text = "paused by a person"


class LocationIn(Body):
    """How a location works; times are local, `HH:MM`."""

    model_config = _with_example({"timezone": "Asia/Kolkata", "programs": ["easy_ship"], "slot_policy": "earliest"})

    name: str = Field(default="", max_length=200, pattern=r"^[^\x00]*$")
    timezone: Text = Field(default="UTC", examples=["Asia/Kolkata"])
    programs: list[Text] = Field(default=[], max_length=50)
    auto_confirm: bool = False
    slot_policy: SlotPolicy = SlotPolicy.RECOMMENDED
    slot_method: Literal["PICKUP", "DROPOFF"] | None = None
    slot_from: Text | None = Field(default=None, examples=["14:00"])
    slot_to: Text | None = Field(default=None, examples=["18:00"])
    enabled: bool = True


def _list(packages: list[PackageIn] | str) -> list[PackageIn]:
    return packages if isinstance(packages, list) else []


def _slot(slot: SlotIn | None) -> SlotRequest | None:
    return slot.slot() if slot else None


def _courier(courier: CourierIn | None) -> Courier | None:
    return courier.courier() if courier else None
