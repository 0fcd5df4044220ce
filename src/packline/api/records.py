"""`/v1/calls`, `/v1/quotas`, `/v1/parked`, `/v1/failures`, `/v1/overview`: what an operator looks at."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from pydantic import AwareDatetime
from starlette.responses import Response

from packline.api.access import needs, refuse_other_account, scope_of, services_of
from packline.api.answers import Json
from packline.api.pages import ActionList, CallPage, LaneList, ParkedPage
from packline.api.parameters import After, Limit, Word
from packline.api.personal import look
from packline.domain.api_key import Role
from packline.domain.audit import Seen
from packline.domain.person import Look
from packline.errors import NotFound
from packline.storage.parked import resolve_parked
from packline.storage.sealed import opened
from packline.views import accounts, calls, failures, overview, parked
from packline.views.quotas import lanes_of

router = APIRouter(tags=["records"], dependencies=[needs(Role.READER)])


@router.get("/calls", response_model=CallPage)
async def list_calls(
    request: Request,
    account: Word = None,
    shipment: Word = None,
    operation: Word = None,
    status: int | None = None,
    request_id: Word = None,
    failed: bool | None = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    limit: Limit = 50,
    after: After = None,
) -> Any:
    """List calls to Amazon, the newest first."""
    filters = calls.CallFilters(account, shipment, operation, status, request_id, failed, since, until)
    return Json(await calls.calls(services_of(request).pool, filters, scope_of(request), limit=limit, after=after))


@router.get("/quotas", response_model=LaneList)
async def list_quotas(request: Request, account: Word = None) -> Any:
    """Show the lanes of one account, or of the first hundred."""
    services, scope = services_of(request), scope_of(request)
    if account is not None:
        refuse_other_account(request, account)
    chosen = [account] if account else [row["id"] for row in await accounts.accounts(services.pool, scope)][:100]
    now = services.clock.now()
    rows = [lane for one in chosen for lane in await lanes_of(services.pool, services.gateway, one, now)]
    return Json({"items": rows})


@router.get("/parked", response_model=ParkedPage)
async def list_parked(
    request: Request, account: Word = None, is_open: bool = True, limit: Limit = 50, after: After = None
) -> Any:
    """List records that could not be read."""
    page = await parked.parked(
        services_of(request).pool, scope_of(request), account=account, is_open=is_open, limit=limit, after=after
    )
    return Json(page)


@router.get(
    "/parked/{record}/body",
    response_class=Response,
    dependencies=[needs(Role.OPERATOR)],
    responses={200: {"description": "The bytes as they came.", "content": {"application/octet-stream": {}}}},
)
async def show_parked(request: Request, record: str) -> Response:
    """Give the bytes of a parked record; each look stands in the audit."""
    services = services_of(request)
    body = await parked.body(services.pool, record, partial(opened, services.vault), scope_of(request))
    await look(request, Seen(Look.RAW, "", f"parked {record}"))
    return Response(body, media_type="application/octet-stream")


@router.post("/parked/{record}/resolve", status_code=204, dependencies=[needs(Role.OPERATOR)])
async def resolve_record(request: Request, record: str) -> Response:
    """Take a record off the list after a person has dealt with it; its bytes stay."""
    services, scope = services_of(request), scope_of(request)
    if not await resolve_parked(services.pool, record, services.clock.now(), scope.accounts):
        raise NotFound(f"There is no parked record {record}.")
    return Response(status_code=204)


@router.get("/failures", response_model=failures.FailureList)
async def list_failures(request: Request, account: Word = None) -> Any:
    """Group failed work by its cause, with Amazon's code in plain words and the command that mends it."""
    return Json(await failures.failures(services_of(request).pool, scope_of(request), account))


@router.get("/overview", response_model=ActionList)
async def show_overview(request: Request) -> Any:
    """Count shipments by the action that they wait for; counting stops at a thousand."""
    services = services_of(request)
    return Json({"items": await overview.overview(services.pool, services.clock.now(), scope_of(request))})
