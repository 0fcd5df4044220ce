"""`/v1/doctor` and `/v1/accounts/{account}/doctor`: everything that can be wrong, each with its cure."""

from collections.abc import Sequence
from typing import Any, Literal

from fastapi import APIRouter, Request
from typing_extensions import TypedDict

from packline.api.access import needs, refuse_bound_key, scope_of, services_of
from packline.api.answers import Json
from packline.domain.api_key import Role
from packline.domain.findings import Finding, worst
from packline.views import accounts, credentials, house_checks

router = APIRouter(tags=["health"])


class FindingRow(TypedDict):
    """One check: what it is about, good, doubt or bad, what was found, and the cure."""

    about: str
    check: str
    state: Literal["good", "doubt", "bad"]
    says: str
    cure: str


class FindingList(TypedDict):
    """What was found, and the worst of it ("" where nothing was checked)."""

    worst: Literal["good", "doubt", "bad", ""]
    items: list[FindingRow]


@router.get("/doctor", response_model=FindingList, dependencies=[needs(Role.ADMIN)])
async def check_house(request: Request) -> Any:
    """Check settings, database, keys, workers and flows; each account has a check of its own."""
    refuse_bound_key(request)
    services = services_of(request)
    given = services.settings
    return _told(await house_checks.check(services.pool, services.clock.now(), given.kept_in, given.key_file))


@router.get("/accounts/{account}/doctor", response_model=FindingList, dependencies=[needs(Role.OPERATOR)])
async def check_account(request: Request, account: str) -> Any:
    """Look at an account as Amazon sees it: authorisation, marketplaces, locations, notifications, age of secrets.

    Some calls to Amazon are made now, beside the account's quota; the answer takes as long as they do.
    """
    services = services_of(request)
    row = await accounts.account(services.pool, account, scope_of(request))
    now, name = services.clock.now(), row["name"]
    found = await services.doctor.check(row["id"])
    found.append(await house_checks.told_of(services.pool, now, row["id"], name))
    found += await credentials.findings(services.pool, now, row["id"], f"{name} ({row['id']})")
    return _told(found)


def _told(found: Sequence[Finding]) -> Json:
    return Json({"worst": worst(found), "items": [finding._asdict() for finding in found]})
