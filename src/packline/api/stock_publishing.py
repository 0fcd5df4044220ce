"""`/v1/stock/publish` and `/v1/stock/drift`: tell Amazon again, compare, and mend by a side."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from packline.api.access import key_of, needs, scope_of, services_of
from packline.api.answers import Json
from packline.api.idempotent import KEYED, IdempotentRoute
from packline.api.parameters import After, Limit, Word
from packline.domain.api_key import Role
from packline.domain.inventory.drift import Side
from packline.domain.inventory.rules import Place
from packline.errors import NotFound
from packline.views import stock_drift as views
from packline.views.paging import page_of
from packline.views.stock_drift import ComparisonRow, DriftRow
from packline.views.stock_rows import PLACE_KEY

reads = APIRouter(prefix="/stock", tags=["stock"], dependencies=[needs(Role.READER)])
settings = APIRouter(
    prefix="/stock", tags=["stock"], route_class=IdempotentRoute, dependencies=[needs(Role.OPERATOR), KEYED]
)
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Maybe = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]


class ScopeIn(BaseModel):
    """An account, all of it or one location or SKU."""

    model_config = ConfigDict(extra="forbid")

    account: Name
    location: Maybe = ""
    sku: Maybe = ""


class PublishIn(ScopeIn):
    """What is to be told again: refused numbers, with `everything` those too that Amazon has accepted."""

    everything: bool = False


class CountIn(BaseModel):
    """A number of the seller's own system."""

    model_config = ConfigDict(extra="forbid")

    location: Name
    sku: Name
    quantity: int = Field(ge=0, le=1_000_000_000)


class CompareIn(ScopeIn):
    """What is to be compared, with the seller's own numbers where it has some."""

    seller: list[CountIn] = Field(default=[], max_length=100_000)


class MendIn(ScopeIn):
    """Whose number counts: Packline's is told again, Amazon's or the seller's goes into the ledger."""

    side: Literal["packline", "amazon", "seller"]


class NumberIn(BaseModel):
    """The last sequence number that a former integrator used."""

    model_config = ConfigDict(extra="forbid")

    location: Name
    sku: Name
    channel: Maybe = ""
    sequence: int = Field(ge=0, lt=2**62)


class PublishingIn(BaseModel):
    """How an account publishes; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    account: Name
    numbering: Literal["milliseconds", "counter"] | None = None
    ask_first: bool | None = None
    drift_every_s: int | None = Field(default=None, ge=60, le=31_536_000)
    numbers: list[NumberIn] = Field(default=[], max_length=100_000)


class PublishAnswer(TypedDict):
    """How many offers are told again."""

    offers: int


class DriftList(TypedDict):
    """A page of what differs."""

    items: list[DriftRow]
    next: str | None


class LeftRow(TypedDict):
    """A drift that could not be mended, and why."""

    location: str
    sku: str
    reason: str


class MendAnswer(TypedDict):
    """How many drifts were mended, and which were not."""

    mended: int
    left: list[LeftRow]


@settings.post("/publish", response_model=PublishAnswer)
async def publish_stock(request: Request, body: PublishIn) -> Any:
    """Tell Amazon again what it refused; with `everything` all numbers of the scope."""
    _refuse_other(request, body)
    desk = services_of(request).publishing
    count = await desk.publish(body.account, body.location, body.sku, everything=body.everything)
    return Json({"offers": count})


@settings.put("/publishing", status_code=204)
async def put_stock_publishing(request: Request, body: PublishingIn) -> Response:
    """Choose sequence numbers and how often is compared; take over a former integrator's numbers."""
    key = key_of(request)
    if key.locations is not None or not key.sees(body.account):
        raise NotFound(f"There is no account {body.account}, or this key sees only some of its locations.")
    desk = services_of(request).publishing
    numbers = [(Place(body.account, n.location, n.sku, n.channel), n.sequence) for n in body.numbers]
    await desk.take_over(body.account, numbers)  # first: where it is refused nothing else is changed
    await desk.choose(body.account, body.numbering, body.ask_first, body.drift_every_s, key_of(request).id)
    return Response(status_code=204)


@reads.get("/drift", response_model=DriftList)
async def list_stock_drift(
    request: Request, account: Word = None, location: Word = None, limit: Limit = 50, after: After = None
) -> Any:
    """List places where Packline, Amazon and the seller's system do not say the same, with the likely cause."""
    pool, scope = services_of(request).pool, scope_of(request)
    rows = await views.drifts(pool, account, location, scope, limit=limit, after=after)
    return Json(page_of(rows, limit, *PLACE_KEY))


@settings.post("/drift", status_code=202, response_model=ComparisonRow)
async def compare_stock(request: Request, body: CompareIn) -> Any:
    """Ask Amazon what it has and compare; the answer comes before the comparison is over."""
    _refuse_other(request, body)
    seller = {f"{count.location} {count.sku}": count.quantity for count in body.seller}
    services = services_of(request)
    run = await services.publishing.compare(body.account, body.location, body.sku, seller, key_of(request).id)
    return Json(await views.comparison(services.pool, run), 202)


@reads.get("/drift/comparisons/{comparison_id}", response_model=ComparisonRow)
async def show_stock_comparison(request: Request, comparison_id: str) -> Any:
    """Show how far a comparison is."""
    return Json(await views.comparison(services_of(request).pool, comparison_id, scope_of(request)))


@settings.post("/drift/mend", response_model=MendAnswer)
async def mend_stock(request: Request, body: MendIn) -> Any:
    """Let one side's number count for every drift of the scope."""
    _refuse_other(request, body)
    desk = services_of(request).publishing
    done = await desk.mend(body.account, Side(body.side), body.location, body.sku, key_of(request).id)
    left = [{"location": place.location, "sku": place.sku, "reason": why} for place, why in done.left]
    return Json({"mended": done.mended, "left": left})


def _refuse_other(request: Request, body: ScopeIn) -> None:
    key = key_of(request)
    if key.locations is not None and not body.location:
        raise NotFound("This key sees only its own locations.", hint="Name a location.")
    if not key.sees(body.account, body.location or None):
        raise NotFound(f"There is no account {body.account} with location {body.location or '(all)'}.")
