"""`/v1/audit`: who did what and saw what; and the recording of every write that comes through the API."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.routing import APIRoute
from pydantic import AwareDatetime
from typing_extensions import TypedDict

from packline.api.access import key_of, needs, scope_of, services_of
from packline.api.answers import Json
from packline.api.parameters import After, Limit, Word
from packline.commands.table import KINDS
from packline.domain.api_key import Role
from packline.domain.audit import LONGEST, AuditKind, Entry, act_of, told_as
from packline.errors import PacklineError
from packline.views import audit, shipments
from packline.views.audit import AuditRow

reads = APIRouter(prefix="/audit", tags=["audit"], dependencies=[needs(Role.OPERATOR)])
_READS = ("GET", "HEAD", "OPTIONS")
_OWN_RECORD = tuple(f"/v1/shipments/{{reference}}/{kind}" for kind in KINDS)
"""Commands on shipments are their own record; people's changes are written with the change itself."""


class AuditPage(TypedDict):
    """A page of the audit."""

    items: list[AuditRow]
    next: str | None


@reads.get("", response_model=AuditPage)
async def list_audit(
    request: Request,
    who: Annotated[
        str | None,
        Query(max_length=200, description="As the audit writes it: `user: asha`, `key_...`, `command line`."),
    ] = None,
    kind: AuditKind | None = None,
    act: Word = None,
    shipment: Word = None,
    account: Word = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    limit: Limit = 50,
    after: After = None,
) -> Any:
    """List who did what, who signed in, and who saw whose personal data, the newest first."""
    services, scope = services_of(request), scope_of(request)
    named = (await shipments.find(services.pool, shipment, scope)).id if shipment else None
    filters = audit.AuditFilters(who, kind, act, named, account, since, until)
    return Json(await audit.audit(services.pool, filters, scope, limit=limit, after=after))


async def recorded(request: Request) -> AsyncIterator[None]:
    """Write a write of the API into the audit before it is done, and what came of it afterwards."""
    route = request.scope.get("route")
    path = route.path if isinstance(route, APIRoute) else request.url.path
    path = path if path.startswith("/v1") else f"/v1{path}"
    if request.method in _READS or path.startswith(("/v1/users", "/v1/shipments/bulk")) or path in _OWN_RECORD:
        yield
        return
    log, entry = services_of(request).audit, _entry(request, path)
    name = await log.begin(entry)
    try:
        yield
    except PacklineError as refusal:
        await log.end(name, entry.at, refusal.reason)
        raise
    except Exception:
        await log.end(name, entry.at, "refused")
        raise
    await log.end(name, entry.at, "done")


def _entry(request: Request, path: str) -> Entry:
    given = {name: str(value)[:LONGEST].replace("\x00", "") for name, value in request.path_params.items()}
    kind, act = told_as(act_of(request.method, path))
    return Entry(
        at=services_of(request).clock.now(),
        who=key_of(request).id,
        kind=kind,
        act=act,
        subject=" ".join(given.values()),
        account=given.get("account"),
        address=request.client.host if request.client else "",
    )
