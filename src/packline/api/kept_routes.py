"""`/v1/routing/orders`: routes that are kept, answered by locations, and made anew where one rejects."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from packline.api.access import key_of, needs, refuse_other_account, scope_of, services_of
from packline.api.answers import Json
from packline.api.idempotent import KEYED, IdempotentRoute
from packline.api.parameters import After, Limit, Word
from packline.api.routing import LineIn, Text
from packline.domain.api_key import Role
from packline.domain.routing.kept import KeptOrder
from packline.domain.routing.order import Demand
from packline.errors import NotFound
from packline.views import routes as views
from packline.views.routes import RouteOrderRow

reads = APIRouter(prefix="/routing/orders", tags=["routing"], dependencies=[needs(Role.READER)])
router = APIRouter(
    prefix="/routing/orders", tags=["routing"], route_class=IdempotentRoute, dependencies=[needs(Role.OPERATOR), KEYED]
)
Name = Annotated[str, Path(max_length=200)]
Reference = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class KeptOrderIn(BaseModel):
    """An order to allocate and keep; `reference` is the seller's own number of it."""

    model_config = ConfigDict(extra="forbid")
    reference: Reference
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=1000)]
    country: Text = ""
    postal_code: Text = ""
    ship_by: AwareDatetime | None = None


class KeptOrdersIn(BaseModel):
    """Orders of an account, allocated one after the other: what one takes is gone for the next."""

    model_config = ConfigDict(extra="forbid")
    account: Text
    orders: Annotated[list[KeptOrderIn], Field(min_length=1, max_length=1000)]


class AnswerIn(BaseModel):
    """What a location says of its parcel."""

    model_config = ConfigDict(extra="forbid")
    location: Text
    reason: Text = ""


class ReasonIn(BaseModel):
    """Why."""

    model_config = ConfigDict(extra="forbid")
    reason: Text = ""


class KeptRouteList(TypedDict):
    """A page of kept routes."""

    items: list[RouteOrderRow]
    next: str | None


class KeptRoutes(TypedDict):
    """The kept routes of these orders, in their sequence."""

    items: list[RouteOrderRow]


@router.post("", status_code=201, response_model=KeptRoutes)
async def keep_routes(request: Request, body: KeptOrdersIn) -> Any:
    """Allocate orders and keep it: each holds its units and its place in a location's day. A known one is shown."""
    _refuse_bound(request, body.account)
    orders = [_order(body.account, one) for one in body.orders]
    await services_of(request).routes.keep(body.account, orders, by=key_of(request).id)
    names = [order.reference for order in orders]
    shown = await views.kept_routes(services_of(request).pool, account=body.account, references=names, limit=1000)
    rows = {row["reference"]: row for row in shown.items}
    return Json({"items": [rows[name] for name in names]}, 201)


@reads.get("", response_model=KeptRouteList)
async def list_kept_routes(
    request: Request,
    account: Word = None,
    state: Word = None,
    location: Word = None,
    limit: Limit = 50,
    after: After = None,
) -> Any:
    """List kept routes, the oldest first; with a location those that it has to ship."""
    found = await views.kept_routes(
        services_of(request).pool,
        account=account,
        state=state,
        location=location,
        scope=scope_of(request),
        limit=limit,
        after=after,
    )
    return Json(found)


@reads.get("/{account}/{reference:path}", response_model=RouteOrderRow)
async def show_kept_route(request: Request, account: Name, reference: Name) -> Any:
    """Show one kept route with the parcels of every turn and the reasons."""
    return Json(await views.kept_route(services_of(request).pool, account, reference, scope_of(request)))


@router.post("/{account}/{reference:path}/cancel", response_model=RouteOrderRow)
async def cancel_kept_route(request: Request, account: Name, reference: Name, body: ReasonIn) -> Any:
    """End an order: what it holds is free again."""
    _refuse_bound(request, account)
    await services_of(request).routes.cancel(account, reference, reason=body.reason, by=key_of(request).id)
    return Json(await views.kept_route(services_of(request).pool, account, reference))


@router.post("/{account}/{reference:path}/again", response_model=RouteOrderRow)
async def route_again(request: Request, account: Name, reference: Name) -> Any:
    """Allocate anew what no location has accepted, such as after goods came in."""
    _refuse_bound(request, account)
    await services_of(request).routes.again(account, reference, by=key_of(request).id)
    return Json(await views.kept_route(services_of(request).pool, account, reference))


@router.post("/{account}/{reference:path}/{act}", response_model=RouteOrderRow)
async def answer_route(
    request: Request, account: Name, reference: Name, act: Literal["accept", "reject", "done"], body: AnswerIn
) -> Any:
    """Say for a location: accept, done (it has left), or reject, upon which the rest is allocated anew at once."""
    if not key_of(request).sees(account, body.location):
        raise NotFound(f"There is no account {account} with location {body.location}.")
    by = key_of(request).id
    await services_of(request).routes.answer(account, reference, act, body.location, reason=body.reason, by=by)
    return Json(await views.kept_route(services_of(request).pool, account, reference))


def _order(account: str, body: KeptOrderIn) -> KeptOrder:
    lines = tuple(Demand(one.line, one.sku, one.units) for one in body.lines)
    return KeptOrder(account, body.reference, lines, body.country, body.postal_code, body.ship_by)


def _refuse_bound(request: Request, account: str) -> None:
    refuse_other_account(request, account)
    if key_of(request).locations is not None:
        raise NotFound("This key sees only its own locations; a route is of all of them.")
