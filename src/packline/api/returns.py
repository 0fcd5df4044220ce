"""`/v1/returns`: what comes back, what came in at the dock, photos, and the carrier's one-time password."""

import re
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from packline.api.access import key_of, needs, scope_of, services_of
from packline.api.answers import Json
from packline.api.idempotent import KEYED, IdempotentRoute, command_key
from packline.api.parameters import After, Limit, Word
from packline.api.personal import look
from packline.domain.api_key import Role
from packline.domain.audit import Seen
from packline.domain.person import Look
from packline.domain.returns import Condition, Kind, ReturnStatus
from packline.ports.returns import Piece, Received
from packline.storage.sealed import opened
from packline.views import returns as views
from packline.views.returns import ReturnDetail, ReturnFilters, ReturnRow

reads = APIRouter(prefix="/returns", tags=["returns"], dependencies=[needs(Role.READER)])
router = APIRouter(
    prefix="/returns", tags=["returns"], route_class=IdempotentRoute, dependencies=[needs(Role.PACKER), KEYED]
)
Which = Annotated[
    str, Path(description="`ret_...`, Amazon's return id, or an RMA or tracking id that names one.", max_length=200)
]
Stage = Literal["expected", "partly_received", "received", "called_off", "past", "to_receive"]
_MEDIA = ("image/jpeg", "image/png", "image/webp", "application/pdf")
_BODY = {
    "requestBody": {
        "required": True,
        "content": {name: {"schema": {"type": "string", "format": "binary"}} for name in _MEDIA},
    }
}


class PieceIn(BaseModel):
    """Units that came in together in one condition; `wrong_item`, `missing`, `elsewhere` never get into the ledger."""

    model_config = ConfigDict(extra="forbid")

    units: int = Field(ge=1, le=1_000_000)
    condition: Condition = "sellable"
    bin: str = Field(default="", max_length=200, pattern=r"^[^\x00]*$")
    serials: list[Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]] = Field(
        default=[], max_length=1000
    )


class ReceiveIn(BaseModel):
    """What came in; a part of the units at a time is fine. `restock` lets the ledger take them at once."""

    model_config = ConfigDict(extra="forbid")

    pieces: list[PieceIn] = Field(min_length=1, max_length=1000)
    note: str = Field(default="", max_length=2000, pattern=r"^[^\x00]*$")
    restock: bool = True
    reference: str = Field(
        default="", max_length=200, pattern=r"^[^\x00]*$", description="The seller's own; the same one counts once."
    )


class ReturnPage(TypedDict):
    """A page of returns."""

    items: list[ReturnRow]
    next: str | None


class RestockedRow(TypedDict):
    """Units that the ledger took in one condition."""

    condition: str
    units: int
    before: int
    after: int


class ReceivedRow(TypedDict):
    """What came of it: `outcome` is received, restocked or known (told before: nothing was done)."""

    outcome: str
    receipt: str
    received_units: int
    awaited_units: int
    restocked: list[RestockedRow]


class PasswordRow(TypedDict):
    """The one-time password that the carrier asks for at the dock, and until when it is good."""

    password: str
    valid_till: datetime


class NewPhotoRow(TypedDict):
    """The photo that is kept."""

    id: str
    media_type: str
    size: int


@reads.get("", response_model=ReturnPage)
async def list_returns(
    request: Request,
    account: Word = None,
    location: Annotated[str | None, Query(description="Where it arrives.", max_length=200)] = None,
    status: Annotated[list[ReturnStatus] | None, Query(description="One or more of Amazon's statuses.")] = None,
    kind: Annotated[Kind | None, Query(description="Sent back by the buyer, or returned to its origin.")] = None,
    stage: Annotated[
        Stage | None, Query(description="The dock's; `to_receive` was delivered and not received.")
    ] = None,
    shipment: Annotated[str | None, Query(description="`shp_...`", max_length=200)] = None,
    order_id: Word = None,
    rma_id: Word = None,
    sku: Word = None,
    tracking_id: Word = None,
    limit: Limit = 50,
    after: After = None,
) -> Any:
    """List returns, the newest first."""
    filters = ReturnFilters(
        account=account,
        location=location,
        status=tuple(status) if status else None,
        kind=kind,
        stage=stage,
        shipment=shipment,
        order_id=order_id,
        rma_id=rma_id,
        sku=sku,
        tracking_id=tracking_id,
    )
    page = await views.returns(services_of(request).pool, filters, scope_of(request), limit=limit, after=after)
    return Json(page)


