"""`/v1/skus`: size and weight of one packed unit by SKU."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field
from typing_extensions import TypedDict

from packline.api.access import needs, refuse_other_account, scope_of, services_of
from packline.api.answers import Json
from packline.api.idempotent import KEYED, IdempotentRoute
from packline.api.parameters import After, Limit, Word
from packline.api.requests import Body, Text
from packline.commands.skus import set_sizes
from packline.domain.api_key import Role
from packline.storage.skus import Skus
from packline.views import skus as views
from packline.views.skus import SkuRow

reads = APIRouter(prefix="/skus", tags=["skus"], dependencies=[needs(Role.READER)])
router = APIRouter(prefix="/skus", tags=["skus"], route_class=IdempotentRoute, dependencies=[needs(Role.PACKER), KEYED])
Size = Annotated[float, Field(gt=0, le=10_000)]
Weight = Annotated[float, Field(gt=0, le=10_000_000)]


class SkuPage(TypedDict):
    """A page of SKUs."""

    items: list[SkuRow]
    next: str | None


class RefusedSku(TypedDict):
    """One of the items that was not taken: its place from 1, and why."""

    line: int
    sku: str
    why: str


class SkusSet(TypedDict):
    """How many sizes were taken, and which were not."""

    taken: int
    refused: list[RefusedSku]


class SkuIn(Body):
    """Size and weight of one packed unit."""

    sku: Text = Field(examples=["KURTA-BLUE-M"])
    length_cm: Size = Field(examples=[30])
    width_cm: Size = Field(examples=[20])
    height_cm: Size = Field(examples=[5])
    weight_g: Weight = Field(examples=[420])


class SkusIn(Body):
    """Sizes of up to 1,000 SKUs of an account."""

    account: Text = Field(examples=["acme-in"])
    items: list[SkuIn] = Field(min_length=1, max_length=1000)


@reads.get("", response_model=SkuPage)
async def list_skus(
    request: Request,
    account: Word = None,
    sku: Word = None,
    is_known: bool | None = None,
    limit: Limit = 50,
    after: After = None,
) -> Any:
    """List SKUs with their size; `is_known=false` gives those that have none."""
    pool, scope = services_of(request).pool, scope_of(request)
    page = await views.skus(pool, scope, account=account, sku=sku, is_known=is_known, limit=limit, after=after)
    return Json(page)


@router.put("", response_model=SkusSet)
async def set_skus(request: Request, body: SkusIn) -> Any:
    """Store the seller's own sizes; where the listing says one, the listing's counts."""
    refuse_other_account(request, body.account)
    services = services_of(request)
    rows = enumerate((item.model_dump() for item in body.items), 1)
    taken, refused = await set_sizes(Skus(services.pool), services.accounts, services.clock, body.account, rows)
    told = [RefusedSku(line=line.line, sku=line.sku, why=line.why) for line in refused]
    return Json({"taken": taken, "refused": told})
