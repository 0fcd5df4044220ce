"""`/v1/consents`: a seller authorises the application at Amazon, begun and ended by a program."""

from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Request
from pydantic import Field
from typing_extensions import TypedDict

from packline.amazon.marketplaces import region_of
from packline.api.access import key_of, needs, refuse_bound_key, services_of
from packline.api.answers import Json
from packline.api.idempotent import KEYED, IdempotentRoute
from packline.api.requests import Body, Text
from packline.domain.api_key import Role
from packline.domain.consent import LIVES
from packline.domain.location import Account, Api, Region
from packline.errors import FieldError, Invalid
from packline.views import accounts as views
from packline.views.rows import AccountRow

router = APIRouter(
    prefix="/consents", tags=["accounts"], route_class=IdempotentRoute, dependencies=[needs(Role.ADMIN), KEYED]
)
Address = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]


class ConsentIn(Body):
    """Who is to consent, to which application; Amazon's ids as they stand in Seller Central."""

    name: Text = Field(examples=["Acme Traders"], description="The seller's name, as people say it.")
    application_id: Text
    client_id: Text
    client_secret: Text
    marketplaces: list[Text] = Field(min_length=1, max_length=50, description="Of one region; begin once for each.")
    redirect_uri: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^https?://[^\x00\s]+$")] = Field(
        description="Where Amazon leads back to, as it is registered with the application."
    )
    seller_id: Address = Field(default="", description="The merchant id, where no other seller may be taken.")
    api: Literal["external_fulfillment", "seller_central"] = "external_fulfillment"
    is_draft: bool = Field(default=False, description="The application is not published yet.")
    endpoint: Address = Field(default="", description="Another address than Amazon's, such as a simulator's.")
    token_url: Address = Field(default="", description="Another sign-in address than Amazon's.")
    account: Text | None = Field(default=None, description="An account whose authorisation is to be renewed.")


class ConsentedIn(Body):
    """The whole address that Amazon led the browser back to, within five minutes."""

    address: Annotated[str, Field(min_length=1, max_length=8000, pattern=r"^[^\x00]*$")]


class ConsentRow(TypedDict):
    """The address that the seller's browser must go to, and until when it is good; shown only now."""

    address: str
    until: datetime


class ConsentedRow(TypedDict):
    """The account, and whether the consent made it; one that was there has new credentials."""

    account: AccountRow
    is_new: bool


@router.post("", status_code=201, response_model=ConsentRow)
async def begin_consent(request: Request, body: ConsentIn) -> Any:
    """Give the address at which a seller consents; only this key can end what it began, once, within an hour."""
    refuse_bound_key(request)
    services = services_of(request)
    address = await services.consents.begin(
        _account(body), body.client_id, body.client_secret, body.redirect_uri, key_of(request).id,
        known=body.account, is_draft=body.is_draft,
    )  # fmt: skip
    row = ConsentRow(address=address, until=services.clock.now() + LIVES)
    return Json(row, 201, headers={"Cache-Control": "no-store"})


@router.post("/complete", response_model=ConsentedRow)
async def complete_consent(request: Request, body: ConsentedIn) -> Any:
    """Take the seller who came back: exchange the code, and store the account or renew the one that is there."""
    refuse_bound_key(request)
    services = services_of(request)
    query = _query(body.address)
    state, code, seller = (query.get(name, "") for name in ("state", "spapi_oauth_code", "selling_partner_id"))
    made = await services.consents.finish(state, code, seller, key_of(request).id)
    return Json({"account": await views.account(services.pool, made.account.id), "is_new": made.is_new})


def _query(address: str) -> dict[str, str]:
    try:
        given = parse_qs(urlsplit(address).query)
    except ValueError:  # such as a bracket that is not closed
        fault = FieldError("/address", "The whole address, as it stood in the browser.")
        raise Invalid("This is no address that Amazon led back to.", errors=(fault,)) from None
    return {name: values[0] for name, values in given.items()}


def _account(body: ConsentIn) -> Account:
    regions = {region_of(one) for one in body.marketplaces}
    region = regions.pop() if len(regions) == 1 else None
    if region is None:
        fault = FieldError("/marketplaces", "Known marketplaces of one region.")
        raise Invalid("The marketplaces are not of one region.", errors=(fault,), hint="Begin once for each region.")
    return Account(
        id="",
        name=body.name,
        seller_id=body.seller_id,
        region=Region(region),
        marketplaces=tuple(body.marketplaces),
        endpoint=body.endpoint,
        token_url=body.token_url,
        application_id=body.application_id,
        api=Api(body.api),
    )