@reads.get("/{return_id}", response_model=ReturnDetail)
async def show_return(request: Request, return_id: Which) -> Any:
    """Show one return: what Amazon tells, what came in, photos, and who looked at its password."""
    pool = services_of(request).pool
    return Json(await views.detail(pool, await views.find(pool, return_id, scope_of(request))))


@router.post("/{return_id}/receive", response_model=ReceivedRow)
async def receive_return(request: Request, return_id: Which, body: ReceiveIn) -> Any:
    """Receive units, all or some, each part in its condition; the ledger takes them unless `restock` is false."""
    item = await _item(request, return_id)
    pieces = [Piece(one.units, one.condition, one.bin, tuple(one.serials)) for one in body.pieces]
    key = f"reference {body.reference}" if body.reference else command_key(request)
    done = await services_of(request).dock.receive(
        item, pieces, note=body.note, restock=body.restock, key=key, by=key_of(request).id
    )
    return Json(_received(done))


@router.post("/{return_id}/restock", response_model=ReceivedRow)
async def restock_return(request: Request, return_id: Which) -> Any:
    """Let the ledger take what was received with `restock` false; twice changes nothing."""
    item = await _item(request, return_id)
    return Json(_received(await services_of(request).dock.restock(item, by=key_of(request).id)))


@router.post("/{return_id}/password", response_model=PasswordRow)
async def show_return_password(request: Request, return_id: Which) -> Any:
    """Show the one-time password while it is valid; every look is recorded with the key that looked."""
    item = await _item(request, return_id)
    found = await services_of(request).dock.password(item, by=key_of(request).id)
    answer = Json({"password": found.word, "valid_till": found.valid_till})
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.post("/{return_id}/photos", status_code=201, response_model=NewPhotoRow, openapi_extra=_BODY)
async def add_return_photo(
    request: Request,
    return_id: Which,
    name: Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")] = "",
) -> Any:
    """Keep a photo of what came in (JPEG, PNG, WebP or PDF, up to 15 MB); the same one is kept once."""
    item = await _item(request, return_id)
    file = await services_of(request).dock.photo(item, await request.body(), name=name, by=key_of(request).id)
    document = file.document
    return Json({"id": document.sha256, "media_type": document.media_type, "size": document.size}, 201)


@reads.get(
    "/{return_id}/photos/{photo}/content",
    response_class=Response,
    responses={200: {"description": "The photo's bytes under their own media type.", "content": {"*/*": {}}}},
)
async def show_return_photo(request: Request, return_id: Which, photo: str) -> Response:
    """Give the bytes of a photo; labels are on many, so each look stands in the audit."""
    services = services_of(request)
    item = await views.find(services.pool, return_id, scope_of(request))
    await look(request, Seen(Look.LABEL, "", f"photo of return {item}"))
    found = await views.photo(services.pool, item, photo, partial(opened, services.vault))
    name = re.sub(r"[^A-Za-z0-9._-]", "_", found.name)
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return Response(found.content, media_type=found.media_type, headers=headers)


async def _item(request: Request, reference: str) -> str:
    return await views.find(services_of(request).pool, reference, scope_of(request))


def _received(done: Received) -> dict[str, Any]:
    return {
        "outcome": done.outcome,
        "receipt": done.receipt,
        "received_units": done.received_units,
        "awaited_units": done.awaited_units,
        "restocked": list(done.restocked),
    }
