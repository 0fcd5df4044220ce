"""The bench: a packer scans, ticks, answers one question at a time, and the label prints."""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from packline.commands.order import Order
from packline.commands.pack import Pack
from packline.commands.prints import PrintRequest
from packline.console import bench_sheet, bench_words
from packline.console.forms import by_whom, need
from packline.console.frame import HEADERS, page, scope_of
from packline.console.guard import is_ours
from packline.console.place import Place, get, post
from packline.console.room import Room
from packline.console.words import mark, t, tell
from packline.domain.api_key import Role
from packline.domain.printing import Form, PickOrder
from packline.errors import Forbidden, Invalid, NotFound, PacklineError
from packline.views import bench, shipments, tickets

PLACE = Place("bench", mark("Bench"), "/bench", "b", "bench", 20)
CODE_AT_MOST = 200


async def show(room: Room, request: Request) -> Response:
    """Show the bench, full screen."""
    directory, scope = await room.directory.look(room), scope_of(request)
    places = [
        {"value": f"{account}/{location}", "label": f"{directory.name(account)} · {row['name'] or location}"}
        for (account, location), row in sorted(directory.locations.items())
        if scope.sees(account, location)
    ]
    content = {"places": places, "words": bench_words.texts()}
    return await page(room, request, "bench.html", "bench", content)


async def scan(room: Room, request: Request) -> Response:
    """Tell what a code is: an order to pack with all that its packer must know, or what went wrong."""
    given = await _given(request)
    code, (account, location) = str(given.get("code", "")).strip()[:CODE_AT_MOST], _bench(given)
    if not code:
        raise Invalid(t("Nothing was scanned."), hint=t("Scan an order, a SKU or a serial number."))
    scope = scope_of(request)
    directory = await room.directory.look(room)
    accounts = [account] if account else [key for key in directory.accounts if scope.sees(key)]
    found = await bench.named(room.pool, code, accounts, scope)
    if len(found.shipments) > 1:
        raise Invalid(
            t("{code} names {n} shipments.", code=code, n=len(found.shipments)),
            hint=t("Scan the shipment id on the pick list."),
        )
    name = found.shipments[0] if found.shipments else ""
    if not name:
        name = await bench.waiting_for(room.pool, found.skus, account, location, scope) or ""
    if not name:
        raise NotFound(
            t("Nothing that waits for a packer has {code} in it.", code=code),
            hint=t("Scan an order, a SKU or a serial number."),
        )
    sheet = await bench_sheet.sheet(room, name, (account, location))
    first = "" if found.shipments else code
    return _json({"sheet": {**sheet, "first": first, "serial": found.serial}})


async def pack(room: Room, request: Request) -> Response:
    """Pack as the packer closed the boxes; gives the ticket, which the bench then follows."""
    given = await _given(request)
    found = await shipments.find(room.pool, str(given.get("shipment", "")), scope_of(request))
    try:
        asked = msgspec.convert({"type": "pack", "packages": given.get("packages")}, Pack)
    except msgspec.ValidationError as misfit:
        raise Invalid(t("The bench sent something that is no packing: {what}.", what=str(misfit))) from None
    ticket = await room.desk.give(Order(found.id, asked, str(given.get("key", "")), by_whom(request)))
    return _json({"ticket": ticket.id, "warnings": [tell(warning) for warning in ticket.warnings]})


async def follow(room: Room, request: Request) -> Response:
    """Tell how far a packing is: its outcome once it is known, else where it stands."""
    scope = scope_of(request)
    row = await tickets.ticket(room.pool, request.path_params["ticket"], scope)
    shipment = await shipments.load(room.pool, row["shipment"])
    problem = row["problem"] or (shipment.problem and msgspec.structs.asdict(shipment.problem))
    told: dict[str, Any] = {"outcome": row["outcome"], "status": bench_sheet.stands(shipment), "problem": None}
    if problem:
        told["problem"] = {"message": tell(problem["message"]), "hint": tell(problem["hint"])}
    return _json(told)


async def last(room: Room, request: Request) -> Response:
    """List what this packer packed last."""
    rows = await bench.last_packed(room.pool, by_whom(request), room.clock.now())
    return _json({"items": [{**row, "stands": bench_sheet.stands_row(row["status"])} for row in rows]})


async def print_label(room: Room, request: Request) -> Response:
    """Print the labels of one shipment; gives the address of the file, ready for the browser's printer."""
    given = await _given(request)
    reference = str(given.get("shipment", ""))
    scope = scope_of(request)
    form = Form.ZPL if given.get("form") == "zpl" else Form.PDF
    asked = PrintRequest((reference,), form=form, order=PickOrder.GIVEN)
    made = await room.prints.print(asked, by_whom(request), scope.sees, str(given.get("key", "")))
    refused = [{"why": tell(told.why), "hint": tell(told.hint), "reason": told.reason} for told in made.refused]
    if form is Form.PDF and not made.files and any("ZPL" in told.why for told in made.refused):
        asked = PrintRequest((reference,), form=Form.ZPL, order=PickOrder.GIVEN)
        made = await room.prints.print(asked, by_whom(request), scope.sees)
        refused = []
    file = made.files[0] if made.files else None
    address = f"/prints/{made.id}/{file.kind.value}" if file else ""
    return _json(
        {
            "file": address,
            "name": file.name if file else "",
            "media_type": file.media_type if file else "",
            "reprinted": made.reprinted,
            "refused": refused,
        }
    )


def _bench(given: Mapping[str, Any]) -> tuple[str, str]:
    account, _, location = str(given.get("place", "")).partition("/")
    return account, location


async def _given(request: Request) -> dict[str, Any]:
    """Read what the bench sent; raises Forbidden where another page, or nobody who may pack, sent it."""
    if not is_ours(request, ""):
        raise Forbidden(t("This page is out of date; nothing was done."), hint=t("Load it again (F5)."))
    need(request, Role.PACKER)
    try:
        given: dict[str, Any] = msgspec.json.decode((await request.body())[:1_000_000], type=dict[str, Any])
    except msgspec.DecodeError:
        raise Invalid(t("The bench sent something that cannot be read.")) from None
    return given


def _json(content: Mapping[str, Any], status: int = 200) -> Response:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": HEADERS["X-Content-Type-Options"]}
    return Response(msgspec.json.encode(content), status, headers, "application/json")


def _spoken(handler: Any) -> Any:
    """Answer errors as JSON: the bench says them in words, colour and sound."""

    async def answered(room: Room, request: Request) -> Response:
        try:
            return await handler(room, request)  # type: ignore[no-any-return]  # a handler of any page
        except PacklineError as error:
            faults = [tell(fault.message) for fault in error.errors] if isinstance(error, Invalid) else []
            told = {"message": tell(error.message), "hint": tell(error.hint), "faults": faults[:6]}
            return _json({"error": told}, error.http_status)

    return answered


PATHS = (
    get("/bench", show),
    get("/bench/last", _spoken(last)),
    get("/bench/tickets/{ticket}", _spoken(follow)),
    post("/bench/scan", _spoken(scan), is_recorded=False),
    post("/bench/pack", _spoken(pack), is_recorded=False),
    post("/bench/print", _spoken(print_label)),
)
