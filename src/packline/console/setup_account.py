"""One account on its way to the first order: the page of each step, and the checks of the authorisation."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from packline.amazon.marketplaces import MARKETPLACES, region_of
from packline.amazon.simulator import is_simulated
from packline.commands.accounts import known_account, set_paused, update_account
from packline.console import forms, setup_notices, setup_numbers, setup_order, setup_places, setup_steps
from packline.console.frame import page, part, scope_of
from packline.console.guard import Notice
from packline.console.place import get, post
from packline.console.room import Room
from packline.console.setup_page import redirect_uri
from packline.console.words import t, tell
from packline.domain.api_key import Role
from packline.domain.findings import Finding, worst
from packline.domain.location import Credentials
from packline.errors import NotFound, PacklineError
from packline.views import accounts, house_checks
from packline.views.rows import AccountRow, LocationRow

Builder = Callable[[Room, AccountRow, Sequence[LocationRow]], Awaitable[dict[str, Any]]]


async def show(room: Room, request: Request) -> Response:
    """Show one step of an account; without a name the first one that is not done."""
    account = await accounts.account(room.pool, request.path_params["account"], scope_of(request))
    places = await accounts.locations(room.pool, account["id"])
    found = await setup_steps.stands(room.pool, account, places, room.clock.now())
    name = request.path_params.get("step") or setup_steps.next_of(found)
    if name not in found:
        raise NotFound(t("There is no such step."))
    content = {
        "account": account,
        "steps": list(found.values()),
        "step": setup_steps.BY_NAME[name],
        "stands": found[name],
        "following": setup_steps.BY_NAME[setup_steps.next_of(found, name)],
        "may": forms.may(request, Role.ADMIN),
        "simulated": is_simulated(account["endpoint"]),
        "leads_back": redirect_uri(room, request),
        **await _CONTENT[name](room, account, places),
    }
    return await page(room, request, "setup_step.html", "setup", content)


async def checks(room: Room, request: Request) -> Response:
    """Look at an account as Amazon sees it; takes some calls to Amazon."""
    account = await accounts.account(room.pool, request.path_params["account"], scope_of(request))
    found = [one for one in await room.start.doctor.check(account["id"]) if one.check != "locations"]  # the next step
    found += await _work(room, room.clock.now())
    content = {"findings": found, "worst": worst(found), "account": account}
    return part("setup_checks_part.html", content)


async def correct(room: Room, request: Request) -> Response:
    """Correct name and marketplaces, and go on after a pause."""
    form = await forms.take(request, Role.ADMIN)
    known = await _known(room, request)
    back = f"/setup/{quote(known.id, safe='')}/account"
    shops = tuple(form.all("marketplace"))
    regions = {region_of(shop) for shop in shops} - {None}
    if not shops or regions != {known.region}:
        says = t("Choose marketplaces of the region {region}.", region=known.region)
        hint = t("A seller authorises each region by itself; make another account for the others.")
        return forms.go_back(request, back, Notice(says, hint, "late"))
    changed = replace(known, name=form.get("name", "").strip() or known.name, marketplaces=shops)
    try:
        await update_account(room.start.accounts, room.start.wake, changed)
    except PacklineError as wrong:
        return forms.go_back(request, back, Notice(tell(wrong.message), tell(wrong.hint), "late"))
    return forms.go_back(request, back, Notice(t("Corrected."), "", "good"))


async def renew(room: Room, request: Request) -> Response:
    """Store new credentials once Amazon has taken them; what is left empty stays as it was."""
    form = await forms.take(request, Role.ADMIN)
    known = await _known(room, request)
    back = f"/setup/{quote(known.id, safe='')}/account"
    try:
        before = await _credentials(room, known.id)
        given = {name: form.get(name, "").strip() for name in ("client_id", "client_secret", "refresh_token")}
        after = replace(before, **{name: value for name, value in given.items() if value})
        await room.start.doctor.token(known, after)
        await update_account(room.start.accounts, room.start.wake, known, after)
    except PacklineError as wrong:
        return forms.go_back(request, back, Notice(tell(wrong.message), tell(wrong.hint), "late"))
    return forms.go_back(request, back, Notice(t("Amazon took the new credentials."), "", "good"))


async def resume(room: Room, request: Request) -> Response:
    """Let a paused account go on."""
    await forms.take(request, Role.ADMIN)
    known = await _known(room, request)
    await set_paused(room.start.accounts, room.start.wake, known.id, None)
    return forms.go_back(request, f"/setup/{quote(known.id, safe='')}/account", Notice(t("It goes on."), "", "good"))


async def _known(room: Room, request: Request) -> Any:
    account = await accounts.account(room.pool, request.path_params["account"], scope_of(request))
    return await known_account(room.start.accounts, account["id"])


async def _credentials(room: Room, account: str) -> Credentials:
    try:
        return await room.start.accounts.credentials(account)
    except NotFound:
        return Credentials("", "", "")


async def _work(room: Room, now: datetime) -> list[Finding]:
    """Say who works: without a worker nothing of all this moves."""
    return [finding for finding in await house_checks.work(room.pool, now) if finding.check == "workers"]


async def _account(_: Room, account: AccountRow, __: Sequence[LocationRow]) -> dict[str, Any]:
    own = [shop for shop, (_country, region) in MARKETPLACES.items() if region == account["region"]]
    shops = sorted((MARKETPLACES[shop][0], shop, shop in account["marketplaces"]) for shop in own)
    return {"shops": shops}


_CONTENT: dict[str, Builder] = {
    "account": _account,
    "locations": setup_places.content,
    "programs": setup_places.content,
    "numbers": setup_numbers.content,
    "notifications": setup_notices.content,
    "order": setup_order.content,
}
PATHS = (
    get("/setup/{account}", show),
    get("/setup/{account}/checks", checks),
    get("/setup/{account}/{step}", show),
    post("/setup/{account}/correct", correct),
    post("/setup/{account}/renew", renew),
    post("/setup/{account}/resume", resume),
)
