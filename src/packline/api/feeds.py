"""`/v1/feeds`: what goes to Amazon for many orders at once, when it leaves, and what was not taken."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from typing_extensions import TypedDict

from packline.api.access import needs, refuse_other_account, scope_of, services_of
from packline.api.answers import Json
from packline.api.idempotent import KEYED, IdempotentRoute
from packline.api.parameters import After, Limit, Word
from packline.api.requests import Body, Text
from packline.commands.feed_items import retry_items
from packline.domain.api_key import Role
from packline.domain.feeds import FeedKind
from packline.storage.feeds import Feeds
from packline.views import feeds as views
from packline.views.feeds import FeedDetail, FeedItemRow, FeedRow, ForecastRow

reads = APIRouter(prefix="/feeds", tags=["feeds"], dependencies=[needs(Role.READER)])
router = APIRouter(
    prefix="/feeds", tags=["feeds"], route_class=IdempotentRoute, dependencies=[needs(Role.OPERATOR), KEYED]
)


class FeedPage(TypedDict):
    """A page of feeds."""

    items: list[FeedRow]
    next: str | None


class FeedItemPage(TypedDict):
    """A page of items."""

    items: list[FeedItemRow]
    next: str | None


class ForecastList(TypedDict):
    """Forecasts, one for each kind that waits."""

    items: list[ForecastRow]


class Retried(TypedDict):
    """How many items go again with the next feed."""

    items: int


class RetryIn(Body):
    """Which failed items: those named by `keys` (shipment ids or SKUs), or all of a kind."""

    account: Text = Field(examples=["acme-in"])
    kind: FeedKind = Field(examples=["documents"])
    keys: list[Text] | None = Field(default=None, max_length=1000, description="Left out: all of this kind.")


@reads.get("", response_model=FeedPage)
async def list_feeds(
    request: Request, account: Word = None, is_open: bool | None = None, limit: Limit = 50, after: After = None
) -> Any:
    """List feeds, the newest first."""
    pool, scope = services_of(request).pool, scope_of(request)
    return Json(await views.feeds(pool, scope, account=account, is_open=is_open, limit=limit, after=after))


@reads.get("/forecast", response_model=ForecastList)
async def forecast_feeds(request: Request, account: Annotated[str, Query(max_length=200)]) -> Any:
    """Tell what waits for a feed, and when the last of it can leave by Amazon's quotas."""
    refuse_other_account(request, account)
    services = services_of(request)
    now, rules = services.clock.now(), services.settings.feed_rules
    told = await views.forecast_of(services.pool, services.gateway, account, now, rules)
    return Json({"items": told})


@reads.get("/items/failed", response_model=FeedItemPage)
async def list_failed_items(
    request: Request, account: Word = None, kind: FeedKind | None = None, limit: Limit = 50, after: After = None
) -> Any:
    """List what Amazon did not take, with its reason."""
    pool, scope = services_of(request).pool, scope_of(request)
    return Json(await views.failed_items(pool, scope, account=account, kind=kind, limit=limit, after=after))


@router.post("/items/retry", response_model=Retried)
async def retry_failed_items(request: Request, body: RetryIn) -> Any:
    """Send failed items again with the next feed of their kind."""
    refuse_other_account(request, body.account)
    services = services_of(request)
    keys = None if body.keys is None else list(body.keys)
    store = Feeds(services.pool)
    count = await retry_items(store, services.wake, services.clock, body.account, body.kind.value, keys)
    return Json({"items": count})


@reads.get("/{feed}", response_model=FeedDetail)
async def show_feed(request: Request, feed: Annotated[int, Path(ge=1, le=2**62)]) -> Any:
    """Show one feed by our number, with the items that are still in it."""
    return Json(await views.one_feed(services_of(request).pool, feed, scope_of(request)))
