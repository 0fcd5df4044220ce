"""`/v1/notifications`: the queues that Amazon fills, and how far each account relies on being told."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import Field
from typing_extensions import TypedDict

from packline.api.access import needs, refuse_bound_key, refuse_other_account, scope_of, services_of
from packline.api.answers import Json
from packline.api.idempotent import KEYED, IdempotentRoute
from packline.api.requests import Body, Text
from packline.domain.api_key import Role
from packline.ports.notifications import Queue, QueueKey
from packline.views import accounts as account_views
from packline.views import notifications as views
from packline.views.notifications import NotificationRow, QueueRow

reads = APIRouter(tags=["notifications"], dependencies=[needs(Role.READER)])
router = APIRouter(tags=["notifications"], route_class=IdempotentRoute, dependencies=[needs(Role.ADMIN), KEYED])
Name = Annotated[str, Path(max_length=80, description="The queue's name.")]


class QueueList(TypedDict):
    """Queues."""

    items: list[QueueRow]


class NotificationList(TypedDict):
    """Accounts and their notifications."""

    items: list[NotificationRow]


class SettledRow(TypedDict):
    """One type after setup; `made` says whether this request subscribed to it."""

    type: str
    destination_id: str
    subscription_id: str
    made: bool


class SettledList(TypedDict):
    """All types of an account."""

    items: list[SettledRow]


class LinkRow(TypedDict):
    """One link of the chain from Amazon: good, bad or doubt, what it says, and the cure."""

    check: str
    state: str
    says: str
    cure: str


class CheckOut(TypedDict):
    """The links, and whether none of them is bad."""

    ok: bool
    items: list[LinkRow]


class Ended(TypedDict):
    """The types that Amazon sends no more."""

    types: list[str]


class QueueIn(Body):
    """A queue; region and address are read from its ARN where they are left out. Keys are stored encrypted."""

    arn: Text = Field(examples=["arn:aws:sqs:eu-west-1:123456789012:packline"])
    url: str = Field(default="", max_length=2000)
    region: str = Field(default="", max_length=50)
    endpoint: str = Field(default="", max_length=2000, description="Another address than Amazon's.")
    access_key: str = Field(default="", max_length=200, description="Left out: as it was, or as the machine is.")
    secret_key: str = Field(default="", max_length=500)
    session_token: str = Field(default="", max_length=5000)
    enabled: bool = True


class SetupIn(Body):
    """Which queue, where there are several; `replace` takes over subscriptions that lead elsewhere."""

    queue: str = Field(default="", max_length=80, examples=["packline"])
    replace: bool = False


class CheckIn(Body):
    """Seconds within which each test must have come through."""

    wait_s: float = Field(default=15.0, ge=0, le=60)


@reads.get("/notifications", response_model=NotificationList)
async def list_notifications(request: Request) -> Any:
    """Tell of each account whether polling is a safety net or does all the work, and why."""
    services = services_of(request)
    rows = await views.statuses(services.pool, services.clock.now(), scope=scope_of(request))
    return Json({"items": rows})


@reads.get("/accounts/{account}/notifications", response_model=NotificationRow)
async def show_notifications(request: Request, account: str) -> Any:
    """Tell whether polling is a safety net for this account or does all the work, and why."""
    services = services_of(request)
    await account_views.account(services.pool, account, scope_of(request))
    return Json((await views.statuses(services.pool, services.clock.now(), account))[0])


@router.get("/notifications/queues", response_model=QueueList)
async def list_queues(request: Request) -> Any:
    """List queues with what came out of them; never their keys."""
    refuse_bound_key(request)
    return Json({"items": await views.queues(services_of(request).pool)})


@router.put("/notifications/queues/{queue}", response_model=QueueRow)
async def put_queue(request: Request, queue: Name, body: QueueIn) -> Any:
    """Add a queue under a name of your own, or write it again."""
    refuse_bound_key(request)
    services = services_of(request)
    key = QueueKey(body.access_key, body.secret_key, body.session_token) if body.access_key or body.secret_key else None
    made = Queue(queue, body.url, body.arn, body.region, body.endpoint, body.enabled)
    await services.notices.put_queue(made, key)
    return Json(next(row for row in await views.queues(services.pool) if row["id"] == queue))


@router.delete("/notifications/queues/{queue}", status_code=204)
async def remove_queue(request: Request, queue: Name) -> Response:
    """Read a queue no more, and forget it."""
    refuse_bound_key(request)
    await services_of(request).notices.remove_queue(queue)
    return Response(status_code=204)


@router.post("/accounts/{account}/notifications/setup", response_model=SettledList)
async def set_up_notifications(request: Request, account: str, body: SetupIn) -> Any:
    """Have Amazon send everything that an account must hear into a queue; what is there already stays."""
    refuse_other_account(request, account)
    settled = await services_of(request).notices.set_up(account, body.queue, replace=body.replace)
    return Json({"items": settled})


@router.post("/accounts/{account}/notifications/check", response_model=CheckOut)
async def check_notifications(request: Request, account: str, body: CheckIn) -> Any:
    """Check every link from Amazon to here, with a test notification of each type sent through."""
    refuse_other_account(request, account)
    links = await services_of(request).notices.check(account, body.wait_s)
    rows = [{"check": link.check, "state": link.state, "says": link.says, "cure": link.cure} for link in links]
    return Json({"ok": all(link.state != "bad" for link in links), "items": rows})


@router.delete("/accounts/{account}/notifications", response_model=Ended)
async def stop_notifications(request: Request, account: str) -> Any:
    """End an account's subscriptions at Amazon; polling does all the work again."""
    refuse_other_account(request, account)
    return Json({"types": await services_of(request).notices.shut_off(account)})
