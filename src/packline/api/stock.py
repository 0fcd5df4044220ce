"""`/v1/stock`: what there is, what Amazon is told and why, and what a seller says of it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from packline.api.access import key_of, needs, refuse_bound_key, scope_of, services_of
from packline.api.answers import Json
from packline.api.idempotent import KEYED, IdempotentRoute, command_key
from packline.api.parameters import After, Limit, Word
from packline.api.problems import problem
from packline.api.stock_bodies import (
    AdjustIn,
    HoldIn,
    MoveIn,
    OrderIn,
    ReceiveIn,
    ReleaseIn,
    RetryIn,
    ReturnIn,
    RuleIn,
    SetIn,
    StockBulkIn,
)
from packline.api.stock_pages import (
    CheckAnswer,
    HoldList,
    OfferList,
    RetryAnswer,
    RuleAnswer,
    RuleList,
    StockBulkResult,
    StockEntryPage,
    StockPage,
    StockResult,
)
from packline.commands import stock_rules
from packline.commands.stock import StockOrder
from packline.domain.api_key import Role
from packline.domain.inventory.book import Fate
from packline.domain.inventory.rules import Place
from packline.errors import NotFound, PacklineError
from packline.storage.stock_check import check
from packline.views import stock as views
from packline.views.paging import page_of
from packline.views.stock_rows import PLACE_KEY, WhyRow

reads = APIRouter(prefix="/stock", tags=["stock"], dependencies=[needs(Role.READER)])
router = APIRouter(
    prefix="/stock", tags=["stock"], route_class=IdempotentRoute, dependencies=[needs(Role.PACKER), KEYED]
)
settings = APIRouter(
    prefix="/stock", tags=["stock"], route_class=IdempotentRoute, dependencies=[needs(Role.OPERATOR), KEYED]
)
Named = Annotated[str, Query(min_length=1, max_length=200)]
Scoped = Annotated[str, Query(max_length=200)]


@reads.get("", response_model=StockPage)
async def list_stock(
    request: Request,
    account: Word = None,
    location: Word = None,
    sku: Word = None,
    pool: Word = None,
    limit: Limit = 50,
    after: After = None,
) -> Any:
    """List balances by SKU, with what Amazon is told of each."""
    page = await views.stock(
        services_of(request).pool,
        account=account,
        location=location,
        sku=sku,
        from_pool=pool,
        scope=scope_of(request),
        limit=limit,
        after=after,
    )
    return Json(page)


@reads.get("/why", response_model=WhyRow)
async def explain_stock(request: Request, account: Named, location: Named, sku: Named, channel: Scoped = "") -> Any:
    """Tell why Amazon is told this number: every step from what is on hand to the quantity."""
    place = Place(account, location, sku, channel)
    return Json(await views.why(services_of(request).pool, place, scope_of(request)))


@reads.get("/entries", response_model=StockEntryPage)
async def list_stock_entries(
    request: Request,
    sku: Named,
    location: Word = None,
    pool: Word = None,
    shipment: Word = None,
    limit: Limit = 50,
    after: After = None,
) -> Any:
    """List the ledger's entries of a SKU, the newest first."""
    page = await views.entries(
        services_of(request).pool,
        sku=sku,
        location=location,
        from_pool=pool,
        shipment=shipment,
        scope=scope_of(request),
        limit=limit,
        after=after,
    )
    return Json(page)


@reads.get("/refused", response_model=OfferList)
async def list_refused_stock(request: Request, account: Word = None, limit: Limit = 50, after: After = None) -> Any:
    """List the SKUs that Amazon refused, with its reason."""
    pool = services_of(request).pool
    rows = await views.refused(pool, account, scope_of(request), limit=limit, after=after)
    return Json(page_of(rows, limit, *PLACE_KEY))


@reads.get("/holds", response_model=HoldList)
async def list_stock_holds(request: Request) -> Any:
    """List the locations whose publishing is held."""
    return Json({"items": await views.holds(services_of(request).pool, scope_of(request))})


@reads.get("/rules", response_model=RuleList)
async def list_stock_rules(request: Request, account: Word = None, sku: Word = None) -> Any:
    """List rules, the widest first."""
    refuse_bound_key(request)
    return Json({"items": await views.rules(services_of(request).pool, account, sku)})


@router.post("/set", response_model=StockResult)
async def set_stock(request: Request, body: SetIn) -> Any:
    """Say how many units there are: what was counted, shelf and packed ones without label alike."""
    return await _say(request, body)


@router.post("/adjust", response_model=StockResult)
async def adjust_stock(request: Request, body: AdjustIn) -> Any:
    """Correct by a difference."""
    return await _say(request, body)


@router.post("/receive", response_model=StockResult)
async def receive_stock(request: Request, body: ReceiveIn) -> Any:
    """Say that units came in."""
    return await _say(request, body)


@router.post("/return", response_model=StockResult)
async def return_stock(request: Request, body: ReturnIn) -> Any:
    """Say that units came back from a buyer, in which condition."""
    return await _say(request, body)


