"""One upload of listings: sent, looked at row by row, and what was not taken, as a file to mend."""

from starlette.requests import Request
from starlette.responses import Response

from packline.commands.listing_imports import add_file
from packline.console import files_page, forms, uploads
from packline.console.frame import page, part, scope_of
from packline.console.place import get, post
from packline.console.room import Room
from packline.console.words import t
from packline.domain.api_key import Role
from packline.errors import Invalid
from packline.oms.table_files import format_as_sent
from packline.oms.table_writing import MEDIA, write_table
from packline.views import listings

LONGEST = 64 << 20
REFUSED_SHOWN = 50


async def upload(room: Room, request: Request) -> Response:
    """Take a file in; a worker looks at its rows."""
    name, content = await uploads.take(request, Role.OPERATOR, LONGEST)
    account = request.query_params.get("account", "")
    files_page.refuse_unseen(scope_of(request), account)
    kind = format_as_sent(request.headers.get("content-type", ""), name, content)
    mode, by = request.query_params.get("mode", "all"), forms.by_whom(request)
    desk = room.files
    file = await add_file(
        desk.listings, desk.accounts, room.clock, content, kind, account=account, mode=mode, name=name, by=by
    )
    return uploads.leads(request, f"/files/listings/{file.id}")


async def show(room: Room, request: Request) -> Response:
    """Show how far an upload is, and the first rows that were not taken."""
    row = await listings.one_import(room.pool, request.path_params["file"], scope_of(request))
    is_open = row["state"] in ("waiting", "running")
    columns, rows = ([], []) if is_open else await listings.refused_table(room.pool, row["id"])
    directory = await room.directory.look(room)
    content = {
        "row": row,
        "state": files_page.state_of(files_page.IMPORT_STATES, row["state"]),
        "columns": columns,
        "refused": rows[:REFUSED_SHOWN],
        "more": max(0, len(rows) - REFUSED_SHOWN),
        "is_open": is_open,
        "name": directory.name(row["account"]),
        "now": room.clock.now(),
    }
    if "hx-request" in request.headers:
        return part("listing_import_part.html", content)
    return await page(room, request, "listing_import.html", "files", content)


async def refused(room: Room, request: Request) -> Response:
    """Hand out the rows that were not taken, as a file with a reason, to be mended and sent again."""
    row = await listings.one_import(room.pool, request.path_params["file"], scope_of(request))
    kind = request.query_params.get("as", row["format"])
    if kind not in MEDIA:
        raise Invalid(t("There is no such format."))
    columns, rows = await listings.refused_table(room.pool, row["id"], scope_of(request))
    stem = row["name"].rpartition(".")[0] or "listings"
    plain = (
        "".join(letter for letter in stem if letter.isascii() and (letter.isalnum() or letter in "-_ ")) or "listings"
    )
    headers = {"Content-Disposition": f'attachment; filename="{plain}.refused.{kind}"', "Cache-Control": "no-store"}
    return Response(write_table(kind, columns, rows), media_type=MEDIA[kind], headers=headers)


async def export(room: Room, request: Request) -> Response:
    """Hand out all listings of an account, as a file that can be sent again."""
    account = request.query_params.get("account", "")
    files_page.refuse_unseen(scope_of(request), account)
    kind = request.query_params.get("as", "csv")
    if kind not in MEDIA:
        raise Invalid(t("There is no such format."))
    columns, rows = await listings.listing_table(room.pool, account)
    name = f"listings-{room.clock.now():%Y%m%d-%H%M}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(write_table(kind, columns, rows), media_type=MEDIA[kind], headers=headers)


PATHS = (
    post("/files/listings", uploads.answered(upload)),
    get("/files/listings/export", export),
    get("/files/listings/{file}", show),
    get("/files/listings/{file}/refused", refused),
)
