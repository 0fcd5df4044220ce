"""People: who may sign in, one person with sessions, and what an admin does for them."""

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from packline.commands.people import Change, NewPerson
from packline.console import cells, forms, moments
from packline.console.cells import Cell, Column, Row
from packline.console.frame import page
from packline.console.guard import Notice, where_of
from packline.console.lists import Asked, Empty, Filter, Found, Table, asked_of, content
from packline.console.place import Place, get, post
from packline.console.room import Room
from packline.console.words import mark, t, tell
from packline.domain.api_key import Role
from packline.domain.person import PersonRole
from packline.domain.session import browser_of
from packline.errors import PacklineError
from packline.views import audit, people
from packline.views.audit import AuditFilters
from packline.views.people import PersonRow

PLACE = Place("people", mark("People"), "/people", "n", "people", 92, only="rules")
ROLES = {
    PersonRole.VIEWER: mark("viewer: looks, and sees no personal data"),
    PersonRole.SUPPORT: mark("support: looks and reads the audit, and sees no personal data"),
    PersonRole.PACKER: mark("packer: packs, prints and hands over; sees labels and invoices"),
    PersonRole.MANAGER: mark("manager: mends, counts stock, sees addresses, reads the audit"),
    PersonRole.ADMIN: mark("admin: everything, and people"),
}
COLUMNS = (
    Column("name", mark("Name"), "w-place"),
    Column("full_name", mark("Full name"), "", "wide"),
    Column("role", mark("Role"), "w-word"),
    Column("limits", mark("Limits"), "", "wide"),
    Column("sessions", mark("Signed in"), "w-number"),
    Column("seen", mark("Last seen"), "w-time"),
    Column("state", mark("State")),
)
ENTRIES = 20


async def show_all(room: Room, request: Request) -> Response:
    """List people, for those who may change them."""
    forms.need_people(request)
    asked = asked_of(request)
    return await page(room, request, "people.html", "people", await content(TABLE, room, asked, "", ()))


async def read(room: Room, asked: Asked) -> Found:
    """Read one page of people."""
    role = asked.get("role")
    found = await people.people(
        room.pool,
        room.clock.now(),
        room.idle,
        role=PersonRole(role) if role in tuple(PersonRole) else None,
        search=asked.get("q"),
        limit=asked.limit,
        after=asked.after,
    )
    return Found(tuple(_row(row) for row in found.items), found.next)


async def filters_of(_: Room, asked: Asked) -> tuple[Filter, ...]:
    """Give role and name to choose by."""
    roles = tuple((role.value, t(forms.ROLE_WORDS[role])) for role in PersonRole)
    return (
        Filter("role", t("Role"), asked.query.get("role", ""), roles),
        Filter("q", t("Name"), asked.query.get("q", "")),
    )


async def new(room: Room, request: Request) -> Response:
    """Ask who is to be added."""
    forms.need_people(request)
    return await page(room, request, "person_new.html", "people", await _choices(room, None))


async def add(room: Room, request: Request) -> Response:
    """Add a person, and show the link to choose a password with, once."""
    form = await forms.take(request, Role.ADMIN)
    forms.need_people(request)
    by, where = forms.by_whom(request), where_of(request)
    wanted = NewPerson(
        form.get("name", ""),
        form.get("role", ""),
        form.get("full_name", ""),
        tuple(form.all("account")) or None,
        tuple(form.all("location")) or None,
    )
    try:
        person = await room.people.add(wanted, by, where=where)
        link = await room.people.invite(person.id, by, where)
    except PacklineError as refusal:
        said = Notice(tell(refusal.message), tell(refusal.hint), "late")
        return forms.go_back(request, "/people/new", said)
    return forms.go_back(request, f"/people/{person.id}", _linked(request, person.name, link.path, link.until))


async def show(room: Room, request: Request) -> Response:
    """Show one person."""
    forms.need_people(request)
    now = room.clock.now()
    row = await people.person(room.pool, now, room.idle, request.path_params["person"])
    kept = {
        **await _choices(room, row),
        "person": row,
        "state": _state(row),
        "role_says": t(ROLES[PersonRole(row["role"])]),
        "sessions": await sessions_of(room, row["id"]),
        "entries": await entries_of(room, f"user: {row['name']}"),
    }
    return await page(room, request, "person.html", "people", kept)


async def act(room: Room, request: Request) -> Response:
    """Do one thing for a person: change, link, disable, enable, unlock, disconnect, sign_out."""
    form = await forms.take(request, Role.ADMIN)
    forms.need_people(request)
    name = request.path_params["person"]
    here = f"/people/{name}"
    try:
        said = await _done(room, request, form, name, request.path_params["act"])
    except PacklineError as refusal:
        said = Notice(tell(refusal.message), tell(refusal.hint), "late")
    return forms.go_back(request, here, said)


