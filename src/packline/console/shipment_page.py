"""One shipment: where it stands, what can be done, what is in it, and everything that happened."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from packline.amazon.programs import PROGRAMS
from packline.console.room import Room
from packline.console.work import ACTS, QUIET_S
from packline.domain.program import Program
from packline.domain.shipment import Status
from packline.views import accounts, shipments, timeline
from packline.views.paging import Scope
from packline.views.rows import DocumentRow, EntryRow, PackageRow, ShipmentDetail

ENTRIES = 200
_LABELS = {
    Status.CREATED: "received",
    Status.ACCEPTED: "received",
    Status.CONFIRMED: "confirmed",
    Status.PACKAGE_CREATED: "packed",
    Status.PICKUP_SLOT_RETRIEVED: "slot",
    Status.INVOICE_GENERATED: "invoice",
    Status.SHIPLABEL_GENERATED: "label",
    Status.SHIPPED: "shipped",
    Status.DELIVERED: "delivered",
}
_WHO = {"amazon": "Amazon", "adopted": "another panel", "command": "a command", "packline": "Packline"}
_MORE = {"reschedule": "Move to the earliest slot", "relabel": "Label again", "reject": "Reject…"}
_ASK = {"reject": "Refuse this whole shipment as out of stock?"}


async def content(room: Room, shipment_id: str, scope: Scope, token: str) -> dict[str, Any]:
    """Gather everything that the page shows.

    Raises NotFound for a shipment that is not there or outside the scope.
    """
    found = await shipments.find(room.pool, shipment_id, scope)
    now = room.clock.now()
    detail = await shipments.detail(room.pool, room.gateway, now, found.id, with_address=False)
    told = await timeline.explained(room.pool, room.gateway, now, found.id)
    entries = await timeline.timeline(room.pool, found.id, limit=ENTRIES)
    names = {row["id"]: row["name"] for row in await accounts.accounts(room.pool, scope)}
    program = PROGRAMS[detail["program"]]
    over = detail["status"] in (Status.SHIPPED, Status.DELIVERED, Status.CANCELLED)
    return {
        "shipment": {
            **detail,
            "program": program.name,
            "place": f"{names.get(detail['account'], detail['account'])} · {detail['location']}",
            "is_open": not over,
        },
        "explanation": {"sentence": told.sentence, "next": told.next or ""},
        "acts": acts(detail),
        "journey": journey(detail, program, entries.items),
        "lines": detail["lines"],
        "titled": any(line["title"] for line in detail["lines"]),
        "packages": [_package(row) for row in detail["package_list"]],
        "documents": [_document(found.id, row) for row in detail["documents"]],
        "timeline": [_entry(row) for row in entries.items if row["name"] != "call.settled"],
        "token": token,
        "live": f"/shipments/{found.id}/live",
    }


async def news(room: Room, shipment_id: str, scope: Scope) -> AsyncIterator[str]:
    """Tell a browser that the page is out of date."""
    found = await shipments.find(room.pool, shipment_id, scope)
    version = (await shipments.load(room.pool, found.id)).version
    while True:
        await room.moved(QUIET_S)
        now = (await shipments.load(room.pool, found.id)).version
        yield f'event: page\ndata: "{now}"\n\n' if now != version else ": here\n\n"
        version = now


def acts(detail: ShipmentDetail) -> list[dict[str, Any]]:
    """List what can be done now, the likely next one first."""
    if detail["status"] in (Status.DELIVERED, Status.CANCELLED):
        return [_act("retry")] if detail["problem"] else []
    possible = [kind for kind in ACTS if kind in detail["commands"] and (kind != "retry" or detail["problem"])]
    likely = {"person": "retry", "confirmation": "confirm", "packer": "pack", "handover": "hand_over"}
    first = likely.get(detail["waits_for"], "deliver" if detail["sub_status"] == "OUT_FOR_DELIVERY" else "")
    if PROGRAMS[detail["program"]].tells_delivery is False:
        possible = [kind for kind in possible if kind not in ("deliver", "out_for_delivery")]
    if detail["status"] == Status.CONFIRMED and "confirm" in possible:
        possible.remove("confirm")
    ordered = sorted(possible, key=lambda kind: kind != first)
    if (detail["handed_over_at"] or not any(detail["tracking_ids"])) and "hand_over" in ordered:
        ordered.remove("hand_over")
    rest = [kind for kind in _MORE if kind in detail["commands"]]
    return [_act(kind) for kind in ordered + rest]


def _act(kind: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "label": ACTS.get(kind) or _MORE[kind],
        "fields": [("reason", "OUT_OF_STOCK")] if kind == "reject" else [],
        "confirm": _ASK.get(kind, ""),
    }


def journey(detail: ShipmentDetail, program: Program, entries: list[EntryRow]) -> list[dict[str, Any]]:
    """Draw the way of a shipment: each stop done, now or to come, with the time where it is known."""
    times = _times(entries)
    reached = program.rank(Status(detail["status"])) if detail["status"] != Status.CANCELLED else -1
    stops = [
        {
            "label": _LABELS[status],
            "state": "now done" if rank == reached else "done" if rank < reached else "",
            "at": times.get(status) if rank <= reached else None,
        }
        for rank, status in enumerate(program.journey)
        if status is not Status.CREATED
        and not (status is Status.INVOICE_GENERATED and rank < reached and status not in times)
    ]
    stops[0]["at"] = detail["received_at"]
    if detail["status"] == Status.CREATED:
        stops[0]["state"] = "now done"
    if detail["status"] == Status.CANCELLED:
        stops.append({"label": "cancelled", "state": "now done late", "at": times.get(Status.CANCELLED)})
    return stops


def _times(entries: list[EntryRow]) -> dict[Status, datetime]:
    names = {
        "shipment.confirmed": Status.CONFIRMED,
        "shipment.packed": Status.PACKAGE_CREATED,
        "shipment.slotted": Status.PICKUP_SLOT_RETRIEVED,
        "shipment.invoiced": Status.INVOICE_GENERATED,
        "shipment.labeled": Status.SHIPLABEL_GENERATED,
        "shipment.shipped": Status.SHIPPED,
        "shipment.delivered": Status.DELIVERED,
        "shipment.cancelled": Status.CANCELLED,
    }
    times: dict[Status, datetime] = {}
    for entry in entries:  # the newest first: the last time that a stop was reached counts
        if entry["name"] in names:
            times.setdefault(names[entry["name"]], entry["at"])
    return times


def _package(row: PackageRow) -> dict[str, Any]:
    box, label = row["box"], row["label"]
    window = label["window"] if label else None
    slot = ""
    if window:
        start, end = window["start"], window["end"]
        method = {"PICKUP": "pickup", "DROPOFF": "drop-off"}.get(window["method"], "handover")
        slot = f"{method} {start:%d %b %H:%M}–{end:%H:%M} UTC"
    return {
        "id": row["id"],
        "box": f"{box['length_cm']:g} × {box['width_cm']:g} × {box['height_cm']:g} cm, {box['weight_g']:g} g",
        "slot": slot,
        "carrier": label["carrier"] if label else "",
        "tracking_id": label["tracking_id"] if label else "",
        "error": row["label_error"] or "",
    }


def _document(shipment_id: str, row: DocumentRow) -> dict[str, Any]:
    size = f"{row['size'] / 1024:.1f} KB"
    return {
        "name": row["name"],
        "href": f"/shipments/{shipment_id}/documents/{row['id']}",
        "size": size,
        "void": row["void"],
    }


def _entry(row: EntryRow) -> dict[str, Any]:
    if row["what"] == "call":
        status = row["status"] or 0
        detail = f"request id {row['request_id'] or '–'}\n{row['ms']:.1f} ms"
        tone = "" if 200 <= status < 300 else "risk" if status == 429 else "late"
        return {
            "at": row["at"],
            "who": "call",
            "what": f"{row['name']} · {row['text']}",
            "detail": detail,
            "tone": tone or "quiet",
        }
    tone = "late" if row["name"] in ("shipment.stuck", "shipment.anomaly", "package.label_failed") else ""
    what = row["name"].replace("_", " ").replace(".", " ", 1)
    text = "" if row["name"].startswith("shipment.") and row["text"].isupper() else row["text"]
    return {
        "at": row["at"],
        "who": _WHO.get(row["cause"], row["cause"]),
        "what": f"{what}{' · ' + text if text else ''}",
        "detail": "",
        "tone": tone,
    }
