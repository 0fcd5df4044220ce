"""Bulk acts: for chosen rows or the whole filter, first what would happen, then row by row what did."""

import asyncio
from collections.abc import Awaitable
from typing import Any
from urllib.parse import parse_qsl

import structlog
from starlette.requests import Request
from starlette.responses import Response

from packline.console import commanding, forms
from packline.console.bulk_forecast import seconds_left
from packline.console.bulk_jobs import ACTS, gather, lines_of
from packline.console.frame import page, part, scope_of
from packline.console.guard import session_of
from packline.console.lists import Asked, Table
from packline.console.place import get, post
from packline.console.room import Room
from packline.console.words import t
from packline.domain.api_key import Role
from packline.domain.bulk_act import BulkAct
from packline.errors import NotFound, PacklineError
from packline.views import bulk_acts
from packline.views.paging import Scope

CHUNK = 200
log = structlog.get_logger(__name__)
_running: set[asyncio.Task[None]] = set()


async def preview(room: Room, request: Request) -> Response:
    """Begin to look at what an act would do; the dialog follows."""
    form = await forms.take(request, Role.PACKER)
    act = ACTS.get(form.get("act", ""))
    if act is None:
        raise NotFound(t("There is no such act for many rows."))
    forms.need(request, commanding.role_for(act.name))
    made = await room.bulk.begin(act.name, _owner(request), forms.by_whom(request))
    if form.get("all"):
        query = dict(parse_qsl(form.get("query", "")))
        asked = Asked({**query, "after": ""}, scope_of(request), CHUNK)
        work = _look_at_all(room, made, form.get("path", ""), asked)
    else:
        work = _look(room, made, form.get("ids", "").split(), scope_of(request))
    _start(room, made, work)
    return await _shown(room, request, made.id)


async def give(room: Room, request: Request) -> Response:
    """Give the act for every row that allows it; it goes on although this process ends."""
    await forms.take(request, Role.PACKER)
    name = (await _act(room, request)).id
    if await room.bulk.give(name):
        _start(room, None, room.bulk.run(name))
    return await _shown(room, request, name)


async def show(room: Room, request: Request) -> Response:
    """Show how far a bulk act is, row by row."""
    return await _shown(room, request, (await _act(room, request)).id)


async def _shown(room: Room, request: Request, name: str) -> Response:
    now = room.clock.now()
    act = await bulk_acts.act(room.pool, name, _owner(request), now)
    is_ready, is_given = act.state == "ready", act.state in ("giving", "given")
    content = {
        "act": act,
        "label": ACTS[act.name].label,
        "reasons": await bulk_acts.reasons(room.pool, act.id) if is_ready else [],
        "warned": await bulk_acts.warnings(room.pool, act.id) if is_ready else [],
        "lines": await bulk_acts.lines(room.pool, act.id) if is_given else [],
        "seconds": await seconds_left(room, act, now) if is_ready or is_given else None,
        "token": session_of(request).token,
        "now": now,
    }
    if "hx-request" in request.headers:
        return part("bulk_part.html", content)
    return await page(room, request, "bulk.html", "work", content)


async def _act(room: Room, request: Request) -> bulk_acts.Act:
    try:
        return await bulk_acts.act(room.pool, request.path_params["job"], _owner(request), room.clock.now())
    except NotFound:
        raise NotFound(
            t("This act is not known any more."),
            hint=t("What was given is on each shipment's page; choose the rows again for the rest."),
        ) from None


def _owner(request: Request) -> str:
    return str(session_of(request).key.id)


async def _look_at_all(room: Room, act: BulkAct, path: str, asked: Asked) -> None:
    from packline.console.pages import MODULES

    tables = (getattr(module, "TABLE", None) for module in MODULES)
    table = next((one for one in tables if isinstance(one, Table) and one.path == path), None)
    if table is None:
        raise NotFound(t("There is no such list."))
    rows = await gather(table, room, asked)
    lines = await lines_of(room, rows.ids, asked.scope)
    await room.bulk.look(act, lines, is_more=rows.is_more)


async def _look(room: Room, act: BulkAct, ids: list[str], scope: Scope) -> None:
    await room.bulk.look(act, await lines_of(room, ids, scope))


def _start(room: Room, looking: BulkAct | None, work: Awaitable[Any]) -> None:
    """Work beside the page; what goes wrong is said on it. What is being given is taken up again by whoever is up."""

    async def guarded() -> None:
        try:
            await work
        except PacklineError as error:
            if looking:
                await room.bulk.fail(looking, error)
        except Exception:
            log.exception("bulk_act.stopped", act=looking.id if looking else "")
            if looking:
                await room.bulk.fail(looking, PacklineError(t("The act stopped in the middle.")))

    task = asyncio.create_task(guarded())
    _running.add(task)
    task.add_done_callback(_running.discard)


PATHS = (
    get("/bulk/{job}", show),
    post("/bulk/preview", preview, is_recorded=False),
    post("/bulk/{job}/give", give, is_recorded=False),
)
