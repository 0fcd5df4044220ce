"""Manifests: open one, scan parcels in, close it, print it, hand all over."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from packline.commands.manifests import Opening
from packline.console import cells, forms, moments
from packline.console.cells import Column, Row
from packline.console.frame import HEADERS, page, scope_of
from packline.console.guard import Notice
from packline.console.lists import Asked, Empty, Filter, Found, Table, account_filters, paths
from packline.console.live import changes, follows, stream
from packline.console.place import Place, get, post
from packline.console.room import Room
from packline.console.words import mark, t, tell, tn
from packline.domain.api_key import Role
from packline.domain.manifest import Manifest, ManifestStatus
from packline.domain.values import Window
from packline.errors import Invalid, PacklineError
from packline.oms.manifest_pdf import MEDIA_TYPE, manifest_pdf
from packline.views import manifests
from packline.views.manifests import ManifestRow

PLACE = Place("manifests", mark("Manifests"), "/manifests", "m", "manifest", 40)
STATES = {
    "open": (mark("open"), "info", "dot"),
    "closed": (mark("closed"), "risk", "pause"),
    "handed_over": (mark("handed over"), "good", "check"),
}
COLUMNS = (
    Column("id", mark("Manifest"), "w-id"),
    Column("status", mark("Stands"), "w-status"),
    Column("carrier", mark("Carrier"), "w-place"),
    Column("slot", mark("Slot"), "w-place"),
    Column("packages", mark("Packages"), "w-number"),
    Column("location", mark("Leaves from"), "w-place", "wide"),
    Column("opened_at", mark("Opened"), "w-time", "wide"),
)


async def read(room: Room, asked: Asked) -> Found:
    """Read one page of manifests."""
    directory = await room.directory.look(room)
    filters = manifests.ManifestFilters(
        account=asked.get("account"),
        location=asked.get("location"),
        status=asked.get("status"),
        tracking_id=asked.get("tracking"),
    )
    found = await manifests.manifests(room.pool, filters, asked.scope, limit=asked.limit, after=asked.after)
    rows = [
        _row(row, directory.name(row["account"]), directory.zone(row["account"], row["location"]))
        for row in found.items
    ]
    return Found(tuple(rows), found.next)


async def filters_of(room: Room, asked: Asked) -> tuple[Filter, ...]:
    """Give place, state and a parcel on it to choose by."""
    states = tuple((name, t(word)) for name, (word, _, _) in STATES.items())
    return (
        *await account_filters(room, asked),
        Filter("status", t("Stands"), asked.query.get("status", ""), states),
        Filter("tracking", t("Tracking id"), asked.query.get("tracking", "")),
    )


async def opening(room: Room, asked: Asked) -> Mapping[str, Any]:
    """Offer the places that a manifest can be opened for."""
    directory = await room.directory.look(room)
    places = [
        (f"{account}/{location}", f"{directory.name(account)} · {row['name'] or location}")
        for (account, location), row in sorted(directory.locations.items())
        if asked.scope.sees(account, location)
    ]
    return {"places": places}


async def open_one(room: Room, request: Request) -> Response:
    """Open a manifest; the first parcel decides carrier and slot."""
    form = await forms.take(request, Role.PACKER)
    account, _, location = form.get("place", "").partition("/")
    if not scope_of(request).sees(account, location):
        raise Invalid(t("There is no such place."))
    made = await room.manifests.open(Opening(account, location), forms.by_whom(request))
    return forms.go_back(request, f"/manifests/{made.id}")


async def show(room: Room, request: Request) -> Response:
    """Show one manifest with its parcels."""
    found = await _found(room, request)
    directory = await room.directory.look(room)
    zone = directory.zone(found.account, found.location)
    row = manifests.manifest_row(found)
    word, tone, icon = STATES[row["status"]]
    content = {
        "row": row,
        "parcels": list(reversed(manifests.manifest_detail(found)["parcels"])),
        "stands": {"word": t(word), "tone": tone, "icon": icon},
        "slot": slot_of(found.window, zone),
        "zone": zone,
        "where": f"{directory.name(found.account)} · {found.location}",
        "may": forms.may(request, Role.PACKER),
        "told": [],
        "live": follows(f"/manifests/{found.id}/live", found.version),
    }
    return await page(room, request, "manifest.html", "manifests", content)


async def follow(room: Room, request: Request) -> Response:
    """Keep the page up while others scan."""

    async def look() -> Any:
        return (await _found(room, request)).version

    return stream(changes(room, look, request))


async def scan(room: Room, request: Request) -> Response:
    """Put scanned parcels on it, and say of each what came of it.

    As JSON to the page's script; a scanner may be quicker than the script, and then the page itself says it.
    """
    form = await forms.take(request, Role.PACKER)
    found = await _found(room, request)
    codes = form.get("code", "").split()
    if not codes:
        raise Invalid(t("Nothing was scanned."), hint=t("Scan the tracking id on the label."))
    status = 200
    try:
        found, told = await room.manifests.scan_in(found.id, codes, forms.by_whom(request))
        items = [_scanned(one) for one in told]
    except PacklineError as error:
        status = error.http_status
        items = [{"tone": "late", "code": codes[0], "message": tell(error.message), "hint": tell(error.hint)}]
    if "application/json" in request.headers.get("accept", ""):
        return _said(status, found, items)
    return forms.go_back(request, f"/manifests/{found.id}", _notice(items))


def _scanned(one: Any) -> dict[str, str]:
    if one.outcome == "refused":
        return {"tone": "late", "code": one.reference, "message": tell(one.why), "hint": tell(one.hint)}
    word = t("on it already") if one.outcome == "already" else t("added")
    return {"tone": "good", "code": one.tracking_id, "message": word, "hint": ""}


def _notice(items: list[dict[str, str]]) -> Notice:
    late = [item for item in items if item["tone"] == "late"]
    said = " ".join(f"{item['code']}: {item['message']}" for item in late or items)
    return Notice(said, late[0]["hint"] if late else "", "late" if late else "good")


def _said(status: int, manifest: Manifest, items: list[dict[str, str]]) -> Response:
    import msgspec

    told = {"packages": len(manifest.leaving), "items": items}
    return Response(msgspec.json.encode(told), status, {"Cache-Control": "no-store"}, "application/json")


async def remove(room: Room, request: Request) -> Response:
    """Take a parcel off it."""
    form = await forms.take(request, Role.PACKER)
    found = await _found(room, request)
    tracking = form.get("tracking", "")
    await room.manifests.take_out(found.id, tracking, forms.by_whom(request))
    return forms.go_back(request, f"/manifests/{found.id}", Notice(t("{name} is off the manifest.", name=tracking)))


async def close(room: Room, request: Request) -> Response:
    """Fix what it says."""
    await forms.take(request, Role.PACKER)
    found = await _found(room, request)
    made = await room.manifests.close(found.id, forms.by_whom(request))
    said = tn("Closed with {n} parcel.", "Closed with {n} parcels.", len(made.leaving))
    return forms.go_back(request, f"/manifests/{found.id}", Notice(said, t("Print it, and have it signed."), "good"))


async def hand_over(room: Room, request: Request) -> Response:
    """Hand over all parcels but those ticked as left behind."""
    form = await forms.take(request, Role.PACKER)
    found = await _found(room, request)
    made, told = await room.manifests.hand_over(found.id, forms.by_whom(request), form.all("left"))
    wrong = [f"{one.order_id}: {tell(one.why)}" for one in told if one.outcome in ("stopped", "refused")]
    said = tn("{n} parcel is handed over.", "{n} parcels are handed over.", len(made.leaving))
    notice = Notice(said, " ".join(wrong), "late" if wrong else "good")
    return forms.go_back(request, f"/manifests/{found.id}", notice)


async def paper(room: Room, request: Request) -> Response:
    """Give it as a PDF."""
    found = await _found(room, request)
    content = await asyncio.to_thread(manifest_pdf, found, *await manifests.place_of(room.pool, found))
    headers = {
        "Content-Disposition": f'inline; filename="manifest-{found.id}.pdf"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": HEADERS["X-Content-Type-Options"],
    }
    return Response(content, 200, headers, MEDIA_TYPE)


def slot_of(window: Window | None, zone: str) -> str:
    """Write a slot for people: its day, from, to, and how; empty where there is none."""
    if window is None:
        return ""
    return f"{moments.day_clock(window.start, zone)} – {moments.clock(window.end, zone)} {window.method}".strip()


async def _found(room: Room, request: Request) -> Manifest:
    return await manifests.one_manifest(room.pool, request.path_params["manifest"], scope_of(request))


def _row(row: ManifestRow, account: str, zone: str) -> Row:
    word, tone, icon = STATES[row["status"]]
    window = row["window"]
    slot = slot_of(Window(window["start"], window["end"], window["method"]), zone) if window else ""
    return Row(
        row["id"],
        (
            cells.ident(row["id"], href=f"/manifests/{row['id']}"),
            cells.chip(t(word), tone, icon),
            cells.text(row["carrier"] or "–"),
            cells.text(slot or "–"),
            cells.number(row["packages"]),
            cells.text(f"{account} · {row['location']}", "quiet"),
            cells.when(row["opened_at"], zone),
        ),
        href=f"/manifests/{row['id']}",
    )


TABLE = Table(
    path="/manifests",
    place="manifests",
    title=mark("Manifests"),
    lead=mark("What leaves with one carrier in one slot: scan in, close, have it signed, hand all over."),
    columns=COLUMNS,
    read=read,
    filters=filters_of,
    template="manifests.html",
    more=opening,
    live=True,
    empty=Empty(mark("No manifest yet."), mark("Open one, and scan the first parcel: it decides carrier and slot.")),
)
OPEN = ManifestStatus.OPEN
PATHS = (
    *paths(TABLE),
    post("/manifests", open_one),
    get("/manifests/{manifest}", show),
    get("/manifests/{manifest}/live", follow),
    get("/manifests/{manifest}/paper", paper),
    post("/manifests/{manifest}/scan", scan),
    post("/manifests/{manifest}/remove", remove),
    post("/manifests/{manifest}/close", close),
    post("/manifests/{manifest}/hand-over", hand_over),
)
