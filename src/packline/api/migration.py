"""`/v1/accounts/{account}/migration`: run beside a former integrator, the check list, and taking over."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from typing_extensions import TypedDict

from packline.api.access import key_of, needs, refuse_other_account, services_of
from packline.api.answers import Json
from packline.api.idempotent import KEYED, IdempotentRoute
from packline.domain.api_key import Role
from packline.views import migration_day as views

reads = APIRouter(prefix="/accounts", tags=["accounts"], dependencies=[needs(Role.READER)])
router = APIRouter(
    prefix="/accounts", tags=["accounts"], route_class=IdempotentRoute, dependencies=[needs(Role.ADMIN), KEYED]
)


class CheckRow(TypedDict):
    """One line of the list; `cure` says what to do where it is red."""

    name: str
    green: bool
    says: str
    cure: str


class MigrationRow(TypedDict):
    """A migration: its state (none, parallel, done), since when, and the list; `green` where every line is."""

    account: str
    state: str
    began_at: datetime | None
    ended_at: datetime | None
    green: bool
    checks: list[CheckRow]


class EndIn(BaseModel):
    """Whether to take over although the list is not green."""

    model_config = ConfigDict(extra="forbid")

    anyway: bool = False


@reads.get("/{account}/migration", response_model=MigrationRow)
async def check_migration(request: Request, account: str) -> Any:
    """Go through the list: each check green, or red with its cure."""
    refuse_other_account(request, account)
    return Json(await _row(request, account))


@router.post("/{account}/migration/begin", response_model=MigrationRow)
async def begin_migration(request: Request, account: str) -> Any:
    """Run beside the former integrator: confirm nothing by itself, hold stock, ask Amazon for its numbers first."""
    refuse_other_account(request, account)
    await services_of(request).migrations.begin(account, key_of(request).id)
    return Json(await _row(request, account))


@router.post("/{account}/migration/end", response_model=MigrationRow)
async def end_migration(request: Request, account: str, body: EndIn) -> Any:
    """Take over: stock goes out, and what confirmed by itself before does so again. Refused while a check is red."""
    refuse_other_account(request, account)
    services = services_of(request)
    found = await views.check_list(services.pool, account, services.clock.now())
    await services_of(request).migrations.end(account, found, anyway=body.anyway, by=key_of(request).id)
    return Json(await _row(request, account))


async def _row(request: Request, account: str) -> dict[str, Any]:
    services = services_of(request)
    found = await views.check_list(services.pool, account, services.clock.now())
    day = await views.day(services.pool, account)
    return {
        "account": account,
        "state": day.state if day else "none",
        "began_at": day.began_at if day else None,
        "ended_at": day.ended_at if day else None,
        "green": all(check.green for check in found),
        "checks": [check._asdict() | {"cure": "" if check.green else check.cure} for check in found],
    }
