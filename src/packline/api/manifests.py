"""`/v1/manifests`: open, scan in, take out, close, hand all over."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, Field
from starlette.responses import Response
from typing_extensions import TypedDict

from packline.api.access import key_of, needs, refuse_other_account, scope_of, services_of
from packline.api.answers import Json
from packline.api.idempotent import KEYED, IdempotentRoute, command_key
from packline.api.parameters import After, Limit, Word
from packline.api.requests import Body, Nothing, Text
from packline.commands.manifests import AT_ONCE, Opening
from packline.domain.api_key import Role
from packline.domain.values import Window
from packline.errors import NotFound
from packline.oms.manifest_pdf import MEDIA_TYPE, manifest_pdf
from packline.views import manifests as views
from packline.views.manifests import ManifestDetail, ManifestFilters, ManifestRow, manifest_detail

reads = APIRouter(prefix="/manifests", tags=["manifests"], dependencies=[needs(Role.READER)])
router = APIRouter(
    prefix="/manifests", tags=["manifests"], route_class=IdempotentRoute, dependencies=[needs(Role.PACKER), KEYED]
)
Id = Annotated[str, Field(max_length=200)]
Status = Literal["open", "closed", "handed_over"]


class WindowIn(Body):
    """A handover slot."""

    start: AwareDatetime
    end: AwareDatetime
    method: str = Field(default="", max_length=40)

    def window(self) -> Window:
        """Give the window."""
        return Window(self.start, self.end, self.method)


class ManifestIn(Body):
    """Where it leaves from; carrier and slot left out are decided by the first parcel."""

    account: Text = Field(examples=["acme-in"])
    location: Text = Field(examples=["EXSB"])
    carrier: str | None = Field(default=None, max_length=200, pattern=r"^[^\x00]*$")
    window: WindowIn | None = None


class ParcelsIn(Body):
    """Parcels by tracking id, or by shipment or order where that has one parcel."""

    packages: list[Text] = Field(min_length=1, max_length=AT_ONCE, examples=[["TRK-1"]])


class HandOverIn(Body):
    """Tracking ids of parcels that did not leave."""

    left_behind: list[Text] = Field(default=[], max_length=AT_ONCE)


class ScanRow(TypedDict):
    """What came of one scan: added, already, or refused with the reason."""

    reference: str
    outcome: str
    shipment: str
    package: str
    tracking_id: str
    reason: str
    why: str
    hint: str


class ScanResult(TypedDict):
    """The manifest after the scans, and what came of each."""

    manifest: ManifestRow
    items: list[ScanRow]


class HandedOverRow(TypedDict):
    """What came of one shipment: handed_over (its ticket), waits (other parcels are here), stopped, or refused."""

    shipment: str
    order_id: str
    packages: list[str]
    outcome: str
    ticket: str
    why: str
    hint: str


class HandOverResult(TypedDict):
    """The manifest, and what came of each shipment on it."""

    manifest: ManifestRow
    items: list[HandedOverRow]


class ManifestPage(TypedDict):
    """A page of manifests."""

    items: list[ManifestRow]
    next: str | None


@router.post("", status_code=201, response_model=ManifestDetail)
async def open_manifest(request: Request, body: ManifestIn) -> Any:
    """Open a manifest for a location; it takes at most as many packages as the setting says (100)."""
    refuse_other_account(request, body.account)
    if not scope_of(request).sees(body.account, body.location):
        raise NotFound(f"There is no location {body.location}.")
    opening = Opening(body.account, body.location, body.carrier, body.window.window() if body.window else None)
    made = await services_of(request).manifests.open(opening, key_of(request).id, command_key(request))
    return Json(manifest_detail(made), 201, headers={"Location": f"/v1/manifests/{made.id}"})


@reads.get("", response_model=ManifestPage)
async def list_manifests(
    request: Request,
    account: Word = None,
    location: Word = None,
    status: Status | None = None,
    carrier: Word = None,
    tracking_id: Word = None,
    limit: Limit = 50,
    after: After = None,
) -> Any:
    """List manifests, the newest first; `tracking_id` finds the one that a parcel is on."""
    filters = ManifestFilters(account, location, status, carrier, tracking_id)
    pool = services_of(request).pool
    return Json(await views.manifests(pool, filters, scope_of(request), limit=limit, after=after))


@reads.get("/{manifest_id}", response_model=ManifestDetail)
async def show_manifest(request: Request, manifest_id: Id) -> Any:
    """Show one manifest with its parcels."""
    return Json(manifest_detail(await views.one_manifest(services_of(request).pool, manifest_id, scope_of(request))))


@reads.get(
    "/{manifest_id}/document",
    response_class=Response,
    responses={200: {"description": "The manifest as a PDF.", "content": {MEDIA_TYPE: {}}}},
)
async def show_manifest_document(request: Request, manifest_id: Id) -> Response:
    """Give the manifest as a PDF: a bar code for each parcel, and lines to sign on."""
    pool, scope = services_of(request).pool, scope_of(request)
    found = await views.one_manifest(pool, manifest_id, scope)
    zone, seller = await views.place_of(pool, found)
    content = await asyncio.to_thread(manifest_pdf, found, zone, seller)
    headers = {"Content-Disposition": f'inline; filename="manifest-{found.id}.pdf"', "Cache-Control": "no-store"}
    return Response(content, media_type=MEDIA_TYPE, headers=headers)


@router.post("/{manifest_id}/packages", response_model=ScanResult)
async def scan_parcels_in(request: Request, manifest_id: Id, body: ParcelsIn) -> Any:
    """Put parcels on an open manifest; one that may not go is refused with the reason, the others are added."""
    services = services_of(request)
    await views.one_manifest(services.pool, manifest_id, scope_of(request))
    made, told = await services.manifests.scan_in(manifest_id, body.packages, key_of(request).id)
    return Json({"manifest": views.manifest_row(made), "items": told_rows(told)})


@router.delete("/{manifest_id}/packages/{tracking_id}", response_model=ManifestDetail)
async def take_parcel_out(request: Request, manifest_id: Id, tracking_id: Id) -> Any:
    """Take a parcel off an open manifest."""
    services = services_of(request)
    await views.one_manifest(services.pool, manifest_id, scope_of(request))
    return Json(manifest_detail(await services.manifests.take_out(manifest_id, tracking_id, key_of(request).id)))


@router.post("/{manifest_id}/close", response_model=ManifestDetail)
async def close_manifest(request: Request, manifest_id: Id, _: Nothing | None = None) -> Any:
    """Fix what the manifest says; refused while a parcel on it must not leave. It is never opened again."""
    services = services_of(request)
    await views.one_manifest(services.pool, manifest_id, scope_of(request))
    return Json(manifest_detail(await services.manifests.close(manifest_id, key_of(request).id)))


@router.post("/{manifest_id}/hand_over", response_model=HandOverResult)
async def hand_over_manifest(request: Request, manifest_id: Id, body: HandOverIn | None = None) -> Any:
    """Hand over all its parcels; Amazon is told SHIPPED where the program has the seller tell it.

    Repeated, it gives the same commands once.
    """
    services, left = services_of(request), body.left_behind if body else []
    await views.one_manifest(services.pool, manifest_id, scope_of(request))
    made, told = await services.manifests.hand_over(manifest_id, key_of(request).id, left)
    return Json({"manifest": views.manifest_row(made), "items": told_rows(told)})


def told_rows(told: list[Any]) -> list[dict[str, Any]]:
    """Give results with all their fields."""
    return [{name: getattr(one, name) for name in one.__struct_fields__} for one in told]
