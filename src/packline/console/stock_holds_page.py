"""Locations whose numbers are held back, and what Amazon refused to be told."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from packline.commands import stock_rules
from packline.console import acts, cells, forms
from packline.console.cells import Act, Column, Row
from packline.console.directory import Directory
from packline.console.forms import Form
from packline.console.guard import Notice
from packline.console.lists import Asked, Empty, Filter, Found, Table, account_filters, paths
from packline.console.place import post
from packline.console.room import Room
from packline.console.stock_words import areas
from packline.console.words import mark, t, tn
from packline.domain.api_key import Role
from packline.views import stock
from packline.views.paging import Scope, encode_cursor
from packline.views.stock_rows import HoldRow, OfferRow

HELD = (
    Column("location", mark("Location"), "w-place"),
    Column("account", mark("Account"), "w-id"),
    Column("reason", mark("Why")),
    Column("since", mark("Since"), "w-time"),
    Column("by", mark("Who"), "w-place", "wide"),
)
REFUSED = (
    Column("sku", mark("SKU"), "w-place"),
    Column("location", mark("Location"), "w-id"),
    Column("account", mark("Account"), "w-id", "wide"),
    Column("wanted", mark("Wanted"), "w-number"),
    Column("published", mark("Amazon has"), "w-number"),
    Column("error", mark("Amazon says")),
)


async def read_held(room: Room, asked: Asked) -> Found:
    """List the locations that are held."""
    directory = await room.directory.look(room)
    rows = await stock.holds(room.pool, asked.scope)
    return Found(tuple(_held(row, directory, directory.house_zone(asked.scope)) for row in rows))


async def around_held(room: Room, asked: Asked) -> Mapping[str, Any]:
    """Give the line of areas, and the places that can be held."""
    return {"areas": areas("holds"), "places": (await room.directory.look(room)).place_options(asked.scope)}


async def read_refused(room: Room, asked: Asked) -> Found:
    """Read one page of what Amazon refused."""
    directory = await room.directory.look(room)
    rows = await stock.refused(
        room.pool, asked.get("account"), _narrowed(asked), limit=asked.limit + 1, after=asked.after
    )
    shown = rows[: asked.limit]
    last = shown[-1] if len(rows) > asked.limit else None
    cursor = encode_cursor(last["account"], last["location"], last["sku"], last["channel"]) if last else None
    return Found(tuple(_refused(row, directory.name(row["account"])) for row in shown), cursor)


async def filters_of(room: Room, asked: Asked) -> tuple[Filter, ...]:
    """Give account and location to choose by."""
    return await account_filters(room, asked)


async def around_refused(room: Room, asked: Asked) -> Mapping[str, Any]:
    """Give the line of areas, and the accounts of which all can be told again."""
    rows = await stock.refused(room.pool, asked.get("account"), asked.scope)
    named = asked.scope.locations is None
    directory = await room.directory.look(room)
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["account"]] = counts.get(row["account"], 0) + 1
    again = [(key, directory.name(key), many) for key, many in counts.items() if many > 1] if named else []
    return {"areas": areas("refused"), "again": again}


async def hold(room: Room, request: Request) -> Response:
    """Tell Amazon nothing more about a location until it is released."""

    async def act(form: Form) -> Notice:
        account, _, location = form.get("place", "").partition("/")
        acts.must_see(request, account, location)
        reason = form.get("reason", "").strip()[:200] or t("held by a person")
        desks = room.desks
        by = forms.by_whom(request)
        await stock_rules.hold(desks.rules, desks.accounts, room.clock, account, location, reason, by)
        return Notice(t("Nothing about {location} goes to Amazon until it is released.", location=location), "", "good")

    return await acts.given(request, Role.OPERATOR, "/stock/holds", act)


async def release(room: Room, request: Request) -> Response:
    """Let a location's numbers go to Amazon again."""

    async def act(form: Form) -> Notice:
        account, location = form.get("account", ""), form.get("location", "")
        acts.must_see(request, account, location)
        await stock_rules.release(room.desks.rules, room.clock, account, location)
        said = t("{location} is released: what changed meanwhile is told now.", location=location)
        return Notice(said, "", "good")

    return await acts.given(request, Role.OPERATOR, "/stock/holds", act)


async def again(room: Room, request: Request) -> Response:
    """Tell Amazon again what it refused: one SKU, or all of an account."""

    async def act(form: Form) -> Notice:
        account, location, sku = (form.get(name, "") for name in ("account", "location", "sku"))
        acts.must_see(request, account, location)
        count = await room.desks.publishing.publish(account, location, sku)
        await room.desks.wake.wake([account])
        said = tn("{n} number is told again.", "{n} numbers are told again.", count)
        return Notice(said, "" if count else t("Amazon has taken it meanwhile, or somebody was quicker."), "good")

    return await acts.given(request, Role.OPERATOR, "/stock/refused", act)


def _narrowed(asked: Asked) -> Scope:
    """Narrow what the reader may see to the location that is chosen."""
    wanted, scope = asked.get("location"), asked.scope
    is_seen = wanted is not None and (scope.locations is None or wanted in scope.locations)
    return Scope(scope.accounts, (wanted,)) if wanted is not None and is_seen else scope


def _held(row: HoldRow, directory: Directory, zone: str) -> Row:
    fields = (("account", row["account"]), ("location", row["location"]))
    return Row(
        f"{row['account']}/{row['location']}",
        (
            cells.text(row["location"]),
            cells.text(directory.name(row["account"]), "quiet"),
            cells.say(row["reason"]),
            cells.ago(row["since"], zone),
            cells.text(directory.who(row["by"]), "quiet"),
        ),
        Act(t("Release"), "/stock/release", fields),
    )


def _refused(row: OfferRow, account: str) -> Row:
    fields = tuple((name, str(row[name])) for name in ("account", "location", "sku"))
    return Row(
        "/".join((row["account"], row["location"], row["sku"], row["channel"])),
        (
            cells.ident(row["sku"], href=f"/stock?sku={quote(row['sku'], safe='')}"),
            cells.text(row["location"]),
            cells.text(account, "quiet"),
            cells.number(row["wanted"]),
            cells.number(row["published"]),
            cells.say(row["error"], "late"),
        ),
        Act(t("Tell again"), "/stock/refused/again", fields),
    )


HOLDS = Table(
    path="/stock/holds",
    place="stock",
    title=mark("Held locations"),
    lead=mark("Nothing about them goes to Amazon: while somebody counts, or Amazon is out."),
    columns=HELD,
    read=read_held,
    template="stock_holds.html",
    more=around_held,
    empty=Empty(mark("No location is held."), mark("Hold one while you count it; release it, and all is told.")),
)
LEFT = Table(
    path="/stock/refused",
    place="stock",
    title=mark("Refused by Amazon"),
    lead=mark("Mend the cause, then tell it again. Nothing else waits for these."),
    columns=REFUSED,
    read=read_refused,
    filters=filters_of,
    template="stock_refused.html",
    more=around_refused,
    empty=Empty(mark("Amazon refused nothing."), mark("A SKU whose number Amazon does not take comes here, with why.")),
)
PATHS = (
    *paths(HOLDS),
    *paths(LEFT),
    post("/stock/hold", hold),
    post("/stock/release", release),
    post("/stock/refused/again", again),
)
