"""`/v1/health` and `/v1/errors/{code}`: what needs no key."""

from typing import Any

import asyncpg
from fastapi import APIRouter, Request

from packline.api.access import services_of
from packline.api.answers import Json
from packline.api.pages import ErrorRow, HealthRow
from packline.api.problems import family
from packline.errors import NotFound
from packline.storage.database import AWAY
from packline.views.health import health

router = APIRouter(tags=["health"])


@router.get("/health", response_model=HealthRow, responses={503: {"model": HealthRow}})
async def show_health(request: Request) -> Any:
    """Say whether Packline works; 503 where it cannot."""
    services = services_of(request)
    try:
        row = await health(services.pool, services.clock.now(), services.settings.version)
    except (*AWAY, asyncpg.PostgresError) as error:
        row = {
            "status": "down",
            "version": services.settings.version,
            "database": "unreachable",
            "cursor": "",
            "overdue": 0,
            "problems": [f"The database does not answer ({type(error).__name__})."],
        }
    return Json(row, 503 if row["status"] == "down" else 200)


@router.get("/errors/{code}", response_model=ErrorRow)
async def show_error(code: str) -> Any:
    """Say what an error code means and what can be done; `type` of every problem points here."""
    error = family().get(code)
    if error is None:
        raise NotFound(f"There is no error code {code}.", hint=f"The codes are {', '.join(sorted(family()))}.")
    title = (error.__doc__ or "").strip().rstrip(".")
    return Json({"code": code, "title": title, "status": error.http_status, "hint": error.default_hint})
