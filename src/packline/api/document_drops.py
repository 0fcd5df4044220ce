"""`/v1/imports/document_drops`: files of documents taken apart beside the request, and what nobody could place."""

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from typing_extensions import TypedDict

from packline.api.access import key_of, needs, scope_of, services_of
from packline.api.answers import Json
from packline.api.document_imports import BODY, SheetsRow, file_of, row_of
from packline.api.idempotent import KEYED, IdempotentRoute
from packline.api.parameters import After, Limit
from packline.api.personal import look
from packline.api.requests import Body, Text
from packline.domain.api_key import Role
from packline.domain.audit import Seen
from packline.domain.location import DEFAULT_LOCATION
from packline.domain.person import Look
from packline.domain.values import DocumentKind
from packline.errors import NotFound
from packline.storage.sealed import opened
from packline.views import document_drops as views
from packline.views.document_drops import DropRow, SheetRow

PREFIX = "/imports/document_drops"
reads = APIRouter(prefix=PREFIX, tags=["documents"], dependencies=[needs(Role.READER)])
router = APIRouter(
    prefix=PREFIX, tags=["documents"], route_class=IdempotentRoute, dependencies=[needs(Role.PACKER), KEYED]
)
Number = Annotated[int, Path(ge=1, le=100_000_000, description="As `number` of the sheet.")]
LONGEST_NAME = 200


class DropPage(TypedDict):
    """A page of files."""

    items: list[DropRow]
    next: str | None


class SheetList(TypedDict):
    """What became of a file's pages; those that wait for somebody first, at most some hundred."""

    items: list[SheetRow]


class GiveIn(Body):
    """The order that pages belong to; without `kind` they are what they say they are."""

    order: Text
    kind: Literal["ship_label", "invoice", "warranty"] | None = None


@router.post("", status_code=202, response_model=DropRow, openapi_extra=BODY)
async def add_document_drop(
    request: Request,
    account: Annotated[str, Query(max_length=200)],
    name: Annotated[str, Query(max_length=LONGEST_NAME, description="What people call the file.")] = "",
) -> Any:
    """Keep a file (PDF, ZIP, ZPL; up to 50 MB); it is taken apart soon, and `state` and `done` tell how far it is.

    For whoever cannot wait for the answer of `POST /v1/imports/documents`. The same file twice changes nothing.
    """
    if not key_of(request).sees(account, DEFAULT_LOCATION):
        raise NotFound(f"There is no account {account}.")
    services = services_of(request)
    content = file_of(request.headers.get("content-type", ""), await request.body())
    made = await services.files.add(account, name.replace("\x00", ""), content, key_of(request).id)
    return Json(await views.drop(services.pool, made.id), 202)


@reads.get("", response_model=DropPage)
async def list_document_drops(request: Request, limit: Limit = 50, after: After = None) -> Any:
    """List files, the newest first."""
    return Json(await views.drops(services_of(request).pool, scope_of(request), limit=limit, after=after))


@reads.get("/{drop}", response_model=DropRow)
async def show_document_drop(request: Request, drop: str) -> Any:
    """Show one file, and how far it is."""
    return Json(await _found(request, drop))


@reads.get("/{drop}/sheets", response_model=SheetList)
async def list_document_sheets(request: Request, drop: str) -> Any:
    """List what became of a file's pages."""
    row = await _found(request, drop)
    return Json({"items": await views.sheets(services_of(request).pool, row["id"])})


@reads.get(
    "/{drop}/sheets/{number}/content",
    response_class=Response,
    responses={200: {"description": "The pages as they came.", "content": {"*/*": {}}}},
)
async def show_document_sheet(request: Request, drop: str, number: Number) -> Response:
    """Give the pages that nobody could place; labels are among them, so each look stands in the audit."""
    row, services = await _found(request, drop), services_of(request)
    await look(request, Seen(Look.LABEL, "", f"{row['name'] or row['id']} {number}"))
    content = await views.pages(services.pool, row["id"], number, partial(opened, services.vault))
    return Response(content, media_type="application/octet-stream", headers={"Cache-Control": "no-store"})


@router.post("/{drop}/sheets/{number}/give", response_model=SheetsRow)
async def give_document_sheet(request: Request, drop: str, number: Number, body: GiveIn) -> Any:
    """Give pages that nobody could place to the order that a person names."""
    row = await _found(request, drop)
    kind = DocumentKind(body.kind) if body.kind else None
    told = await services_of(request).files.give(row["id"], number, body.order, kind, key_of(request).id)
    return Json(row_of(told))


@router.post("/{drop}/sheets/{number}/aside", status_code=204)
async def put_document_sheet_aside(request: Request, drop: str, number: Number) -> Response:
    """Say that nobody needs these pages."""
    row = await _found(request, drop)
    await services_of(request).files.put_aside(row["id"], number, key_of(request).id)
    return Response(status_code=204)


async def _found(request: Request, drop: str) -> DropRow:
    return await views.drop(services_of(request).pool, drop, scope_of(request))
