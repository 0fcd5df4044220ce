"""`/v1/prints`: selections of labels and invoices as files for a printer, and what was printed before."""

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response
from typing_extensions import TypedDict

from packline.api.access import key_of, needs, scope_of, services_of
from packline.api.answers import Json
from packline.api.idempotent import KEYED, IdempotentRoute, command_key
from packline.api.parameters import After, Limit
from packline.api.personal import look
from packline.api.requests import Body, Text
from packline.commands.prints import AT_MOST, PrintRequest
from packline.domain.api_key import Role
from packline.domain.audit import Seen
from packline.domain.person import OF_DOCUMENTS
from packline.domain.printing import Form, Paper, PickOrder
from packline.domain.values import DocumentKind
from packline.storage.sealed import opened
from packline.views import prints as views
from packline.views.prints import PrintRow

reads = APIRouter(prefix="/prints", tags=["printing"], dependencies=[needs(Role.PACKER)])
router = APIRouter(
    prefix="/prints", tags=["printing"], route_class=IdempotentRoute, dependencies=[needs(Role.PACKER), KEYED]
)
Kind = Literal["ship_label", "invoice", "warranty"]


class PrintIn(Body):
    """What to print: shipments by any of their ids, manifests, or single packages by tracking id."""

    shipments: list[Text] = Field(min_length=1, max_length=AT_MOST, examples=[["FBA-88213", "TRK-1"]])
    documents: list[Kind] = Field(default=["ship_label"], min_length=1, max_length=3)
    format: Literal["pdf", "zpl"] = "pdf"
    paper: Literal["4x6", "a4-of-four"] = "4x6"
    order: Literal["bin", "sku", "ship_by", "given"] = "bin"
    reverse: bool = Field(default=False, description="For printers that stack face up.")

    def request(self) -> PrintRequest:
        """Give the request."""
        return PrintRequest(
            references=tuple(self.shipments),
            documents=tuple(DocumentKind(kind) for kind in self.documents),
            form=Form(self.format),
            paper=Paper(self.paper),
            order=PickOrder(self.order),
            reverse=self.reverse,
        )


class PrintPage(TypedDict):
    """A page of prints."""

    items: list[PrintRow]
    next: str | None


@router.post("", status_code=201, response_model=PrintRow)
async def print_documents(request: Request, body: PrintIn) -> Any:
    """Join labels in pick order to one file, invoices to another; fetch them under `/content` within an hour.

    Labels that must not be used (cancelled, superseded) are in `refused` with the reason, the rest is printed. A label
    that was printed before carries the word REPRINT.
    """
    services, key = services_of(request), key_of(request)
    made = await services.prints.print(body.request(), key.id, key.sees, command_key(request))
    row = await views.one_print(services.pool, made.id)
    return Json(row, 201, headers={"Location": f"/v1/prints/{made.id}"})


@reads.get("", response_model=PrintPage)
async def list_prints(request: Request, limit: Limit = 50, after: After = None) -> Any:
    """List prints, the newest first."""
    return Json(await views.prints(services_of(request).pool, scope_of(request), limit=limit, after=after))


@reads.get("/{print_id}", response_model=PrintRow)
async def show_print(request: Request, print_id: Annotated[str, Field(max_length=200)]) -> Any:
    """Show one print with its files."""
    return Json(await views.one_print(services_of(request).pool, print_id, scope_of(request)))


@reads.get(
    "/{print_id}/{kind}/content",
    response_class=Response,
    responses={200: {"description": "The file for the printer.", "content": {"application/pdf": {}, "*/*": {}}}},
)
async def show_print_file(request: Request, print_id: Annotated[str, Field(max_length=200)], kind: Kind) -> Response:
    """Give the bytes for the printer, for an hour; denied once a label in it must not be used any more."""
    services = services_of(request)
    now, unsealed = services.clock.now(), partial(opened, services.vault)
    found = await views.print_file(services.pool, print_id, kind, now, unsealed, scope_of(request))
    inside = await views.printed_shipments(services.pool, print_id, kind)
    await look(request, *(Seen(OF_DOCUMENTS[kind], shipment, print_id) for shipment in inside))
    headers = {"Content-Disposition": f'inline; filename="{found.name}"', "Cache-Control": "no-store"}
    return Response(found.content, media_type=found.media_type, headers=headers)
