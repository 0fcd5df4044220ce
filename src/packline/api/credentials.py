"""`/v1/credentials`: how old each account's credentials are, and when Amazon stops taking them."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import AwareDatetime
from typing_extensions import TypedDict

from packline.api.access import needs, refuse_other_account, scope_of, services_of
from packline.api.answers import Json
from packline.api.idempotent import KEYED, IdempotentRoute
from packline.api.parameters import Word
from packline.api.requests import Body
from packline.commands.credentials import date_credentials
from packline.domain.api_key import Role
from packline.storage.credentials import CredentialAges
from packline.views import credentials as views
from packline.views.credentials import CredentialRow

reads = APIRouter(prefix="/credentials", tags=["accounts"], dependencies=[needs(Role.READER)])
router = APIRouter(
    prefix="/credentials", tags=["accounts"], route_class=IdempotentRoute, dependencies=[needs(Role.ADMIN), KEYED]
)


class CredentialList(TypedDict):
    """The credentials of all accounts, two for each."""

    items: list[CredentialRow]


class CredentialDates(Body):
    """When the client secret was rotated, when the seller consented, and whether that consent ends."""

    secret_since: AwareDatetime | None = None
    consent_since: AwareDatetime | None = None
    consent_ends: bool | None = None


@reads.get("", response_model=CredentialList)
async def list_credentials(request: Request, account: Word = None) -> Any:
    """List credentials with their age; the event `credential.expiring` tells 30, 14, 7, 3 and 1 days before an end.

    A client secret lives 180 days, a consent 365. The credentials themselves are never shown.
    """
    services = services_of(request)
    now: datetime = services.clock.now()
    return Json({"items": await views.credentials(services.pool, now, account=account, scope=scope_of(request))})


@router.put("/{account}", status_code=204)
async def date_credentials_of(request: Request, account: str, body: CredentialDates) -> Response:
    """Tell since when credentials are in use: Packline only knows since when it has had them."""
    refuse_other_account(request, account)
    services = services_of(request)
    ages, now = CredentialAges(services.pool), services.clock.now()
    await date_credentials(services.accounts, ages, account, now, **body.model_dump())
    return Response(status_code=204)
