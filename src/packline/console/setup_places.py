"""The steps about places: which ship, found by asking Amazon or entered, and what happens there by itself."""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from packline.amazon.programs import PROGRAMS
from packline.amazon.simulator import is_simulated
from packline.commands.accounts import known_account, remove_location, set_location
from packline.console import forms, setup_steps
from packline.console.frame import part, scope_of
from packline.console.guard import Notice, session_of
from packline.console.place import post
from packline.console.room import Room
from packline.console.words import mark, t, tell, tn
from packline.domain.api_key import Role
from packline.domain.location import DEFAULT_LOCATION, NAMED_PROGRAMS, Account, Api, Location
from packline.domain.slot import SlotPolicy
from packline.domain.timezones import TIMEZONES, timezone_of
from packline.errors import PacklineError
from packline.views import accounts
from packline.views.rows import AccountRow, LocationRow

_PROGRAMS = {code: program.name for code, program in PROGRAMS.items()} | NAMED_PROGRAMS
POLICIES = {
    "recommended": mark("the slot that Amazon recommends"),
    "earliest": mark("the earliest slot"),
    "window": mark("a slot in the hours below"),
}


async def content(room: Room, account: AccountRow, places: Sequence[LocationRow]) -> dict[str, Any]:
    """Gather what the pages of places and programs show."""
    is_central = account["api"] == Api.SELLER_CENTRAL
    programs = [(code, name) for code, name in _PROGRAMS.items() if not is_central or code == "easy_ship"]
    return {
        "places": places,
        "strangers": await setup_steps.strangers(room.pool, account["id"]),
        "zones": _zones([place["timezone"] for place in places]),
        "zone": timezone_of(account["marketplaces"]),
        "programs": programs,
        "policies": [(name, t(label)) for name, label in POLICIES.items()],
        "is_central": is_central,
        "suggested": DEFAULT_LOCATION if is_central else "",
    }


async def find(room: Room, request: Request) -> Response:
    """Ask Amazon where the seller ships from: by its shipments, as no operation names locations."""
    await forms.take(request, Role.ADMIN)
    known = await _known(room, request)
    here = {place.id for place in await room.start.accounts.locations(known.id)}
    wrong: PacklineError | None = None
    found: list[tuple[str, str]] = []
    try:
        found = await _found(room, known)
    except PacklineError as error:
        wrong = error
    fresh = [(name, note) for name, note in found if name not in here]
    told = {"account": {"id": known.id}, "found": fresh, "known": len(found) - len(fresh), "wrong": wrong}
    return part("setup_found_part.html", {**told, "token": session_of(request).token, "zone": _zone(known)})


async def add(room: Room, request: Request) -> Response:
    """Add locations: those that were found and ticked, or one that was entered."""
    form = await forms.take(request, Role.ADMIN)
    known = await _known(room, request)
    names = [name.strip() for name in form.all("location") if name.strip()]
    back = f"/setup/{quote(known.id, safe='')}/locations"
    if not names:
        return forms.go_back(request, back, Notice(t("No location was named."), "", "late"))
    zone = form.get("timezone") or _zone(known)
    try:
        for name in names:
            called = form.get("name", "").strip() if len(names) == 1 else ""
            programs = ("easy_ship",) if known.api is Api.SELLER_CENTRAL else ()
            made = Location(known.id, name, called, timezone=zone, programs=programs)
            await set_location(room.start.accounts, room.start.wake, made)
    except PacklineError as wrong:
        return forms.go_back(request, back, Notice(tell(wrong.message), tell(wrong.hint), "late"))
    said = tn("{n} location is taken in.", "{n} locations are taken in.", len(names))
    return forms.go_back(request, back, Notice(said, "", "good"))


async def change(room: Room, request: Request) -> Response:
    """Say what happens at a location by itself."""
    form = await forms.take(request, Role.ADMIN)
    known = await _known(room, request)
    back = f"/setup/{quote(known.id, safe='')}/programs"
    places = {place.id: place for place in await room.start.accounts.locations(known.id)}
    before = places.get(form.get("location", ""))
    if before is None:
        return forms.go_back(request, back, Notice(t("There is no such place."), "", "late"))
    policy = SlotPolicy(form.get("slot_policy") or before.slot_policy)
    hours = policy is SlotPolicy.WINDOW
    after = replace(
        before,
        name=form.get("name", before.name).strip(),
        timezone=form.get("timezone") or before.timezone,
        programs=tuple(code for code in form.all("program") if code in _PROGRAMS),
        auto_confirm=bool(form.get("auto_confirm")),
        slot_policy=policy,
        slot_from=(form.get("slot_from") or None) if hours else None,
        slot_to=(form.get("slot_to") or None) if hours else None,
    )
    try:
        await set_location(room.start.accounts, room.start.wake, after)
    except PacklineError as wrong:
        hint = " ".join(tell(fault.message) for fault in getattr(wrong, "errors", ())) or tell(wrong.hint)
        return forms.go_back(request, back, Notice(tell(wrong.message), hint, "late"))
    return forms.go_back(request, back, Notice(t("{name} is set.", name=after.name or after.id), "", "good"))


async def remove(room: Room, request: Request) -> Response:
    """Take a location out that was named by mistake."""
    form = await forms.take(request, Role.ADMIN)
    known = await _known(room, request)
    name = form.get("location", "")
    back = f"/setup/{quote(known.id, safe='')}/locations"
    try:
        await remove_location(room.start.accounts, known.id, name)
    except PacklineError as wrong:
        return forms.go_back(request, back, Notice(tell(wrong.message), tell(wrong.hint), "late"))
    return forms.go_back(request, back, Notice(t("{name} is out.", name=name), "", "good"))


async def _found(room: Room, known: Account) -> list[tuple[str, str]]:
    """Give locations with a note on each, those that ship most first."""
    if known.api is Api.SELLER_CENTRAL:
        return [(DEFAULT_LOCATION, t("the one place of a Seller Central account"))]
    seen = await room.start.places.find(known, await room.start.accounts.credentials(known.id))
    found = {one.id: tn("{n} shipment seen", "{n} shipments seen", one.shipments) for one in seen}
    if is_simulated(known.endpoint):
        for place in await room.start.simulator.places(known):
            found.setdefault(place.id, place.name or t("the simulator has it"))
    for name in await setup_steps.strangers(room.pool, known.id):
        found.setdefault(name, t("its shipments were set aside"))
    return list(found.items())


async def _known(room: Room, request: Request) -> Account:
    account = await accounts.account(room.pool, request.path_params["account"], scope_of(request))
    return await known_account(room.start.accounts, account["id"])


def _zone(known: Account) -> str:
    return timezone_of(known.marketplaces)


def _zones(own: Iterable[str]) -> list[tuple[str, str]]:
    return [(zone, zone) for zone in sorted({*TIMEZONES.values(), *own, "UTC"})]


PATHS = (
    post("/setup/{account}/find", find, is_recorded=False),
    post("/setup/{account}/locations", add),
    post("/setup/{account}/programs", change),
    post("/setup/{account}/remove-location", remove),
)
