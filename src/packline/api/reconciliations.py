"""`/v1/reconciliations`: compare our books with Amazon's or the seller's system, and mend what differs."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from packline.api.access import key_of, needs, scope_of, services_of
from packline.api.answers import Json
from packline.api.idempotent import KEYED, IdempotentRoute, command_key
from packline.api.parameters import After, Limit, Word
from packline.commands.reconciliations import Asked
from packline.domain.api_key import Role
from packline.domain.books.entries import Cause, Kind, Side, What
from packline.errors import NotFound
from packline.oms.any_rows import rows_of
from packline.views import reconciliations as views
from packline.views.reconciliations import DifferenceRow, ReconciliationRow

reads = APIRouter(prefix="/reconciliations", tags=["reconciliations"], dependencies=[needs(Role.READER)])
router = APIRouter(
    prefix="/reconciliations",
    tags=["reconciliations"],
    route_class=IdempotentRoute,
    dependencies=[needs(Role.OPERATOR), KEYED],
)
REFUSED_AT_MOST = 100
Named = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
Text = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]
_MEDIA = ("text/csv", "text/tab-separated-values", "application/x-ndjson", "application/json",
          "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")  # fmt: skip
_BODY = {
    "requestBody": {
        "required": True,
        "content": {name: {"schema": {"type": "string", "format": "binary"}} for name in _MEDIA},
    }
}


class ReconcileIn(BaseModel):
    """What is compared with whose books; `rows` are what your system has, with columns as in files.

    `words` say what your own words for a status mean: open, packed, shipped, delivered, cancelled; of returns expected,
    received, called_off.
    """

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"account": "acme-in", "what": "orders", "side": "amazon"}]}
    )

    account: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
    what: What = What.ORDERS
    side: Side = Side.AMAZON
    location: Named = ""
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    rows: list[dict[str, Any]] | None = Field(default=None, max_length=100_000)
    words: dict[str, str] = Field(default={}, max_length=200)


class MendIn(BaseModel):
    """Which differences to mend, all that a machine can where left out; `preview` only says what would happen."""

    model_config = ConfigDict(extra="forbid")

    items: list[int] | None = Field(default=None, max_length=5000)
    preview: bool = False


class RefusedRow(TypedDict):
    """A row that is not compared, and why."""

    line: int
    reason: str


class AskedRow(ReconciliationRow):
    """The reconciliation, and the first hundred rows that are not compared."""

    refused: list[RefusedRow]


class ReconciliationPage(TypedDict):
    """A page of reconciliations."""

    items: list[ReconciliationRow]
    next: str | None


class DifferencePage(TypedDict):
    """A page of differences."""

    items: list[DifferenceRow]
    next: str | None


class MendRow(TypedDict):
    """What a repair does, or did, to one difference."""

    item: int
    repair: str
    words: str
    outcome: str


class MendList(TypedDict):
    """What became of each."""

    items: list[MendRow]


@reads.get("", response_model=ReconciliationPage)
async def list_reconciliations(
    request: Request, account: Word = None, what: What | None = None, limit: Limit = 50, after: After = None
) -> Any:
    """List reconciliations, the newest first."""
    pool = services_of(request).pool
    return Json(await views.reconciliations(pool, account, what, scope_of(request), limit=limit, after=after))


@router.post("", status_code=202, response_model=AskedRow)
async def start_reconciliation(request: Request, body: ReconcileIn) -> Any:
    """Compare; the answer comes before the comparison is over: ask for it until its state is `done`."""
    _refuse_other(request, body.account, body.location)
    rows = None if body.rows is None else list(enumerate(body.rows, 1))
    asked = await services_of(request).reconcile.ask(
        body.account,
        body.what,
        body.side,
        location=body.location,
        since=body.since,
        until=body.until,
        rows=rows,
        words=body.words,
        key=command_key(request),
        by=key_of(request).id,
    )
    return await _asked(request, asked)


@router.post("/files", status_code=202, response_model=AskedRow, openapi_extra=_BODY)
async def start_reconciliation_with_file(
    request: Request,
    account: Text,
    what: What = What.ORDERS,
    side: Side = Side.SELLER,
    location: Text = "",
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    name: Text = "",
) -> Any:
    """Compare with a file: CSV, tab-separated, XLSX, JSON array or JSON lines, of your system or Amazon's report."""
    _refuse_other(request, account, location)
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    asked = await services_of(request).reconcile.ask(
        account,
        what,
        side,
        location=location,
        since=since,
        until=until,
        rows=rows_of(await request.body(), name, media),
        source=name or "file",
        key=command_key(request),
        by=key_of(request).id,
    )
    return await _asked(request, asked)


@reads.get("/{reconciliation_id}", response_model=ReconciliationRow)
async def show_reconciliation(request: Request, reconciliation_id: str) -> Any:
    """Show how far a reconciliation is, and how many differences it found."""
    return Json(await views.reconciliation(services_of(request).pool, reconciliation_id, scope_of(request)))


@reads.get("/{reconciliation_id}/differences", response_model=DifferencePage)
async def list_differences(
    request: Request,
    reconciliation_id: str,
    kind: Kind | None = None,
    cause: Cause | None = None,
    only_open: Annotated[bool, Query(description="Leave out what was mended.")] = False,
    limit: Limit = 100,
    after: After = None,
) -> Any:
    """List what differs: each side's word, the likely cause, and the repair."""
    pool = services_of(request).pool
    await views.reconciliation(pool, reconciliation_id, scope_of(request))
    page = await views.differences(pool, reconciliation_id, kind, cause, only_open=only_open, limit=limit, after=after)
    return Json(page)


@router.post("/{reconciliation_id}/mend", response_model=MendList)
async def mend_differences(request: Request, reconciliation_id: str, body: MendIn) -> Any:
    """Mend one, some or all differences, or preview what that would do; the next reconciliation proves it."""
    services = services_of(request)
    await views.reconciliation(services.pool, reconciliation_id, scope_of(request))
    by = key_of(request).id
    done = await services.reconcile.mend(reconciliation_id, body.items, preview=body.preview, by=by)
    return Json({"items": [one._asdict() for one in done]})


async def _asked(request: Request, asked: Asked) -> Json:
    row = await views.reconciliation(services_of(request).pool, asked.run)
    return Json({**row, "refused": [one._asdict() for one in asked.refused[:REFUSED_AT_MOST]]}, 202)


def _refuse_other(request: Request, account: str, location: str) -> None:
    key = key_of(request)
    if key.locations is not None and not location:
        raise NotFound("This key sees only its own locations.", hint="Name a location.")
    if not key.sees(account, location or None):
        raise NotFound(f"There is no account {account} with location {location or '(all)'}.")
