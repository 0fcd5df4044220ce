"""What others did in Amazon's own panel: what moved there, what to count, and what needs a person."""

from datetime import timedelta
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response

from packline.console.frame import page, scope_of
from packline.console.place import get
from packline.console.reconcile_pages import areas
from packline.console.room import Room
from packline.console.shipment_rows import stands
from packline.console.stock_list import item_address
from packline.console.words import mark, t, tell
from packline.views import smarthub
from packline.views.paging import Scope

SPANS = {
    "day": (mark("24 hours"), timedelta(hours=24)),
    "week": (mark("7 days"), timedelta(days=7)),
    "month": (mark("30 days"), timedelta(days=30)),
}
KEPT_S = 60.0
_PROBLEM = "problem: "


async def show(room: Room, request: Request) -> Response:
    """Show the report of a span of time, a day where none is chosen."""
    scope, query = scope_of(request), request.query_params
    chosen = query.get("span", "") if query.get("span", "") in SPANS else "day"
    account = query.get("account") or None
    found = await _report(room, chosen, account, scope)
    directory = await room.directory.look(room)
    content = {
        "areas": areas("smarthub"),
        "report": found,
        "places": [{**row, "name": f"{directory.name(row['account'])} · {row['location']}"} for row in found["places"]],
        "counts": [
            {**row, "href": item_address(row["pool"], row["location"], row["sku"])} for row in found["to_count"]
        ],
        "people": [_person(row, directory) for row in found["people"]],
        "spans": [(name, t(label), name == chosen) for name, (label, _) in SPANS.items()],
        "zone": directory.house_zone(scope),
    }
    return await page(room, request, "smarthub.html", "compare", content)


async def _report(room: Room, span: str, account: str | None, scope: Scope) -> smarthub.SmartHubReport:
    """Make the report; that of many days, which many shipments are read for, is kept for a while."""
    now, name = room.clock.now(), ("smarthub", span, scope)
    is_kept = span != "day" and account is None
    if is_kept and name in room.drawn:
        drawn_at, drawn = room.drawn[name]
        if (now - drawn_at).total_seconds() < KEPT_S:
            return cast("smarthub.SmartHubReport", drawn)
    found = await smarthub.report(room.pool, now - SPANS[span][1], now, account, scope)
    if is_kept:
        room.drawn[name] = (now, found)
    return found


def _person(row: Any, directory: Any) -> dict[str, Any]:
    reason = row["reason"]
    said = t("stopped: a person must look") if reason.startswith(_PROBLEM) else tell(reason)
    return {
        **row,
        "name": f"{directory.name(row['account'])} · {row['location']}",
        "said": said,
        "stands": stands(row["status"]),
    }


PATHS = (get("/smarthub", show),)
