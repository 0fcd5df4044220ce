"""The field at the top and the command palette: whatever is scanned or typed, and wherever one wants to go."""

from typing import Any, NamedTuple
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from packline.console import frame
from packline.console.frame import page, part, scope_of
from packline.console.guard import session_of
from packline.console.looks import THEMES
from packline.console.place import get
from packline.console.room import Room
from packline.console.shipment_rows import LABELS
from packline.console.stock_words import AREAS
from packline.console.words import LANGUAGES, mark, t
from packline.errors import NotFound
from packline.views import finding
from packline.views.finding import Hit

KINDS = {
    "shipment": (mark("shipment"), "shipments", "/shipments/{}"),
    "return": (mark("return"), "return", "/returns/{}"),
    "manifest": (mark("manifest"), "manifest", "/manifests/{}"),
    "sku": (mark("SKU"), "stock", "/stock?sku={}"),
    "serial": (mark("serial"), "stock", "/stock?sku={}"),
}
"""Kind of a hit -> its word, its icon and the entry of the rail, its address."""
INSIDE = (
    *((label, href, "stock", mark("Stock")) for _, label, href in AREAS[1:]),
    (mark("Returns at the dock"), "/returns?stage=to_receive", "return", mark("Returns")),
    (mark("Which location would ship?"), "/routes/ask", "route", mark("Routes")),
    (mark("Done in SmartHub"), "/smarthub", "compare", mark("Compare")),
    (mark("Feeds under way"), "/feeds?state=open", "feed", mark("Feeds")),
    (mark("Calls that failed"), "/calls?failed=yes", "calls", mark("Calls")),
    (mark("My account"), "/me", "person", ""),
)
"""Pages that stand behind an entry of the rail: label, address, icon, and the entry."""
_ENTRY = {"shipment": "shipments", "return": "returns", "manifest": "manifests", "sku": "stock", "serial": "stock"}
SHORTEST = 3


class Choice(NamedTuple):
    """One line of the palette."""

    label: str
    href: str
    icon: str
    note: str = ""


async def find(room: Room, request: Request) -> Response:
    """Go to whatever was scanned or typed; several hits are listed, none says what would have been found."""
    reference = request.query_params.get("q", "").strip()[:200]
    if not reference:
        return RedirectResponse("/", 303)
    hits = await _exact(room, request, reference)
    if len(hits) == 1 and _leads(hits[0]):
        return RedirectResponse(_address(hits[0]), 303)
    if hits:
        content: dict[str, Any] = {"reference": reference, "choices": [_choice(hit) for hit in hits]}
        return await page(room, request, "found.html", "", content)
    near = await finding.beginning(room.pool, reference, scope_of(request)) if len(reference) >= SHORTEST else []
    if near:
        content = {"reference": reference, "choices": [_choice(hit) for hit in near]}
        return await page(room, request, "found.html", "", content, 404)
    raise NotFound(
        t("Nothing is called {name}.", name=reference),
        hint=t("Scan or type a shipment, an order, a tracking id, a return, a manifest, a SKU or a serial number."),
    )


async def palette(room: Room, request: Request) -> Response:
    """Offer places, acts on what is open, looks and hits for what was typed so far."""
    typed = request.query_params.get("q", "").strip()[:200]
    groups = [
        (t("This shipment"), _here(request.query_params.get("here", ""))),
        (t("Go to"), [Choice(t(p.label), p.path, p.icon, f"g {p.key}") for p in frame.rail_of(session_of(request))]),
        (t("Work"), _tabs()),
        (t("Pages within"), await _inside(room, request)),
        (t("Look"), _looks(request.query_params.get("here", "/"))),
    ]
    shown = [(name, [choice for choice in choices if _fits(choice, typed)]) for name, choices in groups]
    if len(typed) >= SHORTEST:
        hits = await _exact(room, request, typed) or await finding.beginning(room.pool, typed, scope_of(request))
        shown.insert(0, (t("Found"), [_choice(hit) for hit in hits]))
    return part("palette_part.html", {"groups": [(name, choices) for name, choices in shown if choices]})


async def _exact(room: Room, request: Request, reference: str) -> list[Hit]:
    scope, directory = scope_of(request), await room.directory.look(room)
    accounts = [key for key in directory.accounts if scope.sees(key)]
    return await finding.find(room.pool, reference, accounts, scope)


def _leads(hit: Hit) -> bool:
    return hit.kind == "shipment" or any(place.name == _ENTRY[hit.kind] for place in frame.RAIL)


def _address(hit: Hit) -> str:
    return KINDS[hit.kind][2].format(quote(hit.id, safe=""))


def _choice(hit: Hit) -> Choice:
    word, icon, _ = KINDS[hit.kind]
    where = " · ".join(part for part in (hit.location, hit.note) if part)
    return Choice(hit.name, _address(hit) if _leads(hit) else "", icon, f"{t(word)} · {where}" if where else t(word))


def _here(address: str) -> list[Choice]:
    if not address.startswith("/shipments/"):
        return []
    return [
        Choice(t(LABELS[kind]), f"{address}#act-{kind}", "next") for kind in ("pack", "relabel", "hand_over", "retry")
    ]


def _tabs() -> list[Choice]:
    from packline.console.work import TABS

    return [Choice(t(tab.label), f"/?next={tab.action}", "work") for tab in TABS if tab.action]


async def _inside(room: Room, request: Request) -> list[Choice]:
    """Name the pages that the rail has no room for: areas, and each account with its steps."""
    session, scope = session_of(request), scope_of(request)
    made = [Choice(t(label), href, icon, t(entry) if entry else "") for label, href, icon, entry in INSIDE]
    if session.rules:
        made.append(Choice(t("Add somebody"), "/people/new", "people", t("People")))
    directory = await room.directory.look(room)
    for key, name in directory.account_options(scope):
        made.append(Choice(name, f"/setup/{quote(key, safe='')}", "account", t("Getting started")))
    return made


def _looks(here: str) -> list[Choice]:
    back = quote(here, safe="")
    themes = [Choice(t(label), f"/look?theme={code}&back={back}", "look") for code, label in THEMES.items()]
    return themes + [
        Choice(language.name, f"/look?language={code}&back={back}", "look") for code, language in LANGUAGES.items()
    ]


def _fits(choice: Choice, typed: str) -> bool:
    said = f"{choice.label} {choice.note}".lower()
    return all(word in said for word in typed.lower().split())


PATHS = (get("/find", find), get("/palette", palette))
