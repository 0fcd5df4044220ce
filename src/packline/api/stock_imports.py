"""`/v1/stock/imports`: files of up to 100,000 lines, worked off in the background, with progress and refused lines."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from packline.api.access import key_of, needs, scope_of, services_of
from packline.api.answers import Json
from packline.api.idempotent import KEYED, IdempotentRoute, command_key
from packline.api.parameters import After, Limit
from packline.api.stock_pages import ImportList, RefusalPage
from packline.commands.stock_imports import REASON, add_file
from packline.domain.api_key import Role
from packline.errors import NotFound
from packline.oms.table_files import format_as_sent
from packline.oms.table_writing import MEDIA, write_table
from packline.views import stock_imports as views
from packline.views.paging import page_of
from packline.views.stock_imports import StockImportRow

reads = APIRouter(prefix="/stock/imports", tags=["stock"], dependencies=[needs(Role.READER)])
router = APIRouter(
    prefix="/stock/imports", tags=["stock"], route_class=IdempotentRoute, dependencies=[needs(Role.PACKER), KEYED]
)
Named = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]
_MEDIA = ("text/csv", "application/x-ndjson", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
_BODY = {
    "requestBody": {
        "required": True,
        "content": {name: {"schema": {"type": "string", "format": "binary"}} for name in _MEDIA},
    }
}


@router.post("", status_code=202, response_model=StockImportRow, openapi_extra=_BODY)
async def import_stock(
    request: Request,
    account: Annotated[Named, Query(description="For lines that name neither account nor pool.")] = "",
    location: Annotated[Named, Query(description="For lines that name no location.")] = "",
    do: Annotated[
        Literal["set", "adjust", "receive", "return", "move"], Query(description="For lines without a column `do`.")
    ] = "set",
    name: Named = "",
) -> Any:
    """Take a file in: CSV with a header, XLSX, or JSON lines; columns as the fields of the single requests.

    The answer comes before the lines are applied; ask for the import until its state is `done`.
    """
    content, key, services = await request.body(), key_of(request), services_of(request)
    if account and not key.sees(account, location or None):
        raise NotFound(f"There is no account {account} with location {location}.")
    kind = format_as_sent(request.headers.get("content-type", ""), name, content)
    file = await add_file(
        services.stock_files,
        services.clock,
        content,
        kind,
        key=command_key(request),
        name=name,
        account=account,
        location=location,
        do=do,
        accounts=key.accounts,
        locations=key.locations,
        by=key.id,
    )
    return Json(await views.one_import(services.pool, file.id), 202)


@reads.get("", response_model=ImportList)
async def list_stock_imports(request: Request, limit: Limit = 50, after: After = None) -> Any:
    """List imports, the newest first."""
    rows = await views.imports(services_of(request).pool, scope_of(request), limit, after)
    return Json(page_of(rows, limit, "created_at", "id"))


@reads.get("/{import_id}", response_model=StockImportRow)
async def show_stock_import(request: Request, import_id: str) -> Any:
    """Show how far an import is."""
    return Json(await views.one_import(services_of(request).pool, import_id, scope_of(request)))


@reads.get("/{import_id}/refusals", response_model=RefusalPage)
async def list_stock_refusals(request: Request, import_id: str, limit: Limit = 50, after: After = None) -> Any:
    """List the lines that were not taken, with the reason."""
    page = await views.refusals(services_of(request).pool, import_id, scope_of(request), limit, after)
    return Json(page)


@reads.get(
    "/{import_id}/refusals.csv",
    response_class=Response,
    responses={200: {"description": "The refused lines.", "content": {"text/csv": {}}}},
)
async def download_stock_refusals(request: Request, import_id: str) -> Response:
    """Download the lines that were not taken, with their columns and a reason: mend them and send the file again."""
    page = await views.refusals(services_of(request).pool, import_id, scope_of(request), 100_000)
    named = dict.fromkeys(name for item in page.items for name in item["row"])
    columns = [name for name in named if name not in ("line", REASON)]
    rows = ([*(_cell(item["row"].get(name)) for name in columns), item["line"], item["reason"]] for item in page.items)
    return Response(write_table("csv", [*columns, "line", REASON], rows), media_type=MEDIA["csv"])


def _cell(value: Any) -> Any:
    """Write lists as they are read."""
    return ";".join(map(str, value)) if isinstance(value, list) else value
