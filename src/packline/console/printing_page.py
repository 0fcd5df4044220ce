"""Printing: labels that wait for it, selections in pick order, and what was printed before."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from packline.commands.prints import AT_MOST, PrintRequest
from packline.console import cells, forms
from packline.console.cells import Column, Row
from packline.console.frame import HEADERS, page, scope_of
from packline.console.guard import Notice
from packline.console.lists import Asked, Empty, Found, Table, paths
from packline.console.personal import look
from packline.console.place import Place, get, post
from packline.console.room import Room
from packline.console.words import mark, t, tell
from packline.domain.api_key import Role
from packline.domain.audit import Seen
from packline.domain.person import OF_DOCUMENTS, Look
from packline.domain.printing import Form, Paper, PickOrder
from packline.domain.values import DocumentKind
from packline.storage.sealed import opened
from packline.views import prints
from packline.views.prints import PrintRow

PLACE = Place("prints", mark("Print"), "/prints", "p", "print", 35)
KINDS = {"ship_label": mark("labels"), "invoice": mark("invoices"), "warranty": mark("warranties")}
ORDERS = {
    "bin": mark("by bin"),
    "sku": mark("by SKU"),
    "ship_by": mark("most urgent first"),
    "given": mark("as given"),
}
PAPERS = {
    "4x6": mark("labels of 4 × 6 inches"),
    "a4-of-four": mark("A4, four on a sheet"),
    "zpl": mark("ZPL for a label printer"),
}
COLUMNS = (
    Column("at", mark("Time"), "w-time"),
    Column("print", mark("Print"), "w-id"),
    Column("printed", mark("Documents"), "w-number"),
    Column("reprinted", mark("Reprints"), "w-number"),
    Column("refused", mark("Refused"), "w-number"),
    Column("how", mark("How"), "", "wide"),
    Column("by", mark("Who"), "w-place", "wide"),
)


async def read(room: Room, asked: Asked) -> Found:
    """Read one page of prints."""
    directory = await room.directory.look(room)
    zone = directory.house_zone(asked.scope)
    found = await prints.prints(room.pool, asked.scope, limit=asked.limit, after=asked.after)
    return Found(tuple(_row(row, zone, directory.who(row["by"])) for row in found.items), found.next)


async def waiting(room: Room, asked: Asked) -> Mapping[str, Any]:
    """Count what waits to be printed, by place, and offer the form."""
    directory, counts = await room.directory.look(room), await prints.waiting(room.pool, asked.scope)
    known = [place for place in directory.locations if asked.scope.sees(*place)]
    places = []
    for account, location in sorted(known, key=lambda place: (-counts.get(place, 0), place)):
        name = directory.locations[account, location]["name"] or location
        many = counts.get((account, location), 0)
        places.append((f"{account}/{location}", f"{directory.name(account)} · {name} ({many:,})"))
    return {
        "places": places,
        "count": sum(counts.values()),
        "ids": asked.query.get("ids", ""),
        "papers": [(name, t(label)) for name, label in PAPERS.items()],
        "orders": [(name, t(label)) for name, label in ORDERS.items()],
    }


async def make(room: Room, request: Request) -> Response:
    """Print a selection: what waits in a place, or what is named."""
    form = await forms.take(request, Role.PACKER)
    scope = scope_of(request)
    names = " ".join(form.all("ids")).replace(",", " ").split()
    if not names:
        account, _, location = form.get("place", "").partition("/")
        names = await prints.unprinted(room.pool, account, location, AT_MOST, scope)
    if not names:
        said = Notice(t("Nothing waits to be printed there."), t("Name shipments, orders or tracking ids to reprint."))
        return forms.go_back(request, "/prints", said)
    paper = form.get("paper", "4x6")
    asked = PrintRequest(
        references=tuple(dict.fromkeys(names))[:AT_MOST],
        documents=tuple(DocumentKind(kind) for kind in form.all("documents") if kind in KINDS)
        or (DocumentKind.SHIP_LABEL,),
        form=Form.ZPL if paper == "zpl" else Form.PDF,
        paper=Paper.A4_OF_FOUR if paper == "a4-of-four" else Paper.LABEL,
        order=PickOrder(form["order"]) if form.get("order") in ORDERS else PickOrder.BIN,
        reverse=form.get("reverse") == "yes",
    )
    made = await room.prints.print(asked, forms.by_whom(request), scope.sees, form.get("key", ""))
    return forms.go_back(request, f"/prints/{made.id}")


async def show(room: Room, request: Request) -> Response:
    """Show one print: its files, ready for the browser's printer, and what was refused."""
    scope = scope_of(request)
    row = await prints.one_print(room.pool, request.path_params["print"], scope)
    refused = [{**told, "why": tell(told["why"]), "hint": tell(told["hint"])} for told in row["refused"]]
    files = [
        {**file, "word": t(KINDS[file["kind"]]), "is_over": file["until"] <= room.clock.now()} for file in row["files"]
    ]
    again = " ".join(dict.fromkeys(told["reference"] for told in row["refused"] if told["reason"] != "not_found"))
    content = {"row": row, "refused": refused, "files": files, "how": _how(row), "again": again}
    return await page(room, request, "print.html", "prints", content)


async def show_file(room: Room, request: Request) -> Response:
    """Give a file to the browser's printer."""
    forms.need(request, Role.PACKER)
    name, kind = request.path_params["print"], request.path_params["kind"]
    now, unsealed = room.clock.now(), partial(opened, room.vault)
    found = await prints.print_file(room.pool, name, kind, now, unsealed, scope_of(request))
    inside = await prints.printed_shipments(room.pool, name, kind)
    await look(room, request, *(Seen(OF_DOCUMENTS.get(kind, Look.RAW), shipment, name) for shipment in inside))
    headers = {
        "Content-Disposition": f'inline; filename="{found.name}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": HEADERS["X-Content-Type-Options"],
    }
    return Response(found.content, 200, headers, found.media_type)


def _row(row: PrintRow, zone: str, who: str) -> Row:
    return Row(
        row["id"],
        (
            cells.when(row["created_at"], zone),
            cells.ident(row["id"], href=f"/prints/{row['id']}"),
            cells.number(row["printed"]),
            cells.number(row["reprinted"]),
            cells.number(len(row["refused"]), tone="late" if row["refused"] else ""),
            cells.text(_how(row), "quiet"),
            cells.text(who, "quiet"),
        ),
        href=f"/prints/{row['id']}",
    )


def _how(row: PrintRow) -> str:
    paper = t(PAPERS["zpl" if row["form"] == "zpl" else row["paper"]])
    how = [paper, t(ORDERS[row["order"]])]
    return " · ".join([*how, t("reversed")] if row["reverse"] else how)


TABLE = Table(
    path="/prints",
    place="prints",
    title=mark("Print"),
    lead=mark("Labels in the way of the picker, one file. What must not be used is left out with the reason."),
    columns=COLUMNS,
    read=read,
    template="prints.html",
    more=waiting,
    empty=Empty(
        mark("Nothing was printed yet."), mark("Prints appear here with what was refused, and can be repeated.")
    ),
)
PATHS = (
    *paths(TABLE),
    post("/prints", make),
    get("/prints/{print}", show),
    get("/prints/{print}/{kind}", show_file),
)
