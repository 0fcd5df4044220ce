"""The shapes of answers about stock, for the OpenAPI description."""

from typing_extensions import TypedDict

from packline.api.pages import ProblemDetails
from packline.views.stock_imports import RefusalRow, StockImportRow
from packline.views.stock_rows import HoldRow, OfferRow, StockEntryRow, StockRow, StockRuleRow


class StockPage(TypedDict):
    """A page of balances."""

    items: list[StockRow]
    next: str | None


class StockEntryPage(TypedDict):
    """A page of the ledger."""

    items: list[StockEntryRow]
    next: str | None


class StockResult(TypedDict):
    """What came of what was said: applied, known (told before) or covered (a later count holds it already)."""

    outcome: str
    pool: str
    location: str
    sku: str
    before: int
    after: int


class StockBulkRow(TypedDict):
    """What came of one of many: its result, or why it was refused."""

    result: StockResult | None
    problem: ProblemDetails | None


class StockBulkResult(TypedDict):
    """What came of each, in the order of the request."""

    items: list[StockBulkRow]


class RuleAnswer(TypedDict):
    """How many places a rule was looked at for."""

    places: int


class RuleList(TypedDict):
    """Rules."""

    items: list[StockRuleRow]


class HoldList(TypedDict):
    """Held locations."""

    items: list[HoldRow]


class OfferList(TypedDict):
    """A page of offers."""

    items: list[OfferRow]
    next: str | None


class ImportList(TypedDict):
    """A page of imports."""

    items: list[StockImportRow]
    next: str | None


class RefusalPage(TypedDict):
    """A page of refused lines."""

    items: list[RefusalRow]
    next: str | None


class RetryAnswer(TypedDict):
    """How many offers are told again."""

    offers: int


class DifferenceRow(TypedDict):
    """One number that is not the sum of its entries."""

    what: str
    pool: str
    location: str
    sku: str
    kept: int
    entries: int


class CheckAnswer(TypedDict):
    """What the check found."""

    differences: list[DifferenceRow]
