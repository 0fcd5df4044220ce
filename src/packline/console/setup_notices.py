"""The step about notifications: name the queue, have Amazon fill it, and see a test come through."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from packline.amazon.simulator import QUEUE, is_simulated
from packline.commands.accounts import known_account
from packline.console import forms
from packline.console.frame import part, scope_of
from packline.console.guard import Notice
from packline.console.place import post
from packline.console.room import Room
from packline.console.words import t, tell, tn
from packline.domain.api_key import Role
from packline.domain.findings import Finding
from packline.domain.location import Account
from packline.errors import PacklineError
from packline.ports.notifications import Queue, QueueKey
from packline.views import accounts, house_checks, notifications
from packline.views.rows import AccountRow, LocationRow

FOUND_WITHIN_S, LOOK_S = 20.0, 0.3
SIMULATED_KEY = QueueKey("simulator", "simulator")
"""The simulator takes whatever key its queues are read with."""


async def content(room: Room, account: AccountRow, _: Sequence[LocationRow]) -> dict[str, Any]:
    """Gather the queues that there are, and how this account is told."""
    now = room.clock.now()
    row = next(iter(await notifications.statuses(room.pool, now, account["id"])), None)
    return {
        "queues": await notifications.queues(room.pool),
        "told": row,
        "finding": await house_checks.told_of(room.pool, now, account["id"], account["name"]),
    }


async def set_up(room: Room, request: Request) -> Response:
    """Name a queue where one is entered, and have Amazon fill it for this account."""
    form = await forms.take(request, Role.ADMIN)
    known = await _known(room, request)
    back = f"/setup/{quote(known.id, safe='')}/notifications"
    try:
        queue = await _queue(room, known, form)
        settled = await room.start.notices.set_up(known.id, queue, replace=bool(form.get("replace")))
    except PacklineError as wrong:
        hint = " ".join(tell(fault.message) for fault in getattr(wrong, "errors", ())) or tell(wrong.hint)
        return forms.go_back(request, back, Notice(tell(wrong.message), hint, "late"))
    said = tn("Amazon sends {n} type to {queue}.", "Amazon sends {n} types to {queue}.", len(settled), queue=queue)
    return forms.go_back(request, back, Notice(said, t("Now check that a test comes through."), "good"))


async def check(room: Room, request: Request) -> Response:
    """Check every link from Amazon to here, with a test of each type sent through."""
    await forms.take(request, Role.ADMIN)
    known = await _known(room, request)
    await _is_read(room, known.id)
    links = await room.start.notices.check(known.id)
    found = [Finding(known.id, link.check, link.state, link.says, link.cure) for link in links]
    return part("setup_findings_part.html", {"findings": found})


async def _is_read(room: Room, account: str) -> None:
    """Give a worker the time to find a queue that was named just now; without one the check says so."""
    until = room.clock.monotonic() + FOUND_WITHIN_S
    while room.clock.monotonic() < until:
        row = next(iter(await notifications.statuses(room.pool, room.clock.now(), account)), None)
        queues = {queue["id"]: queue for queue in await notifications.queues(room.pool)}
        queue = queues.get((row["queue"] or "") if row else "")
        if queue is None or queue["read_at"] or queue["error"]:
            return
        await room.clock.sleep(LOOK_S)


async def _queue(room: Room, known: Account, form: forms.Form) -> str:
    """Give the queue that is meant: the simulator's, one that is entered, or one that is there."""
    if form.get("simulator") and is_simulated(known.endpoint):
        made = await room.start.simulator.queue(known)
        queue = Queue(QUEUE, made.url, made.arn, "", known.endpoint)
        await room.start.notices.put_queue(queue, SIMULATED_KEY)
        return QUEUE
    arn = form.get("arn", "").strip()
    if not arn:
        return form.get("queue", "")
    name = form.get("name", "").strip() or "packline"
    key = QueueKey(form.get("access_key", "").strip(), form.get("secret_key", "").strip())
    await room.start.notices.put_queue(Queue(name, "", arn, ""), key if key.access_key or key.secret_key else None)
    return name


async def _known(room: Room, request: Request) -> Account:
    account = await accounts.account(room.pool, request.path_params["account"], scope_of(request))
    return await known_account(room.start.accounts, account["id"])


PATHS = (
    post("/setup/{account}/notifications", set_up),
    post("/setup/{account}/notifications/check", check, is_recorded=False),
)
