"""Failed work: grouped by cause, Amazon's code in plain words, and the button that mends it, for one or for all."""

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from packline.console import forms
from packline.console.frame import page, scope_of
from packline.console.guard import Notice
from packline.console.live import changes, follows, stream
from packline.console.place import Place, get, post
from packline.console.room import Room
from packline.console.shipment_rows import LABELS
from packline.console.words import mark, t
from packline.domain.api_key import Role
from packline.storage.parked import resolve_parked
from packline.views import failures, feeds, parked

PLACE = Place("failed", mark("Failed"), "/failed", "f", "failed", 15)
SHOWN = 8
PARKED = 50


async def show(room: Room, request: Request) -> Response:
    """Show what failed, by cause."""
    scope, directory = scope_of(request), await room.directory.look(room)
    account = request.query_params.get("account") or None
    found = await failures.failures(room.pool, scope, account)
    wide = request.query_params.get("cause", "")
    content: dict[str, Any] = {
        "groups": [_group(group, directory, wide) for group in found["items"]],
        "more": found["more"],
        "live": follows(f"/failed/live?{urlencode({'account': account or ''})}", _known(found)),
        "parked": (await parked.parked(room.pool, scope, account=account, limit=PARKED)).items,
        "items": (await feeds.failed_items(room.pool, scope, account=account, limit=PARKED)).items,
        "name": directory.name,
        "may": forms.may(request, Role.PACKER),
        "may_mend": forms.may(request, Role.OPERATOR),
    }
    return await page(room, request, "failed.html", "failed", content)


async def follow(room: Room, request: Request) -> Response:
    """Keep the page up."""
    scope, account = scope_of(request), request.query_params.get("account") or None

    async def look() -> Any:
        return _known(await failures.failures(room.pool, scope, account))

    return stream(changes(room, look, request))


def _known(found: failures.FailureList) -> Any:
    return [(group["cause"], group["count"]) for group in found["items"]]


async def resolve(room: Room, request: Request) -> Response:
    """Take a parked record off the list."""
    await forms.take(request, Role.OPERATOR)
    scope = scope_of(request)
    done = await resolve_parked(room.pool, request.path_params["record"], room.clock.now(), scope.accounts)
    said = Notice(t("Taken off the list; its bytes stay."), "", "good") if done else Notice(t("It is gone already."))
    return forms.go_back(request, "/failed", said)


def _group(group: failures.FailureRow, directory: Any, wide: str) -> dict[str, Any]:
    shown = group["shipments"] if group["cause"] == wide else group["shipments"][:SHOWN]
    return {
        **group,
        "label": t(LABELS[group["mend"]]) if group["mend"] else "",
        "ids": " ".join(one["shipment"] for one in group["shipments"]),
        "shown": [{**one, "zone": directory.zone(one["account"], one["location"])} for one in shown],
        "hidden": group["count"] - len(shown),
    }


PATHS = (get("/failed", show), get("/failed/live", follow), post("/failed/parked/{record}", resolve))
