"""Bulk acts: for chosen rows or the whole filter, first what would happen, then row by row what did."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from packline.commands.order import Order
from packline.console import commanding, forms
from packline.console.bulk_jobs import ACTS, Job, gather, outcomes
from packline.console.frame import page, part, scope_of
from packline.console.guard import session_of
from packline.console.lists import Asked, Table
from packline.console.place import get, post
from packline.console.room import Room
from packline.console.words import t
from packline.domain.api_key import Role
from packline.domain.ticket import Ticket
from packline.errors import NotFound, PacklineError
from packline.views.paging import Scope

CHUNK = 200
KEPT = 50
_running: set[asyncio.Task[None]] = set()


async def preview(room: Room, request: Request) -> Response:
    """Begin to look at what an act would do; the dialog follows."""
    form = await forms.take(request, Role.PACKER)
    act = ACTS.get(form.get("act", ""))
    if act is None:
        raise NotFound(t("There is no such act for many rows."))
    forms.need(request, commanding.role_for(act.name))
    job = Job.begin(act, session_of(request).key.id, forms.by_whom(request), room.clock.now())
    _keep(room, job)
    if form.get("all"):
        query = dict(parse_qsl(form.get("query", "")))
        work = _look_at_all(room, job, form.get("path", ""), Asked({**query, "after": ""}, scope_of(request), CHUNK))
    else:
        work = _look(room, job, form.get("ids", "").split(), scope_of(request))
    _start(job, work)
    return await _shown(room, request, job)


async def give(room: Room, request: Request) -> Response:
    """Give the act for every row that allows it."""
    await forms.take(request, Role.PACKER)
    job = _job_of(room, request)
    if job.state == "ready":
        job.state, job.given_at = "giving", room.clock.now()
        _start(job, _give(room, job))
    return await _shown(room, request, job)


async def show(room: Room, request: Request) -> Response:
    """Show how far a bulk act is, row by row."""
    return await _shown(room, request, _job_of(room, request))


async def _shown(room: Room, request: Request, job: Job) -> Response:
    told = await outcomes(room, job)
    content = {"job": job, "told": told, "token": session_of(request).token, "now": room.clock.now()}
    if "hx-request" in request.headers:
        return part("bulk_part.html", content)
    return await page(room, request, "bulk.html", "work", content)


async def _look_at_all(room: Room, job: Job, path: str, asked: Asked) -> None:
    from packline.console.pages import MODULES

    tables = (getattr(module, "TABLE", None) for module in MODULES)
    table = next((one for one in tables if isinstance(one, Table) and one.path == path), None)
    if table is None:
        raise NotFound(t("There is no such list."))
    ids = [row.id async for row in gather(table, room, asked, job)]
    await _look(room, job, ids, asked.scope)


async def _look(room: Room, job: Job, ids: Sequence[str], scope: Scope) -> None:
    await job.take(room, ids, scope)
    for chunk in _chunks(job.names):
        orders = [_order(job, name) for name in chunk]
        for name, answer in zip(chunk, await room.desk.foresee(orders), strict=True):
            job.foresee(name, answer)
        await asyncio.sleep(0)
    job.state = "ready"


async def _give(room: Room, job: Job) -> None:
    for chunk in _chunks(job.allowed):
        answers: Sequence[Ticket | PacklineError] = await room.desk.give_many([_order(job, name) for name in chunk])
        for name, answer in zip(chunk, answers, strict=True):
            job.answered(name, answer)
    job.state = "given"


def _order(job: Job, shipment: str) -> Order:
    return Order(shipment, commanding.asked(job.act.name, {}), f"bulk-{job.id}", job.by)


def _chunks(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), CHUNK):
        yield names[start : start + CHUNK]


def _start(job: Job, work: Any) -> None:
    async def guarded() -> None:
        try:
            await work
        except PacklineError as error:
            job.state, job.error = "failed", error
        except Exception:
            job.state, job.error = "failed", PacklineError(t("The act stopped in the middle."))
            raise

    task = asyncio.create_task(guarded())
    _running.add(task)
    task.add_done_callback(_running.discard)


def _keep(room: Room, job: Job) -> None:
    room.jobs[job.id] = job
    while len(room.jobs) > KEPT:
        room.jobs.pop(next(iter(room.jobs)))


def _job_of(room: Room, request: Request) -> Job:
    job = room.jobs.get(request.path_params["job"])
    if not isinstance(job, Job) or job.owner != session_of(request).key.id:
        raise NotFound(
            t("This act is not known any more."),
            hint=t("What was given is on each shipment's page; choose the rows again for the rest."),
        )
    return job


PATHS = (get("/bulk/{job}", show), post("/bulk/preview", preview), post("/bulk/{job}/give", give))
