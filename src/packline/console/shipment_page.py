"""One shipment: where it stands, what can be done, what is in it, and everything that happened."""

import asyncio
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from packline.amazon.programs import PROGRAMS
from packline.commands.order import Order
from packline.console import commanding, forms, moments
from packline.console.frame import page, scope_of
from packline.console.guard import Notice, session_of
from packline.console.live import changes, follows, stream
from packline.console.personal import look, may_look
from packline.console.place import get, post
from packline.console.room import Room
from packline.console.shipment_rows import LABELS, next_act, stands
from packline.console.shipment_story import journey, story
from packline.console.words import mark, t, tell
from packline.domain.api_key import Role
from packline.domain.audit import Seen
from packline.domain.person import OF_DOCUMENTS, Look
from packline.domain.shipment import Status
from packline.errors import PacklineError
from packline.storage.sealed import opened
from packline.views import bundles, documents, shipments, tickets, timeline
from packline.views.paging import Scope
from packline.views.rows import DocumentRow, PackageRow, ShipmentDetail

ENTRIES = 200
_MORE = ("reschedule", "relabel", "repack", "reject")
_SLOTTED = ("pack", "repack", "relabel", "reschedule")
_ASKS = {
    "reject": mark("Refuse this whole shipment? Amazon tells the buyer."),
    "relabel": mark("Ask Amazon for the labels again? The printed ones are void then."),
}


async def show(room: Room, request: Request) -> Response:
    """Show one shipment."""
    made = await content(room, request.path_params["shipment"], scope_of(request))
    acts = made["acts"] if forms.may(request, Role.PACKER) else []
    shown = {
        "address": may_look(request, Look.ADDRESS),
        "papers": may_look(request, Look.LABEL),
        "audit": session_of(request).reads_audit,
    }
    return await page(room, request, "shipment.html", "shipments", {**made, "acts": acts, "looks": shown})


async def follow(room: Room, request: Request) -> Response:
    """Keep one shipment's page up."""
    found = await shipments.find(room.pool, request.path_params["shipment"], scope_of(request))

    async def version() -> int:
        return (await shipments.load(room.pool, found.id)).version

    return stream(changes(room, version, request))


