"""`/v1/accounts` and `/v1/locations`: who sells, from where, and how."""

from typing import Any

from fastapi import APIRouter, Request, Response
from msgspec.structs import replace

from packline.api.access import key_of, needs, refuse_bound_key, refuse_other_account, scope_of, services_of
from packline.api.answers import Json
from packline.api.idempotent import KEYED, IdempotentRoute
from packline.api.pages import AccountList, LaneList, LocationList
from packline.api.parameters import Word
from packline.api.requests import AccountIn, AccountPatch, CredentialsIn, LocationIn, PauseIn
from packline.commands import accounts as commands
from packline.domain.api_key import Role
from packline.domain.location import Account, Api, Credentials, Location, Region, StockOn
from packline.errors import NotFound
from packline.views import accounts as views
from packline.views.quotas import lanes_of
from packline.views.rows import AccountRow, LocationRow

reads = APIRouter(tags=["accounts"], dependencies=[needs(Role.READER)])
router = APIRouter(
    prefix="/accounts", tags=["accounts"], route_class=IdempotentRoute, dependencies=[needs(Role.ADMIN), KEYED]
)


@reads.get("/accounts", response_model=AccountList)
async def list_accounts(request: Request) -> Any:
    """List accounts; credentials are never shown."""
    return Json({"items": await views.accounts(services_of(request).pool, scope_of(request))})


@reads.get("/accounts/{account}", response_model=AccountRow)
async def show_account(request: Request, account: str) -> Any:
    """Show one account."""
    return Json(await views.account(services_of(request).pool, account, scope_of(request)))


@reads.get("/accounts/{account}/locations", response_model=LocationList)
async def list_locations_of(request: Request, account: str) -> Any:
    """List the locations of one account."""
    pool, scope = services_of(request).pool, scope_of(request)
    await views.account(pool, account, scope)
    return Json({"items": await views.locations(pool, account, scope)})


@reads.get("/accounts/{account}/quotas", response_model=LaneList)
async def show_quotas(request: Request, account: str) -> Any:
    """Show each operation's quota: its rate, its level, and who waits."""
    services = services_of(request)
    await views.account(services.pool, account, scope_of(request))
    return Json({"items": await lanes_of(services.pool, services.gateway, account, services.clock.now())})


@reads.get("/locations", response_model=LocationList)
async def list_locations(request: Request, account: Word = None) -> Any:
    """List locations of all accounts."""
    return Json({"items": await views.locations(services_of(request).pool, account, scope_of(request))})


@router.post("", status_code=201, response_model=AccountRow)
async def add_account(request: Request, body: AccountIn) -> Any:
    """Add an authorisation and begin its intake; the id, endpoint and token address have defaults."""
    refuse_bound_key(request)
    services = services_of(request)
    account = Account(
        id=body.id or "",
        name=body.name,
        seller_id=body.seller_id,
        region=Region(body.region),
        marketplaces=tuple(body.marketplaces),
        endpoint=body.endpoint,
        token_url=body.token_url,
        application_id=body.application_id,
        stock_on=StockOn(body.stock_on),
        usage_plan=body.usage_plan,
        api=Api(body.api),
        orders_api=body.orders_api,
    )
    whole = await commands.add_account(services.accounts, services.wake, account, _credentials(body.credentials))
    return Json(await views.account(services.pool, whole.id), 201)


@router.patch("/{account}", response_model=AccountRow)
async def change_account(request: Request, account: str, body: AccountPatch) -> Any:
    """Change what is given; new credentials let a paused account go on."""
    refuse_other_account(request, account)
    services = services_of(request)
    before = await commands.known_account(services.accounts, account)
    changes: dict[str, Any] = body.model_dump(exclude_unset=True, exclude_none=True, exclude={"credentials"})
    if "marketplaces" in changes:
        changes["marketplaces"] = tuple(changes["marketplaces"])
    if "stock_on" in changes:
        changes["stock_on"] = StockOn(changes["stock_on"])
    credentials = _credentials(body.credentials) if body.credentials else None
    await commands.update_account(services.accounts, services.wake, replace(before, **changes), credentials)
    return Json(await views.account(services.pool, account))


@router.delete("/{account}", status_code=204)
async def remove_account(request: Request, account: str) -> Response:
    """Remove an account with its credentials."""
    refuse_other_account(request, account)
    await commands.remove_account(services_of(request).accounts, account)
    return Response(status_code=204)


@router.post("/{account}/pause", response_model=AccountRow)
async def pause_account(request: Request, account: str, body: PauseIn | None = None) -> Any:
    """Stop all work of an account, with the reason."""
    reason = (body or PauseIn()).reason
    return await _set_paused(request, account, reason)


@router.post("/{account}/resume", response_model=AccountRow)
async def resume_account(request: Request, account: str) -> Any:
    """Let an account go on."""
    return await _set_paused(request, account, None)


@router.put("/{account}/locations/{location}", response_model=LocationRow)
async def set_location(request: Request, account: str, location: str, body: LocationIn) -> Any:
    """Add a location under Amazon's id, or write it again."""
    _refuse_other_location(request, account, location)
    services = services_of(request)
    fields = body.model_dump() | {"programs": tuple(body.programs)}
    await commands.set_location(services.accounts, services.wake, Location(account, location, **fields))
    listed = await views.locations(services.pool, account)
    return Json(next(row for row in listed if row["id"] == location))


@router.delete("/{account}/locations/{location}", status_code=204)
async def remove_location(request: Request, account: str, location: str) -> Response:
    """Remove a location."""
    _refuse_other_location(request, account, location)
    await commands.remove_location(services_of(request).accounts, account, location)
    return Response(status_code=204)


async def _set_paused(request: Request, account: str, reason: str | None) -> Json:
    refuse_other_account(request, account)
    services = services_of(request)
    await commands.set_paused(services.accounts, services.wake, account, reason)
    return Json(await views.account(services.pool, account))


def _refuse_other_location(request: Request, account: str, location: str) -> None:
    refuse_other_account(request, account)
    if not key_of(request).sees(account, location):
        raise NotFound(f"Account {account} has no location {location}.")


def _credentials(body: CredentialsIn) -> Credentials:
    return Credentials(body.client_id, body.client_secret, body.refresh_token)
