"""Routes: which location ships what and why; orders whose route is kept, and what the locations said."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from packline.commands.route import Route, route
from packline.console import acts, cells, forms, moments
from packline.console.cells import Column, Row
from packline.console.forms import Form
from packline.console.frame import page, scope_of
from packline.console.guard import Notice
from packline.console.lists import Asked, Empty, Filter, Found, Table, account_filters, asked_of, paths
from packline.console.place import Place, get, post
from packline.console.room import Room
from packline.console.words import mark, t, tell, tn
from packline.domain.api_key import Role
from packline.domain.routing.order import Demand
from packline.errors import Invalid, NotFound, PacklineError
from packline.views import routes
from packline.views.routes import RouteOrderRow, RouteParcelRow

PLACE = Place("routes", mark("Routes"), "/routes", "o", "route", 62)
STATES = {
    "allocated": (mark("has its places"), "good", "check"),
    "short": (mark("something is nowhere"), "late", "alert"),
    "done": (mark("all has left"), "", "shipments"),
    "cancelled": (mark("cancelled"), "", "stop"),
}
PARCELS = {
    "open": (mark("asked"), "info", "dot"),
    "accepted": (mark("accepted"), "good", "check"),
    "done": (mark("has left"), "", "shipments"),
    "rejected": (mark("rejected"), "late", "stop"),
    "replaced": (mark("went elsewhere"), "", "refresh"),
    "cancelled": (mark("cancelled"), "", "stop"),
}
ANSWERS = {"accept": mark("Accept"), "done": mark("Has left"), "reject": mark("Reject")}
LINES = 200
COLUMNS = (
    Column("created_at", mark("Time"), "w-time"),
    Column("order", mark("Order"), "w-place"),
    Column("state", mark("Stands"), "w-operation"),
    Column("places", mark("Ships from"), "w-id"),
    Column("ship_by", mark("Ship by"), "w-time", "wide"),
    Column("account", mark("Account"), "w-id", "wide"),
    Column("why", mark("Why")),
)


async def read(room: Room, asked: Asked) -> Found:
    """Read one page of kept routes."""
    directory = await room.directory.look(room)
    state = asked.get("state")
    found = await routes.kept_routes(
        room.pool,
        account=asked.get("account"),
        state=state if state in STATES else None,
        location=asked.get("location"),
        references=[asked.query["order"]] if asked.get("order") else None,
        scope=asked.scope,
        limit=asked.limit,
        after=asked.after,
    )
    zone = directory.house_zone(asked.scope)
    return Found(tuple(_row(row, directory.name(row["account"]), zone) for row in found.items), found.next)


async def filters_of(room: Room, asked: Asked) -> tuple[Filter, ...]:
    """Give place, state and order to choose by."""
    states = tuple((name, t(word)) for name, (word, _, _) in STATES.items())
    return (
        *await account_filters(room, asked),
        Filter("state", t("Stands"), asked.query.get("state", ""), states),
        Filter("order", t("Order"), asked.query.get("order", "")),
    )


async def around(_: Room, __: Asked) -> Mapping[str, Any]:
    """Give the line of areas."""
    return {"areas": _areas("kept")}


async def ask(room: Room, request: Request) -> Response:
    """Say which locations would ship an order, and why; nothing is kept."""
    asked, directory = asked_of(request), await room.directory.look(room)
    query = {name: asked.query.get(name, "").strip() for name in ("account", "lines", "country", "postal_code")}
    content: dict[str, Any] = {
        "areas": _areas("ask"),
        "accounts": directory.account_options(asked.scope),
        "asked": query,
        "answer": None,
        "fault": None,
    }
    if query["lines"]:
        try:
            content["answer"] = await _answer(room, asked, query)
        except PacklineError as error:
            content["fault"] = acts.refusal(error)
    return await page(room, request, "route_ask.html", "routes", content)


async def show(room: Room, request: Request) -> Response:
    """Show one kept route: the parcels of every turn, and why."""
    row = await _found(room, request)
    directory, scope = await room.directory.look(room), scope_of(request)
    zone = directory.house_zone(scope)
    word, tone, icon = STATES[row["state"]]
    turns = sorted({parcel["turn"] for parcel in row["parcels"]}, reverse=True)
    may = forms.may(request, Role.OPERATOR)
    content = {
        "row": row,
        "where": directory.name(row["account"]),
        "state": cells.chip(t(word), tone, icon),
        "why": [tell(one) for one in row["why"]],
        "turns": [
            (turn, [_parcel(one, zone, room, request, row) for one in row["parcels"] if one["turn"] == turn])
            for turn in turns
        ],
        "short": [f"{one['units']} × {one['sku']}" for one in row["short"]],
        "zone": zone,
        "here": _address(row),
        "may": may,
        "may_all": may and scope.locations is None and row["state"] in ("allocated", "short"),
    }
    return await page(room, request, "route.html", "routes", content)


async def answer(room: Room, request: Request) -> Response:
    """Say for a location what it says: accept, has left, reject."""
    row = await _found(room, request)
    kind = request.path_params["act"]

    async def act(form: Form) -> Notice:
        if kind not in ANSWERS:
            raise NotFound(t("A location says no such thing."))
        location = form.get("location", "")
        acts.must_see(request, row["account"], location)
        reason, by = form.get("reason", "").strip()[:200], forms.by_whom(request)
        await room.desks.routes.answer(row["account"], row["reference"], kind, location, reason=reason, by=by)
        return Notice(t("{location}: noted.", location=location), "", "good")

    return await acts.given(request, Role.OPERATOR, _address(row), act)


async def again(room: Room, request: Request) -> Response:
    """Find places anew for what no location has accepted."""
    row = await _found(room, request)

    async def act(_: Form) -> Notice:
        acts.must_see(request, row["account"])
        await room.desks.routes.again(row["account"], row["reference"], by=forms.by_whom(request))
        return Notice(t("Its places were chosen anew."), "", "good")

    return await acts.given(request, Role.OPERATOR, _address(row), act)


async def cancel(room: Room, request: Request) -> Response:
    """End an order: what it holds is free again."""
    row = await _found(room, request)

    async def act(form: Form) -> Notice:
        acts.must_see(request, row["account"])
        reason, by = form.get("reason", "").strip()[:200], forms.by_whom(request)
        await room.desks.routes.cancel(row["account"], row["reference"], reason=reason, by=by)
        return Notice(t("Cancelled; what it held is free again."), "", "good")

    return await acts.given(request, Role.OPERATOR, _address(row), act)


async def _answer(room: Room, asked: Asked, query: Mapping[str, str]) -> dict[str, Any]:
    account = query["account"] or next(
        (key for key, _ in (await room.directory.look(room)).account_options(asked.scope)), ""
    )
    if not asked.scope.sees(account):
        raise NotFound(t("There is no such place."))
    order = Route(account, tuple(_demands(query["lines"])), query["country"], query["postal_code"])
    found = await route(room.desks.routing, room.desks.accounts, room.clock, order)
    zone = (await room.directory.look(room)).house_zone(asked.scope)
    return {
        "parcels": [
            {
                "location": one.location,
                "lines": ", ".join(f"{units} × {sku}" for _, sku, units in one.lines),
                "km": None if one.metres is None else round(one.metres / 1000, 1),
                "leaves": moments.day_clock(one.leaves_at, zone, room.clock.now()) if one.leaves_at else "",
                "is_late": one.is_late,
                "why": tell(one.why),
            }
            for one in found.parcels
        ],
        "short": [f"{units} × {sku}" for _, sku, units in found.short],
        "why": [tell(one) for one in found.why],
        "is_proven": found.is_proven,
    }


def _areas(here: str) -> list[dict[str, Any]]:
    made = (("kept", t("Kept routes"), "/routes"), ("ask", t("Which location would ship?"), "/routes/ask"))
    return [{"label": label, "href": href, "current": name == here} for name, label, href in made]


def _demands(text: str) -> list[Demand]:
    """Read `SKU` or `SKU 2` from each line, or parted by commas. Raises Invalid."""
    made = []
    for number, line in enumerate(text.replace(",", "\n").splitlines(), 1):
        parts = line.split()
        if not parts:
            continue
        is_counted = len(parts) > 1 and parts[-1].isdigit()
        units = int(parts[-1][:7]) if is_counted else 1
        made.append(Demand(str(number), " ".join(parts[:-1] if is_counted else parts), units))
    if len(made) > LINES:
        raise Invalid(t("These are more than {n} lines.", n=LINES), hint=t("Ask for a part of them."))
    if not made:
        raise Invalid(t("No SKU is named."), hint=t("Write a SKU and how many, such as: {example}", example="KURTA 2"))
    return made


async def _found(room: Room, request: Request) -> RouteOrderRow:
    params = request.path_params
    return await routes.kept_route(room.pool, params["account"], params["reference"], scope_of(request))


def _address(row: RouteOrderRow) -> str:
    return f"/routes/{quote(row['account'], safe='')}/{quote(row['reference'], safe='')}"


def _parcel(parcel: RouteParcelRow, zone: str, room: Room, request: Request, row: RouteOrderRow) -> dict[str, Any]:
    word, tone, icon = PARCELS[parcel["state"]]
    possible = {"open": ("accept", "done", "reject"), "accepted": ("done", "reject")}.get(parcel["state"], ())
    mine = forms.may(request, Role.OPERATOR) and scope_of(request).sees(row["account"], parcel["location"])
    leaves = parcel["leaves_at"]
    return {
        **parcel,
        "lines": ", ".join(f"{one['units']} × {one['sku']}" for one in parcel["lines"]),
        "chip": cells.chip(t(word), tone, icon),
        "said": tell(parcel["why"]),
        "leaves": moments.day_clock(leaves, zone, room.clock.now()) if leaves else "",
        "answers": [(name, t(ANSWERS[name])) for name in possible] if mine else [],
    }


def _row(row: RouteOrderRow, account: str, zone: str) -> Row:
    word, tone, icon = STATES[row["state"]]
    now = [one for one in row["parcels"] if one["state"] in ("open", "accepted", "done")]
    places = ", ".join(dict.fromkeys(one["location"] for one in now)) or "–"
    short = (
        tn("{n} unit nowhere", "{n} units nowhere", sum(one["units"] for one in row["short"])) if row["short"] else ""
    )
    said = tell(row["why"][0]) if row["why"] else ""
    return Row(
        f"{row['account']}/{row['reference']}",
        (
            cells.when(row["created_at"], zone),
            cells.ident(row["reference"], href=_address(row)),
            cells.chip(t(word), tone, icon),
            cells.text(places, title=places),
            cells.when(row["ship_by"], zone),
            cells.text(account, "quiet"),
            cells.say(" · ".join(part for part in (short, said) if part)),
        ),
        href=_address(row),
    )


TABLE = Table(
    path="/routes",
    place="routes",
    title=mark("Routes"),
    lead=mark("Orders of your own whose location Packline chose, and what the locations said."),
    columns=COLUMNS,
    read=read,
    filters=filters_of,
    template="routes.html",
    more=around,
    last="w-no-act",
    empty=Empty(
        mark("No route is kept yet."), mark("packline route keep chooses a location for an order, and keeps it.")
    ),
)
PATHS = (
    *paths(TABLE),
    get("/routes/ask", ask),
    get("/routes/{account}/{reference:path}", show),
    post("/routes/{account}/{reference:path}/again", again),
    post("/routes/{account}/{reference:path}/cancel", cancel),
    post("/routes/{account}/{reference:path}/{act}", answer),
)
