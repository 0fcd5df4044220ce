"""`/v1/listings`: which SKU of the seller is which of Amazon's, and files of up to 100,000 of them."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from typing_extensions import TypedDict

from packline.api.access import key_of, needs, refuse_other_account, scope_of, services_of
from packline.api.answers import Json
from packline.api.idempotent import KEYED, IdempotentRoute, command_key
from packline.api.parameters import After, Limit, Word
from packline.commands.listing_imports import add_file
from packline.domain.api_key import Role
from packline.oms.table_files import format_as_sent
from packline.oms.table_writing import MEDIA, write_table
from packline.views import listings as views
from packline.views.listings import ListingImportRow, ListingRow

reads = APIRouter(prefix="/listings", tags=["listings"], dependencies=[needs(Role.READER)])
router = APIRouter(
    prefix="/listings", tags=["listings"], route_class=IdempotentRoute, dependencies=[needs(Role.OPERATOR), KEYED]
)
Named = Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
FileName = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]
Kind = Annotated[Literal["csv", "xlsx", "jsonl"] | None, Query(alias="format")]
_BODY = {
    "requestBody": {
        "required": True,
        "content": {name: {"schema": {"type": "string", "format": "binary"}} for name in MEDIA.values()},
    }
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The table as a file.", "content": {name: {} for name in MEDIA.values()}}
}


class ListingPage(TypedDict):
    """A page of listings."""

    items: list[ListingRow]
    next: str | None


class ListingImportList(TypedDict):
    """Uploads of listings."""

    items: list[ListingImportRow]


@router.post("/imports", status_code=202, response_model=ListingImportRow, openapi_extra=_BODY)
async def import_listings(
    request: Request,
    account: Named,
    mode: Annotated[
        Literal["all", "partial", "check"],
        Query(description="`all`: every row is good or nothing is stored; `partial`: good rows are; `check`: none is."),
    ] = "all",
    name: FileName = "",
) -> Any:
    """Take a file in: CSV with a header, or XLSX, with clientSkuId, channelSerialNo, channelSkuId and marketplace.

    The answer comes before the rows are looked at; ask for the import until it is over. Rows that were not taken come
    back as a file with the same columns and a reason.
    """
    refuse_other_account(request, account)
    content, services = await request.body(), services_of(request)
    file = await add_file(
        services.listing_files,
        services.accounts,
        services.clock,
        content,
        format_as_sent(request.headers.get("content-type", ""), name, content),
        account=account,
        mode=mode,
        key=command_key(request),
        name=name,
        by=key_of(request).id,
    )
    return Json(await views.one_import(services.pool, file.id), 202)


@reads.get("", response_model=ListingPage)
async def list_listings(
    request: Request,
    account: Word = None,
    client_sku: Word = None,
    channel_sku: Word = None,
    asin: Word = None,
    marketplace: Word = None,
    limit: Limit = 50,
    after: After = None,
) -> Any:
    """List listings by account, marketplace and merchant SKU."""
    page = await views.listings(
        services_of(request).pool,
        account=account,
        client_sku=client_sku,
        channel_sku=channel_sku,
        asin=asin,
        marketplace=marketplace,
        scope=scope_of(request),
        limit=limit,
        after=after,
    )
    return Json(page)


@reads.get("/export", response_class=Response, responses=_FILE)
async def export_listings(request: Request, account: Named, kind: Kind = "csv") -> Response:
    """Download all listings of an account as a file that can be imported again."""
    refuse_other_account(request, account)
    columns, rows = await views.listing_table(services_of(request).pool, account)
    return _file(kind or "csv", columns, rows)


@reads.get("/imports", response_model=ListingImportList)
async def list_listing_imports(request: Request, limit: Limit = 50) -> Any:
    """List imports, the newest first."""
    return Json({"items": await views.imports(services_of(request).pool, scope_of(request), limit)})


@reads.get("/imports/{import_id}", response_model=ListingImportRow)
async def show_listing_import(request: Request, import_id: str) -> Any:
    """Show how far an import is."""
    return Json(await views.one_import(services_of(request).pool, import_id, scope_of(request)))


@reads.get("/imports/{import_id}/refused", response_class=Response, responses=_FILE)
async def download_refused_listings(request: Request, import_id: str, kind: Kind = None) -> Response:
    """Download the rows that were not taken, with their columns and a reason, in the format that they came in."""
    pool, scope = services_of(request).pool, scope_of(request)
    given = (await views.one_import(pool, import_id, scope))["format"]
    columns, rows = await views.refused_table(pool, import_id, scope)
    return _file(kind or given, columns, rows)


def _file(kind: str, columns: list[str], rows: list[list[Any]]) -> Response:
    return Response(write_table(kind, columns, rows), media_type=MEDIA[kind])
