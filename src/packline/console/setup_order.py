"""The last step: a first order goes through the house; at a simulator it is made, at Amazon it is waited for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from packline.amazon.simulator import is_simulated
from packline.commands.accounts import known_account
from packline.console import forms, setup_steps
from packline.console.frame import part, scope_of
from packline.console.guard import Notice
from packline.console.place import get, post
from packline.console.room import Room
from packline.console.words import t, tell
from packline.domain.api_key import Role
from packline.errors import PacklineError
from packline.views import accounts, day, house_checks
from packline.views.paging import EVERYTHING
from packline.views.rows import AccountRow, LocationRow


async def content(room: Room, account: AccountRow, places: Sequence[LocationRow]) -> dict[str, Any]:
    """Gather where the first order is, and whether anybody looks for it."""
    now = room.clock.now()
    looks = [row["at"] for row in await day.sweeps(room.pool, EVERYTHING) if row["account"] == account["id"]]
    work = [finding for finding in await house_checks.work(room.pool, now) if finding.check == "workers"]
    return {
        "first": await setup_steps.first_order(room.pool, account["id"]),
        "looked_at": _newest(looks),
        "findings": work,
        "has_places": bool(places),
        "now": now,
        "account": account,
        "simulated": is_simulated(account["endpoint"]),
    }


async def order(room: Room, request: Request) -> Response:
    """Let a buyer order at the simulator."""
    form = await forms.take(request, Role.ADMIN)
    account = await accounts.account(room.pool, request.path_params["account"], scope_of(request))
    back = f"/setup/{quote(account['id'], safe='')}/order"
    try:
        known = await known_account(room.start.accounts, account["id"])
        places = await room.start.accounts.locations(known.id)
        place = places[0] if places else None
        program = next(iter(place.programs), "seller_flex") if place else "seller_flex"
        made = await room.start.simulator.order(known, place.id if place else "", form.get("program") or program)
    except PacklineError as wrong:
        return forms.go_back(request, back, Notice(tell(wrong.message), tell(wrong.hint), "late"))
    said = t("A buyer has ordered {name} at the simulator.", name=made)
    return forms.go_back(request, back, Notice(said, t("It appears below as soon as Packline has read it."), "good"))


async def follow(room: Room, request: Request) -> Response:
    """Draw the part that waits for the first order again."""
    account = await accounts.account(room.pool, request.path_params["account"], scope_of(request))
    places = await accounts.locations(room.pool, account["id"])
    return part("setup_order_part.html", await content(room, account, places))


def _newest(looks: Sequence[datetime | None]) -> datetime | None:
    return max((at for at in looks if at), default=None)


PATHS = (post("/setup/{account}/order", order), get("/setup/{account}/order/came", follow))