async def _done(room: Room, request: Request, form: forms.Form, name: str, kind: str) -> Notice | None:
    by, where = forms.by_whom(request), where_of(request)
    if kind == "link":
        link = await room.people.invite(name, by, where)
        return _linked(request, (await room.people.known(name)).name, link.path, link.until)
    if kind == "unlock":
        await room.people.unlock(name, by, where)
        return Notice(t("The wrong passwords are forgotten."), "", "good")
    if kind == "disconnect":
        await room.people.disconnect(name, by, where)
        return Notice(t("Disconnected; all browsers are signed out."), "", "good")
    if kind == "sign-out":
        await room.people.sign_out(name, by, session=form.get("session") or None, where=where)
        return Notice(t("Signed out there."), t("Pages that are open end within five seconds."), "good")
    if kind in ("disable", "enable"):
        await room.people.change(name, Change(disabled=kind == "disable"), by, where)
        return None
    change = Change(
        form.get("full_name", ""), form.get("role", ""), tuple(form.all("account")), tuple(form.all("location"))
    )
    await room.people.change(name, change, by, where)
    return Notice(t("Kept; it counts within five seconds."), "", "good")


async def sessions_of(room: Room, person: str) -> list[dict[str, Any]]:
    """List the open sessions of a person, with their browsers in words."""
    rows = await people.sessions(room.pool, room.clock.now(), room.idle, person)
    return [{**row, "browser": browser_of(row["agent"]) or t("unknown")} for row in rows]


async def entries_of(room: Room, who: str) -> list[dict[str, Any]]:
    """List what somebody did and saw last."""
    from packline.console.audit_page import act_words, outcome_cell

    found = await audit.audit(room.pool, AuditFilters(who=who), limit=ENTRIES)
    return [{**row, "says": act_words(row), "cell": outcome_cell(row)} for row in found.items]


async def _choices(room: Room, row: PersonRow | None) -> dict[str, Any]:
    directory = await room.directory.look(room)
    locations = {key: entry["name"] or key for (_, key), entry in sorted(directory.locations.items())}
    held = (row["accounts"] or [], row["locations"] or []) if row else ([], [])
    return {
        "roles": [(role.value, t(said)) for role, said in ROLES.items()],
        "accounts": [(key, entry["name"], key in held[0]) for key, entry in sorted(directory.accounts.items())],
        "locations": [(key, said, key in held[1]) for key, said in locations.items()],
    }


def _linked(request: Request, name: str, path: str, until: datetime) -> Notice:
    address = str(request.base_url).rstrip("/") + path
    said = t("Give {name} this link to choose a password: {link}", name=name, link=address)
    return Notice(said, t("It works once, until {time}, and is shown only now.", time=moments.exact(until)), "good")


def _row(row: PersonRow) -> Row:
    limits = [*(row["accounts"] or ()), *(row["locations"] or ())]
    return Row(
        row["id"],
        (
            cells.text(row["name"], href=f"/people/{row['id']}"),
            cells.text(row["full_name"]),
            cells.text(t(forms.ROLE_WORDS[PersonRole(row["role"])])),
            cells.text(", ".join(limits) or t("none"), "" if limits else "quiet"),
            cells.number(row["sessions"]),
            cells.ago(row["last_seen_at"]),
            _state(row),
        ),
        href=f"/people/{row['id']}",
    )


def _state(row: PersonRow) -> Cell:
    if row["disabled_at"]:
        return cells.chip(t("disabled"), "", "pause")
    if row["locked_until"]:
        return cells.chip(t("locked after wrong passwords"), "late", "stop")
    if not row["has_password"] and not row["provider"]:
        return cells.chip(t("waits for a password") if row["link_until"] else t("has no password"), "risk", "clock")
    return cells.chip(t("may sign in"), "good", "check")


TABLE = Table(
    path="/people",
    place="people",
    title=mark("People"),
    lead=mark("Who signs in here, what they may do, and where they are signed in."),
    columns=COLUMNS,
    last="w-no-act",
    read=read,
    filters=filters_of,
    empty=Empty(
        mark("Nobody signs in by name yet."), mark("Add the first one; a link lets each choose a password."),
        "/people/new", mark("Add somebody"),
    ),
)  # fmt: skip
PATHS = (
    get("/people", show_all),
    get("/people/new", new),
    post("/people", add, is_recorded=False),
    get("/people/{person}", show),
    post("/people/{person}/{act}", act, is_recorded=False),
)
