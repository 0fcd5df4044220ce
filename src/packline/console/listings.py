"""The plain pages: accounts, calls and quotas as tables."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from packline.console.room import Room
from packline.views import accounts, calls, quotas
from packline.views.paging import Scope

PAGE = 100


class Cell(NamedTuple):
    """One cell of a table."""

    text: str
    tone: str = ""
    href: str = ""


async def account_page(room: Room, scope: Scope) -> dict[str, Any]:
    """List accounts with their locations."""
    places = await accounts.locations(room.pool, None, scope)
    rows = []
    for row in await accounts.accounts(room.pool, scope):
        own = [place["id"] for place in places if place["account"] == row["id"]]
        state = Cell(f"paused: {row['paused_reason']}", "late") if row["paused_reason"] else Cell("at work", "good")
        if not row["enabled"]:
            state = Cell("disabled", "quiet")
        rows.append(
            [
                Cell(row["name"], href=f"/shipments?{urlencode({'account': row['id']})}"),
                Cell(row["region"]),
                Cell(", ".join(row["marketplaces"]), "id"),
                Cell(", ".join(own) or "none"),
                state,
            ]
        )
    return {
        "title": "Accounts",
        "lead": "Each authorises Packline in one of Amazon's regions. Run packline account doctor to check them.",
        "columns": ("Seller", "Region", "Marketplaces", "Locations", "State"),
        "rows": rows,
        "empty": "No account yet. packline account add stores the first one.",
        "more": "",
    }


async def call_page(room: Room, scope: Scope, query: Mapping[str, str]) -> dict[str, Any]:
    """List calls to Amazon, the newest first."""
    filters = calls.CallFilters(
        account=query.get("account") or None,
        operation=query.get("operation") or None,
        failed=True if query.get("failed") else None,
    )
    found = await calls.calls(room.pool, filters, scope, limit=PAGE, after=query.get("after") or None)
    names = {row["id"]: row["name"] for row in await accounts.accounts(room.pool, scope)}
    rows = [
        [
            Cell(f"{row['at']:%H:%M:%S}", "quiet nowrap"),
            Cell(row["operation"], href=f"/calls?{urlencode({'operation': row['operation']})}"),
            Cell(f"{row['status'] or 'no answer'} {row['code']}".strip(), _tone(row["status"])),
            Cell(f"{row['ms']:.0f} ms", "number"),
            Cell(names.get(row["account"], row["account"])),
            Cell(
                "shipment" if row["shipment"] else "", href=f"/shipments/{row['shipment']}" if row["shipment"] else ""
            ),
            Cell(row["request_id"], "id quiet"),
        ]
        for row in found.items
    ]
    return {
        "title": "Calls",
        "lead": "Every call to Amazon, with the request id that Amazon's support asks for.",
        "columns": ("Time (UTC)", "Operation", "Answer", "Took", "Account", "For", "Request id"),
        "rows": rows,
        "empty": "No call yet.",
        "more": f"/calls?{urlencode({**query, 'after': found.next})}" if found.next else "",
    }


async def quota_page(room: Room, scope: Scope) -> dict[str, Any]:
    """Show the lanes of every account."""
    rows = []
    for account in await accounts.accounts(room.pool, scope):
        for lane in await quotas.lanes_of(room.pool, room.gateway, account["id"], room.clock.now()):
            waits = f"{lane['waiting']} in line, {lane['seconds']:.0f} s" if lane["waiting"] else ""
            rows.append(
                [
                    Cell(account["name"]),
                    Cell(lane["operation"]),
                    Cell(f"{lane['rate']:g} / s" if lane["rate"] else "not counted"),
                    Cell(f"{max(0.0, lane['level']):.1f} of {lane['burst']:g}" if lane["rate"] else ""),
                    Cell(waits, "risk" if lane["waiting"] else ""),
                ]
            )
    return {
        "title": "Quotas",
        "lead": "What Amazon grants each account for each operation, what is left of it now, and who waits.",
        "columns": ("Account", "Operation", "Granted", "Free now", "Waiting"),
        "rows": rows,
        "empty": "No lane is in use yet; they appear with the first calls.",
        "more": "",
    }


def _tone(status: int) -> str:
    if 200 <= status < 300:
        return ""
    return "risk" if status == 429 else "late"
