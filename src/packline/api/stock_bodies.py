"""Bodies of requests about stock, and their translation to orders and rules."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from packline.api.requests import Body, Text
from packline.commands.stock import StockOrder
from packline.domain.inventory.ledger import Condition
from packline.domain.inventory.rules import Rule

Free = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
Units = Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)]
_WHOSE: dict[str, Any] = {"account": "acme-in", "location": "EXSB", "sku": "KURTA-BLUE-M"}


def _with_example(**example: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_WHOSE | example]})


class OrderIn(Body):
    """Which units: by account and location (the rules tell the pool), or by pool and location in the ledger."""

    do: ClassVar[str]

    sku: Text = Field(examples=["KURTA-BLUE-M"])
    location: Text = Field(examples=["EXSB"])
    account: Free = Field(default="", examples=["acme-in"])
    pool: Free = Field(default="", examples=[""])
    quantity: Units = Field(examples=[7])
    bin: Free = Field(default="", examples=["A-12"])
    at: AwareDatetime | None = Field(default=None, description="When it happened; left out: now.")
    reference: Free = Field(default="", description="Your own reference: the same one counts once for each SKU.")
    reason: Free = ""

    def order(self) -> StockOrder:
        """Give the order."""
        fields = self.model_dump()
        if "serials" in fields:
            fields["serials"] = tuple(fields["serials"])
        return StockOrder(do=self.do, **fields)


class SetIn(OrderIn):
    """The whole number of units, as counted."""

    do: ClassVar[str] = "set"
    model_config = _with_example(quantity=7)


class AdjustIn(OrderIn):
    """A difference, above or below 0."""

    do: ClassVar[str] = "adjust"
    model_config = _with_example(quantity=-1, reason="Broken at the bench")

    condition: Condition = "sellable"
    serials: list[Text] = Field(default=[], max_length=10_000)


class ReceiveIn(OrderIn):
    """Units that came in."""

    do: ClassVar[str] = "receive"
    model_config = _with_example(quantity=20, reference="GRN-1001")

    condition: Condition = "sellable"
    serials: list[Text] = Field(default=[], max_length=10_000)


class ReturnIn(OrderIn):
    """Units that came back from a buyer, in one condition."""

    do: ClassVar[str] = "return"
    model_config = _with_example(quantity=1, condition="sellable", reference="RMA-77")

    condition: Condition
    serials: list[Text] = Field(default=[], max_length=10_000)


class MoveIn(OrderIn):
    """Units that go to another pool, location or bin."""

    do: ClassVar[str] = "move"
    model_config = _with_example(quantity=2, to_pool="common")

    to_pool: Free = ""
    to_location: Free = ""
    to_bin: Free = ""
    condition: Condition = "sellable"
    serials: list[Text] = Field(default=[], max_length=10_000)


class StockItem(Body):
    """One of many things said of stock; fields as in the single requests."""

    do: Literal["set", "adjust", "receive", "return", "move"] = "set"
    sku: Text
    location: Text
    account: Free = ""
    pool: Free = ""
    quantity: Units
    condition: Condition = "sellable"
    bin: Free = ""
    serials: list[Text] = Field(default=[], max_length=10_000)
    at: AwareDatetime | None = None
    reference: Free = ""
    reason: Free = ""
    to_pool: Free = ""
    to_location: Free = ""
    to_bin: Free = ""

    def order(self) -> StockOrder:
        """Give the order."""
        return StockOrder(**(self.model_dump() | {"serials": tuple(self.serials)}))


class StockBulkIn(Body):
    """Up to 1,000 things said of stock."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"items": [_WHOSE | {"quantity": 7}, _WHOSE | {"do": "adjust", "quantity": 1}]}]
        },
    )

    items: list[StockItem] = Field(max_length=1000)


class RuleIn(Body):
    """A rule: its scope (left out: all) and what it sets; it takes the place of the one with the same scope."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"account": "acme-in", "buffer_units": 2}]}
    )

    account: Free = ""
    location: Free = ""
    sku: Free = ""
    channel: Free = Field(default="", examples=["MFN"])
    pool: Free | None = Field(default=None, description="The pool that is sold; left out: the account's own.")
    at: Free | None = Field(default=None, description="The location in the ledger; left out: Amazon's.")
    item: Free | None = Field(default=None, description="The SKU in the ledger; left out: the seller's.")
    buffer_units: Units | None = None
    buffer_percent: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] | None = None
    minimum: Units | None = Field(default=None, description="Below this nothing is offered.")
    maximum: Units | None = Field(default=None, description="No more than this can be bought.")
    stop_sale: bool | None = None

    def rule(self) -> Rule:
        """Give the rule."""
        return Rule(**self.model_dump())


class HoldIn(Body):
    """The location whose numbers are held back, and why."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"account": "acme-in", "location": "EXSB", "reason": "stock-taking"}]},
    )

    account: Text
    location: Text
    reason: Text = "held by a person"


class ReleaseIn(Body):
    """The location whose numbers go out again."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"account": "acme-in", "location": "EXSB"}]}
    )

    account: Text
    location: Text


class RetryIn(Body):
    """Which refused offers are told again: all of an account, of a location, or one SKU."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"account": "acme-in", "location": "EXSB"}]}
    )

    account: Text
    location: Text | None = None
    sku: Text | None = None
