"""Reconciliations: whose books were compared with ours, what differs, why, and what mends it."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from packline.console import acts, cells, forms, uploads
from packline.console.cells import Cell, Column, Row
from packline.console.directory import Directory
from packline.console.forms import Form
from packline.console.frame import page, scope_of
from packline.console.guard import Notice
from packline.console.lists import Asked, Empty, Filter, Found, Table, account_filters, paths
from packline.console.live import changes, follows, stream
from packline.console.place import Place, get, post
from packline.console.room import Room
from packline.console.words import mark, t, tell, tn
from packline.domain.api_key import Role
from packline.domain.books.entries import Side, What
from packline.errors import Invalid
from packline.oms.any_rows import rows_of
from packline.views import reconciliations
from packline.views.reconciliations import DifferenceRow, ReconciliationRow

PLACE = Place("compare", mark("Compare"), "/reconciliations", "v", "compare", 65)
WHAT = {"orders": mark("orders"), "returns": mark("returns"), "stock": mark("stock")}
SIDES = {
    "amazon": mark("Amazon"),
    "seller": mark("your system"),
    "pending_report": mark("Amazon's report of what waits"),
    "shipped_report": mark("Amazon's report of what was shipped"),
}
STATES = {
    "waiting": (mark("waits for a worker"), "info", "clock"),
    "reading": (mark("reading"), "info", "refresh"),
    "read": (mark("reading is done"), "info", "refresh"),
    "judging": (mark("comparing"), "info", "refresh"),
    "running": (mark("comparing"), "info", "refresh"),
    "done": (mark("done"), "", "check"),
    "failed": (mark("failed"), "late", "alert"),
}
KINDS = {
    "missing": mark("not in Packline"),
    "extra": mark("only in Packline"),
    "different": mark("not the same"),
}
CAUSES = {
    "parked": mark("it came, and could not be taken in"),
    "not_seen": mark("nothing has told of it yet"),
    "not_listed": mark("Amazon's listings do not show it"),
    "unknown_at_amazon": mark("Amazon does not know it"),
    "other_account": mark("it is another account's"),
    "not_told": mark("your system was not told"),
    "not_delivered": mark("its webhook gets nothing"),
    "done_elsewhere": mark("your system is further"),
    "contradicted": mark("two books contradict each other"),
    "counted_differently": mark("counted otherwise"),
    "label_changed": mark("the label was made again since"),
}
REPAIRS = {
    "read": mark("Read it from Amazon"),
    "take": mark("Take Amazon's word"),
    "tell": mark("Tell your system again"),
    "hand_over": mark("Hand it over"),
}
COLUMNS = (
    Column("created_at", mark("Time"), "w-time"),
    Column("run", mark("What"), "w-key"),
    Column("account", mark("Account"), "w-id", "wide"),
    Column("state", mark("State"), "w-status"),
    Column("compared", mark("Compared"), "w-number"),
    Column("differs", mark("Differ"), "w-number"),
    Column("mended", mark("Mended"), "w-number", "wide"),
    Column("by", mark("Who"), "", "wide"),
)
SHOWN, FILE_AT_MOST = 100, 30_000_000


async def read(room: Room, asked: Asked) -> Found:
    """Read one page of reconciliations."""
    directory, what = await room.directory.look(room), asked.get("what")
    found = await reconciliations.reconciliations(
        room.pool,
        asked.get("account"),
        what if what in WHAT else None,
        asked.scope,
        limit=asked.limit,
        after=asked.after,
    )
    zone = directory.house_zone(asked.scope)
    return Found(tuple(_row(row, directory, zone) for row in found.items), found.next)


async def filters_of(room: Room, asked: Asked) -> tuple[Filter, ...]:
    """Give account and what is compared to choose by."""
    account = tuple(one for one in await account_filters(room, asked) if one.name == "account")
    whats = tuple((name, t(word)) for name, word in WHAT.items())
    return (*account, Filter("what", t("What"), asked.query.get("what", ""), whats))


async def around(room: Room, asked: Asked) -> Mapping[str, Any]:
    """Give the line of areas, and the choices of the form."""
    directory = await room.directory.look(room)
    whole = [(f"{key}/", f"{name} · {t('all locations')}") for key, name in directory.account_options(asked.scope)]
    places = (whole if asked.scope.locations is None else []) + directory.place_options(asked.scope)
    return {"areas": areas("compare"), "places": places, "whats": [(name, t(word)) for name, word in WHAT.items()]}


async def begin(room: Room, request: Request) -> Response:
    """Compare with Amazon; the page of the run shows how far it is."""
    begun: list[str] = []

    async def act(form: Form) -> Notice | None:
        account, _, location = form.get("place", "").partition("/")
        acts.must_see(request, account, location)
        what = What(form["what"]) if form.get("what") in WHAT else What.ORDERS
        asked = await room.desks.reconcile.ask(
            account, what, Side.AMAZON, location=location, key=form.get("once", ""), by=forms.by_whom(request)
        )
        begun.append(asked.run)
        return None

    answer = await acts.given(request, Role.OPERATOR, "/reconciliations", act)
    return forms.go_back(request, f"/reconciliations/{begun[0]}") if begun else answer


async def begin_with_file(room: Room, request: Request) -> Response:
    """Compare with a file of the seller's system, which the page's script sends as it is."""
    name, content = await uploads.take(request, Role.OPERATOR, FILE_AT_MOST)
    query = request.query_params
    account, _, location = query.get("place", "").partition("/")
    acts.must_see(request, account, location)
    what = What(query["what"]) if query.get("what") in WHAT else What.ORDERS
    asked = await room.desks.reconcile.ask(
        account,
        what,
        Side.SELLER,
        location=location,
        rows=rows_of(content, name, ""),
        source=name or "file",
        by=forms.by_whom(request),
    )
    left = tn("{n} row is not compared:", "{n} rows are not compared:", len(asked.refused)) if asked.refused else ""
    first = " ".join(f"{one.line}: {tell(one.reason)}" for one in asked.refused[:5])
    notice = Notice(left, first, "risk") if left else None
    return uploads.leads(request, f"/reconciliations/{asked.run}", notice)


async def show(room: Room, request: Request) -> Response:
    """Show how far one is, and what differs."""
    run, query = await _found(room, request), request.query_params
    kind, cause = query.get("kind", ""), query.get("cause", "")
    found = await reconciliations.differences(
        room.pool,
        run["id"],
        kind if kind in KINDS else None,
        cause if cause in CAUSES else None,
        only_open=query.get("all") != "yes",
        limit=SHOWN,
        after=query.get("after") or None,
    )
    directory = await room.directory.look(room)
    word, tone, icon = STATES.get(run["state"], (run["state"], "", "dot"))
    content = {
        "run": run,
        "areas": areas("compare"),
        "title": _title(run),
        "where": f"{directory.name(run['account'])} · {run['location'] or t('all locations')}",
        "state": cells.chip(t(word), tone, icon),
        "is_over": run["state"] in ("done", "failed"),
        "error": tell(run["error"]),
        "rows": [_difference(row) for row in found.items],
        "mends": sum(1 for row in found.items if row["repair"] and row["mended_at"] is None),
        "next": found.next,
        "kinds": [(name, t(said), _counted(run)[name]) for name, said in KINDS.items()],
        "kind": kind,
        "all": query.get("all") == "yes",
        "zone": directory.house_zone(scope_of(request)),
        "may": forms.may(request, Role.OPERATOR),
        "live": follows(f"/reconciliations/{run['id']}/live", _known(run)),
    }
    return await page(room, request, "reconciliation.html", "compare", content)


async def follow(room: Room, request: Request) -> Response:
    """Keep the page up while a worker reads and compares."""
    await _found(room, request)

    async def look() -> Any:
        return _known(await _found(room, request))

    return stream(changes(room, look, request))


def _known(run: ReconciliationRow) -> Any:
    return (run["state"], run["step"], run["compared"], run["mended"])


async def mend(room: Room, request: Request) -> Response:
    """Mend one difference, or all that a machine can."""
    run = await _found(room, request)
    here = f"/reconciliations/{run['id']}"

    async def act(form: Form) -> Notice:
        chosen = form.get("item", "")
        if chosen and not chosen.isdigit():
            raise Invalid(t("There is no such difference."))
        wanted = [int(chosen[:18])] if chosen else None
        done = await room.desks.reconcile.mend(run["id"], wanted, by=forms.by_whom(request))
        await room.desks.wake.wake([run["account"]])
        said = tn("{n} repair is under way.", "{n} repairs are under way.", len(done))
        return Notice(said, t("The next comparison proves it."), "good" if done else "")

    return await acts.given(request, Role.OPERATOR, here, act)


def areas(here: str) -> list[dict[str, Any]]:
    """List the areas of comparing."""
    made = (
        ("compare", t("Reconciliations"), "/reconciliations"),
        ("smarthub", t("Done in SmartHub"), "/smarthub"),
        ("drift", t("Drift of stock"), "/stock/drift"),
    )
    return [{"label": label, "href": href, "current": name == here} for name, label, href in made]


async def _found(room: Room, request: Request) -> ReconciliationRow:
    return await reconciliations.reconciliation(room.pool, request.path_params["run"], scope_of(request))


def _difference(row: DifferenceRow) -> dict[str, Any]:
    href = ""
    if row["item"]:
        href = f"/returns/{row['item']}" if row["item"].startswith("ret_") else f"/shipments/{row['item']}"
    return {
        **row,
        "name": row["amazon_id"] or row["order_id"] or row["sku"],
        "href": href,
        "kind_word": t(KINDS[row["kind"]]) if row["kind"] in KINDS else row["kind"],
        "cause_word": t(CAUSES[row["cause"]]) if row["cause"] in CAUSES else row["cause"],
        "said": tell(row["words"]),
        "repair_word": t(REPAIRS[row["repair"]]) if row["repair"] in REPAIRS else "",
        "outcome_word": tell(row["outcome"]),
    }


def _counted(run: ReconciliationRow) -> dict[str, int]:
    return {"missing": run["missing"], "extra": run["extra"], "different": run["different"]}


def _title(run: ReconciliationRow) -> str:
    what = t(WHAT[run["what"]]) if run["what"] in WHAT else run["what"]
    side = t(SIDES[run["side"]]) if run["side"] in SIDES else run["side"]
    return t("{what} with {side}", what=what, side=side)


def _state(run: ReconciliationRow) -> Cell:
    word, tone, icon = STATES.get(run["state"], (run["state"], "", "dot"))
    said = t(word)
    if run["state"] == "reading" and run["steps"]:
        said = f"{said} {run['step']} / {run['steps']}"
    return cells.chip(said, tone, icon)


def _row(run: ReconciliationRow, directory: Directory, zone: str) -> Row:
    here = f"/reconciliations/{run['id']}"
    differs = run["missing"] + run["extra"] + run["different"]
    return Row(
        run["id"],
        (
            cells.when(run["created_at"], zone),
            cells.text(_title(run), href=here),
            cells.text(directory.name(run["account"]), "quiet"),
            _state(run),
            cells.number(run["compared"]),
            cells.number(differs, tone="risk" if differs > run["mended"] else ""),
            cells.number(run["mended"]),
            cells.text(directory.who(run["by"]), "quiet"),
        ),
        href=here,
    )


TABLE = Table(
    path="/reconciliations",
    place="compare",
    title=mark("Reconciliations"),
    lead=mark("Two books side by side: what is missing, extra or different, the likely cause, and what mends it."),
    columns=COLUMNS,
    read=read,
    filters=filters_of,
    template="reconciliations.html",
    more=around,
    live=True,
    last="w-no-act",
    empty=Empty(mark("Nothing was compared yet."), mark("Compare your orders with Amazon's: it takes a minute.")),
)
PATHS = (
    *paths(TABLE),
    post("/reconciliations", begin),
    post("/reconciliations/files", uploads.answered(begin_with_file)),
    get("/reconciliations/{run}", show),
    get("/reconciliations/{run}/live", follow),
    post("/reconciliations/{run}/mend", mend),
)