async def show_document(room: Room, request: Request) -> Response:
    """Hand out a document under its name."""
    found = await shipments.find(room.pool, request.path_params["shipment"], scope_of(request))
    kept = await documents.content(room.pool, found.id, request.path_params["document"], partial(opened, room.vault))
    await look(room, request, Seen(OF_DOCUMENTS.get(kept.kind, Look.RAW), found.id, kept.name))
    headers = {
        "Content-Disposition": f'inline; filename="{kept.name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Response(kept.content, media_type=kept.media_type, headers=headers)


async def show_bundle(room: Room, request: Request) -> Response:
    """Hand out what Amazon's support asks for, in one file."""
    found = await shipments.find(room.pool, request.path_params["shipment"], scope_of(request))
    name, made = await bundles.bundle(room.pool, room.gateway, room.clock.now(), found.id)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(made, media_type=bundles.MEDIA_TYPE, headers=headers)


async def act(room: Room, request: Request) -> Response:
    """Give a command for one shipment, and go back with what came of it."""
    shipment, kind = request.path_params["shipment"], request.path_params["kind"]
    here = f"/shipments/{shipment}"
    form: Any = {}
    try:
        form = await forms.take(request, commanding.role_for(kind))
        found = await shipments.find(room.pool, shipment, scope_of(request))
        now = room.clock.now()
        detail = await shipments.detail(room.pool, room.gateway, now, found.id, with_address=False)
        request_made = commanding.asked(kind, form, detail)
        given = await room.desk.give(Order(found.id, request_made, by=forms.by_whom(request)))
    except PacklineError as refusal:
        return forms.go_back(
            request, form.get("back", here), Notice(tell(refusal.message), tell(refusal.hint), "late"), here
        )
    said = Notice("; ".join(tell(warning) for warning in given.warnings), "", "risk") if given.warnings else None
    return forms.go_back(request, form.get("back", here), said, here)


async def content(room: Room, shipment_id: str, scope: Scope) -> dict[str, Any]:
    """Gather everything that the page shows.

    Raises NotFound for a shipment that is not there or outside the scope.
    """
    found = await shipments.find(room.pool, shipment_id, scope)
    now, directory = room.clock.now(), await room.directory.look(room)
    detail, told, entries, given = await asyncio.gather(
        shipments.detail(room.pool, room.gateway, now, found.id, with_address=False),
        timeline.explained(room.pool, room.gateway, now, found.id),
        timeline.timeline(room.pool, found.id, limit=ENTRIES),
        tickets.tickets(room.pool, tickets.TicketFilters(shipment=found.id), scope, limit=50),
    )
    program, zone = PROGRAMS[detail["program"]], directory.zone(detail["account"], detail["location"])
    over = detail["status"] in (Status.SHIPPED, Status.DELIVERED, Status.CANCELLED)
    return {
        "shipment": detail,
        "program": directory.program(detail["program"], detail["account"], detail["location"]),
        "place": f"{directory.name(detail['account'])} · {detail['location']}",
        "zone": zone,
        "is_open": not over,
        "stands": stands(detail["status"]),
        "sentence": tell(told.sentence),
        "next": tell(f"Next, Packline will {told.next}.") if told.next else "",
        "acts": acts(detail),
        "journey": journey(detail, program, entries.items),
        "packages": [package(row, zone) for row in detail["package_list"]],
        "papers": [document(found.id, row) for row in detail["documents"]],
        "timeline": story(entries.items, given.items, await tickets.askers(room.pool, given.items)),
        "live": follows(f"/shipments/{found.id}/live", detail["version"]),
    }


def acts(detail: ShipmentDetail) -> list[dict[str, Any]]:
    """List what can be done now, the likely next one first."""
    possible = [kind for kind in (*commanding.PLAIN, "repack") if kind in detail["commands"]]
    if not detail["package_list"] and "repack" in possible:
        possible.remove("repack")
    if detail["problem"] is None:
        possible.remove("retry")
    if detail["status"] in (Status.DELIVERED, Status.CANCELLED):
        possible = [kind for kind in possible if kind == "retry"]
    if not PROGRAMS[detail["program"]].tells_delivery:
        possible = [kind for kind in possible if kind not in ("deliver", "out_for_delivery")]
    if detail["status"] == Status.CONFIRMED and "confirm" in possible:
        possible.remove("confirm")
    if (detail["handed_over_at"] or not any(detail["tracking_ids"])) and "hand_over" in possible:
        possible.remove("hand_over")
    first = next_act(detail)
    ordered = sorted(possible, key=lambda kind: (kind != first, kind in _MORE))
    return [{**_act(kind, is_main=kind == first), "boxes": _boxes(kind, detail)} for kind in ordered]


def _boxes(kind: str, detail: ShipmentDetail) -> list[dict[str, Any]]:
    """Give the boxes whose sizes a form asks for: one for packing, as recommended, or those that there are."""
    if kind == "repack":
        return [{"id": row["id"], **row["box"]} for row in detail["package_list"]]
    if kind != "pack" or not detail["lines"]:
        return []
    advised = [row["box"] for row in detail["recommended"] if row["box"]]
    return [
        {"id": "PKG-1", **(advised[0] if len(advised) == 1 and advised[0] else dict.fromkeys(commanding.SIDES, ""))}
    ]


def _act(kind: str, *, is_main: bool) -> dict[str, Any]:
    return {
        "slots": [
            ("", t("as the location does")),
            ("recommended", t("Amazon's recommendation")),
            ("earliest", t("the earliest")),
        ]
        if kind in _SLOTTED
        else [],
        "kind": kind,
        "label": t(LABELS[kind]),
        "main": is_main,
        "ask": t(_ASKS[kind]) if kind in _ASKS else "",
        "danger": kind == "reject",
        "reasons": [("OUT_OF_STOCK", t("out of stock")), ("CUSTOMER_REQUESTED", t("the buyer asked for it"))]
        if kind == "reject"
        else [],
    }


def package(row: PackageRow, zone: str) -> dict[str, Any]:
    """Draw one box: its size, its slot, its label."""
    box, label = row["box"], row["label"]
    window = label["window"] if label else None
    slot = ""
    if window:
        method = {"PICKUP": t("pickup"), "DROPOFF": t("drop-off")}.get(window["method"], t("handover"))
        start, end = moments.day_clock(window["start"], zone), moments.clock(window["end"], zone)
        slot = f"{method} {start}–{end}"
    return {
        "id": row["id"],
        "box": f"{box['length_cm']:g} × {box['width_cm']:g} × {box['height_cm']:g} cm, {box['weight_g']:g} g",
        "slot": slot,
        "carrier": label["carrier"] if label else "",
        "tracking_id": label["tracking_id"] if label else "",
        "void": bool(label and label["void"]),
        "error": row["label_error"] or "",
    }


def document(shipment_id: str, row: DocumentRow) -> dict[str, Any]:
    """Draw one document."""
    return {
        "name": row["name"],
        "href": f"/shipments/{shipment_id}/documents/{row['id']}",
        "size": f"{row['size'] / 1024:.1f} KB",
        "void": row["void"],
        "at": row["created_at"],
    }


PATHS = (
    get("/shipments/{shipment}", show),
    get("/shipments/{shipment}/live", follow),
    get("/shipments/{shipment}/bundle", show_bundle),
    get("/shipments/{shipment}/documents/{document}", show_document),
    post("/shipments/{shipment}/{kind}", act, is_recorded=False),
)
