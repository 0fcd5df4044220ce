"""One file of documents: sent, taken apart, given to its orders; and pages that a person must place."""

from functools import partial
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from packline.commands.drop import LARGEST
from packline.console import files_page, forms, uploads
from packline.console.frame import page, part, scope_of
from packline.console.guard import Notice, session_of
from packline.console.personal import look, may_look
from packline.console.place import get, post
from packline.console.room import Room
from packline.console.words import mark, t, tell
from packline.domain.api_key import Role
from packline.domain.audit import Seen
from packline.domain.person import Look
from packline.domain.values import DocumentKind
from packline.errors import PacklineError
from packline.storage.sealed import opened
from packline.views import document_drops

OUTCOMES = {
    "stored": (mark("stored"), "good", "check"),
    "known": (mark("was there already"), "good", "check"),
    "ignored": (mark("nobody needs it"), "", "info"),
    "refused": (mark("the order cannot take it"), "late", "stop"),
    "parked": (mark("a person must look"), "risk", "alert"),
    "aside": (mark("put aside"), "", "info"),
}
KINDS = {"ship_label": mark("label"), "invoice": mark("invoice"), "warranty": mark("warranty")}
_MEDIA = {b"%PDF": "application/pdf", b"\x89PNG": "image/png"}


async def upload(room: Room, request: Request) -> Response:
    """Take a file of documents in; a worker takes it apart."""
    name, content = await uploads.take(request, Role.PACKER, LARGEST)
    account = request.query_params.get("account", "")
    files_page.refuse_unseen(scope_of(request), account)
    made = await room.files.drops.add(account, name, content, forms.by_whom(request))
    return uploads.leads(request, f"/files/documents/{made.id}")


async def show(room: Room, request: Request) -> Response:
    """Show how far a file is, and what became of its pages: those that wait for a person first."""
    row = await document_drops.drop(room.pool, request.path_params["drop"], scope_of(request))
    directory = await room.directory.look(room)
    sheets = await document_drops.sheets(room.pool, row["id"]) if row["state"] == "done" else []
    content = {
        "row": row,
        "state": files_page.state_of(files_page.DROP_STATES, row["state"]),
        "is_open": row["state"] in ("waiting", "running"),
        "waiting": [sheet for sheet in sheets if sheet["waits"]],
        "sheets": [(sheet, files_page.state_of(OUTCOMES, sheet["outcome"])) for sheet in sheets if not sheet["waits"]],
        "kinds": [("", t("what the pages say")), *((name, t(word)) for name, word in KINDS.items())],
        "kind_words": {name: t(word) for name, word in KINDS.items()},
        "name": directory.name(row["account"]),
        "may": forms.may(request, Role.PACKER),
        "may_look": may_look(request, Look.LABEL),
        "token": session_of(request).token,
        "now": room.clock.now(),
    }
    if "hx-request" in request.headers:
        return part("drop_part.html", content)
    return await page(room, request, "drop.html", "files", content)


async def pages(room: Room, request: Request) -> Response:
    """Hand out pages that nobody could place, to be looked at; addresses are on them, so the look is written down."""
    row = await document_drops.drop(room.pool, request.path_params["drop"], scope_of(request))
    content = await document_drops.pages(room.pool, row["id"], _number(request), partial(opened, room.vault))
    await look(room, request, Seen(Look.LABEL, "", f"{row['name'] or row['id']} {_number(request)}"))
    media = next((media for start, media in _MEDIA.items() if content.startswith(start)), "application/octet-stream")
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Disposition": "inline"}
    return Response(content, media_type=media, headers=headers)


async def give(room: Room, request: Request) -> Response:
    """Give pages to the order that a person names, or put them aside."""
    form = await forms.take(request, Role.PACKER)
    row = await document_drops.drop(room.pool, request.path_params["drop"], scope_of(request))
    back, number, by = f"/files/documents/{quote(row['id'], safe='')}", _number(request), forms.by_whom(request)
    try:
        if form.get("what") == "aside":
            await room.files.drops.put_aside(row["id"], number, by)
            return forms.go_back(request, back, Notice(t("The pages are put aside."), "", "good"))
        chosen = form.get("kind", "")
        kind = DocumentKind(chosen) if chosen in KINDS else None
        told = await room.files.drops.give(row["id"], number, form.get("order", ""), kind, by)
    except PacklineError as wrong:
        return forms.go_back(request, back, Notice(tell(wrong.message), tell(wrong.hint), "late"))
    said = t("The {kind} is with order {name} now.", kind=t(KINDS[told.kind]), name=told.order_id)
    return forms.go_back(request, back, Notice(said, "", "good"))


def _number(request: Request) -> int:
    given = request.path_params["number"]
    return int(given) if given.isdigit() and len(given) < 9 else 0


PATHS = (
    post("/files/documents", uploads.answered(upload)),
    get("/files/documents/{drop}", show),
    get("/files/documents/{drop}/pages/{number}", pages),
    post("/files/documents/{drop}/pages/{number}", give),
)
