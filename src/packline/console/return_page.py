"""One return: what Amazon tells, what came in and in which condition, photos, and the carrier's one-time password."""

import re
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from packline.commands.returns import PHOTO_AT_MOST
from packline.console import acts, forms, uploads
from packline.console.forms import Form
from packline.console.frame import page, part, scope_of
from packline.console.guard import Notice
from packline.console.live import changes, follows, stream
from packline.console.personal import look, may_look
from packline.console.place import get, post
from packline.console.return_rows import CONDITIONS, KINDS, condition_word, stage_chip, status_chip
from packline.console.room import Room
from packline.console.words import t, tn
from packline.domain.api_key import Role
from packline.domain.audit import Seen
from packline.domain.person import Look
from packline.domain.returns import ARRIVED, NOT_STOCK
from packline.ports.returns import Piece, Received
from packline.storage.sealed import opened
from packline.views import returns
from packline.views.returns import ReceiptRow, ReturnDetail

_KEPT = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


async def show(room: Room, request: Request) -> Response:
    """Show one return; any name that is given for it leads here."""
    row = await _found(room, request)
    directory, now = await room.directory.look(room), room.clock.now()
    till = row["password_valid_till"]
    awaited = 0 if row["stage"] == "called_off" else row["units"] - row["received_units"]
    content = {
        "row": row,
        "where": f"{directory.name(row['account'])} · {row['location']}",
        "zone": directory.zone(row["account"], row["location"]),
        "kind": t(KINDS[row["kind"]]) if row["kind"] in KINDS else row["kind"],
        "stage": stage_chip(row["stage"], row["status"]),
        "status": status_chip(row["status"]),
        "sentence": _sentence(row),
        "awaited": awaited,
        "receipts": [
            {**one, "word": condition_word(one["condition"]), "is_stock": one["condition"] not in NOT_STOCK}
            for one in row["receipts"]
        ],
        "unshelved": sum(one["units"] for one in row["receipts"] if _waits(one)),
        "conditions": [(name, t(word)) for name, word in CONDITIONS.items()],
        "has_password": bool(till and till > now),
        "may": forms.may(request, Role.PACKER),
        "sees_photos": may_look(request, Look.LABEL),
        "once": acts.once(),
        "live": follows(f"/returns/{row['id']}/live", _known(row)),
    }
    return await page(room, request, "return.html", "returns", content)


async def follow(room: Room, request: Request) -> Response:
    """Keep the page up while others receive."""
    item = await returns.find(room.pool, request.path_params["item"], scope_of(request))

    async def look() -> Any:
        return _known(await returns.detail(room.pool, item))

    return stream(changes(room, look, request))


def _known(row: returns.ReturnDetail) -> Any:
    return (row["updated_at"], row["received_units"], row["restocked_units"], len(row["photos"]))


async def receive(room: Room, request: Request) -> Response:
    """Receive units in one condition; the rest of a parcel in another condition is received after it."""
    row = await _found(room, request)

    async def act(form: Form) -> Notice:
        serials = tuple(form.get("serials", "").replace(",", " ").split())
        units = acts.whole(form, "units", t("Units"))
        piece = Piece(units, form.get("condition", ""), form.get("bin", "").strip(), serials)
        done = await room.desks.returns.receive(
            row["id"],
            [piece],
            note=form.get("note", "").strip()[:2000],
            restock=form.get("restock") == "yes",
            key=f"console {form.get('once', '')}",
            by=forms.by_whom(request),
        )
        return _told(done, units)

    return await acts.given(request, Role.PACKER, f"/returns/{row['id']}", act)


async def restock(room: Room, request: Request) -> Response:
    """Put on the shelf what was received and kept aside."""
    row = await _found(room, request)

    async def act(_: Form) -> Notice:
        done = await room.desks.returns.restock(row["id"], by=forms.by_whom(request))
        return _told(done, 0)

    return await acts.given(request, Role.PACKER, f"/returns/{row['id']}", act)


async def password(room: Room, request: Request) -> Response:
    """Show the one-time password while it is valid; the look is written down."""
    await forms.take(request, Role.PACKER)
    row = await _found(room, request)
    found = await room.desks.returns.password(row["id"], by=forms.by_whom(request))
    directory = await room.directory.look(room)
    content = {
        "word": found.word,
        "till": found.valid_till,
        "zone": directory.zone(row["account"], row["location"]),
        "now": room.clock.now(),
    }
    return part("password_part.html", content)


async def add_photo(room: Room, request: Request) -> Response:
    """Keep a photo that the page's script sends."""
    name, content = await uploads.take(request, Role.PACKER, PHOTO_AT_MOST)
    row = await _found(room, request)
    await room.desks.returns.photo(row["id"], content, name=name, by=forms.by_whom(request))
    return uploads.leads(request, f"/returns/{row['id']}")


async def show_photo(room: Room, request: Request) -> Response:
    """Give the bytes of a photo."""
    row = await _found(room, request)
    await look(room, request, Seen(Look.LABEL, "", f"photo of return {row['id']}"))
    found = await returns.photo(room.pool, row["id"], request.path_params["photo"], partial(opened, room.vault))
    name = re.sub(r"[^A-Za-z0-9._-]", "_", found.name)
    headers = {**_KEPT, "Content-Disposition": f'inline; filename="{name}"'}
    return Response(found.content, 200, headers, found.media_type)


async def _found(room: Room, request: Request) -> ReturnDetail:
    item = await returns.find(room.pool, request.path_params["item"], scope_of(request))
    return await returns.detail(room.pool, item)


def _waits(receipt: ReceiptRow) -> bool:
    return receipt["restocked_at"] is None and receipt["condition"] not in NOT_STOCK


def _sentence(row: ReturnDetail) -> str:
    if row["stage"] == "received":
        return tn("{n} unit is in; nothing more is awaited.", "All {n} units are in.", row["units"])
    if row["stage"] == "partly_received":
        return t("{n} of {all} units are in.", n=row["received_units"], all=row["units"])
    if row["stage"] == "called_off":
        return t("Called off: nothing will come.")
    if row["stage"] == "past":
        return t("Processed at Amazon before Packline knew this account: receive it only if it is not on the shelf.")
    if row["status"] in ARRIVED:
        return t("It is here: look at it, count, and receive it.")
    return t("It is on its way. If it stands before you, receive it all the same.")


def _told(done: Received, units: int) -> Notice:
    if done.outcome == "known":
        return Notice(t("That was said before; nothing was done twice."))
    taken = sum(one.units for one in done.restocked)
    said = [tn("{n} unit is received.", "{n} units are received.", units)] if units else []
    if taken:
        said.append(tn("The ledger has {n} unit more.", "The ledger has {n} units more.", taken))
    waits = tn("{n} unit is still awaited.", "{n} units are still awaited.", done.awaited_units)
    return Notice(" ".join(said), waits if done.awaited_units else "", "good")


PATHS = (
    get("/returns/{item}", show),
    get("/returns/{item}/live", follow),
    post("/returns/{item}/receive", receive),
    post("/returns/{item}/restock", restock),
    post("/returns/{item}/password", password),
    post("/returns/{item}/photos", uploads.answered(add_photo)),
    get("/returns/{item}/photos/{photo}", show_photo),
)
