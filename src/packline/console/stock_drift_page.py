"""Drift: where the seller's system, Packline and Amazon differ, the likely cause, and mending by a side."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from packline.console import acts, forms
from packline.console.directory import Directory
from packline.console.forms import Form
from packline.console.frame import page, part, scope_of
from packline.console.guard import Notice
from packline.console.place import get, post
from packline.console.room import Room
from packline.console.stock_words import areas
from packline.console.words import mark, t, tell, tn
from packline.domain.api_key import Role
from packline.domain.inventory.drift import Side
from packline.errors import Invalid
from packline.views import stock_drift
from packline.views.paging import Scope, cut
from packline.views.stock_rows import PLACE_KEY

CAUSES = {
    "unknown_to_amazon": mark("Amazon does not know the SKU"),
    "refused": mark("Amazon refused the number"),
    "held": mark("the location is held"),
    "another_program": mark("another program writes too"),
    "lost_at_amazon": mark("Amazon lost the number"),
    "changed_by_amazon": mark("Amazon changed the number"),
    "unseen_orders": mark("orders that are not here yet"),
    "seller_counts_otherwise": mark("your own system counts otherwise"),
}
SIDES = {
    "packline": mark("Packline's number counts"),
    "amazon": mark("Amazon's number counts"),
    "seller": mark("my system's number counts"),
}
SHOWN = 100


async def show(room: Room, request: Request) -> Response:
    """Show what differs, by cause."""
    scope, directory = scope_of(request), await room.directory.look(room)
    account = request.query_params.get("account") or None
    asked = request.query_params
    rows = await stock_drift.drifts(
        room.pool, account, asked.get("location") or None, scope, limit=SHOWN + 1, after=asked.get("after") or None
    )
    found = cut(rows, SHOWN, *PLACE_KEY)
    groups: dict[str, list[Any]] = {}
    for row in found.items:
        groups.setdefault(row["cause"], []).append(
            {**row, "name": directory.name(row["account"]), "said": tell(row["words"]), "sides": _sides(row)}
        )
    content = {
        "areas": areas("drift"),
        "groups": [(t(CAUSES[cause]) if cause in CAUSES else cause, rows) for cause, rows in groups.items()],
        "count": len(rows),
        "next": found.next or "",
        "account": account or "",
        "places": _places(directory, scope),
        "accounts": directory.account_options(scope),
        "sides": [(name, t(label)) for name, label in SIDES.items()],
        "run": await _run(room, request),
        "may": forms.may(request, Role.OPERATOR),
        "may_all": forms.may(request, Role.OPERATOR) and scope.locations is None,
        "zone": directory.house_zone(scope),
    }
    return await page(room, request, "stock_drift.html", "stock", content)


async def compare(room: Room, request: Request) -> Response:
    """Ask Amazon what it has, and compare; the page shows how far it is."""

    async def act(form: Form) -> Notice | None:
        account, _, location = form.get("place", "").partition("/")
        acts.must_see(request, account, location)
        run = await room.desks.publishing.compare(account, location, by=forms.by_whom(request))
        await room.desks.wake.wake([account])
        begun.append(run)
        return None

    begun: list[str] = []
    answer = await acts.given(request, Role.OPERATOR, "/stock/drift", act)
    return forms.go_back(request, f"/stock/drift?comparison={begun[0]}") if begun else answer


async def progress(room: Room, request: Request) -> Response:
    """Show how far a comparison is."""
    return part("comparison_part.html", {"run": await _run(room, request), "now": room.clock.now()})


async def mend(room: Room, request: Request) -> Response:
    """Let one side's number count: for one SKU, or for all drifts of an account."""

    async def act(form: Form) -> Notice:
        account, location, sku = (form.get(name, "") for name in ("account", "location", "sku"))
        if form.get("side") not in SIDES:
            raise Invalid(t("Choose whose number counts."))
        acts.must_see(request, account, location)
        side, by = Side(form["side"]), forms.by_whom(request)
        done = await room.desks.publishing.mend(account, side, location, sku, by)
        await room.desks.wake.wake([account])
        said = tn("{n} drift is mended.", "{n} drifts are mended.", done.mended)
        left = " ".join(f"{place.sku}: {tell(why)}." for place, why in done.left[:5])
        return Notice(said, left, "risk" if done.left else "good")

    return await acts.given(request, Role.OPERATOR, "/stock/drift", act)


def _sides(row: Any) -> list[tuple[str, str]]:
    """Offer the sides that have a number."""
    made = [("packline", t("Packline's {n}", n=row["wanted"]))]
    if row["amazon"] is not None and row["told"] is not None and row["amazon"] != row["told"]:
        made.append(("amazon", t("Amazon's {n}", n=row["amazon"])))
    if row["seller"] is not None:
        made.append(("seller", t("my system's {n}", n=row["seller"])))
    return made


def _places(directory: Directory, scope: Scope) -> list[tuple[str, str]]:
    whole = [(f"{key}/", f"{name} · {t('all locations')}") for key, name in directory.account_options(scope)]
    return (whole if scope.locations is None else []) + directory.place_options(scope)


async def _run(room: Room, request: Request) -> Any:
    name = request.query_params.get("comparison", "")
    return await stock_drift.comparison(room.pool, name, scope_of(request)) if name else None


PATHS = (
    get("/stock/drift", show),
    get("/stock/drift/progress", progress),
    post("/stock/drift/compare", compare),
    post("/stock/drift/mend", mend),
)
