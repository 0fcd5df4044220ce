"""Files: listings in, documents from Seller Central in, pickup schedules out; and what became of each."""

import asyncio
import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from packline.commands.pickup_schedule import Schedule
from packline.console import forms
from packline.console.frame import page, scope_of
from packline.console.place import Place, get
from packline.console.room import Room
from packline.console.words import mark, t
from packline.domain.api_key import Role
from packline.domain.location import DEFAULT_LOCATION, Api
from packline.errors import Invalid, NotFound
from packline.views import document_drops, listings
from packline.views.paging import Scope

PLACE = Place("files", mark("Files"), "/files", "u", "file", 60)
SHOWN = 20
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that ZIP can say: the same orders give the same bytes
IMPORT_STATES = {
    "waiting": (mark("waits"), "", "clock"),
    "running": (mark("being read"), "info", "clock"),
    "done": (mark("taken in"), "good", "check"),
    "refused": (mark("refused"), "late", "stop"),
    "checked": (mark("checked"), "good", "check"),
    "failed": (mark("no table"), "late", "alert"),
}
DROP_STATES = {
    "waiting": (mark("waits"), "", "clock"),
    "running": (mark("being read"), "info", "clock"),
    "done": (mark("given out"), "good", "check"),
    "failed": (mark("cannot be read"), "late", "alert"),
}


async def show(room: Room, request: Request) -> Response:
    """Show the three counters, and the newest files with what became of them."""
    directory, scope = await room.directory.look(room), scope_of(request)
    imports, drops = await asyncio.gather(
        listings.imports(room.pool, scope, SHOWN), document_drops.drops(room.pool, scope, limit=SHOWN)
    )
    central = [key for key, row in directory.accounts.items() if row["api"] == Api.SELLER_CENTRAL and scope.sees(key)]
    content = {
        "accounts": directory.account_options(scope),
        "central": [(key, directory.name(key)) for key in central],
        "imports": [(row, state_of(IMPORT_STATES, row["state"])) for row in imports],
        "drops": [(row, _drop_state(row)) for row in drops.items],
        "name": directory.name,
        "may": forms.may(request, Role.OPERATOR),
        "may_drop": forms.may(request, Role.PACKER),
        "modes": modes(),
    }
    return await page(room, request, "files.html", "files", content)


async def pickups(room: Room, request: Request) -> Response:
    """Show what a pickup schedule would hold, and what it leaves out and why."""
    account, made = await _schedule(room, request)
    directory = await room.directory.look(room)
    chosen = urlencode({"account": account, "pickup_at": request.query_params.get("pickup_at", "")})
    content = {"made": made, "name": directory.name(account), "file": f"/files/pickups/file?{chosen}"}
    return await page(room, request, "pickups.html", "files", content)


async def pickup_file(room: Room, request: Request) -> Response:
    """Hand out the file that schedules pickups in Seller Central; several come as a ZIP."""
    _, made = await _schedule(room, request)
    return _download(made, room.clock.now())


async def _schedule(room: Room, request: Request) -> tuple[str, Schedule]:
    forms.need(request, Role.PACKER)
    account = request.query_params.get("account", "")
    refuse_unseen(scope_of(request), account)
    directory = await room.directory.look(room)
    at = _moment(request.query_params.get("pickup_at", ""), directory.zone(account, DEFAULT_LOCATION))
    return account, await room.files.pickups.schedule(account, DEFAULT_LOCATION, at)


def modes() -> list[tuple[str, str]]:
    """Give how a file of listings can be taken in."""
    return [
        ("all", t("all of it, or nothing")),
        ("partial", t("the good rows, although others are wrong")),
        ("check", t("only look at it")),
    ]


def state_of(states: Mapping[str, tuple[str, str, str]], state: str) -> dict[str, str]:
    """Give word, tone and icon of a state."""
    word, tone, icon = states[state]
    return {"word": t(word), "tone": tone, "icon": icon}


def _drop_state(row: Any) -> dict[str, str]:
    if row["left"]:
        return {"word": t("a person must look"), "tone": "risk", "icon": "alert"}
    return state_of(DROP_STATES, row["state"])


def _moment(given: str, zone: str) -> datetime | None:
    """Read a local time of the location, as a browser's field gives it. Raises Invalid."""
    if not given:
        return None
    try:
        return datetime.fromisoformat(given).replace(tzinfo=ZoneInfo(zone))
    except ValueError:
        raise Invalid(t("{time} is no time.", time=given), hint=t("Such as 2026-11-21T16:00.")) from None


def _download(made: Schedule, now: datetime) -> Response:
    name = f"pickup-schedule-{now:%Y%m%d-%H%M}"
    if len(made.files) == 1:
        headers = {"Content-Disposition": f'attachment; filename="{name}.txt"', "Cache-Control": "no-store"}
        return Response(made.files[0], media_type="text/tab-separated-values", headers=headers)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, content in enumerate(made.files, 1):
            archive.writestr(zipfile.ZipInfo(f"{name}-{number}.txt", _EPOCH), content)
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"', "Cache-Control": "no-store"}
    return Response(out.getvalue(), media_type="application/zip", headers=headers)


def refuse_unseen(scope: Scope, account: str) -> None:
    """Raise NotFound where a reader may not see an account as a whole."""
    if not scope.sees(account, DEFAULT_LOCATION):
        raise NotFound(t("There is no such account."))


PATHS = (get("/files", show), get("/files/pickups", pickups), get("/files/pickups/file", pickup_file))
