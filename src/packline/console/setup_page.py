"""Getting started: an empty installation's first page, and a seller's authorisation by consent or by credentials."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from packline.amazon.marketplaces import MARKETPLACES, region_of
from packline.commands.accounts import ENDPOINTS, account_id, add_account
from packline.console import forms, setup_steps
from packline.console.frame import page, scope_of, templates
from packline.console.guard import Notice
from packline.console.place import Place, get, post
from packline.console.room import Room
from packline.console.words import mark, t, tell
from packline.domain.api_key import Role
from packline.domain.location import TOKEN_URL, Account, Api, Credentials, Region
from packline.errors import FieldError, Invalid, PacklineError
from packline.views import accounts
from packline.views.rows import AccountRow

PLACE = Place("setup", mark("Set-up"), "/setup", "x", "start", 95)
SIMULATOR = "http://127.0.0.1:8181"
WAYS = {
    "simulator": mark("Try it with the simulator"),
    "consent": mark("The seller consents at Amazon"),
    "paste": mark("I have a refresh token"),
}
APIS = {
    "external_fulfillment": mark("External Fulfillment (SmartConnect): Seller Flex, Easy Ship, Self Ship"),
    "seller_central": mark("Seller Central: Easy Ship without SmartConnect"),
}
CALLBACK = "/setup/consent"
SHOWN = 20
KEPT = ("name", "seller_id", "client_id", "application_id", "api", "address", "draft")
"""What a form shows again after a mistake; secrets are entered anew."""


async def show(room: Room, request: Request) -> Response:
    """List accounts with how far each is; without one, say how to begin."""
    found = await accounts.accounts(room.pool, scope_of(request))
    rows = [await _row(room, account) for account in found[:SHOWN]]
    content = {"rows": rows, "more": len(found) - len(rows), "ways": WAYS, "may": forms.may(request, Role.ADMIN)}
    return await page(room, request, "setup.html", "setup", content)


async def show_way(room: Room, request: Request) -> Response:
    """Ask for what one way to an authorisation needs."""
    forms.need(request, Role.ADMIN)
    way = request.path_params["way"]
    if way not in WAYS:
        return RedirectResponse("/setup", 303)
    return await _form(room, request, way, dict(request.query_params))


async def begin(room: Room, request: Request) -> Response:
    """Take the form of a way: begin a consent, or check the credentials at once and store the account."""
    form = await forms.take(request, Role.ADMIN)
    way = request.path_params["way"]
    kept = {name: form.get(name, "") for name in KEPT} | {"marketplaces": " ".join(form.all("marketplace"))}
    try:
        if way == "paste":
            return await _paste(room, request, form)
        return await _consent(room, request, form, way)
    except PacklineError as wrong:
        return await _form(room, request, way, kept, wrong)


async def come_back(room: Room, request: Request) -> Response:
    """Take a seller who comes back from Amazon with a code, and go on with his account."""
    forms.need(request, Role.ADMIN)
    query = request.query_params
    code, seller = query.get("spapi_oauth_code", ""), query.get("selling_partner_id", "")
    try:
        made = await room.start.consents.finish(query.get("state", ""), code, seller, forms.by_whom(request))
    except PacklineError as wrong:
        return forms.go_back(request, "/setup", Notice(tell(wrong.message), tell(wrong.hint), "late"))
    said = t("{name} has consented.", name=made.account.name)
    hint = "" if made.is_new else t("The account was here already; it has new credentials.")
    return forms.go_back(request, f"/setup/{quote(made.account.id, safe='')}", Notice(said, hint, "good"))


async def _consent(room: Room, request: Request, form: forms.Form, way: str) -> Response:
    account = _account(form)
    client = form.get("client_id", "").strip(), form.get("client_secret", "").strip()
    if way == "simulator":
        address = form.get("address", "").strip()
        account = _at(account, address, room.start.simulator.token_url(address))
        made = await room.start.simulator.application(address)
        account, client = _with(account, application_id=made.application_id), made[1:]
    leads_back = redirect_uri(room, request)
    by, known = forms.by_whom(request), form.get("known") or None
    leads = await room.start.consents.begin(
        account, *client, leads_back, by, known=known, is_draft=bool(form.get("draft"))
    )
    content = {"address": leads, "simulated": way == "simulator", "leads_back": leads_back}
    return await page(room, request, "setup_consent.html", "setup", content)


async def _paste(room: Room, request: Request, form: forms.Form) -> Response:
    """Sign in before anything is stored: a mistyped secret is told while it can still be corrected."""
    account = _account(form)
    if form.get("address"):
        address = form["address"].strip()
        account = _at(account, address, room.start.simulator.token_url(address))
    keys = [form.get(name, "").strip() for name in ("client_id", "client_secret", "refresh_token")]
    names = ("client_id", "client_secret", "refresh_token", "seller_id")
    faults = [FieldError(f"/{name}", t("This is needed.")) for name in names if not form.get(name, "").strip()]
    if faults:
        raise Invalid(t("Something is missing."), errors=tuple(faults), hint=t("Fill in what is marked."))
    credentials = Credentials(*keys)
    whole = _with(
        account,
        id=account_id(account.seller_id, account.region),
        endpoint=account.endpoint or ENDPOINTS[account.region],
        token_url=account.token_url or TOKEN_URL,
    )
    await room.start.doctor.token(whole, credentials)
    made = await add_account(room.start.accounts, room.start.wake, account, credentials)
    said = Notice(t("{name} is stored; Amazon took the credentials.", name=made.name), "", "good")
    return forms.go_back(request, f"/setup/{quote(made.id, safe='')}", said)


def redirect_uri(room: Room, request: Request) -> str:
    """Give the address that Amazon leads sellers back to; it must be registered with the application."""
    home = room.start.address or str(request.base_url)
    return home.rstrip("/") + CALLBACK


def _account(form: forms.Form) -> Account:
    """Make the account that a form describes; the region follows from the marketplaces.

    Raises Invalid where they belong to several regions, or none is chosen.
    """
    shops = tuple(form.all("marketplace"))
    regions = {region_of(shop) for shop in shops} - {None}
    faults = []
    if not form.get("name", "").strip():
        faults.append(FieldError("/name", t("The seller's name, as people say it.")))
    if not shops:
        faults.append(FieldError("/marketplaces", t("Choose at least one marketplace.")))
    if len(regions) > 1:
        says = t("These belong to several of Amazon's regions; make one account for each region.")
        faults.append(FieldError("/marketplaces", says))
    if faults:
        raise Invalid(t("Something is missing."), errors=tuple(faults), hint=t("Fill in what is marked."))
    return Account(
        id="",
        name=form["name"].strip(),
        seller_id=form.get("seller_id", "").strip(),
        region=next(iter(regions), None) or Region.EU,
        marketplaces=shops,
        endpoint="",
        token_url="",
        application_id=form.get("application_id", "").strip(),
        api=Api(form.get("api") or Api.EXTERNAL_FULFILLMENT),
    )


def _with(account: Account, **changes: Any) -> Account:
    from msgspec.structs import replace

    return replace(account, **changes)


def _at(account: Account, address: str, token_url: str) -> Account:
    return _with(account, endpoint=address.rstrip("/"), token_url=token_url)


async def _form(
    room: Room, request: Request, way: str, kept: Mapping[str, str], wrong: PacklineError | None = None
) -> Response:
    faults = {fault.pointer.strip("/"): tell(fault.message) for fault in getattr(wrong, "errors", ())}
    chosen = kept.get("marketplaces", "").split() or ([] if wrong else ["A21TJRUUN4KGV"])
    shops: dict[str, list[tuple[str, str, bool]]] = {}
    for shop, (country, region) in sorted(MARKETPLACES.items(), key=lambda one: one[1][0]):
        shops.setdefault(region.value, []).append((shop, country, shop in chosen))
    content = {
        "way": way,
        "ways": WAYS,
        "apis": [(name, t(label)) for name, label in APIS.items()],
        "kept": {**({"address": SIMULATOR} if way == "simulator" else {}), **{k: v for k, v in kept.items() if v}},
        "shops": dict(sorted(shops.items())),
        "faults": faults,
        "wrong": wrong,
        "leads_back": redirect_uri(room, request),
    }
    return await page(room, request, "setup_way.html", "setup", content, wrong.http_status if wrong else 200)


async def _row(room: Room, account: AccountRow) -> dict[str, Any]:
    places = await accounts.locations(room.pool, account["id"])
    found = await setup_steps.stands(room.pool, account, places, room.clock.now())
    is_done = all(one.tone == "good" for one in found.values())
    following = "account" if is_done else setup_steps.next_of(found)
    return {"account": account, "steps": list(found.values()), "next": following, "is_done": is_done}


def coded(text: str) -> Markup:
    """Show what stands between backticks as something to type."""
    pieces = escape(text).split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if number % 2 else piece for number, piece in enumerate(pieces)
    )


templates.filters["coded"] = coded


PATHS = (
    get("/setup", show),
    get(CALLBACK, come_back),
    get("/setup/new/{way}", show_way),
    post("/setup/new/{way}", begin),
)
