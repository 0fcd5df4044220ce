"""`/v1/smarthub/report`: what was done in Amazon's own panel, what it did to stock, and what needs a person."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime

from packline.api.access import needs, scope_of, services_of
from packline.api.answers import Json
from packline.api.parameters import Word
from packline.domain.api_key import Role
from packline.errors import FieldError, Invalid
from packline.views import smarthub
from packline.views.smarthub import SmartHubReport

reads = APIRouter(prefix="/smarthub", tags=["smarthub"], dependencies=[needs(Role.READER)])
Moment = Annotated[AwareDatetime | None, Query()]


@reads.get("/report", response_model=SmartHubReport)
async def report_smarthub(request: Request, since: Moment = None, until: Moment = None, account: Word = None) -> Any:
    """Report what others did in Amazon's panel; without `since` in the last 24 hours."""
    services = services_of(request)
    end = until or services.clock.now()
    begin = since or end - timedelta(hours=24)
    if begin >= end:
        raise Invalid(
            "The report ends before it begins.", errors=(FieldError("/query/since", "It must be before `until`."),)
        )
    return Json(await smarthub.report(services.pool, begin, end, account, scope_of(request)))
