"""`/v1/accounts/{account}/inbox`: have single orders read at once, by id or by a notification of Amazon's."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from packline.amazon.notifications.parse import notification
from packline.api.access import needs, refuse_other_account, services_of
from packline.api.answers import Json
from packline.commands import inbox
from packline.commands.accounts import known_account
from packline.domain.api_key import Role
from packline.storage.intake import Intake

router = APIRouter(prefix="/accounts", tags=["accounts"], dependencies=[needs(Role.OPERATOR)])


class LookIn(BaseModel):
    """Amazon's ids of the orders or shipments to read now."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"ids": ["403-1234567-1234567"]}]})

    ids: Annotated[list[str], Field(min_length=1, max_length=inbox.IDS_AT_MOST)]


class TakenRow(BaseModel):
    """How many were taken; 0 where a notification was known already."""

    taken: int


@router.post("/{account}/inbox/look", status_code=202, response_model=TakenRow)
async def look_at(request: Request, account: str, body: LookIn) -> Any:
    """Have orders or shipments read from Amazon at once; new ones come in, known ones are brought up to date."""
    refuse_other_account(request, account)
    services = services_of(request)
    await known_account(services.accounts, account)
    taken = await inbox.look_at(Intake(services.pool), services.clock, account, body.ids)
    return Json({"taken": taken}, 202)


@router.post("/{account}/inbox/notifications", status_code=202, response_model=TakenRow)
async def take_notification(request: Request, account: str) -> Any:
    """Take one of Amazon's notifications as it came from the queue; what it names is read from Amazon."""
    refuse_other_account(request, account)
    content = await request.body()
    is_new = await services_of(request).notices.take(account, notification(content), content)
    return Json({"taken": int(is_new)}, 202)
