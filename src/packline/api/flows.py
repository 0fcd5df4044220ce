"""`/v1/flows`: what should come and go all the time, when it did last, and why a silent one is silent."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from typing_extensions import TypedDict

from packline.api.access import needs, scope_of, services_of
from packline.api.answers import Json
from packline.api.parameters import After, Limit, Word
from packline.domain.api_key import Role
from packline.views import flows as views
from packline.views.flows import FlowRow

reads = APIRouter(prefix="/flows", tags=["flows"], dependencies=[needs(Role.READER)])
Silent = Annotated[bool | None, Query(description="Only those that are silent, or are not.")]


class FlowPage(TypedDict):
    """A page of flows."""

    items: list[FlowRow]
    next: str | None


@reads.get("", response_model=FlowPage)
async def list_flows(
    request: Request, account: Word = None, silent: Silent = None, after: After = None, limit: Limit = 50
) -> Any:
    """List polling, orders, notifications, stock, returns, documents and webhooks, as judged within the last minute.

    What silence is, each flow's own past tells. The same is told by the events `flow.silent` and `flow.resumed`.
    """
    pool, scope = services_of(request).pool, scope_of(request)
    return Json(await views.flows(pool, account=account, silent=silent, after=after, limit=limit, scope=scope))