@router.post("/move", response_model=StockResult)
async def move_stock(request: Request, body: MoveIn) -> Any:
    """Move units to another pool, location or bin."""
    return await _say(request, body)


@router.post("/bulk", response_model=StockBulkResult)
async def say_many_of_stock(request: Request, body: StockBulkIn) -> Any:
    """Say up to 1,000 things at once, with a result for each; files of 100,000 go to `/v1/stock/imports`."""
    orders = [item.order() for item in body.items]
    refused: dict[int, PacklineError] = {}
    for index, order in enumerate(orders):
        fault = _outside(request, order)
        if fault:
            refused[index] = fault
    allowed = [order for index, order in enumerate(orders) if index not in refused]
    said = await services_of(request).stock.say_many(allowed, key=command_key(request), by=key_of(request).id)
    answers = iter(said)
    results = [refused.get(index) or next(answers) for index in range(len(orders))]
    return Json({"items": [_bulk_row(result) for result in results]})


@settings.put("/rules", response_model=RuleAnswer)
async def put_stock_rule(request: Request, body: RuleIn) -> Any:
    """Write the rule of a scope; what Amazon is told follows."""
    refuse_bound_key(request)
    services, rule = services_of(request), body.rule()
    places = await stock_rules.set_rule(
        services.stock_rules, services.accounts, services.clock, rule, key_of(request).id
    )
    return Json({"places": places})


@settings.delete("/rules", response_model=RuleAnswer)
async def remove_stock_rule(
    request: Request, account: Scoped = "", location: Scoped = "", sku: Scoped = "", channel: Scoped = ""
) -> Any:
    """Remove the rule of a scope; wider ones count again."""
    refuse_bound_key(request)
    services = services_of(request)
    scope = (account, location, sku, channel)
    places = await stock_rules.drop_rule(services.stock_rules, services.clock, scope, key_of(request).id)
    return Json({"places": places})


@settings.post("/retry", response_model=RetryAnswer)
async def retry_stock(request: Request, body: RetryIn) -> Any:
    """Tell Amazon again what it refused, once its cause is mended."""
    _refuse_other(request, body.account, body.location)
    services = services_of(request)
    count = await services.stock_offers.retry(body.account, body.location, body.sku)
    await services.wake.wake([body.account])
    return Json({"offers": count})


@settings.post("/check", response_model=CheckAnswer)
async def check_stock(request: Request) -> Any:
    """Compare every balance with its entries: an empty list proves that the books agree."""
    refuse_bound_key(request)
    found = await check(services_of(request).pool)
    rows = [{"what": d.what, **d.key._asdict(), "kept": d.kept, "entries": d.told} for d in found]
    return Json({"differences": rows})


@settings.post("/hold", status_code=204)
async def hold_stock(request: Request, body: HoldIn) -> Response:
    """Tell Amazon nothing more about a location until it is released."""
    _refuse_other(request, body.account, body.location)
    services = services_of(request)
    await stock_rules.hold(
        services.stock_rules,
        services.accounts,
        services.clock,
        body.account,
        body.location,
        body.reason,
        key_of(request).id,
    )
    return Response(status_code=204)


@settings.post("/release", status_code=204)
async def release_stock(request: Request, body: ReleaseIn) -> Response:
    """Let a location's numbers go to Amazon again."""
    _refuse_other(request, body.account, body.location)
    services = services_of(request)
    await stock_rules.release(services.stock_rules, services.clock, body.account, body.location)
    return Response(status_code=204)


def result_row(fate: Fate) -> dict[str, Any]:
    """Show what came of one thing that was said."""
    pool, location, sku = fate.key
    return {
        "outcome": fate.outcome,
        "pool": pool,
        "location": location,
        "sku": sku,
        "before": fate.before,
        "after": fate.after,
    }


async def _say(request: Request, body: OrderIn) -> Json:
    order = body.order()
    fault = _outside(request, order)
    if fault:
        raise fault
    services = services_of(request)
    return Json(result_row(await services.stock.say(order, key=command_key(request), by=key_of(request).id)))


def _outside(request: Request, order: StockOrder) -> PacklineError | None:
    """Units of a pool are everybody's who sells it: only a key that sees all may name them."""
    key = key_of(request)
    is_bound = key.accounts is not None or key.locations is not None
    if is_bound and (
        order.pool or order.to_pool or (order.to_location and not key.sees(order.account, order.to_location))
    ):
        return NotFound("This key sees only its own accounts and locations.", hint="Name account and location.")
    if order.account and not key.sees(order.account, order.location):
        return NotFound(f"There is no account {order.account} with location {order.location}.")
    return None


def _refuse_other(request: Request, account: str, location: str | None) -> None:
    key = key_of(request)
    if not scope_of(request).sees(account, location) or (location is None and key.locations is not None):
        raise NotFound(f"There is no account {account} with location {location or 'left out'}.")


def _bulk_row(result: Fate | PacklineError) -> dict[str, Any]:
    if isinstance(result, PacklineError):
        return {"result": None, "problem": problem(result)}
    return {"result": result_row(result), "problem": None}
