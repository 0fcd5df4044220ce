"""`/v1/exports`: files for upload in Seller Central."""

import io
import zipfile
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime
from typing_extensions import TypedDict

from packline.api.access import key_of, needs, services_of
from packline.api.answers import Json
from packline.commands.pickup_schedule import Schedule
from packline.domain.api_key import Role
from packline.domain.location import DEFAULT_LOCATION
from packline.errors import NotFound

router = APIRouter(prefix="/exports", tags=["exports"], dependencies=[needs(Role.READER)])
TABBED = "text/tab-separated-values"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that ZIP can say: the same orders give the same bytes


class LeftOutRow(TypedDict):
    """An order that is in no file, and why."""

    order_id: str
    shipment: str
    why: str


class PickupSchedule(TypedDict):
    """Files as text, how many orders are in them, and the orders that are in none."""

    files: list[str]
    orders: int
    left_out: list[LeftOutRow]


@router.get(
    "/pickup-schedule",
    response_model=PickupSchedule,
    responses={200: {"content": {TABBED: {}, "application/zip": {}}}},
)
async def export_pickup_schedule(
    request: Request,
    account: Annotated[str, Query(max_length=200)],
    location: Annotated[str, Query(max_length=200)] = DEFAULT_LOCATION,
    pickup_at: Annotated[
        AwareDatetime | None, Query(description="When the carrier shall come, for orders without a chosen slot.")
    ] = None,
) -> Response:
    """Write the file that schedules pickups in Seller Central, for marketplaces without an API for it.

    JSON by default, with what was left out and why. `Accept: text/tab-separated-values` gives the file itself: at most
    500 orders each, so several come as a ZIP. Nothing is changed by it; orders leave the file when Amazon shows them
    as scheduled.
    """
    if not key_of(request).sees(account, location):
        raise NotFound(f"There is no account {account} with location {location}.")
    made = await services_of(request).pickups.schedule(account, location, pickup_at)
    if "json" in (accepted := request.headers.get("accept", "")) or not ("tab" in accepted or "zip" in accepted):
        return Json(_row(made))
    headers = {"Packline-Orders": str(made.orders), "Packline-Left-Out": str(len(made.left_out))}
    if len(made.files) == 1 and "zip" not in accepted:
        return Response(made.files[0], media_type=TABBED, headers=headers)
    return Response(_zipped(made), media_type="application/zip", headers=headers)


def _zipped(made: Schedule) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, content in enumerate(made.files, 1):
            archive.writestr(zipfile.ZipInfo(f"pickup-schedule-{number}.txt", _EPOCH), content)
    return out.getvalue()


def _row(made: Schedule) -> dict[str, Any]:
    left_out = [LeftOutRow(order_id=o.order_id, shipment=o.shipment, why=o.why) for o in made.left_out]
    return {"files": [content.decode() for content in made.files], "orders": made.orders, "left_out": left_out}
