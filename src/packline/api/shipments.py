"""`/v1/shipments`: lists, one in full, its packages, documents, timeline, calls and explanation."""

import re
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime
from starlette.responses import Response

from packline.api.access import needs, scope_of, services_of
from packline.api.answers import Json
from packline.api.pages import CallPage, DocumentList, EntryPage, ExplanationRow, PackageList, ShipmentPage
from packline.api.parameters import After, Limit, Reference, Word
from packline.api.personal import look, may_look
from packline.domain.api_key import Role
from packline.domain.audit import Seen
from packline.domain.person import OF_DOCUMENTS, Look
from packline.domain.shipment import Goal, Status
from packline.storage.sealed import opened
from packline.views import bundles, calls, documents, shipments, timeline
from packline.views.rows import ShipmentDetail
from packline.views.states import package_rows

router = APIRouter(prefix="/shipments", tags=["shipments"], dependencies=[needs(Role.READER)])
Sort = Literal["ship_by", "-ship_by", "received_at", "-received_at"]


@router.get("", response_model=ShipmentPage)
async def list_shipments(
    request: Request,
    account: Word = None,
    location: Word = None,
    program: Word = None,
    status: Annotated[list[Status] | None, Query(description="One or more of Amazon's statuses.")] = None,
    goal: Goal | None = None,
    problem: Annotated[str | None, Query(description="A problem's code.", max_length=200)] = None,
    has_problem: bool | None = None,
    order_id: Word = None,
    amazon_id: Word = None,
    tracking_id: Word = None,
    ship_by_after: AwareDatetime | None = None,
    ship_by_before: AwareDatetime | None = None,
    sort: Sort = "-received_at",
    limit: Limit = 50,
    after: After = None,
) -> Any:
    """List shipments, filtered by fields, page by page; nothing is counted."""
    services = services_of(request)
    filters = shipments.Filters(
        account=account,
        location=location,
        program=program,
        status=tuple(status) if status else None,
        goal=goal,
        problem=problem,
        has_problem=has_problem,
        order_id=order_id,
        amazon_id=amazon_id,
        tracking_id=tracking_id,
        ship_by_after=ship_by_after,
        ship_by_before=ship_by_before,
    )
    page = await shipments.shipments(
        services.pool,
        services.gateway,
        services.clock.now(),
        filters,
        scope_of(request),
        sort=sort,
        limit=limit,
        after=after,
    )
    return Json(page)


@router.get("/{reference}", response_model=ShipmentDetail)
async def show_shipment(request: Request, reference: Reference) -> Any:
    """Show one shipment; the address only to keys of role packer and above, and each look stands in the audit."""
    services = services_of(request)
    found = await shipments.find(services.pool, reference, scope_of(request))
    with_address = may_look(request, Look.ADDRESS)
    row = await shipments.detail(
        services.pool, services.gateway, services.clock.now(), found.id, with_address=with_address
    )
    if row["ship_to"]:
        await look(request, Seen(Look.ADDRESS, found.id))
    return Json(row)


@router.get("/{reference}/packages", response_model=PackageList)
async def list_packages(request: Request, reference: Reference) -> Any:
    """List the packages of a shipment, with their labels."""
    pool = services_of(request).pool
    found = await shipments.find(pool, reference, scope_of(request))
    return Json({"items": package_rows((await shipments.load(pool, found.id)).packages)})


@router.get("/{reference}/documents", response_model=DocumentList)
async def list_documents(request: Request, reference: Reference) -> Any:
    """List invoices and ship labels; void ones are marked."""
    pool = services_of(request).pool
    found = await shipments.find(pool, reference, scope_of(request))
    return Json({"items": await documents.documents(pool, found.id)})


@router.get(
    "/{reference}/documents/{document}/content",
    response_class=Response,
    responses={200: {"description": "The document's bytes under their own media type.", "content": {"*/*": {}}}},
)
async def show_document(request: Request, reference: Reference, document: str) -> Response:
    """Give the bytes of a document, by its id or its name, as a printer wants them; each look stands in the audit.

    Addresses of buyers stand on labels and invoices, so keys of role reader are refused.
    """
    pool = services_of(request).pool
    found = await shipments.find(pool, reference, scope_of(request))
    content = await documents.content(pool, found.id, document, partial(opened, services_of(request).vault))
    await look(request, Seen(OF_DOCUMENTS.get(content.kind, Look.RAW), found.id, content.name))
    name = re.sub(r"[^A-Za-z0-9._-]", "_", content.name)
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content.content, media_type=content.media_type, headers=headers)


@router.get("/{reference}/timeline", response_model=EntryPage)
async def show_timeline(request: Request, reference: Reference, limit: Limit = 100, after: After = None) -> Any:
    """Show Amazon's news, our calls and people's acts in one column, the newest first."""
    pool = services_of(request).pool
    found = await shipments.find(pool, reference, scope_of(request))
    return Json(await timeline.timeline(pool, found.id, limit=limit, after=after))


@router.get("/{reference}/calls", response_model=CallPage)
async def list_calls_of_shipment(request: Request, reference: Reference, limit: Limit = 50, after: After = None) -> Any:
    """List the calls to Amazon that were made for a shipment."""
    pool = services_of(request).pool
    found = await shipments.find(pool, reference, scope_of(request))
    filters = calls.CallFilters(shipment=found.id)
    return Json(await calls.calls(pool, filters, limit=limit, after=after))


@router.get(
    "/{reference}/bundle",
    response_class=Response,
    responses={200: {"description": "A ZIP without personal data.", "content": {bundles.MEDIA_TYPE: {}}}},
)
async def show_bundle(request: Request, reference: Reference) -> Response:
    """Give what Amazon's support asks for in one file: calls with request ids and redacted bodies, and the timeline."""
    services = services_of(request)
    found = await shipments.find(services.pool, reference, scope_of(request))
    name, content = await bundles.bundle(services.pool, services.gateway, services.clock.now(), found.id)
    headers = {"Content-Disposition": f'attachment; filename="{re.sub(r"[^A-Za-z0-9._-]", "_", name)}"'}
    return Response(content, media_type=bundles.MEDIA_TYPE, headers=headers)


@router.get("/{reference}/explain", response_model=ExplanationRow)
async def explain_shipment(request: Request, reference: Reference) -> Any:
    """Say in plain words where a shipment stands, what it waits for and what was tried."""
    services = services_of(request)
    found = await shipments.find(services.pool, reference, scope_of(request))
    told = await timeline.explained(services.pool, services.gateway, services.clock.now(), found.id)
    return Json(
        {
            "sentence": told.sentence,
            "waits_for": told.waits_for,
            "tried": told.tried,
            "next": told.next,
            "since": told.since,
        }
    )
